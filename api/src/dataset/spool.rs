//! Spreadsheets and Parquet files: their end says where everything in them is, so they are written into a temporary
//! file first. It has no name: nothing is left of it when the process dies. A thread of its own writes it, as packing
//! would hold up everybody else's requests.

use std::{
    collections::HashMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    sync::Arc,
};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{BooleanBuilder, Date32Builder, Int64Builder, ListBuilder, StringBuilder, TimestampMillisecondBuilder},
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::dataset::{Column, Dataset, Format, Kind};
use futures_util::{Stream, TryStreamExt as _, stream};
use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    file::{metadata::KeyValue, properties::WriterProperties},
};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook, Worksheet};
use tokio::sync::{Semaphore, mpsc};

use super::{Cell, FileError, Options, Row, Source, said, text};

/// How many files are packed at once: each needs a core and room on the disk. Others wait for their turn.
pub(super) static TURNS: Semaphore = Semaphore::const_new(2);
/// How much of a finished file is in memory at once.
const PIECE: usize = 64 * 1024;
/// How many rows a sheet can have, its first line among them.
const SHEET_ROWS: u32 = 1_048_576;
/// How many UTF-16 units a cell can have.
const CELL_UNITS: usize = 32_767;
/// How many rows are packed together in a Parquet file; at the longest legal texts about 60 MiB, usually 8.
const ROW_GROUP: usize = 8192;

/// The file in pieces, once it is whole.
///
/// # Errors
/// The database failed or there is no room for the temporary file; nothing was sent then.
pub fn file(source: Source, format: Format, options: Options) -> impl Stream<Item = Result<Vec<u8>, FileError>> {
    stream::once(async move { Ok::<_, FileError>(pieces(write(source, format, options).await?)) }).try_flatten()
}

/// A finished file from its start.
pub fn pieces(file: File) -> impl Stream<Item = Result<Vec<u8>, FileError>> {
    stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let size = file.read(&mut piece)?;
            piece.truncate(size);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(|_| FileError::Stopped)??;
        Ok((!piece.is_empty()).then_some((piece, file)))
    })
}

/// Writes a spreadsheet or a Parquet file; it stands at its start.
///
/// # Errors
/// The database failed or there is no room.
pub async fn write(source: Source, format: Format, options: Options) -> Result<File, FileError> {
    let _turn = TURNS.acquire().await.map_err(|_| FileError::Stopped)?;
    let dataset = source.dataset;
    // one batch is written while the next is read
    let (batches, taken) = mpsc::channel(1);
    let writer = tokio::task::spawn_blocking(move || match format {
        Format::Parquet => parquet(dataset, taken),
        _ => xlsx(dataset, options, taken),
    });
    let mut after = 0;
    while let Some((rows, next)) = source.next(after).await? {
        if batches.send(rows).await.is_err() {
            break; // it gave up, and says why below
        }
        after = next;
    }
    drop(batches);
    let mut file = writer.await.map_err(|_| FileError::Stopped)??;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

// --- the spreadsheet ------------------------------------------------------------------------------------------------

/// A spreadsheet of the rows that come.
///
/// # Errors
/// There is no room for it.
pub fn xlsx(dataset: Dataset, options: Options, mut batches: mpsc::Receiver<Vec<Row>>) -> Result<File, FileError> {
    let columns = dataset.columns();
    let mut book = Workbook::new();
    let head = Look::new().set_bold();
    let (instant, day) = (Look::new().set_num_format("yyyy-mm-dd hh:mm:ss"), Look::new().set_num_format("yyyy-mm-dd"));
    let mut parts = 0;
    let mut left: std::vec::IntoIter<Row> = Vec::new().into_iter();
    // a sheet is finished before the next is begun: whatever a full one does not take stays in `left`
    loop {
        parts += 1;
        let name = if parts == 1 { dataset.to_string() } else { format!("{dataset} {parts}") };
        let sheet = begin_sheet(&mut book, &name, columns, options, &head)?;
        let mut line = 1;
        'sheet: loop {
            for row in left.by_ref() {
                for (place, (column, cell)) in (0..).zip(columns.iter().zip(row)) {
                    put(sheet, (line, place), column, cell, &instant, &day)?;
                }
                line += 1;
                if line == SHEET_ROWS {
                    break 'sheet;
                }
            }
            match batches.blocking_recv() {
                Some(rows) => left = rows.into_iter(),
                None => break,
            }
        }
        let last = u16::try_from(columns.len() - 1).unwrap_or_default();
        sheet.autofilter(0, 0, line - 1, last)?;
        if line < SHEET_ROWS {
            break;
        }
    }
    dictionary_sheet(&mut book, columns, options, &head)?;
    let file = tempfile::tempfile()?;
    book.save_to_writer(&file)?;
    Ok(file)
}

