//! The first sheet of an XLSX workbook, as a stream. Nothing of the file is believed: every part is counted while it is
//! unpacked, no part inside a part is opened, no word that the file defines is expanded and no formula is worked out.
//!
//! Memory holds a row and four bytes a shared string; the strings themselves wait in a scratch file without a name.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::{Days, NaiveDate};
use domain::import::{FileFault, MOST_BYTES, MOST_COLUMNS, MOST_ROWS, row::Cell};
use flate2::read::DeflateDecoder;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::table::{LONGEST_ROW, Unreadable, headers};

/// What all parts together may unpack to, in bytes.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;
/// How much larger a part may be than it is packed. Honest tables reach twenty; deflate can do a thousand.
const DENSEST: u64 = 100;
/// Below this size nobody asks how dense a part is.
const SMALL: u64 = 1024 * 1024;
/// The parts of a workbook; pictures and charts count.
const MOST_PARTS: u16 = 1000;
/// The most cells, empty ones included.
const MOST_CELLS: u64 = 5_000_000;
/// The time that reading may take, not counting what is done with the rows.
const MOST_TIME: Duration = Duration::from_secs(120);
/// The end of an archive without a comment, in bytes: the number of its parts stands there.
const END: usize = 22;

type Result<T> = std::result::Result<T, Unreadable>;

const fn fault(fault: FileFault) -> Unreadable {
    Unreadable::whole(fault)
}

/// The first sheet that is not hidden.
#[derive(Debug)]
pub struct Sheet {
    xml: Xml,
    words: Words,
    /// Of each style, whether it shows days.
    days: Vec<bool>,
    /// Days are counted from 1904, as on old Macintoshes.
    from_1904: bool,
    /// What the sheet says to be unpacked, in bytes.
    size: u64,
    number: u64,
    rows: u64,
    cells: u64,
    spent: Duration,
}

impl Sheet {
    /// Opens a workbook and reads the first row of its first sheet. `scratch` is where the scratch file is made.
    pub(super) fn open(mut file: File, scratch: Option<&Path>) -> Result<(Vec<String>, Self)> {
        let start = Instant::now();
        look_at_the_end(&mut file)?;
        let broken = |error| match error {
            ZipError::Io(error) if Unreadable::of(&error).machine.is_some() => Unreadable::of(&error),
            _ => fault(FileFault::NotAWorkbook),
        };
        let mut archive = ZipArchive::new(file).map_err(broken)?;
        if archive.len() > usize::from(MOST_PARTS) {
            return Err(fault(FileFault::TooManyParts));
        }
        if archive.has_overlapping_entries().map_err(broken)? {
            return Err(fault(FileFault::Overlapping));
        }
        let mut parts = BTreeMap::new();
        for place in 0..archive.len() {
            let part = archive.by_index_raw(place).map_err(broken)?;
            let name = part.name().map_err(broken)?.into_owned();
            let at = part.data_start().ok_or(fault(FileFault::NotAWorkbook))?;
            let known = Part {
                at,
                packed: part.compressed_size(),
                size: part.size(),
                deflated: match part.compression() {
                    _ if part.encrypted() => None,
                    CompressionMethod::Stored => Some(false),
                    CompressionMethod::Deflated => Some(true),
                    _ => None,
                },
            };
            parts.insert(name, known);
        }
        let book = Book { file: archive.into_inner(), parts, unpacked: Arc::default() };
        let (path, from_1904) = book.first_sheet()?;
        let days = book.styles()?;
        let words = Words::read(&book, scratch)?;
        let size = book.parts.get(&path).map_or(0, |part| part.size);
        let xml = book.open(&path)?.ok_or(fault(FileFault::NotAWorkbook))?;
        let mut sheet =
            Self { xml, words, days, from_1904, size, number: 0, rows: 0, cells: 0, spent: start.elapsed() };
        loop {
            let (_, cells) = sheet.read_row(0)?.ok_or(fault(FileFault::Empty))?;
            let headers = headers(cells);
            if headers.iter().any(|header| !header.is_empty()) {
                return Ok((headers, sheet));
            }
        }
    }

    /// How much of how much has been unpacked.
    pub(super) fn progress(&self) -> (u64, u64) {
        (self.xml.left.part.load(Relaxed), self.size)
    }

    /// The next row, blank or not, of at least `width` cells.
    pub(super) fn read_row(&mut self, width: usize) -> Result<Option<(u64, Vec<Cell>)>> {
        let start = Instant::now();
        let row = self.next_row(width).map_err(|unreadable| match unreadable.row {
            None if self.number > 0 => unreadable.at(self.number),
            _ => unreadable,
        });
        self.spent += start.elapsed();
        if self.spent > MOST_TIME {
            return Err(fault(FileFault::TooSlow));
        }
        row
    }

