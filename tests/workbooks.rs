//! XLSX files of `tachawor import`: as office programs write them, and as nobody but an attacker would.

use std::{
    io::{BufWriter, Cursor, Write},
    process::{Command, Stdio},
};

use api::{
    cli::import::Options,
    config::SecretKey,
    import::{
        Summary,
        table::{Source, Unreadable},
    },
    store,
};
use domain::import::{FileFault, mapping::Mapping};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    files::{command, plan},
    import::{count, plain, run},
    on_both_engines,
    support::*,
};

/// The first line of a province's own table.
pub const HEADERS: [&str; 8] = ["رقم", "العنوان", "المشكل", "الحل المقترح", "الإقليم", "المحور", "الجنس", "التاريخ"];

/// How it is to be read.
const MAPPING: &str = r#"{
    "columns": {"external_id": "رقم", "title": "العنوان", "problem": "المشكل", "solution": "الحل المقترح",
        "territory": "الإقليم", "axis": "المحور", "gender": "الجنس", "submitted_on": "التاريخ"},
    "values": {"territory": {"عاصمة البوغاز": "MA-TNG"}},
    "defaults": {"channel": "territorial_meeting", "language": "ar"}
}"#;

fn options() -> Options {
    let mapping: Mapping = serde_json::from_str(MAPPING).unwrap();
    Options { mapping: Some(mapping), ..plain() }
}

/// Writes the table into a sheet: `places` are what stands under the territory, a row each.
fn fill(sheet: &mut Worksheet, places: &[&str]) -> Result<(), XlsxError> {
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write(0, column, header)?;
    }
    for (row, place) in (1..).zip(places) {
        sheet.write(row, 0, row)?;
        sheet.write(row, 1, format!("بئر جماعية {row}"))?;
        sheet.write(row, 2, "جفت بئر الدوار كل صيف\nمنذ سنوات")?;
        // a text that looks like a formula is a text
        sheet.write_string(row, 3, "=حفر بئر جماعية جديدة في الدوار")?;
        sheet.write(row, 4, *place)?;
        sheet.write(row, 5, "الماء")?;
        sheet.write(row, 6, "أنثى")?;
        sheet.write_with_format(row, 7, 46_086.0, &day)?; // 5 March 2026
    }
    Ok(())
}

pub fn workbook(places: &[&str]) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet(), places).unwrap();
    book.save_to_buffer().unwrap()
}