fn begin_sheet<'a>(
    book: &'a mut Workbook,
    name: &str,
    columns: &[Column],
    options: Options,
    head: &Look,
) -> Result<&'a mut Worksheet, FileError> {
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(name)?.set_right_to_left(options.language == domain::vocabulary::Language::Ar);
    sheet.set_freeze_panes(1, 0)?;
    for (place, column) in (0..).zip(columns) {
        let width = match column.kind {
            Kind::Text if column.name == "reference" => 18,
            Kind::Text | Kind::Texts | Kind::Objects => 40,
            Kind::Instant => 20,
            _ => 16,
        };
        sheet.set_column_width(place, width)?;
        sheet.write_string_with_format(0, place, column.name, head)?;
    }
    Ok(sheet)
}

/// A typed cell. A text is a text, whatever it starts with: nothing here makes a formula or a link of it.
fn put(
    sheet: &mut Worksheet,
    (row, place): (u32, u16),
    column: &Column,
    cell: Cell,
    instant: &Look,
    day: &Look,
) -> Result<(), FileError> {
    match cell {
        Cell::Empty => {}
        #[expect(clippy::cast_precision_loss, reason = "a cell's number is a double, exact to nine quadrillions")]
        Cell::Integer(number) => drop(sheet.write_number(row, place, number as f64)?),
        Cell::Flag(flag) => drop(sheet.write_boolean(row, place, flag)?),
        Cell::Instant(at) => match excel_instant(at) {
            Some(at) => drop(sheet.write_datetime_with_format(row, place, &at, instant)?),
            None => drop(sheet.write_string(row, place, super::instant(at))?),
        },
        Cell::Day(date) => match excel_day(date) {
            Some(date) => drop(sheet.write_datetime_with_format(row, place, &date, day)?),
            None => drop(sheet.write_string(row, place, date.to_string())?),
        },
        other => drop(sheet.write_string(row, place, fitting(text::flat(column, other)))?),
    }
    Ok(())
}

fn excel_day(date: NaiveDate) -> Option<ExcelDateTime> {
    let part = |number: u32| u8::try_from(number).ok();
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, part(date.month())?, part(date.day())?).ok()
}

fn excel_instant(at: DateTime<Utc>) -> Option<ExcelDateTime> {
    ExcelDateTime::from_timestamp(at.timestamp()).ok()
}

/// As much of a text as a cell can hold; an ellipsis says that there is more.
fn fitting(mut text: String) -> String {
    if text.encode_utf16().count() > CELL_UNITS {
        let mut units = 0;
        let whole = |c: &char| {
            units += c.len_utf16();
            units < CELL_UNITS
        };
        text = text.chars().take_while(whole).collect::<String>() + "…";
    }
    text
}