    fn next_row(&mut self, width: usize) -> Result<Option<(u64, Vec<Cell>)>> {
        loop {
            match self.xml.next()? {
                Some(Piece::Start(b"row", attributes)) => {
                    let number = match attributes.get("r") {
                        Some(number) => number.parse().map_err(|_| fault(FileFault::Broken))?,
                        None => self.number + 1,
                    };
                    // rows that stand twice or out of order have no number that a person could look for
                    if number <= self.number {
                        return Err(fault(FileFault::Broken));
                    }
                    self.number = number;
                    break;
                }
                Some(Piece::End(b"sheetData")) | None => return Ok(None),
                Some(_) => {}
            }
        }
        let mut cells = Vec::new();
        let mut next = 0;
        loop {
            match self.xml.next()? {
                Some(Piece::Start(b"c", attributes)) => {
                    let place = attributes.get("r").map_or(Some(next), |name| column(name));
                    let (kind, style) = (attributes.get("t").cloned(), attributes.get("s").cloned());
                    let place = place.ok_or(fault(FileFault::Broken))?;
                    self.cells += 1;
                    if self.cells > MOST_CELLS {
                        return Err(fault(FileFault::TooManyCells));
                    }
                    next = place + 1;
                    let cell = self.cell(kind.as_deref().unwrap_or("n"), style.as_deref())?;
                    if cell.is_blank() {
                        continue;
                    }
                    if place >= MOST_COLUMNS {
                        return Err(fault(FileFault::TooManyCells));
                    }
                    if cells.len() <= place {
                        cells.resize(place + 1, Cell::Text(String::new()));
                    }
                    cells[place] = cell;
                }
                Some(Piece::End(b"row")) => break,
                None => return Err(fault(FileFault::Broken)),
                Some(_) => {}
            }
        }
        if !cells.is_empty() {
            self.rows += 1;
            // the first line is none of them
            if self.rows > MOST_ROWS + 1 {
                return Err(fault(FileFault::TooManyRows));
            }
        }
        if cells.len() < width {
            cells.resize(width, Cell::Text(String::new()));
        }
        Ok(Some((self.number, cells)))
    }

    /// The cell whose start has just been read.
    fn cell(&mut self, kind: &str, style: Option<&str>) -> Result<Cell> {
        let (mut text, mut formula) = (String::new(), false);
        loop {
            match self.xml.next()? {
                Some(Piece::Start(b"v" | b"t", _)) => self.xml.text_into(&mut text)?,
                // how a word is pronounced stands beside it, in Japanese
                Some(Piece::Start(b"rPh", _)) => self.xml.skip(b"rPh")?,
                Some(Piece::Start(b"f", _)) => formula = true,
                Some(Piece::End(b"c")) => break,
                None => return Err(fault(FileFault::Broken)),
                Some(_) => {}
            }
        }
        if formula {
            return Ok(Cell::Formula);
        }
        Ok(Cell::Text(match kind {
            "s" if text.is_empty() => text,
            "s" => self.words.get(text.trim().parse().map_err(|_| fault(FileFault::Broken))?)?,
            "inlineStr" | "str" => unescaped(&text),
            "e" => return Ok(Cell::Error),
            "b" => if text.trim() == "1" { "true" } else { "false" }.to_owned(),
            "d" => text.chars().take(10).collect(),
            _ => {
                let is_day = style.and_then(|style| self.days.get(style.parse::<usize>().ok()?)).copied();
                match text.trim().parse::<f64>() {
                    Ok(number) if is_day == Some(true) => day(number, self.from_1904).unwrap_or(text),
                    Ok(number) => number.to_string(),
                    Err(_) => text,
                }
            }
        }))
    }
}

/// Refuses what claims more parts than a workbook has, before anybody makes room for them. Comments after the end, and
/// the form for archives of more than 4 GiB, are for hiding other ends in: no office program writes them.
fn look_at_the_end(file: &mut File) -> Result<()> {
    let size = file.metadata()?.len();
    if size > MOST_BYTES {
        return Err(fault(FileFault::TooLarge));
    }
    let mut end = [0; END];
    file.seek(SeekFrom::Start(size.checked_sub(END as u64).ok_or(fault(FileFault::NotAWorkbook))?))?;
    file.read_exact(&mut end)?;
    file.seek(SeekFrom::Start(0))?;
    let parts = u16::from_le_bytes([end[10], end[11]]);
    if !end.starts_with(b"PK\x05\x06") || end[20..] != [0, 0] {
        return Err(fault(FileFault::NotAWorkbook));
    }
    if parts > MOST_PARTS { Err(fault(FileFault::TooManyParts)) } else { Ok(()) }
}