on_both_engines! {
    async fn a_workbook_in_its_own_words_is_taken_in(app: App) {
        let plan = plan(&app).await;
        let mut book = Workbook::new();
        book.add_worksheet().set_hidden(true).write(0, 0, "draft").unwrap();
        fill(book.add_worksheet().set_active(true), &["«طنجة أصيلة»", "Chefchaouen", "عاصمة البوغاز"]).unwrap();
        let shared = book.save_to_buffer().unwrap();
        let done = run(&app, &plan, &shared, options()).await;
        assert_eq!(done.summary(), Summary { rows: 3, new: 3, known: 0, wrong: 0, imported: 3 }, "{}", done.table);

        let found = store::import::existing(app.store().read(), plan.row.id, ["1", "2", "3"].into_iter()).await.unwrap();
        let places: Vec<_> = found.values().map(|row| plan.place(row.territory_id)).collect();
        assert_eq!(places, ["MA-TNG", "MA-CHE", "MA-TNG"]);
        let one = &found["1"];
        assert_eq!((one.title.as_str(), one.problem.as_str()), ("بئر جماعية 1", "جفت بئر الدوار كل صيف\nمنذ سنوات"));
        assert_eq!((one.solution.as_str(), one.gender.0.as_str()), ("=حفر بئر جماعية جديدة في الدوار", "female"));
        assert_eq!(domain::calendar::day(one.submitted_at).to_string(), "2026-03-05");

        // the same with its words in the cells themselves
        let mut book = Workbook::new();
        fill(book.add_worksheet_with_constant_memory().unwrap(), &["MA-TNG", "MA-CHE", "MA-TNG", "MA-TNG"]).unwrap();
        let done = run(&app, &plan, book.save_to_buffer().unwrap(), options()).await;
        assert_eq!(done.summary(), Summary { rows: 4, new: 1, known: 3, wrong: 0, imported: 1 }, "{}", done.report);
    }

    async fn a_formula_is_not_believed(app: App) {
        let plan = plan(&app).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        fill(sheet, &["MA-TNG", "Tetuan", "MA-TNG"]).unwrap();
        sheet.write_formula(3, 4, rust_xlsxwriter::Formula::new("=HYPERLINK(\"https://example.org\")").set_result("MA-TNG")).unwrap();
        // where nobody looks, a formula is nobody's business
        sheet.write(0, 8, "ملاحظات").unwrap();
        sheet.write_formula(1, 8, "=1+1").unwrap();
        let done = run(&app, &plan, book.save_to_buffer().unwrap(), Options { skip_invalid: true, ..options() }).await;
        assert_eq!(done.summary(), Summary { rows: 3, new: 1, known: 0, wrong: 2, imported: 1 });
        let lines: Vec<_> = done.report.lines().skip(1).map(str::trim_end).collect();
        assert_eq!(lines, [
            "3,territory,unknown_code,Tetuan,\"write one of the codes or labels, or map the word\"",
            "4,territory,formula,,\"put the value in the formula's place (copy, paste values)\"",
        ]);
    }

    async fn rows_without_numbers_of_their_own_come_in_once(app: App) {
        let plan = plan(&app).await;
        let mut mapping = options().mapping.unwrap();
        mapping.columns.remove(&domain::import::ImportColumn::ExternalId);
        let options = Options { mapping: Some(mapping), skip_invalid: true, ..plain() };
        let done = run(&app, &plan, workbook(&["MA-TNG", "nowhere at all", "MA-TNG"]), options.clone()).await;
        assert_eq!(done.summary(), Summary { rows: 3, new: 2, known: 0, wrong: 1, imported: 2 });
        // mended, with another row on top of it all: only what is new comes in
        let mended = run(&app, &plan, workbook(&["MA-TNG", "MA-CHE", "MA-TNG", "MA-TNG"]), options.clone()).await;
        assert_eq!(mended.summary(), Summary { rows: 4, new: 2, known: 2, wrong: 0, imported: 2 }, "{}", mended.report);
        assert_eq!(count(&app, &plan).await, 4);
        // what tells them apart outlives erased texts: only who has the key can make it of the texts
        let other = Options { key: SecretKey::from_bytes([8; 32]), ..options };
        let done = run(&app, &plan, workbook(&["MA-TNG"]), other).await;
        assert_eq!(done.summary(), Summary { rows: 1, new: 1, known: 0, wrong: 0, imported: 1 });
    }

    async fn the_command_takes_a_mapping(app: App) {
        plan(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("book.xlsx"), workbook(&["MA-TNG"])).unwrap();
        std::fs::write(path("mapping.json"), MAPPING).unwrap();
        let arguments = ["import", &path("book.xlsx"), "--consultation", "plan", "--mapping", &path("mapping.json")];
        let ran = command(&app, &arguments, "").await;
        assert!(ran.right, "{}", ran.complaint);
        assert!(ran.printed().contains("1 rows: 1 new, 0 imported earlier, 0 with mistakes. 1 imported."), "{}", ran.printed());

        std::fs::write(path("mapping.json"), MAPPING.replace("\"المحور\"", "\"المحاور\"").replace("\"ar\"", "\"xx\"")).unwrap();
        let ran = command(&app, &arguments, "").await;
        let said = "no column is called \"المحاور\", which is to be axis; language cannot be \"xx\" by default";
        assert!(!ran.right && ran.complaint.contains(said), "{}", ran.complaint);
    }
}

const BOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook by hand: `sheet` writes the inside of its sheet.
fn by_hand(words: Option<&str>, sheet: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let parts = [
        ("xl/workbook.xml", Some(BOOK)),
        ("xl/_rels/workbook.xml.rels", Some(RELATIONS)),
        ("xl/sharedStrings.xml", words),
    ];
    for (name, text) in parts {
        let Some(text) = text else { continue };
        zip.start_file(name, packed).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.start_file("xl/worksheets/sheet1.xml", packed).unwrap();
    zip.write_all(b"<worksheet><sheetData>").unwrap();
    let mut out = BufWriter::new(&mut zip);
    sheet(&mut out);
    out.flush().unwrap();
    drop(out);
    zip.write_all(b"</sheetData></worksheet>").unwrap();
    zip.finish().unwrap().into_inner()
}

fn cell(name: &str, text: &str) -> String {
    format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// Reads a file to its end, and answers why that did not work.
fn why(bytes: &[u8]) -> Option<FileFault> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let read = || -> Result<(), Unreadable> {
        let mut table = Source::File(file.path().to_owned()).read()?;
        while table.read_row()?.is_some() {}
        Ok(())
    };
    read().err().map(|unreadable| unreadable.fault)
}

#[test]
fn what_no_office_program_writes_is_refused() {
    let one = cell("A1", "title");
    let row = |cells: &str| format!("<row r=\"1\">{cells}</row>");
    let simple = |inside: &str| by_hand(None, |out| out.write_all(inside.as_bytes()).unwrap());
    assert_eq!(why(&simple(&row(&one))), None);

    // words that a file defines, one made of ten of the other
    let laughs = "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
    assert_eq!(
        why(&by_hand(Some(laughs), |out| out.write_all(row(&one).as_bytes()).unwrap())),
        Some(FileFault::Broken)
    );
    assert_eq!(why(&simple(&row(&cell("A1", "&b;")))), Some(FileFault::Broken));
    // and those that XML has itself are what they are
    assert_eq!(why(&simple(&row(&cell("A1", "&lt;&#1605;&amp;")))), None);

    // rows twice, a word that is not there, a tag that is not closed
    assert_eq!(why(&simple(&(row(&one) + &row(&one)))), Some(FileFault::Broken));
    assert_eq!(why(&simple(&row("<c r=\"A1\" t=\"s\"><v>7</v></c>"))), Some(FileFault::Broken));
    assert_eq!(why(&simple("<row r=\"1\"><c>")), Some(FileFault::Broken));
    // a cell of two million letters, and one in the last column of all
    assert_eq!(why(&simple(&row(&cell("A1", &noise(2_000_000))))), Some(FileFault::TooLarge));
    assert_eq!(why(&simple(&row(&cell("XFD1", "x")))), Some(FileFault::TooManyCells));
    assert_eq!(why(&simple("")), Some(FileFault::Empty));
}

/// Letters that cannot be packed to nothing.
fn noise(length: usize) -> String {
    let mut state = 2026_u64;
    let mut letters = String::with_capacity(length);
    for _ in 0..length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        letters.push(char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap()));
    }
    letters
}