/// What the columns mean, on a sheet of its own.
fn dictionary_sheet(book: &mut Workbook, columns: &[Column], options: Options, head: &Look) -> Result<(), FileError> {
    let words = match options.language {
        domain::vocabulary::Language::Ar => ["المعجم", "العمود", "المعنى"],
        domain::vocabulary::Language::Fr => ["dictionnaire", "colonne", "signification"],
    };
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(words[0])?.set_right_to_left(options.language == domain::vocabulary::Language::Ar);
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_column_width(0, 20)?;
    sheet.set_column_width(1, 70)?;
    for (place, word) in (0..).zip(&words[1..]) {
        sheet.write_string_with_format(0, place, *word, head)?;
    }
    for (line, column) in (1..).zip(columns) {
        sheet.write_string(line, 0, column.name)?;
        sheet.write_string(line, 1, said(column.meaning, options.language))?;
    }
    Ok(())
}

// --- Parquet --------------------------------------------------------------------------------------------------------

fn parquet(dataset: Dataset, mut batches: mpsc::Receiver<Vec<Row>>) -> Result<File, FileError> {
    let columns = dataset.columns();
    let schema = Arc::new(schema(columns));
    let file = tempfile::tempfile()?;
    let licence = KeyValue::new("licence".to_owned(), domain::dataset::LICENCE.url.to_owned());
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(vec![licence]))
        .build();
    let mut writer = ArrowWriter::try_new(file.try_clone()?, schema.clone(), Some(properties))?;
    while let Some(rows) = batches.blocking_recv() {
        let mut cells: Vec<Vec<Cell>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (column, cell) in cells.iter_mut().zip(row) {
                column.push(cell);
            }
        }
        let arrays = columns.iter().zip(cells).map(|(column, cells)| array(column, cells)).collect();
        writer.write(&RecordBatch::try_new(schema.clone(), arrays)?)?;
    }
    writer.close()?;
    Ok(file)
}

/// The columns with their types; what they mean travels with them.
fn schema(columns: &[Column]) -> Schema {
    let field = |column: &Column| {
        let kind = match column.kind {
            Kind::Text | Kind::Code | Kind::Month | Kind::Objects => DataType::Utf8,
            Kind::Codes | Kind::Texts => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
            Kind::Integer => DataType::Int64,
            Kind::Flag => DataType::Boolean,
            Kind::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Kind::Day => DataType::Date32,
        };
        let meaning = [("ar", 0), ("fr", 1), ("en", 2)];
        let meaning = meaning.map(|(code, place)| (format!("description:{code}"), column.meaning[place].to_owned()));
        Field::new(column.name, kind, !column.required).with_metadata(HashMap::from(meaning))
    };
    Schema::new(columns.iter().map(field).collect::<Vec<_>>())
}

fn array(column: &Column, cells: Vec<Cell>) -> ArrayRef {
    /// Builds an array of the cells that `$which` takes; every other is null.
    macro_rules! build {
        ($builder:expr, $which:pat => $value:expr) => {{
            let mut builder = $builder;
            for cell in cells {
                match cell {
                    $which => builder.append_value($value),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }};
    }
    match column.kind {
        Kind::Text | Kind::Code | Kind::Month | Kind::Objects => {
            let mut builder = StringBuilder::new();
            for cell in cells {
                match cell {
                    Cell::Empty => builder.append_null(),
                    other => builder.append_value(other.flat(" ")),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Codes | Kind::Texts => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            for cell in cells {
                if let Cell::List(parts) = cell {
                    parts.iter().for_each(|part| builder.values().append_value(part));
                    builder.append(true);
                } else {
                    builder.append(false);
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Integer => build!(Int64Builder::new(), Cell::Integer(number) => number),
        Kind::Flag => build!(BooleanBuilder::new(), Cell::Flag(flag) => flag),
        Kind::Instant => {
            let builder = TimestampMillisecondBuilder::new().with_timezone("UTC");
            build!(builder, Cell::Instant(at) => at.timestamp_millis())
        }
        Kind::Day => build!(Date32Builder::new(), Cell::Day(day) => day.num_days_from_ce() - EPOCH_DAY),
    }
}

/// 1 January 1970 in days of the common era.
const EPOCH_DAY: i32 = 719_163;