/// Where a part stands in the archive.
#[derive(Debug)]
struct Part {
    at: u64,
    packed: u64,
    size: u64,
    /// None if it is packed in a way that no office program uses.
    deflated: Option<bool>,
}

struct Book {
    file: File,
    parts: BTreeMap<String, Part>,
    /// What has been unpacked so far, in bytes.
    unpacked: Arc<AtomicU64>,
}

impl Book {
    /// Opens a part. One is read at a time: they share the file's position.
    fn open(&self, name: &str) -> Result<Option<Xml>> {
        let Some(part) = self.parts.get(name) else { return Ok(None) };
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(part.at))?;
        let packed = file.take(part.packed);
        let inner: Box<dyn Read + Send> = match part.deflated {
            Some(true) => Box::new(DeflateDecoder::new(packed)),
            Some(false) => Box::new(packed),
            None => return Err(fault(FileFault::NotAWorkbook)),
        };
        let left = Arc::new(Left { event: AtomicUsize::new(LONGEST_ROW), part: AtomicU64::new(0) });
        let counted = Counted { inner, packed: part.packed, left: left.clone(), unpacked: self.unpacked.clone() };
        Ok(Some(Xml::new(counted, left)))
    }

    /// The path of the first sheet that is not hidden, and whether days are counted from 1904.
    fn first_sheet(&self) -> Result<(String, bool)> {
        let not_ours = fault(FileFault::NotAWorkbook);
        let mut xml = self.open("xl/workbook.xml")?.ok_or(not_ours)?;
        let (mut from_1904, mut sheet) = (false, None);
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Start(b"workbookPr", attributes) => {
                    from_1904 = attributes.get("date1904").is_some_and(|is| is == "1" || is == "true");
                }
                Piece::Start(b"sheet", attributes)
                    if sheet.is_none() && attributes.get("state").is_none_or(|state| state == "visible") =>
                {
                    sheet = attributes.get("id").cloned();
                }
                _ => {}
            }
        }
        let sheet = sheet.ok_or(not_ours)?;
        let mut xml = self.open("xl/_rels/workbook.xml.rels")?.ok_or(not_ours)?;
        while let Some(piece) = xml.next()? {
            let Piece::Start(b"Relationship", attributes) = piece else { continue };
            if attributes.get("Id") == Some(&sheet) {
                let target = attributes.get("Target").ok_or(not_ours)?;
                let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                return Ok((path, from_1904));
            }
        }
        Err(not_ours)
    }

    /// Of each style, whether it shows days.
    fn styles(&self) -> Result<Vec<bool>> {
        let Some(mut xml) = self.open("xl/styles.xml")? else { return Ok(Vec::new()) };
        let (mut own, mut days, mut inside) = (HashSet::new(), Vec::new(), false);
        while let Some(piece) = xml.next()? {
            let number = |attributes: &Attributes| attributes.get("numFmtId").and_then(|id| id.parse::<u32>().ok());
            match piece {
                Piece::Start(b"numFmt", attributes) => {
                    let shows = attributes.get("formatCode").is_some_and(|code| shows_day(code));
                    own.extend(number(&attributes).filter(|_| shows));
                }
                Piece::Start(b"cellXfs", _) => inside = true,
                Piece::End(b"cellXfs") => inside = false,
                Piece::Start(b"xf", attributes) if inside && days.len() < usize::from(u16::MAX) => {
                    // those that every workbook has (ECMA-376 part 1, 18.8.30), East Asian ones included
                    let shows = |id| matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58) || own.contains(&id);
                    days.push(number(&attributes).is_some_and(shows));
                }
                _ => {}
            }
        }
        Ok(days)
    }
}

/// The words that cells refer to by number, in a scratch file.
#[derive(Debug)]
struct Words {
    file: Option<BufReader<File>>,
    at: u64,
    ends: Vec<u32>,
}

