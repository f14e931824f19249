//! Everything in one file: the tables, their dictionary, a Data Package's description, the licence and checksums.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
};

use chrono::{DateTime, Utc};
use domain::{
    dataset::{Dataset, Format},
    ledger::hex,
};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    FileError, Options, Source,
    describe::{self, Addresses, Packed},
    spool::Room,
    text,
};

/// What the thread that packs is told.
enum Part {
    /// Another file begins.
    Begin(String),
    /// More of it.
    Piece(Vec<u8>),
}

/// The package in pieces, once it is whole. `sources` are of one consultation, one each dataset; `room` is for all.
///
/// # Errors
/// The database failed or there is no room for the temporary file; nothing was sent then.
pub fn file(
    sources: Vec<Source>,
    room: Room,
    addresses: Addresses,
    taken_at: DateTime<Utc>,
) -> impl Stream<Item = Result<Vec<u8>, FileError>> {
    stream::once(async move {
        let file = write(sources, &room, addresses, taken_at).await?;
        Ok::<_, FileError>(room.pieces(file))
    })
    .try_flatten()
}

/// Writes the package; it stands at its start.
///
/// # Errors
/// The database failed or there is no room.
pub async fn write(
    sources: Vec<Source>,
    room: &Room,
    addresses: Addresses,
    taken_at: DateTime<Utc>,
) -> Result<File, FileError> {
    let turn = room.turn().await?;
    let (parts, taken) = mpsc::channel(4);
    let file = room.file()?;
    let packer = tokio::task::spawn_blocking(move || {
        let packed = pack(file, taken);
        drop(turn);
        packed
    });
    // should the packer give up, it says why when it is waited for
    let told = tell(sources, &addresses, taken_at, Teller { parts, sums: String::new() }).await;
    let packed = packer.await.map_err(|_| FileError::Stopped)?;
    if !matches!(told, Err(FileError::Stopped)) {
        told?;
    }
    let mut file = packed?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Sends files to the packer and keeps their checksums.
struct Teller {
    parts: mpsc::Sender<Part>,
    /// A line each file, as `sha256sum --check` reads them.
    sums: String,
}

impl Teller {
    async fn send(&self, part: Part) -> Result<(), FileError> {
        self.parts.send(part).await.map_err(|_| FileError::Stopped)
    }

    /// Sends a file; answers its size and its hash.
    async fn file(
        &mut self,
        path: &str,
        pieces: impl Stream<Item = Result<Vec<u8>, FileError>>,
    ) -> Result<(u64, String), FileError> {
        self.send(Part::Begin(path.to_owned())).await?;
        let (mut size, mut hash) = (0, Sha256::new());
        let mut pieces = std::pin::pin!(pieces);
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            size += piece.len() as u64;
            hash.update(&piece);
            self.send(Part::Piece(piece)).await?;
        }
        let sum = hex(&hash.finalize().into());
        self.sums.push_str(&format!("{sum}  {path}\n"));
        Ok((size, sum))
    }

    async fn small(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<(), FileError> {
        self.file(path, stream::iter([Ok(bytes.into())])).await.map(drop)
    }
}

async fn tell(
    sources: Vec<Source>,
    addresses: &Addresses,
    taken_at: DateTime<Utc>,
    mut teller: Teller,
) -> Result<(), FileError> {
    let Some(consultation) = sources.first().map(|source| source.consultation.clone()) else { return Ok(()) };
    let datasets: Vec<Dataset> = sources.iter().map(|source| source.dataset).collect();
    let mut packed = Vec::with_capacity(sources.len());
    for source in sources {
        let (dataset, path) = (source.dataset, format!("data/{}.csv", source.dataset));
        let (bytes, sha256) = teller.file(&path, text::file(source, Format::Csv, Options::default())).await?;
        packed.push(Packed { dataset, path, bytes, sha256 });
    }
    let description = describe::data_package(&consultation, addresses, &packed, taken_at);
    teller.small("datapackage.json", format!("{description:#}\n")).await?;
    teller.small("dictionary.csv", describe::dictionary(&consultation, &datasets)).await?;
    teller.small("LICENCE.txt", describe::licence_text(&consultation)).await?;
    let sums = std::mem::take(&mut teller.sums);
    teller.small("SHA256SUMS", sums).await
}

fn pack(file: File, mut parts: mpsc::Receiver<Part>) -> Result<File, FileError> {
    let mut zip = ZipWriter::new(&file);
    // nobody knows beforehand whether a table needs more than four gigabytes
    let options = SimpleFileOptions::default().large_file(true);
    while let Some(part) = parts.blocking_recv() {
        match part {
            Part::Begin(path) => zip.start_file(path, options)?,
            Part::Piece(piece) => zip.write_all(&piece)?,
        }
    }
    zip.finish()?;
    Ok(file)
}
