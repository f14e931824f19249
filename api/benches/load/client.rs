//! A client that costs less than any server it measures: HTTP/1.1 over connections that are kept.

use std::{
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// Writes request `number` into the buffer.
pub type Requests = Rc<dyn Fn(u64, &mut Vec<u8>)>;

/// A connection that is kept.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    /// The last answer's body, or of a streamed one its last piece.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects to this machine.
    pub async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), line: Vec::new(), body: Vec::new() })
    }

    /// Sends a request and reads its answer to the end; answers the status.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream_to(request, |_| ()).await
    }

    /// The same, and hands over each piece of the body.
    pub async fn stream_to(&mut self, request: &[u8], mut take: impl FnMut(&[u8])) -> io::Result<u16> {
        self.stream.get_mut().write_all(request).await?;
        let mangled = || io::Error::new(io::ErrorKind::InvalidData, "not an answer of HTTP/1.1");
        let status = self.read_line().await?.get(9..12).ok_or_else(mangled)?;
        let status = str::from_utf8(status).ok().and_then(|digits| digits.parse().ok()).ok_or_else(mangled)?;
        let mut length = None;
        loop {
            let line = self.read_line().await?;
            if line.is_empty() {
                break;
            }
            let name = line.get(..15).unwrap_or_default();
            if name.eq_ignore_ascii_case(b"content-length:") {
                length = str::from_utf8(&line[15..]).ok().and_then(|digits| digits.trim().parse().ok());
            }
        }
        if let Some(length) = length {
            self.read_body(length).await?;
            take(&self.body);
            return Ok(status);
        }
        loop {
            let size = str::from_utf8(self.read_line().await?).map_err(|_| mangled())?;
            let size = usize::from_str_radix(size, 16).map_err(|_| mangled())?;
            self.read_body(size).await?;
            take(&self.body);
            self.read_line().await?;
            if size == 0 {
                return Ok(status);
            }
        }
    }

    async fn read_line(&mut self) -> io::Result<&[u8]> {
        self.line.clear();
        self.stream.read_until(b'\n', &mut self.line).await?;
        self.line.strip_suffix(b"\r\n").ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    async fn read_body(&mut self, length: usize) -> io::Result<()> {
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).await?;
        Ok(())
    }
}

/// What a load did.
#[derive(Default)]
pub struct Load {
    /// How long each answer took, in milliseconds.
    pub latencies: Vec<f64>,
    /// Answers a second.
    pub rate: f64,
}

/// Keeps `connections` busy for a time: each sends its next request when it has the answer to the one before.
pub async fn load(port: u16, requests: &Requests, connections: usize, time: Duration, first: &mut u64) -> Load {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(port).await.unwrap());
    }
    let next = Rc::new(std::cell::Cell::new(*first));
    let start = Instant::now();
    let busy: Vec<_> = open
        .into_iter()
        .map(|mut connection| {
            let (requests, next) = (requests.clone(), next.clone());
            actix_web::rt::spawn(async move {
                let (mut request, mut latencies) = (Vec::new(), Vec::new());
                while start.elapsed() < time {
                    request.clear();
                    requests(next.replace(next.get() + 1), &mut request);
                    let sent = Instant::now();
                    let status = connection.exchange(&request).await.unwrap();
                    latencies.push(sent.elapsed().as_secs_f64() * 1e3);
                    assert!(
                        matches!(status, 200 | 201),
                        "{status} {}\n{}",
                        String::from_utf8_lossy(&connection.body),
                        String::from_utf8_lossy(&request)
                    );
                }
                latencies
            })
        })
        .collect();
    let mut load = Load::default();
    for one in busy {
        load.latencies.extend(one.await.unwrap());
    }
    load.rate = load.latencies.len() as f64 / start.elapsed().as_secs_f64();
    *first = next.get();
    load
}
