//! A file of rows, whatever its kind and size: one row in memory at a time.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek as _, SeekFrom},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use csv::ByteRecord;
use domain::import::{FileFault, MOST_COLUMNS, MOST_ROWS, row::Cell};

use super::xlsx::Sheet;
use crate::csv_out::BOM;

/// The longest row, in bytes. The longest legal one has about 70 KiB, so a longer one is a quote that nobody closed.
pub(super) const LONGEST_ROW: usize = 1024 * 1024;
/// How much of a text is looked at to tell its separator.
const PEEK: u64 = 64 * 1024;

/// Why a file cannot be read, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why.
    pub fault: FileFault,
    /// From which row on.
    pub row: Option<u64>,
    /// In which of the file's columns, from 1.
    pub column: Option<usize>,
    /// The operating system's number of what failed, if it was the machine and not the file: a full disk, a broken
    /// one, too many open files. What is read again later may be read.
    pub machine: Option<i32>,
}

impl Unreadable {
    /// The file as a whole.
    #[must_use]
    pub const fn whole(fault: FileFault) -> Self {
        Self { fault, row: None, column: None, machine: None }
    }

    pub(super) fn of(error: &io::Error) -> Self {
        let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied();
        // a place that a file names and that cannot be is the file's
        let machine = error.raw_os_error().filter(|_| error.kind() != io::ErrorKind::InvalidInput);
        ours.unwrap_or(Self { machine, ..Self::whole(FileFault::Broken) })
    }

    /// From `row` on.
    #[must_use]
    pub const fn at(self, row: u64) -> Self {
        Self { row: Some(row), ..self }
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}")?;
            if let Some(column) = self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        }
        match self.machine {
            Some(number) => io::Error::from_raw_os_error(number).fmt(f),
            None => f.write_str(super::words::fault(self.fault)),
        }
    }
}

impl std::error::Error for Unreadable {}

impl From<io::Error> for Unreadable {
    /// A reader of ours says why inside the error; what the operating system says is the machine's; anything else is a
    /// file that breaks off.
    fn from(error: io::Error) -> Self {
        Self::of(&error)
    }
}

/// Where rows come from. An import reads them twice: once to check, once to write.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file by its name.
    File(PathBuf),
    /// A file that was sent, and the folder in which a scratch file may be made.
    Sent(Arc<File>, Option<PathBuf>),
    /// Text that is part of the program.
    Text(&'static str),
}

/// The rows of a file.
#[derive(Debug)]
pub struct Table {
    headers: Vec<String>,
    rows: Rows,
    /// How many rows are still taken; as many as there are if `None`.
    left: Option<u64>,
}

#[derive(Debug)]
enum Rows {
    Csv(Box<Csv>),
    Xlsx(Box<Sheet>),
}

impl Source {
    /// Reads the first line and stands before the first row.
    ///
    /// # Errors
    /// There is no such file, or it is none of rows.
    pub fn read(&self) -> Result<Table, Unreadable> {
        let left = matches!(self, Self::Sent(..)).then_some(MOST_ROWS);
        self.table().map(|table| Table { left, ..table })
    }

    fn table(&self) -> Result<Table, Unreadable> {
        let (mut file, scratch) = match self {
            Self::Text(text) => return Csv::open(Cursor::new(text.as_bytes()), text.len() as u64),
            Self::File(path) => (File::open(path)?, None),
            Self::Sent(file, scratch) => (file.try_clone()?, scratch.as_deref()),
        };
        file.seek(SeekFrom::Start(0))?;
        let mut start = Vec::new();
        file.by_ref().take(4).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        match start.as_slice() {
            // an archive; and the container of old workbooks and of those with a password
            [b'P', b'K', ..] => {
                let (headers, sheet) = Sheet::open(file, scratch)?;
                Ok(Table { headers, rows: Rows::Xlsx(Box::new(sheet)), left: None })
            }
            [0xD0, 0xCF, 0x11, 0xE0] => Err(Unreadable::whole(FileFault::NotAWorkbook)),
            _ => {
                let size = file.metadata()?.len();
                Csv::open(file, size)
            }
        }
    }
}

impl Table {
    /// The first line, without outer space.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Whether it is a workbook.
    #[must_use]
    pub const fn is_workbook(&self) -> bool {
        matches!(self.rows, Rows::Xlsx(_))
    }

