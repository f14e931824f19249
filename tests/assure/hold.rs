//! Clients that hold on to what they should let go, bodies beyond reason, and a mistake of ours: bounded, all of them.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    figure, is_long,
    process::{Process, always, client, free_port},
    size,
};
use crate::support::*;

/// Sends a piece and then another byte every second, until the server has had enough; answers what it said.
async fn drip(port: u16, first: &str) -> (Duration, String) {
    let start = Instant::now();
    let (mut read, mut write) = TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
    write.write_all(first.as_bytes()).await.unwrap();
    let dripping = actix_web::rt::spawn(async move {
        while write.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(60), read.read_to_end(&mut said)).await;
    dripping.abort();
    (start.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[actix_web::test]
async fn f07_slow_clients() {
    let database = always(Engine::Sqlite).await;
    let server = Process::start("serve", &database.url, free_port(), &[]);
    let port = server.port;
    // a connection of its own each time: one kept meanwhile is closed by then, and that is not what is asked here
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let url = format!("http://127.0.0.1:{port}/api/v1/consultations/always/proposals");
    let normal = async || {
        let mut times = Vec::new();
        for _ in 0..100 {
            let start = Instant::now();
            assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
            times.push(start.elapsed().as_micros());
        }
        times.sort_unstable();
        times[98]
    };
    let (before, quiet) = (normal().await, server.memory());
    let post = "POST /api/v1/consultations/always/proposals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let count = size(20, 1500);
    let heads = (0..count).map(|_| drip(port, "GET /api/v1/about HTTP/1.1\r\nHost: x\r\nX-Slow: "));
    let long = format!("{post}Content-Length: 60000\r\n\r\n{{");
    let bodies = (0..count).map(|_| drip(port, &long));
    // asks for much and reads nothing
    let mut readers = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all("GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5).as_bytes()).await.unwrap();
        readers.push(stream);
    }
    let all = futures_util::future::join(futures_util::future::join_all(heads), futures_util::future::join_all(bodies));
    let ((heads, bodies), during) = futures_util::future::join(all, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        normal().await
    })
    .await;
    let head = heads.iter().map(|(time, _)| time.as_millis()).max().unwrap();
    let body = bodies.iter().map(|(time, _)| time.as_millis()).max().unwrap();
    let slack = if is_long() { 1 } else { 2 };
    figure("F7", &format!("{count} slow heads are cut after, ms"), head, "<= 6000", head <= 6000 * slack);
    figure("F7", &format!("{count} slow bodies are cut after, ms"), body, "<= 15000", body <= 15_000 * slack);
    let told = bodies
        .iter()
        .filter(|(_, said)| said.starts_with("HTTP/1.1 408") && said.contains("\"request_timeout\""))
        .count();
    figure("F7", "slow bodies told why (408)", told, &count.to_string(), told == count);
    figure(
        "F7",
        "p99 of others meanwhile, us",
        format!("{during} (before {before})"),
        "<= 2x + 20000",
        during <= 2 * before + 20_000 * u128::from(slack as u64),
    );
    drop(readers);
    let after = normal().await;
    let grown = server.memory() - quiet;
    figure("F7", "p99 afterwards, us", after, "as before", after <= 2 * before + 20_000);
    figure("F7", "memory kept afterwards, MiB", format!("{grown:.0}"), "< 50", grown < 50.0);
}

#[actix_web::test]
async fn f08_bodies_beyond_reason() {
    let database = always(Engine::Sqlite).await;
    let server = Process::start("serve", &database.url, free_port(), &[]);
    let url = format!("http://127.0.0.1:{}/api/v1/consultations/always/proposals", server.port);
    let http = client();
    let send = async |body: Vec<u8>| {
        let request = http.post(&url).header("content-type", "application/json").body(body).send().await;
        // a server that hangs up on what it will not read has answered, whether or not we still hear it
        request.map_or(413, |answer| answer.status().as_u16())
    };
    assert_eq!(send(b"{}".to_vec()).await, 422);
    let quiet = server.memory();
    let keys =
        |count: usize| format!("{{{}}}", (0..count).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","));
    let mut statuses = Vec::new();
    for _ in 0..size(3, 30) {
        statuses.push(send("[".repeat(100_000).into_bytes()).await);
        statuses.push(send("[".repeat(60_000).into_bytes()).await);
        statuses.push(send("{\"title\":".repeat(7_000).into_bytes()).await);
        statuses.push(send(keys(1_000_000).into_bytes()).await);
        statuses.push(send(keys(4_000).into_bytes()).await);
        statuses.push(send(vec![b' '; 10 << 20]).await);
        statuses.push(endless(server.port).await);
        statuses.push(heads(server.port).await);
    }
    let odd: Vec<_> = statuses.iter().filter(|status| !(400..500).contains(*status)).collect();
    figure("F8", "answers that are not 4xx", odd.len(), "0", odd.is_empty());
    let grown = server.memory() - quiet;
    figure("F8", "memory grown, MiB", format!("{grown:.0}"), "< 50", grown < 50.0);
    assert_eq!(send(b"{}".to_vec()).await, 422, "it lives");
}

/// Chunk after chunk without an end.
async fn endless(port: u16) -> u16 {
    let (mut read, mut write) = TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
    let head = "POST /api/v1/consultations/always/proposals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    write.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(4096));
    let sending = actix_web::rt::spawn(async move { while write.write_all(chunk.as_bytes()).await.is_ok() {} });
    let mut said = [0; 12];
    let heard = read.read_exact(&mut said).await;
    sending.abort();
    heard.map_or(413, |_| String::from_utf8_lossy(&said[9..]).parse().unwrap())
}

/// A thousand headers.
async fn heads(port: u16) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("GET /api/v1/about HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: x\r\n".repeat(1000));
    let _ = stream.write_all(head.as_bytes()).await;
    let mut said = [0; 12];
    stream.read_exact(&mut said).await.map_or(431, |_| String::from_utf8_lossy(&said[9..]).parse().unwrap())
}

crate::on_both_engines! {
    /// At the end of time a session cannot end twelve hours later: a real panic in a real handler.
    async fn f20_a_panic_costs_its_own_request(app: App) {
        let credentials = json!({"email": As::Moderator.email(), "password": PASSWORD});
        let sign_in = async || app.public().post("/session").json(credentials.clone()).await;
        sign_in().await.ok();
        let start = app.now();
        app.advance(DateTime::<Utc>::MAX_UTC - TimeDelta::hours(1) - start);
        for _ in 0..3 {
            let answer = sign_in().await;
            figure("F20", "a handler panics", answer.status, "500", answer.status == 500);
            answer.clone().refused(500, "internal");
            assert!(answer.header("x-request-id").is_some());
            assert_eq!(answer.header("content-security-policy"), Some(api::http::guard::DATA_POLICY));
            assert!(!answer.text().contains("overflow") && !answer.text().contains(".rs"), "{}", answer.text());
        }
        let told = app.public().get("/metrics").await.text();
        let panics = told.lines().find(|line| line.starts_with("panics_total")).unwrap_or("none").to_owned();
        figure("F20", "counted for whoever watches", panics.clone(), "panics_total >= 3", panics != "none");
        app.advance(start - app.now());
        let next = sign_in().await.status;
        figure("F20", "the next request", next, "200", next == 200);
        app.submit(json!({})).await;
    }
}