#[test]
fn an_archive_that_grows_when_it_is_opened_stays_closed() {
    let archive = |parts: &mut dyn Iterator<Item = (String, Vec<u8>)>| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in parts {
            zip.start_file(name, packed).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    // archives in archives, as in 42.zip: nobody looks into them
    let mut nested = archive(&mut (0..16).map(|n| (format!("{n}.dll"), vec![b'0'; 100_000])));
    for _ in 0..4 {
        nested = archive(&mut (0..16).map(|n| (format!("lib {n}.zip"), nested.clone())));
    }
    assert_eq!(why(&nested), Some(FileFault::NotAWorkbook));

    let many = archive(&mut (0..1001).map(|n| (format!("{n}"), Vec::new())));
    assert_eq!(why(&many), Some(FileFault::TooManyParts));

    // one part under two names: the second entry of the directory points at the first one's bytes
    let mut overlapping = by_hand(Some("<sst/>"), |out| out.write_all(cell("A1", "x").as_bytes()).unwrap());
    let entries: Vec<_> =
        (0..overlapping.len() - 4).filter(|at| overlapping[*at..].starts_with(b"PK\x01\x02")).collect();
    let first = overlapping[entries[0] + 42..entries[0] + 46].to_vec();
    overlapping[entries[1] + 42..entries[1] + 46].copy_from_slice(&first);
    assert_eq!(why(&overlapping), Some(FileFault::Overlapping));

    // a comment may hide another end of the archive
    let mut commented = workbook(&["MA-TNG"]);
    let end = commented.len();
    commented[end - 2] = 2;
    commented.extend(b"hi");
    assert_eq!(why(&commented), Some(FileFault::NotAWorkbook));

    // a hundred megabytes of nothing in a hundred kilobytes
    let nothing = format!("<!--{}-->", " ".repeat(100 * 1024));
    let dense = by_hand(None, |out| (0..1000).for_each(|_| out.write_all(nothing.as_bytes()).unwrap()));
    assert!(dense.len() < 512 * 1024, "{}", dense.len());
    assert_eq!(why(&dense), Some(FileFault::TooDense));

    // half a workbook
    let whole = workbook(&["MA-TNG"; 100]);
    assert_eq!(why(&whole[..whole.len() / 2]), Some(FileFault::NotAWorkbook));
}

/// Every byte of a workbook changed in turn: an answer each time, and never a panic.
#[test]
fn no_byte_breaks_the_reader_of_workbooks() {
    let whole = by_hand(Some("<sst><si><t>ماء</t></si></sst>"), |out| {
        out.write_all(format!("<row r=\"1\">{}<c r=\"B1\" t=\"s\"><v>0</v></c></row>", cell("A1", "x")).as_bytes())
            .unwrap();
    });
    assert_eq!(why(&whole), None);
    let mut refused = 0;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        refused += usize::from(why(&bytes).is_some());
    }
    assert!(refused > whole.len() / 4, "{refused} of {}", whole.len());
}

/// Runs the program on a file and answers what it complained of and how much memory it had at most, in KiB.
async fn memory(app: &App, file: &[u8]) -> (String, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.xlsx");
    std::fs::write(&path, file).unwrap();
    let mapping = folder.path().join("mapping.json");
    std::fs::write(&mapping, MAPPING).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tachawor"))
        .arg("import")
        .arg(&path)
        .args(["--consultation", "plan", "--dry-run", "--mapping"])
        .arg(&mapping)
        .env("TACHAWOR_DATABASE_URL", app.database_url())
        .env("TACHAWOR_SECRET_KEY", app::SECRET_KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    actix_web::web::block(move || {
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            // the system keeps the highest figure; the last one read before the end is it
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            most = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(most);
            std::thread::yield_now();
        }
        let complaint = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        (complaint, most)
    })
    .await
    .unwrap()
}

#[actix_web::test]
#[cfg(target_os = "linux")]
async fn a_million_rows_are_told_to_be_too_many_in_little_memory() {
    let app = App::start(Engine::Sqlite).await;
    plan(&app).await;
    let (complaint, usual) = memory(&app, &workbook(&["MA-TNG"])).await;
    assert_eq!(complaint, "");
    let heads: String = ('A'..).zip(HEADERS).map(|(column, head)| cell(&format!("{column}1"), head)).collect();
    let noise = noise(4096);
    let million = by_hand(None, |out| {
        write!(out, "<row r=\"1\">{heads}</row>").unwrap();
        for row in 2..=1_000_001_usize {
            let word = &noise[row % 4000..row % 4000 + 40];
            write!(
                out,
                "<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c><c r=\"B{row}\" t=\"str\"><v>{word}</v></c></row>"
            )
            .unwrap();
        }
    });
    let (complaint, most) = memory(&app, &million).await;
    assert!(complaint.contains("row 200002: more than 200,000 rows: split the file"), "{complaint}");
    assert!(most < usual + 100 * 1024, "{most} KiB instead of {usual}");
    app.stop().await;
}
