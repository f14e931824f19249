//! The data that anybody may take away: rows as the public may read them, and the files made of them.
//!
//! [`rows`] reads, [`text`] writes what can be written as it is read, [`spool`] what is finished at its end only,
//! [`package`] puts all of it into one file, [`describe`] says to people and machines what it is, [`feed`] what is new.
//! Rows come in batches, so that a file of any size needs the memory of a few of them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::{
    dataset::{Dataset, Format},
    vocabulary::Language,
};
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use serde_json::Value;

use crate::store::{StoreError, files::FilesError};

pub mod describe;
pub mod edition;
pub mod feed;
pub mod package;
pub mod rows;
pub mod spool;
pub mod text;

pub use rows::Source;

/// What a cell holds; which of these a column has stands in `domain::dataset`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words, a reference or a code.
    Text(String),
    /// Codes or texts.
    List(Vec<String>),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A day.
    Day(NaiveDate),
    /// Objects.
    Objects(Value),
}

/// As many cells as the dataset has columns.
pub type Row = Vec<Cell>;

impl Cell {
    /// Words, or nothing.
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map(Into::into).filter(|text: &String| !text.is_empty()).map_or(Self::Empty, Self::Text)
    }

    /// The cell where it must be one text; `between` stands between the parts of a list.
    #[must_use]
    pub fn flat(self, between: &str) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text,
            Self::List(parts) => parts.join(between),
            Self::Integer(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Instant(at) => instant(at),
            Self::Day(day) => day.to_string(),
            Self::Objects(value) => value.to_string(),
        }
    }
}

/// RFC 3339 in UTC, to the second.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What a text is in a language, where a dataset's descriptions are in three.
#[must_use]
pub const fn said(texts: [&'static str; 3], language: Language) -> &'static str {
    match language {
        Language::Ar => texts[0],
        Language::Fr => texts[1],
    }
}

/// Why a file broke off. Nothing of it reaches whoever asked but the end of the connection.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// There is no room for what is written on the way, or it cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The spreadsheet cannot be written.
    #[error("{0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The Parquet file cannot be written.
    #[error("{0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Its columns cannot be made.
    #[error("{0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// The file storage failed.
    #[error("{0}")]
    Files(#[from] FilesError),
    /// The package cannot be written.
    #[error("{0}")]
    Zip(#[from] zip::result::ZipError),
    /// Whoever takes it away took longer than it may lie there.
    #[error("a packed file was not taken away in time")]
    TooSlow,
    /// Whoever writes it is gone.
    #[error("the writer of a file stopped")]
    Stopped,
}

/// What whoever asks may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether a CSV file starts with a byte order mark.
    pub bom: bool,
    /// The language of a spreadsheet: its direction and its dictionary.
    pub language: Language,
}

impl Default for Options {
    fn default() -> Self {
        Self { bom: false, language: Language::Ar }
    }
}

/// The file in pieces; the next is made when the reader has taken the one before.
///
/// # Errors
/// The file then breaks off, which a reader of HTTP notices.
pub fn file(source: Source, format: Format, options: Options) -> BoxStream<'static, Result<Vec<u8>, FileError>> {
    if is_packed(format) {
        spool::file(source, format, options).boxed()
    } else {
        text::file(source, format, options).boxed()
    }
}

/// Whether a file of that form must be whole before its first byte is sent.
#[must_use]
pub const fn is_packed(format: Format) -> bool {
    matches!(format, Format::Xlsx | Format::Parquet)
}

/// What a file of these data is called. Nothing but letters, digits, dashes and dots, so it needs no quoting anywhere.
#[must_use]
pub fn file_name(slug: &str, what: &str, extension: &str) -> String {
    let slug: String = slug.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    format!("{slug}-{what}.{extension}")
}

/// Reads a stream to its end, for tests and for what is small.
///
/// # Errors
/// Those of the stream.
pub async fn whole(mut pieces: impl Stream<Item = Result<Vec<u8>, FileError>> + Unpin) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece?);
    }
    Ok(bytes)
}

/// The datasets that there are; statistics once an edition is published.
pub fn datasets(with_statistics: bool) -> impl Iterator<Item = Dataset> {
    Dataset::ALL.iter().copied().filter(move |dataset| with_statistics || *dataset != Dataset::Statistics)
}
