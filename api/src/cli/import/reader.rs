//! Reads an import file row by row, whatever its size: with or without BOM, with commas or semicolons.

use std::{
    cell::Cell,
    fs::File,
    io::{self, Cursor, Read},
    path::PathBuf,
    rc::Rc,
};

use anyhow::Context as _;
use csv::ByteRecord;

use super::columns::Header;
use crate::csv_out::BOM;

/// The longest row, in bytes. The longest legal one has about 70 KiB, so a longer one is a quote that nobody closed.
const LONGEST_ROW: usize = 1024 * 1024;
/// How much of the file is looked at to tell its separator.
const PEEK: u64 = 64 * 1024;

/// Where rows come from. An import reads them twice: once to check, once to write.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Text that is part of the program.
    Text(&'static str),
}

impl Source {
    fn open(&self) -> anyhow::Result<Box<dyn Read>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path).with_context(|| path.display().to_string())?),
            Self::Text(text) => Box::new(Cursor::new(text.as_bytes())),
        })
    }

    /// How many bytes there are, for the progress bar.
    ///
    /// # Errors
    /// The file is not there.
    pub fn size(&self) -> anyhow::Result<u64> {
        Ok(match self {
            Self::File(path) => std::fs::metadata(path).with_context(|| path.display().to_string())?.len(),
            Self::Text(text) => text.len() as u64,
        })
    }

    /// Reads the first line and stands before the first row.
    ///
    /// # Errors
    /// No file, no text, or columns that are not ours.
    pub fn read(&self) -> anyhow::Result<Rows> {
        let mut file = self.open()?;
        let mut start = Vec::new();
        file.by_ref().take(PEEK).read_to_end(&mut start)?;
        anyhow::ensure!(
            !start.starts_with(&[0xFF, 0xFE]) && !start.starts_with(&[0xFE, 0xFF]),
            "the file is UTF-16: save it as CSV UTF-8"
        );
        let text = start.strip_prefix(BOM).unwrap_or(&start).to_vec();
        anyhow::ensure!(!text.trim_ascii().is_empty(), "the file is empty");
        let delimiter = delimiter(&text);
        let left = Rc::new(Cell::new(LONGEST_ROW));
        let guard = Guard { inner: Box::new(Cursor::new(text).chain(file)), left: Rc::clone(&left) };
        let mut csv =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(guard);
        let mut record = ByteRecord::new();
        csv.read_byte_record(&mut record).context("row 1")?;
        let cells = cells(&record, 1, |_| "")?;
        let header = Header::read(cells.into_iter())?;
        Ok(Rows { csv, header, left, number: 1, record })
    }
}

/// The rows of a file, one in memory at a time.
#[derive(Debug)]
pub struct Rows {
    csv: csv::Reader<Guard>,
    header: Header,
    left: Rc<Cell<usize>>,
    number: u64,
    record: ByteRecord,
}

impl Rows {
    /// The columns.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// How far the reading is, in bytes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.csv.position().byte()
    }

    /// The next row that is not blank, with the number a spreadsheet gives it (the first line is row 1).
    ///
    /// # Errors
    /// The file cannot be read, a quote stays open, or a cell is not UTF-8: then the whole file is likely in
    /// another encoding, and rows that happen to be readable must not be imported.
    pub fn read_row(&mut self) -> anyhow::Result<Option<(u64, &Header, Vec<&str>)>> {
        loop {
            self.left.set(LONGEST_ROW);
            let number = self.number + 1;
            if !self.csv.read_byte_record(&mut self.record).with_context(|| format!("row {number}"))? {
                return Ok(None);
            }
            self.number = number;
            if self.record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                break;
            }
        }
        let cells = cells(&self.record, self.number, |index| self.header.name(index))?;
        Ok(Some((self.number, &self.header, cells)))
    }
}

fn cells(record: &ByteRecord, row: u64, name: impl Fn(usize) -> &'static str) -> anyhow::Result<Vec<&str>> {
    let read = |(index, cell)| {
        std::str::from_utf8(cell).map_err(|_| {
            let column = Some(name(index))
                .filter(|name| !name.is_empty())
                .map_or_else(|| (index + 1).to_string(), str::to_owned);
            anyhow::anyhow!("row {row}, column {column}: not UTF-8: save the file as CSV UTF-8")
        })
    };
    record.iter().enumerate().map(read).collect()
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
    inner: Box<dyn Read>,
    left: Rc<Cell<usize>>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard(..)")
    }
}

impl Read for Guard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("longer than 1 MiB: a quote was opened and not closed"));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "external_id;axis;territory;channel;language;title;problem;solution;submitted_on";

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
        let text = format!("\u{FEFF}{HEAD}\r\n1;\"a;b\"\"\r\nc\";;;;;;;\r\n;;;;;;;;\r\n\r\n2;x;;;;;;;\r\n");
        let (_kept, source) = file(text.as_bytes());
        let mut rows = source.read().unwrap();
        let (number, header, cells) = rows.read_row().unwrap().unwrap();
        assert_eq!((number, header.cell(&cells, "axis"), cells.len()), (2, "a;b\"\r\nc", 9));
        // the blank row keeps its number, as in a spreadsheet; lines without any cell are not there for either
        assert_eq!(rows.read_row().unwrap().unwrap().0, 4);
        assert!(rows.read_row().unwrap().is_none());
    }

    #[test]
    fn a_file_that_is_no_table_of_ours_is_refused_with_a_reason() {
        let reason = |bytes: &[u8]| {
            let (_kept, source) = file(bytes);
            source.read().map(drop).unwrap_err().to_string()
        };
        assert!(reason(b"").contains("empty"));
        assert!(reason(&[0xFF, 0xFE, b'a', 0]).contains("UTF-16"));
        let said = reason(format!("{HEAD};titel;axis;\n").as_bytes());
        for part in ["unknown column \"titel\" (is it title?)", "axis stands twice", "column 12 has no name"] {
            assert!(said.contains(part), "{said}");
        }
        assert!(reason(b"external_id,axis\n").contains("missing required columns: territory, channel"));
    }

    #[test]
    fn another_encoding_and_an_open_quote_stop_the_reading() {
        let (_kept, source) = file(&[HEAD.as_bytes(), b"\n1;\xC7\xE1;;;;;;;\n"].concat());
        let said = source.read().unwrap().read_row().unwrap_err().to_string();
        assert!(said.contains("row 2, column axis: not UTF-8"), "{said}");
        let (_kept, source) = file(&[HEAD.as_bytes(), b"\n1;\"open", &vec![b'x'; 3 * LONGEST_ROW]].concat());
        let said = format!("{:#}", source.read().unwrap().read_row().unwrap_err());
        assert!(said.contains("row 2") && said.contains("not closed"), "{said}");
    }
}