    /// How far the reading is, in thousandths of the file.
    #[must_use]
    pub fn progress(&self) -> u64 {
        let (done, all) = match &self.rows {
            Rows::Csv(csv) => (csv.reader.position().byte(), csv.size),
            Rows::Xlsx(sheet) => sheet.progress(),
        };
        (done * 1000).checked_div(all).unwrap_or(1000).min(1000)
    }

    /// The next row that is not blank, with the number a spreadsheet gives it.
    ///
    /// # Errors
    /// The file cannot be read on, or one that was sent has more rows than are taken. Of a text in another encoding, rows that happen to be readable must not be imported.
    pub fn read_row(&mut self) -> Result<Option<(u64, Vec<Cell>)>, Unreadable> {
        loop {
            let row = match &mut self.rows {
                Rows::Csv(csv) => csv.read_row()?,
                Rows::Xlsx(sheet) => sheet.read_row(self.headers.len())?,
            };
            match &row {
                Some((_, cells)) if cells.iter().all(Cell::is_blank) => continue,
                Some((number, _)) if self.left == Some(0) => {
                    return Err(Unreadable::whole(FileFault::TooManyRows).at(*number));
                }
                Some(_) => self.left = self.left.map(|left| left - 1),
                None => {}
            }
            return Ok(row);
        }
    }
}

/// The first line as names: on one line, and without what no database takes.
pub(super) fn headers(cells: Vec<Cell>) -> Vec<String> {
    let header = |cell| match cell {
        Cell::Text(text) => text.split(char::is_control).map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned(),
        Cell::Formula | Cell::Error => String::new(),
    };
    cells.into_iter().map(header).collect()
}

/// A text with commas or semicolons, with or without BOM.
#[derive(Debug)]
struct Csv {
    reader: csv::Reader<Guard>,
    left: Arc<AtomicUsize>,
    number: u64,
    record: ByteRecord,
    size: u64,
}

impl Csv {
    fn open(mut file: impl Read + Send + 'static, size: u64) -> Result<Table, Unreadable> {
        let mut start = Vec::new();
        file.by_ref().take(PEEK).read_to_end(&mut start)?;
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(Unreadable::whole(FileFault::NotUtf8));
        }
        let text = start.strip_prefix(BOM).unwrap_or(&start).to_vec();
        if text.trim_ascii().is_empty() {
            return Err(Unreadable::whole(FileFault::Empty));
        }
        let delimiter = delimiter(&text);
        let left = Arc::new(AtomicUsize::new(LONGEST_ROW));
        let guard = Guard { inner: Box::new(Cursor::new(text).chain(file)), left: Arc::clone(&left) };
        let reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(guard);
        let mut csv = Self { reader, left, number: 0, record: ByteRecord::new(), size };
        let Some((_, cells)) = csv.read_row()? else { return Err(Unreadable::whole(FileFault::Empty)) };
        if cells.len() > MOST_COLUMNS {
            return Err(Unreadable::whole(FileFault::TooManyCells));
        }
        Ok(Table { headers: headers(cells), rows: Rows::Csv(Box::new(csv)), left: None })
    }

    fn read_row(&mut self) -> Result<Option<(u64, Vec<Cell>)>, Unreadable> {
        self.left.store(LONGEST_ROW, Relaxed);
        let number = self.number + 1;
        let read = self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Unreadable::from(error).at(number),
            _ => Unreadable::whole(FileFault::Broken).at(number),
        })?;
        if !read {
            return Ok(None);
        }
        self.number = number;
        let cells = self.record.iter().enumerate().map(|(place, cell)| match std::str::from_utf8(cell) {
            Ok(text) => Ok(Cell::Text(text.to_owned())),
            Err(_) => {
                let not_utf8 = Unreadable::whole(FileFault::NotUtf8).at(number);
                Err(Unreadable { column: Some(place + 1), ..not_utf8 })
            }
        });
        Ok(Some((number, cells.collect::<Result<_, _>>()?)))
    }
}

/// The separator is whichever of the two the first line holds more of, outside quotes.
fn delimiter(text: &[u8]) -> u8 {
    let mut quoted = false;
    let (mut commas, mut semicolons) = (0, 0);
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            b',' if !quoted => commas += 1,
            b';' if !quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}

/// Stops reading when one row has eaten its share.
struct Guard {
    inner: Box<dyn Read + Send>,
    left: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard(..)")
    }
}