impl Words {
    fn read(book: &Book, scratch: Option<&Path>) -> Result<Self> {
        let Some(mut xml) = book.open("xl/sharedStrings.xml")? else {
            return Ok(Self { file: None, at: 0, ends: Vec::new() });
        };
        let file = scratch.map_or_else(tempfile::tempfile, tempfile::tempfile_in)?;
        let (mut out, mut ends, mut end, mut text) = (BufWriter::new(file), Vec::new(), 0_u32, String::new());
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Start(b"si", _) => text.clear(),
                Piece::Start(b"t", _) => xml.text_into(&mut text)?,
                Piece::Start(b"rPh", _) => xml.skip(b"rPh")?,
                Piece::End(b"si") => {
                    let text = unescaped(&text);
                    out.write_all(text.as_bytes())?;
                    end = u32::try_from(text.len())
                        .ok()
                        .and_then(|length| end.checked_add(length))
                        .ok_or(fault(FileFault::TooLarge))?;
                    if ends.len() as u64 >= MOST_CELLS {
                        return Err(fault(FileFault::TooManyCells));
                    }
                    ends.push(end);
                }
                _ => {}
            }
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file: Some(BufReader::new(file)), at: 0, ends })
    }

    fn get(&mut self, number: usize) -> Result<String> {
        let broken = || fault(FileFault::Broken);
        let end = u64::from(*self.ends.get(number).ok_or_else(broken)?);
        let start = number.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().map_or(0, u64::from));
        let file = self.file.as_mut().ok_or_else(broken)?;
        // cells mostly refer to words in order, which then stand in the buffer
        file.seek_relative(start.cast_signed() - self.at.cast_signed())?;
        self.at = start;
        let mut text = vec![0; usize::try_from(end - start).map_err(|_| broken())?];
        file.read_exact(&mut text)?;
        self.at = end;
        String::from_utf8(text).map_err(|_| broken())
    }
}

/// What the reader of a part and whoever counts for it share.
#[derive(Debug)]
struct Left {
    /// How many bytes the next piece may still have.
    event: AtomicUsize,
    /// How many bytes of the part have been unpacked.
    part: AtomicU64,
}

/// Stops unpacking when it becomes too much.
struct Counted {
    inner: Box<dyn Read + Send>,
    packed: u64,
    left: Arc<Left>,
    unpacked: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let refuse = |why| Err(io::Error::other(fault(why)));
        let left = self.left.event.load(Relaxed);
        if left == 0 {
            return refuse(FileFault::TooLarge);
        }
        let read = self.inner.read(buffer)?;
        self.left.event.store(left.saturating_sub(read), Relaxed);
        let part = self.left.part.fetch_add(read as u64, Relaxed) + read as u64;
        if part > SMALL && part / DENSEST > self.packed {
            return refuse(FileFault::TooDense);
        }
        if self.unpacked.fetch_add(read as u64, Relaxed) + read as u64 > MOST_UNPACKED {
            return refuse(FileFault::TooLarge);
        }
        Ok(read)
    }
}

type Attributes = BTreeMap<String, String>;

/// A tag, without its namespace.
enum Piece<'a> {
    Start(&'a [u8], Attributes),
    End(&'a [u8]),
    Other,
}

/// A part as tags.
struct Xml {
    reader: quick_xml::Reader<BufReader<Counted>>,
    left: Arc<Left>,
    buffer: Vec<u8>,
    name: Vec<u8>,
}

impl std::fmt::Debug for Xml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Xml(..)")
    }
}

impl Xml {
    fn new(part: Counted, left: Arc<Left>) -> Self {
        let mut reader = quick_xml::Reader::from_reader(BufReader::new(part));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, left, buffer: Vec::new(), name: Vec::new() }
    }

    fn event(&mut self) -> Result<Event<'_>> {
        self.buffer.clear();
        self.left.event.store(LONGEST_ROW, Relaxed);
        self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
            quick_xml::Error::Io(error) => Unreadable::of(&error),
            _ => fault(FileFault::Broken),
        })
    }

    /// The next tag; `None` at the end.
    fn next(&mut self) -> Result<Option<Piece<'_>>> {
        let mut name = std::mem::take(&mut self.name);
        name.clear();
        let start = match self.event()? {
            Event::Start(tag) => {
                name.extend_from_slice(tag.local_name().as_ref());
                Some(Some(attributes(&tag)?))
            }
            Event::End(tag) => {
                name.extend_from_slice(tag.local_name().as_ref());
                Some(None)
            }
            Event::Eof => return Ok(None),
            // what a file defines itself can be made to grow without end
            Event::DocType(_) => return Err(fault(FileFault::Broken)),
            _ => None,
        };
        self.name = name;
        Ok(Some(match start {
            Some(Some(attributes)) => Piece::Start(&self.name, attributes),
            Some(None) => Piece::End(&self.name),
            None => Piece::Other,
        }))
    }

    /// Adds the text up to the end of the tag that was just opened.
    fn text_into(&mut self, text: &mut String) -> Result<()> {
        let broken = |_| fault(FileFault::Broken);
        loop {
            match self.event()? {
                Event::Text(piece) => text.push_str(&piece.xml10_content().map_err(broken)?),
                Event::CData(piece) => text.push_str(&piece.xml10_content().map_err(broken)?),
                Event::GeneralRef(name) => text.push(referred(&name)?),
                Event::End(_) => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(fault(FileFault::Broken)),
            }
            if text.len() > LONGEST_ROW {
                return Err(fault(FileFault::TooLarge));
            }
        }
    }

    /// Goes past the end of a tag that was just opened.
    fn skip(&mut self, name: &[u8]) -> Result<()> {
        loop {
            match self.next()? {
                Some(Piece::End(end)) if end == name => return Ok(()),
                None => return Err(fault(FileFault::Broken)),
                Some(_) => {}
            }
        }
    }
}

