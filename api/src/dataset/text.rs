//! CSV, JSON and JSON lines: written as they are read.

use std::borrow::Cow;

use domain::dataset::{Column, Dataset, Format, Kind};
use futures_util::{Stream, stream};
use serde_json::Value;

use super::{Cell, FileError, Options, Row, Source, instant};
use crate::csv_out;

/// Where the next piece of a file starts.
enum Position {
    Head,
    /// After this row; whether a row was written.
    Rows(i64, bool),
    End,
}

/// The file in pieces of one batch each.
///
/// # Errors
/// The database failed; the file then breaks off.
pub fn file(source: Source, format: Format, options: Options) -> impl Stream<Item = Result<Vec<u8>, FileError>> {
    stream::try_unfold((source, Position::Head), move |(source, position)| async move {
        let dataset = source.dataset;
        match position {
            Position::Head => {
                let piece = head(dataset, format, options);
                Ok(Some((piece, (source, Position::Rows(0, false)))))
            }
            Position::Rows(after, any) => match source.next(after).await? {
                Some((rows, next)) => {
                    let any_now = any || !rows.is_empty();
                    let piece = lines(dataset, format, rows, any);
                    Ok(Some((piece, (source, Position::Rows(next, any_now)))))
                }
                None => Ok(Some((tail(format).to_vec(), (source, Position::End)))),
            },
            Position::End => Ok(None),
        }
    })
}

fn head(dataset: Dataset, format: Format, options: Options) -> Vec<u8> {
    match format {
        Format::Csv => {
            let mut head = if options.bom { csv_out::BOM.to_vec() } else { Vec::new() };
            let names = dataset.columns().iter().map(|column| Cow::Borrowed(column.name)).collect();
            head.extend(csv_out::lines([names]));
            head
        }
        Format::Json => b"[".to_vec(),
        _ => Vec::new(),
    }
}

const fn tail(format: Format) -> &'static [u8] {
    if matches!(format, Format::Json) { b"\n]\n" } else { b"" }
}

/// Some rows; `follow` says whether others stand before them.
fn lines(dataset: Dataset, format: Format, rows: Vec<Row>, follow: bool) -> Vec<u8> {
    let columns = dataset.columns();
    if format == Format::Csv {
        let flat = |row: Row| row.into_iter().zip(columns).map(|(cell, of)| Cow::Owned(flat(of, cell))).collect();
        return csv_out::lines(rows.into_iter().map(flat));
    }
    let mut text = String::new();
    for (place, row) in rows.into_iter().enumerate() {
        if format == Format::Json {
            text.push_str(if follow || place > 0 { ",\n" } else { "\n" });
        }
        object(columns, row, &mut text);
        if format == Format::Ndjson {
            text.push('\n');
        }
    }
    text.into_bytes()
}

/// What stands in a cell that is one text: codes beside each other, texts below each other.
#[must_use]
pub fn flat(column: &Column, cell: Cell) -> String {
    cell.flat(if column.kind == Kind::Texts { "\n" } else { " " })
}

/// An object with every column of the dataset in its order; what a row does not have is null.
fn object(columns: &[Column], row: Row, text: &mut String) {
    let quoted = |word: &str| Value::from(word).to_string();
    for (place, (column, cell)) in columns.iter().zip(row).enumerate() {
        text.push(if place == 0 { '{' } else { ',' });
        text.push_str(&quoted(column.name));
        text.push(':');
        match cell {
            Cell::Empty => text.push_str("null"),
            Cell::Text(words) => text.push_str(&quoted(&words)),
            Cell::List(parts) => text.push_str(&Value::from(parts).to_string()),
            Cell::Integer(number) => text.push_str(&number.to_string()),
            Cell::Flag(flag) => text.push_str(if flag { "true" } else { "false" }),
            Cell::Instant(at) => text.push_str(&quoted(&instant(at))),
            Cell::Day(day) => text.push_str(&quoted(&day.to_string())),
            Cell::Objects(value) => text.push_str(&value.to_string()),
        }
    }
    text.push('}');
}