impl Read for Guard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Relaxed);
        if left == 0 {
            return Err(io::Error::other(Unreadable::whole(FileFault::OpenQuote)));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.store(left - read, Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "external_id;axis;territory";

    fn file(bytes: &[u8]) -> (tempfile::NamedTempFile, Source) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let source = Source::File(file.path().to_owned());
        (file, source)
    }

    #[test]
    fn separators_marks_and_quoted_lines() {
        assert_eq!(
            [delimiter(b"a,b;c,d"), delimiter(b"a;b"), delimiter(b"\"a,b,c\";d"), delimiter(b"a")],
            [b',', b';', b';', b',']
        );
        let text = format!("\u{FEFF}{HEAD}\r\n1;\"a;b\"\"\r\nc\";\r\n;;\r\n\r\n2;x;\r\n");
        let (_kept, source) = file(text.as_bytes());
        let mut table = source.read().unwrap();
        assert_eq!(table.headers(), ["external_id", "axis", "territory"]);
        let cells = ["1", "a;b\"\r\nc", ""].map(|text| Cell::Text(text.into())).to_vec();
        assert_eq!(table.read_row().unwrap().unwrap(), (2, cells));
        // the blank row keeps its number, as in a spreadsheet; lines without any cell are not there for either
        assert_eq!(table.read_row().unwrap().unwrap().0, 4);
        assert!(table.read_row().unwrap().is_none());
    }

    #[test]
    fn a_file_that_is_no_table_is_refused_with_a_reason() {
        let fault = |bytes: &[u8]| {
            let (_kept, source) = file(bytes);
            source.read().map(drop).unwrap_err().fault
        };
        assert_eq!(fault(b""), FileFault::Empty);
        assert_eq!(fault(b" \r\n"), FileFault::Empty);
        assert_eq!(fault(&[0xFF, 0xFE, b'a', 0]), FileFault::NotUtf8);
        assert_eq!(fault(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1]), FileFault::NotAWorkbook);
        assert_eq!(fault(",".repeat(MOST_COLUMNS).as_bytes()), FileFault::TooManyCells);
    }

    #[test]
    fn another_encoding_and_an_open_quote_stop_the_reading() {
        let (_kept, source) = file(&[HEAD.as_bytes(), b"\n1;\xC7\xE1;"].concat());
        let said = source.read().unwrap().read_row().unwrap_err();
        assert_eq!(said, Unreadable { column: Some(2), ..Unreadable::whole(FileFault::NotUtf8).at(2) });
        let (_kept, source) = file(&[HEAD.as_bytes(), b"\n1;\"open", &vec![b'x'; 3 * LONGEST_ROW]].concat());
        let said = source.read().unwrap().read_row().unwrap_err();
        assert_eq!(said, Unreadable::whole(FileFault::OpenQuote).at(2));
    }

    #[test]
    fn what_was_sent_has_so_many_rows_and_no_more() {
        let count = |source: &Source| {
            let mut table = source.read().unwrap();
            let mut rows = 0;
            loop {
                match table.read_row() {
                    Ok(Some(_)) => rows += 1,
                    Ok(None) => return (rows, None),
                    Err(said) => return (rows, Some(said)),
                }
            }
        };
        // a blank row is none
        let (kept, source) = file(("title\n\" \"\n".to_owned() + &"a\n".repeat(200_000)).as_bytes());
        let sent = || Source::Sent(Arc::new(File::open(kept.path()).unwrap()), None);
        assert_eq!(count(&sent()), (200_000, None));
        std::io::Write::write_all(&mut File::options().append(true).open(kept.path()).unwrap(), b"a\n").unwrap();
        assert_eq!(count(&sent()), (200_000, Some(Unreadable::whole(FileFault::TooManyRows).at(200_003))));
        // whoever has the command line has the machine
        assert_eq!(count(&source), (200_001, None));
    }

    #[test]
    fn what_fails_on_the_machine_is_not_the_files_fault() {
        let of = |number| Unreadable::from(io::Error::from_raw_os_error(number)).machine;
        // Linux: 5 input/output error, 22 invalid argument, 24 too many open files, 28 no space left on device
        assert_eq!([of(5), of(24), of(28), of(22)], [Some(5), Some(24), Some(28), None]);
        assert_eq!(Unreadable::from(io::Error::from(io::ErrorKind::UnexpectedEof)).machine, None);
    }
}