/// What the attributes of a tag say, without their namespaces.
fn attributes(tag: &BytesStart<'_>) -> Result<Attributes> {
    let broken = fault(FileFault::Broken);
    let read = |attribute: std::result::Result<quick_xml::events::attributes::Attribute<'_>, _>| {
        let attribute = attribute.map_err(|_| broken)?;
        let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|_| broken)?;
        Ok((name, value.into_owned()))
    };
    tag.attributes().with_checks(false).map(read).collect()
}

/// The character that `&name;` stands for; only those that XML itself knows.
fn referred(name: &BytesRef<'_>) -> Result<char> {
    let broken = fault(FileFault::Broken);
    if let Some(character) = name.resolve_char_ref().map_err(|_| broken)? {
        return Ok(character);
    }
    Ok(match &**name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return Err(broken),
    })
}

/// The column of a cell called `AB12`, from 0.
fn column(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic);
    let number =
        letters.take(4).fold(0, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

/// Characters that XML cannot hold stand in a text as `_x000D_`.
fn unescaped(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        let past = if character.is_some() { at + 7 } else { at + 2 };
        plain.push_str(if character.is_some() { &rest[..at] } else { &rest[..past] });
        plain.extend(character);
        rest = &rest[past..];
    }
    plain + rest
}

/// Whether numbers in this form show a day: it has a day or a year outside quotes and brackets.
fn shows_day(code: &str) -> bool {
    let (mut quoted, mut bracket, mut skip) = (false, false, false);
    code.chars().any(|c| {
        if std::mem::take(&mut skip) {
            return false;
        }
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracket = true,
            ']' => bracket = false,
            // what follows is shown as it is, left out, or repeated
            '\\' | '_' | '*' => skip = true,
            'd' | 'D' | 'y' | 'Y' => return !bracket,
            _ => {}
        }
        false
    })
}

/// The day that a number means.
fn day(number: f64, from_1904: bool) -> Option<String> {
    if !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was compared just now")]
    let days = number as u64;
    // 1900 had a 29 February in the first spreadsheets, and has it in all since
    let first = match (from_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, ..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    first?.checked_add_days(Days::new(days)).map(|day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_by_letter() {
        assert_eq!(
            ["A1", "Z9", "AA10", "XFD1048576", "1", ""].map(column),
            [Some(0), Some(25), Some(26), Some(16_383), None, None]
        );
    }

    #[test]
    fn characters_that_xml_cannot_hold() {
        for (text, plain) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x", "_x"),
            ("file_xyz1_ _x00_", "file_xyz1_ _x00_"),
            ("ماء_x0041_", "ماءA"),
            ("_xمممم_", "_xمممم_"),
        ] {
            assert_eq!(unescaped(text), plain, "{text}");
        }
    }

    #[test]
    fn forms_that_show_a_day() {
        for code in ["yyyy-mm-dd", "dd/mm/yyyy hh:mm", "[$-40C]d mmmm yyyy;@", "[$-1010000]yyyy/mm/dd", "D/M"] {
            assert!(shows_day(code), "{code}");
        }
        for code in ["General", "0.00", "#,##0 \"dirhams\"", "[Red]0", "hh:mm", "0\\d", "@"] {
            assert!(!shows_day(code), "{code}");
        }
    }

    // ECMA-376 part 1, 18.17.4.1
    #[test]
    fn days_by_number() {
        let day = |number, from_1904| day(number, from_1904).unwrap_or_default();
        assert_eq!(day(1.0, false), "1900-01-01");
        assert_eq!(day(59.0, false), "1900-02-28");
        assert_eq!(day(61.0, false), "1900-03-01");
        assert_eq!(day(38_412.75, false), "2005-03-01");
        assert_eq!(day(36_950.0, true), "2005-03-01");
        assert_eq!([day(-1.0, false), day(f64::NAN, false), day(1e18, false)], ["", "", ""]);
    }
}
