//! Spreadsheets and Parquet files: their end says where everything in them is, so they are written into a temporary
//! file first. It has no name: nothing is left of it when the process dies. A thread of its own writes it, as packing
//! would hold up everybody else's requests.
//!
//! What is packed lies on a disk for as long as somebody takes it away, so a [`Room`] says where, and bounds both how
//! many lie there for the public ([`Turns`]) and for how long.

use std::{
    collections::HashMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
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
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{Cell, FileError, Options, Row, Source, said, text};

/// How many files are packed at once for staff, the worker and the command line: each needs a core and room on the
/// disk. Others wait for their turn.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));
/// How many files for the public may lie on the disk at once, those being packed among them.
const PUBLIC: usize = 4;
/// How long the public waits for its turn; shorter than the time by which every request has its answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a file that is whole lies there to be taken away, however slowly that is done.
const TAKEN_AWAY: Duration = Duration::from_secs(600);
/// How much of a finished file is in memory at once.
const PIECE: usize = 64 * 1024;
/// How many rows a sheet can have, its first line among them.
const SHEET_ROWS: u32 = 1_048_576;
/// How many UTF-16 units a cell can have.
const CELL_UNITS: usize = 32_767;
/// How many rows are packed together in a Parquet file; at the longest legal texts about 60 MiB, usually 8.
const ROW_GROUP: usize = 8192;

/// The right to have a file packed; given back when its last holder is gone.
pub type Turn = Arc<OwnedSemaphorePermit>;

/// The public's turns. They are its own: however many take files away, the worker and staff do not wait for them.
#[derive(Clone, Debug)]
pub struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self::new(PUBLIC, PATIENCE)
    }
}

impl Turns {
    /// So many at once, for each of which one waits so long.
    #[must_use]
    pub fn new(at_once: usize, patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// The next turn; `None` if there was none in time.
    pub async fn next(&self) -> Option<Turn> {
        let next = tokio::time::timeout(self.patience, self.free.clone().acquire_owned()).await;
        next.ok()?.ok().map(Arc::new)
    }
}

/// Where a file is packed, and for how long it may lie there.
#[derive(Clone, Debug)]
pub struct Room {
    /// The folder; the system's for temporary files, which may be memory, if there is none.
    folder: Option<PathBuf>,
    /// Whose turn it is until the file has been taken away; if nobody's, one of [`TURNS`] is needed to pack it.
    turn: Option<Turn>,
    within: Duration,
}

impl Default for Room {
    /// For whoever takes it away at once: the worker, or an operator.
    fn default() -> Self {
        Self { folder: None, turn: None, within: Duration::MAX }
    }
}

impl Room {
    /// For the worker, who takes it away at once, beside the stored files.
    #[must_use]
    pub fn beside(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    /// For somebody at the other end of a connection; the public brings its turn.
    #[must_use]
    pub const fn sent(folder: Option<PathBuf>, turn: Option<Turn>) -> Self {
        Self { folder, turn, within: TAKEN_AWAY }
    }

    /// The same, for another while.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    pub(super) fn file(&self) -> std::io::Result<File> {
        self.folder.as_ref().map_or_else(tempfile::tempfile, tempfile::tempfile_in)
    }

    /// What packing needs. Whoever packs holds it too: a reader who goes away does not stop a thread.
    pub(super) async fn turn(&self) -> Result<Turn, FileError> {
        match &self.turn {
            Some(turn) => Ok(turn.clone()),
            None => TURNS.clone().acquire_owned().await.map(Arc::new).map_err(|_| FileError::Stopped),
        }
    }

    /// A finished file from its start. It goes when it has been read, when nobody reads it any more, or when its time
    /// is over, even if its reader has stopped asking for more and stays.
    pub fn pieces(self, file: File) -> impl Stream<Item = Result<Vec<u8>, FileError>> + use<> {
        let (sender, receiver) = mpsc::channel(1);
        let within = self.within;
        tokio::spawn(async move {
            let handed = tokio::time::timeout(within, hand_out(file, sender)).await;
            drop((self, handed));
        });
        stream::try_unfold(receiver, |mut receiver| async move {
            let piece: Vec<u8> = receiver.recv().await.ok_or(FileError::TooSlow)??;
            Ok((!piece.is_empty()).then_some((piece, receiver)))
        })
    }
}

/// Sends a file in pieces, an empty one at its end.
async fn hand_out(mut file: File, pieces: mpsc::Sender<Result<Vec<u8>, FileError>>) {
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let size = file.read(&mut piece)?;
            piece.truncate(size);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, back) = match read.await {
            Ok(Ok((piece, file))) => (Ok(piece), Some(file)),
            Ok(Err(error)) => (Err(error.into()), None),
            Err(_) => (Err(FileError::Stopped), None),
        };
        let over = piece.as_ref().is_ok_and(Vec::is_empty);
        match (pieces.send(piece).await, back) {
            (Ok(()), Some(back)) if !over => file = back,
            _ => return,
        }
    }
}

/// The file in pieces, once it is whole.
///
/// # Errors
/// The database failed or there is no room for the temporary file; nothing was sent then.
pub fn file(source: Source, format: Format, options: Options) -> impl Stream<Item = Result<Vec<u8>, FileError>> {
    let room = source.room.clone();
    stream::once(async move { Ok::<_, FileError>(room.pieces(write(source, format, options).await?)) }).try_flatten()
}

/// Writes a spreadsheet or a Parquet file; it stands at its start.
///
/// # Errors
/// The database failed or there is no room.
pub async fn write(source: Source, format: Format, options: Options) -> Result<File, FileError> {
    let (dataset, room, turn) = (source.dataset, source.room.clone(), source.room.turn().await?);
    // one batch is written while the next is read
    let (batches, taken) = mpsc::channel(1);
    let writer = tokio::task::spawn_blocking(move || {
        let packed = match format {
            Format::Parquet => parquet(dataset, &room, taken),
            _ => xlsx(dataset, options, &room, taken),
        };
        drop(turn);
        packed
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
pub fn xlsx(
    dataset: Dataset,
    options: Options,
    room: &Room,
    mut batches: mpsc::Receiver<Vec<Row>>,
) -> Result<File, FileError> {
    let columns = dataset.columns();
    let mut book = Workbook::new();
    if let Some(folder) = &room.folder {
        book.set_tempdir(folder)?;
    }
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
    let file = room.file()?;
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

fn parquet(dataset: Dataset, room: &Room, mut batches: mpsc::Receiver<Vec<Row>>) -> Result<File, FileError> {
    let columns = dataset.columns();
    let schema = Arc::new(schema(columns));
    let file = room.file()?;
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
