//! Open data and files of it, on both engines: read back by other programs' readers, and what must never leave.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    time::Duration,
};

use api::{
    dataset::{Cell, FileError, Options, edition, spool},
    store::export_file,
};
use arrow_array::{
    BooleanArray, Date32Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMillisecondArray,
    cast::AsArray as _,
};
use calamine::{Data, Reader as _};
use domain::{
    dataset::{Dataset, Format},
    proposal::{Step, WithholdReason},
    vocabulary::Language,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest as _, Sha256};

use crate::{
    files::{command, plan, take},
    on_both_engines,
    statistics::fill,
    support::*,
};

/// A file as a table of texts, whatever its form; the first line is its columns.
type Table = Vec<Vec<String>>;

fn csv_table(bytes: &[u8]) -> Table {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn json_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) if parts.iter().all(Value::is_string) => {
            parts.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn json_table(objects: &[Value], columns: &[String]) -> Table {
    let row = |object: &Value| {
        assert_eq!(object.as_object().unwrap().len(), columns.len());
        columns.iter().map(|name| json_text(&object[name])).collect()
    };
    std::iter::once(columns.to_vec()).chain(objects.iter().map(row)).collect()
}

fn xlsx_table(bytes: &[u8]) -> Table {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&name).unwrap().is_empty());
    let sheet = book.worksheet_range(&name).unwrap();
    let text = |cell: &Data| match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
        }
        other => panic!("{other:?}"),
    };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn parquet_cell(array: &dyn arrow_array::Array, row: usize) -> String {
    if array.is_null(row) {
        return String::new();
    }
    let any = array.as_any();
    if let Some(texts) = any.downcast_ref::<StringArray>() {
        return texts.value(row).to_owned();
    }
    if let Some(numbers) = any.downcast_ref::<Int64Array>() {
        return numbers.value(row).to_string();
    }
    if let Some(flags) = any.downcast_ref::<BooleanArray>() {
        return flags.value(row).to_string();
    }
    if let Some(instants) = any.downcast_ref::<TimestampMillisecondArray>() {
        return DateTime::from_timestamp_millis(instants.value(row))
            .unwrap()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    }
    if let Some(days) = any.downcast_ref::<Date32Array>() {
        return days.value_as_date(row).unwrap().to_string();
    }
    let list = any.downcast_ref::<ListArray>().unwrap().value(row);
    list.as_string::<i32>().iter().map(Option::unwrap).collect::<Vec<_>>().join(" ")
}

fn parquet_batches(bytes: &[u8]) -> Vec<RecordBatch> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.reopen().unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn parquet_table(bytes: &[u8], columns: &[String]) -> Table {
    let mut table = vec![columns.to_vec()];
    for batch in parquet_batches(bytes) {
        let names: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, columns);
        for row in 0..batch.num_rows() {
            table.push(batch.columns().iter().map(|column| parquet_cell(column, row)).collect());
        }
    }
    table
}

/// A dataset in a form, as the public gets it.
async fn table(app: &App, dataset: Dataset, format: Format) -> Table {
    let answer = app.public().get(&format!("/open-data/plan/{dataset}.{format}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let columns: Vec<_> = dataset.columns().iter().map(|column| column.name.to_owned()).collect();
    match format {
        Format::Csv => csv_table(&answer.bytes),
        Format::Json => json_table(answer.json().as_array().unwrap(), &columns),
        Format::Ndjson => {
            let objects: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            json_table(&objects, &columns)
        }
        Format::Xlsx => xlsx_table(&answer.bytes),
        Format::Parquet => parquet_table(&answer.bytes, &columns),
    }
}

fn column<'a>(table: &'a Table, name: &str) -> Vec<&'a str> {
    let place = table[0].iter().position(|column| column == name).unwrap();
    table[1..].iter().map(|row| row[place].as_str()).collect()
}

/// Lets the worker write what was asked for; answers how many files it wrote.
async fn write_files(app: &App) -> usize {
    api::jobs::files::round(app.state(), &tokio::sync::watch::channel(false).1).await.unwrap()
}

/// The files of a package by their names.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|place| {
            let mut file = zip.by_index(place).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

const SETS: [Dataset; 3] = [Dataset::Proposals, Dataset::Decisions, Dataset::Drafts];

/// A text that everything would read as something else, were it let.
fn hostile(number: usize) -> String {
    const STARTS: [&str; 16] = [
        "=",
        "+",
        "-",
        "@",
        "\t=",
        "\r=",
        "\n=",
        " =",
        "\u{200F}=",
        "\u{FEFF}=",
        "＝",
        "＋",
        "－",
        "＠",
        "\u{A0}=",
        "{=",
    ];
    const REST: [&str; 8] = [
        "1+1",
        "HYPERLINK(\"http://x\";\"a\")",
        "cmd|' /C calc'!A0",
        "SUM(A1:A9),\"x\"\r\n=2",
        "IMPORTXML(\"http://x\")",
        "]]></t><f>1+1</f>",
        "\";=1+1;\"",
        "http://example.org/?a=1&b=<2>",
    ];
    format!("{}{}{number}", STARTS[number % STARTS.len()], REST[number / STARTS.len() % REST.len()])
}

/// A file that nobody takes away goes when its time is over, whether or not anybody asks for more of it, and with it the
/// turn: so many slow readers fill no disk.
#[actix_web::test]
async fn a_packed_file_does_not_lie_there_for_ever() {
    let turns = spool::Turns::new(1, Duration::ZERO);
    let file = || {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &vec![7; 1_000_000]).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        file
    };
    let patient = spool::Turns::new(1, Duration::from_secs(60));
    let room = spool::Room::sent(None, patient.next().await).within(Duration::ZERO);
    let dawdling = room.pieces(file());
    assert!(patient.next().await.is_some(), "nobody asked for a piece, and the turn is back");
    let broken = api::dataset::whole(Box::pin(dawdling)).await;
    assert!(matches!(broken, Err(FileError::TooSlow)), "{broken:?}");

    let turn = turns.next().await;
    assert!(turn.is_some() && turns.next().await.is_none(), "there is one");
    let mut reading = Box::pin(spool::Room::sent(None, turn).pieces(file()));
    assert!(futures_util::StreamExt::next(&mut reading).await.unwrap().is_ok());
    assert!(turns.next().await.is_none(), "it is being read");
    assert_eq!(api::dataset::whole(&mut reading).await.unwrap().len(), 1_000_000 - 64 * 1024);
}

/// A hundred thousand texts that want to be formulas: none is one, and each is still the text it was.
#[actix_web::test]
async fn no_text_is_a_formula() {
    let columns = Dataset::Proposals.columns().len();
    let rows: Vec<Vec<String>> =
        (0..5000).map(|row| (0..columns).map(|place| hostile(row * columns + place)).collect()).collect();
    assert_eq!(rows.len() * columns, 100_000);
    let cells = |row: &Vec<String>| row.iter().cloned().map(Cell::Text).collect::<Vec<_>>();

    let (batches, taken) = tokio::sync::mpsc::channel(1);
    let options = Options { bom: false, language: Language::Ar };
    let writer = tokio::task::spawn_blocking(move || {
        spool::xlsx(Dataset::Proposals, options, &spool::Room::default(), taken).unwrap()
    });
    for part in rows.chunks(256) {
        batches.send(part.iter().map(cells).collect()).await.unwrap();
    }
    drop(batches);
    let (mut file, mut book) = (writer.await.unwrap(), Vec::new());
    std::io::Seek::rewind(&mut file).unwrap();
    file.read_to_end(&mut book).unwrap();
    for (name, part) in unpacked(&book) {
        let part = String::from_utf8(part).unwrap();
        assert!(!part.contains("<f>") && !part.contains("<f "), "{name}");
        assert!(!part.contains("hyperlink"), "{name}");
    }
    // XML turns a CR LF into a line feed, and a CR too, unless it is written as what it is
    let read = xlsx_table(&book);
    assert_eq!(read.len(), 5001);
    for (found, meant) in read[1..].iter().zip(&rows) {
        for (found, meant) in found.iter().zip(meant) {
            let plain = |text: &str| text.replace('\r', "");
            assert_eq!(plain(found), plain(meant));
        }
    }

    let lines = api::csv_out::lines(rows.iter().map(|row| row.iter().map(|cell| cell.into()).collect()));
    let read = csv_table(&lines);
    assert_eq!(read.len(), 5000);
    for (found, meant) in read.iter().flatten().zip(rows.iter().flatten()) {
        assert!(!found.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']), "{found:?}");
        assert!(found == meant || api::csv_out::meant(found) == meant, "{found:?}");
    }
}

#[test]
fn an_edition_becomes_a_row_a_cell() {
    let edition = json!({
        "consultation": "plan", "number": 3, "taken_at": "2026-11-10T09:00:00Z", "base": 15, "previous_base": null,
        "rules": {"one_way_threshold": 5, "two_way_threshold": 10, "rounding_base": 5, "minimum_new": 10},
        "answers": {"answered": 0, "base": 15, "first_answer": null, "decision": null},
        "participation": null, "attendance": null,
        "tables": [
            {"rows": "axis", "columns": null, "unit": "participations", "base": 12, "rounded": false, "hidden": 1, "not_stated": null,
             "cells": [{"row": "water", "column": null, "count": 12}, {"row": "roads", "column": null, "count": null}],
             "row_totals": [], "column_totals": []},
            {"rows": "axis", "columns": "gender", "unit": "participations", "base": 15, "rounded": true, "hidden": 0, "not_stated": null,
             "cells": [{"row": "water", "column": "female", "count": 10}],
             "row_totals": [{"code": "water", "count": 10}], "column_totals": [{"code": "female", "count": null}]},
        ],
    });
    let rows = edition::rows(&serde_json::from_value(edition).unwrap());
    let texts: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.into_iter().map(|cell| cell.flat(" ")).collect()).collect();
    let at = "2026-11-10T09:00:00Z";
    assert_eq!(
        texts,
        [
            ["plan", "3", at, "axis", "participations", "axis", "water", "", "", "12", "false", "false", "12"],
            ["plan", "3", at, "axis", "participations", "axis", "roads", "", "", "", "true", "false", "12"],
            [
                "plan",
                "3",
                at,
                "axis_by_gender",
                "participations",
                "axis",
                "water",
                "gender",
                "female",
                "10",
                "false",
                "true",
                "15"
            ],
            [
                "plan",
                "3",
                at,
                "axis_by_gender",
                "participations",
                "axis",
                "water",
                "gender",
                "total",
                "10",
                "false",
                "true",
                "15"
            ],
            [
                "plan",
                "3",
                at,
                "axis_by_gender",
                "participations",
                "axis",
                "total",
                "gender",
                "female",
                "",
                "true",
                "true",
                "15"
            ],
        ]
    );
}

/// Makes one draft of two retained proposals of the sample consultation and gives it out as one of `plan`.
async fn publish_draft(app: &App) -> i64 {
    let (one, two) = (app.retained(json!({})).await, app.retained(json!({})).await);
    let sources = [(&one, "as_is"), (&two, "merged")];
    let sources = sources.map(|(receipt, link)| json!({"reference": receipt.reference, "link": link}));
    let new = json!({"consultation": SLUG, "axis": "environment-climate", "title": "=Énergie", "sources": sources});
    let desk = app.signed_in(As::Moderator).await;
    let made = desk.post("/drafts").json(new).await.created();
    let id = made["id"].as_i64().unwrap();
    let content = json!({
        "objective": "Ouvrir huit bureaux", "problem": "", "beneficiaries": ["Communes", "Écoles"],
        "territories": ["MA-CHE", "MA-TET"],
        "indicators": [{"name": "Bureaux", "kind": "quantitative", "unit": "bureau", "baseline_value": 0.0,
            "baseline_year": 2024, "target": 8.0, "target_text": null, "source": null}],
        "competence_class": "own", "competence_reason": "", "responsible": "Région", "partners": [],
        "budget_mad": 4_000_000, "budget_source": "", "principles": ["participation"], "planning_links": [], "sdgs": [7, 13],
        "start": "2027-01", "end": "2027-12", "milestones": []
    });
    let edit = json!({"title": "=Énergie", "axis": "environment-climate", "content": content});
    desk.put(&format!("/drafts/{id}")).if_match(made["version"].as_i64().unwrap()).json(edit).await.ok();
    id
}

on_both_engines! {
    async fn every_form_says_the_same(app: App) {
        fill(&app, &plan(&app).await).await;
        let wanted = [
            ("reference", ["TTA-26-000003", "TTA-26-000005", "TTA-26-000010"]),
            ("state", ["not_retained", "merged", "retained"]),
            ("submitted_at", ["2026-03-03T12:00:00Z", "2026-03-05T12:00:00Z", "2026-03-07T12:00:00Z"]),
            ("title", ["=HYPERLINK(\"http://x\";\"a\")", "طريق إلى السوق", "قنطرة على الواد"]),
            ("problem", ["- une longue liste\n- de deux", "الطريق إلى السوق مقطوعة كل شتاء", "الواد يقطع الطريق على التلاميذ"]),
            ("remarks", ["", "", "no_indicator original"]),
            ("organisation", ["", "", "Cooperative Nommee"]),
            ("merged_into", ["", "TTA-26-000010", ""]),
            ("reason", ["duplicate_of_existing_programme", "", ""]),
        ];
        for format in Format::ALL {
            let found = table(&app, Dataset::Proposals, *format).await;
            for (name, cells) in wanted {
                let cells = cells.map(|cell| match format {
                    Format::Csv if cell.starts_with(['=', '-']) => format!("'{cell}"),
                    _ => cell.to_owned(),
                });
                assert_eq!(column(&found, name), cells, "{format} {name}");
            }
        }
        let steps = [
            ("reference", ["TTA-26-000003", "TTA-26-000003", "TTA-26-000005", "TTA-26-000005", "TTA-26-000010", "TTA-26-000010"]),
            ("step", ["1", "2", "1", "2", "1", "2"]),
            ("edge", ["submit", "refuse", "submit", "merge", "submit", "retain"]),
            ("from", ["", "submitted", "", "submitted", "", "submitted"]),
            ("to", ["submitted", "not_retained", "submitted", "merged", "submitted", "retained"]),
            ("by", ["import", "committee", "import", "committee", "import", "committee"]),
            ("reason", ["", "duplicate_of_existing_programme", "", "", "", ""]),
            ("text", ["", "La région finance déjà ce programme depuis 2024.", "", "", "", ""]),
            ("text_language", ["", "fr", "", "", "", ""]),
            ("merged_into", ["", "", "", "TTA-26-000010", "", ""]),
        ];
        for format in Format::ALL {
            let found = table(&app, Dataset::Decisions, *format).await;
            for (name, cells) in steps {
                assert_eq!(column(&found, name), cells, "{format} {name}");
            }
            assert!(column(&found, "at").iter().skip(1).step_by(2).all(|at| *at == "2026-03-22T10:00:00Z"), "{format}");
        }
    }

    /// The day and the competence of a decision that sends a proposal on, as the body named it.
    async fn where_a_proposal_was_sent_is_data(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Coordinator).await;
        let decision = json!({
            "edge": "redirect", "competence": "primary-schools", "body": "Ministère de l'Éducation",
            "forwarded_on": "2026-11-09", "response": {"text": "Le ministère est compétent ici.", "language": "fr"}
        });
        desk.decide(&receipt.reference, decision).await.ok();
        app.execute("UPDATE consultation SET slug = 'plan' WHERE slug = '2024-2026'").await;
        for format in Format::ALL {
            let found = table(&app, Dataset::Decisions, *format).await;
            let last = |name: &str| *column(&found, name).last().unwrap();
            assert_eq!(
                ["edge", "competence", "competence_class", "competent_body"].map(last),
                ["redirect", "primary-schools", "outside", "Ministère de l'Éducation"],
                "{format}"
            );
            // a spreadsheet's day is an instant without an hour
            assert_eq!(last("forwarded_on").trim_end_matches("T00:00:00Z"), "2026-11-09", "{format}");
        }
    }

    /// What waits, was taken back or withheld, and whoever did not ask to be named, is in no file; nor are accounts.
    async fn what_nobody_may_read_is_in_no_file(app: App) {
        fill(&app, &plan(&app).await).await;
        let never = [
            "waiting problem", "withdrawn problem", "withheld problem", "withheld title", "Discrete", "female", "15_24",
            "civil_society", "example.org", "Amina", "Driss", "request_withhold", "TTA-26-000009", "TTA-26-000008",
        ];
        let mut seen = Vec::new();
        for dataset in SETS {
            for format in Format::ALL {
                let cells = table(&app, dataset, *format).await.concat();
                seen.push((format!("{dataset}.{format}"), cells.join("\n")));
            }
        }
        let package = app.public().get("/open-data/plan/package.zip").await;
        for (name, bytes) in unpacked(&package.bytes).into_iter().filter(|(name, _)| name.starts_with("data/")) {
            seen.push((name, String::from_utf8(bytes).unwrap()));
        }
        seen.push(("feed".into(), app.public().get("/open-data/plan/proposals.atom").await.text()));
        for (name, text) in &seen {
            for word in never {
                assert!(!text.contains(word), "{word} is in {name}");
            }
        }
        assert_eq!(seen.len(), 3 * 5 + 3 + 1);
        // and what the public may read is there, so that the search above is one
        assert!(seen.iter().filter(|(name, _)| !name.contains("drafts")).all(|(_, text)| text.contains("TTA-26-000010")));
    }

    async fn drafts_are_data_once_their_text_is_settled(app: App) {
        let id = publish_draft(&app).await;
        app.execute("UPDATE consultation SET slug = 'plan' WHERE slug = '2024-2026'").await;
        assert_eq!(table(&app, Dataset::Drafts, Format::Csv).await.len(), 1, "a working paper is nobody's yet");
        app.execute("UPDATE draft SET state = 'adopted', adopted_session = '2027-03-01'").await;
        for format in Format::ALL {
            let found = table(&app, Dataset::Drafts, *format).await;
            let only = |name: &str| column(&found, name)[0].to_owned();
            let title = if *format == Format::Csv { "'=Énergie" } else { "=Énergie" };
            assert_eq!([only("number"), only("title")], [id.to_string(), title.to_owned()], "{format}");
            assert_eq!(only("adopted_session").trim_end_matches("T00:00:00Z"), "2027-03-01", "{format}");
            assert_eq!(
                ["territories", "budget_mad", "sdgs", "start", "sources", "source_links"].map(only),
                ["MA-CHE MA-TET", "4000000", "7 13", "2027-01", "TTA-26-000001 TTA-26-000002", "as_is merged"],
                "{format}"
            );
            assert_eq!(only("beneficiaries").replace('\n', " "), "Communes Écoles", "{format}");
            assert!(only("indicators").starts_with("[{") && only("indicators").contains("\"target\":8.0"), "{format}");
        }
        // one that is withheld is no source that anybody sees
        app.execute("UPDATE proposal SET public = false WHERE id = 1").await;
        assert_eq!(column(&table(&app, Dataset::Drafts, Format::Csv).await, "sources"), ["TTA-26-000002"]);
    }

    async fn a_spreadsheet_opens_in_its_language(app: App) {
        fill(&app, &plan(&app).await).await;
        for (language, right_to_left, word) in [("ar", true, "المعنى"), ("fr", false, "signification")] {
            let answer = app.public().get(&format!("/open-data/plan/proposals.xlsx?language={language}")).await;
            let parts = unpacked(&answer.bytes);
            let text = |name: &str| String::from_utf8(parts[name].clone()).unwrap();
            let sheet = text("xl/worksheets/sheet1.xml");
            assert_eq!(sheet.contains("rightToLeft=\"1\""), right_to_left, "{language}");
            assert!(sheet.contains("state=\"frozen\"") && sheet.contains("<autoFilter ref=\"A1:T4\""), "{sheet}");
            assert!(text("xl/worksheets/sheet2.xml").contains(word) || text("xl/sharedStrings.xml").contains(word));
        }
    }

    async fn the_package_says_what_it_holds(app: App) {
        fill(&app, &plan(&app).await).await;
        let answer = app.public().get("/open-data/plan/package.zip").await;
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"plan-package.zip\""));
        let files = unpacked(&answer.bytes);
        let names: Vec<_> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["LICENCE.txt", "SHA256SUMS", "data/decisions.csv", "data/drafts.csv", "data/proposals.csv", "datapackage.json", "dictionary.csv"]
        );
        let hash = |name: &str| domain::ledger::hex(&Sha256::digest(&files[name]).into());
        let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
        let others: Vec<_> = names.iter().filter(|name| **name != "SHA256SUMS").collect();
        assert_eq!(sums.lines().count(), others.len());
        for name in others {
            assert!(sums.lines().any(|line| line == format!("{}  {name}", hash(name))), "{name}");
        }
        let description: Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
        assert_eq!((&description["profile"], &description["name"]), (&json!("tabular-data-package"), &json!("plan")));
        assert_eq!(description["licenses"][0]["name"], "CC-BY-4.0");
        for resource in description["resources"].as_array().unwrap() {
            let path = resource["path"].as_str().unwrap();
            assert_eq!(resource["bytes"], files[path].len());
            assert_eq!(resource["hash"], format!("sha256:{}", hash(path)));
            let fields = resource["schema"]["fields"].as_array().unwrap();
            let fields: Vec<_> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
            assert_eq!(csv_table(&files[path])[0], fields, "{path}");
        }
        let proposals = &description["resources"][0]["schema"]["fields"];
        assert_eq!(proposals[5]["constraints"]["enum"], json!(["water", "roads"]));
        assert_eq!((&proposals[8]["name"], &proposals[8]["type"]), (&json!("submitted_at"), &json!("datetime")));
        // every column of every table is explained
        let dictionary = csv_table(&files["dictionary.csv"]);
        assert_eq!(dictionary.len(), 1 + SETS.iter().map(|dataset| dataset.columns().len()).sum::<usize>());
        assert_eq!(files["data/proposals.csv"], app.public().get("/open-data/plan/proposals.csv").await.bytes);
    }

    async fn a_portal_and_a_reader_of_feeds_understand_us(app: App) {
        fill(&app, &plan(&app).await).await;
        let catalogue = app.public().get("/open-data/plan/catalogue.jsonld").await.ok();
        assert_eq!(catalogue["@type"], "dcat:Catalog");
        for name in ["dct:title", "dct:description", "dct:publisher", "dct:license", "dct:language"] {
            assert!(!catalogue[name].is_null(), "{name}");
        }
        let datasets = catalogue["dcat:dataset"].as_array().unwrap();
        assert_eq!(datasets.len(), SETS.len());
        let public = app.public();
        for dataset in datasets {
            let distributions = dataset["dcat:distribution"].as_array().unwrap();
            assert_eq!(distributions.len(), 5);
            for distribution in distributions {
                let url = distribution["dcat:downloadURL"]["@id"].as_str().unwrap();
                assert_eq!(public.get(&url[url.find("/api/").unwrap()..]).await.status, 200, "{url}");
            }
        }
        assert_eq!(public.get("/open-data/plan/search.jsonld").await.ok()["@type"], "Dataset");

        app.execute("UPDATE proposal SET title = '<script>&\"]]>' WHERE id = 10").await;
        let answer = public.get("/open-data/plan/proposals.atom").await;
        let text = answer.text();
        let mut reader = quick_xml::Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        let (mut entries, mut depth) = (0, 0);
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(tag) => {
                    depth += 1;
                    entries += usize::from(tag.name().as_ref() == b"entry");
                    assert_ne!(tag.name().as_ref(), b"script");
                }
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!((entries, depth), (3, 0));
        assert!(text.contains("<id>tag:"), "{text}");
        let newest = text.find("plan/TTA-26-000010</id>").unwrap();
        assert!(newest < text.find("plan/TTA-26-000003</id>").unwrap(), "newest first");
        assert!(text.contains(":plan/TTA-26-000003</id>") && text.contains(",2026-03-03:"), "{text}");
    }

    /// A file has the same name until it would say something else; then it has another at once.
    async fn a_file_is_asked_about_and_sent_once(app: App) {
        let plan = plan(&app).await;
        fill(&app, &plan).await;
        let public = app.public();
        let paths = ["proposals.csv", "decisions.parquet", "package.zip", "catalogue.jsonld", "proposals.atom", ""];
        let path = |name: &str| format!("/open-data/plan/{name}").trim_end_matches('/').to_owned();
        let mut tags = Vec::new();
        for name in paths {
            let first = public.get(&path(name)).await;
            assert_eq!(first.header("cache-control"), Some("no-cache"), "{name}");
            let tag = first.header("etag").unwrap().to_owned();
            let again = public.get(&path(name)).header("if-none-match", &tag).await;
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{name}");
            tags.push(tag);
        }
        let marked = public.get("/open-data/plan/proposals.csv?bom=true").await;
        assert_ne!(marked.header("etag"), Some(tags[0].as_str()), "other bytes have another name");
    }

    async fn a_step_a_remark_and_an_erasing_give_files_another_name(app: App) {
        let plan = plan(&app).await;
        fill(&app, &plan).await;
        let mut seen = std::collections::BTreeSet::new();
        let mut look = async || {
            let answer = app.public().get("/open-data/plan/proposals.csv").await;
            assert!(seen.insert(answer.header("etag").unwrap().to_owned()), "the same name again");
        };
        look().await;
        take(&app, &plan, "1", None, Some(As::Moderator), |_| Step::Retain { remarks: None, response: None }).await;
        look().await;
        let version = app.count("SELECT version FROM proposal WHERE external_id = '1'").await;
        let desk = app.signed_in(As::Moderator).await;
        desk.put("/desk/proposals/TTA-26-000001/remarks").if_match(version).json(json!({"remarks": ["original"]})).await.ok();
        look().await;
        // numbers are given before entries are there: a lower one may come later
        app.execute(
            "INSERT INTO audit (id, at, account_id, role, action, object, object_key, outcome, request_id)
             SELECT -1, at, account_id, role, action, object, object_key, outcome, request_id
             FROM audit WHERE action = 'set_remarks'",
        )
        .await;
        look().await;
        app.execute("UPDATE proposal SET erased_at = '2026-11-10T09:00:00+00:00', public = false WHERE external_id = '1'").await;
        look().await;
        app.execute("UPDATE consultation SET version = version + 1 WHERE slug = 'plan'").await;
        look().await;
        // the worker moves entries into the ledger, which says nothing new
        let before = app.public().get("/open-data/plan/proposals.csv").await.header("etag").unwrap().to_owned();
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(app.public().get("/open-data/plan/proposals.csv").await.header("etag"), Some(before.as_str()));
    }

    async fn what_is_not_there_is_not_found_and_what_is_typed_wrong_is_said(app: App) {
        fill(&app, &plan(&app).await).await;
        app.consultation("hidden", |new| new.state = domain::consultation::ConsultationState::Draft).await;
        let public = app.public();
        for path in [
            "/open-data/none", "/open-data/hidden", "/open-data/hidden/proposals.csv", "/open-data/hidden/package.zip",
            "/open-data/hidden/proposals.atom", "/open-data/hidden/catalogue.jsonld", "/open-data/plan/people.csv",
            "/open-data/plan/proposals.exe", "/open-data/plan/statistics.csv", "/open-data/plan/editions/1/statistics.csv",
        ] {
            public.get(path).await.refused(404, "not_found");
        }
        public.get("/open-data/plan/proposals.csv?where=1").await.refused(400, "unknown_parameter");
        public.get("/open-data/plan/proposals.xlsx?language=de").await.refused(400, "invalid_parameter");
        // staff see what a consultation's public would
        let analyst = app.signed_in(As::Analyst).await;
        assert_eq!(analyst.get("/exports/decisions.json?consultation=hidden").await.ok(), json!([]));
    }

    async fn big_files_are_rationed_and_questions_are_not(app: App) {
        let settings = [("TACHAWOR_LIMITS", "true"), ("TACHAWOR_TRUSTED_PROXIES", "127.0.0.0/8")];
        let app = App::start_with(app.engine(), &settings).await;
        let path = format!("/open-data/{SLUG}/proposals.ndjson");
        let get = |address: &'static str| app.public().get(&path).header("x-forwarded-for", address);
        let tag = get("198.51.100.1").await.header("etag").unwrap().to_owned();
        for _ in 1..30 {
            assert_eq!(get("198.51.100.1").await.status, 200);
        }
        let refused = get("198.51.100.1").await;
        assert_eq!(refused.header("retry-after"), Some("20"));
        refused.refused(429, "too_many_requests");
        assert_eq!(get("198.51.100.1").header("if-none-match", &tag).await.status, 304);
        assert_eq!(get("198.51.100.2").await.status, 200);
        app.advance(TimeDelta::seconds(20));
        assert_eq!(get("198.51.100.1").await.status, 200);
    }

    async fn the_operators_files_are_the_same(app: App) {
        fill(&app, &plan(&app).await).await;
        for dataset in SETS {
            for format in [Format::Csv, Format::Json, Format::Ndjson, Format::Parquet] {
                let ran = command(&app, &["export", dataset.as_str(), "--consultation", "plan", "--format", format.as_str()], "").await;
                assert!(ran.right, "{}", ran.complaint);
                assert_eq!(ran.bytes, app.public().get(&format!("/open-data/plan/{dataset}.{format}")).await.bytes);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.xlsx").display().to_string();
        let export = ["export", "proposals", "--consultation", "plan", "--format", "xlsx", "--language", "fr", "--output", &path];
        assert!(command(&app, &export, "").await.right);
        assert_eq!(xlsx_table(&std::fs::read(&path).unwrap()).len(), 4);
        assert!(!command(&app, &["export", "statistics", "--consultation", "plan"], "").await.right);
        assert!(!command(&app, &["export", "proposals", "--consultation", "plan", "--format", "doc"], "").await.right);
    }

    /// A file is asked for, written by the worker, fetched in parts that make the whole, and is the same for the public.
    async fn a_large_file_is_prepared_and_fetched_in_parts(app: App) {
        let plan = plan(&app).await;
        fill(&app, &plan).await;
        let analyst = app.signed_in(As::Analyst).await;
        let new = json!({"consultation": "plan", "dataset": "proposals", "format": "ndjson"});
        let asked = analyst.post("/exports/files").json(new.clone()).await;
        assert_eq!((asked.status, &asked.json()["state"]), (202, &json!("waiting")));
        let content = format!("/exports/files/{}/content", asked.json()["id"]);
        analyst.get(&content).await.refused(404, "not_found");
        assert_eq!(write_files(&app).await, 1);

        let list = analyst.get("/exports/files?consultation=plan").await.ok();
        let fresh = app.public().get("/open-data/plan/proposals.ndjson?language=fr").await.bytes;
        assert_eq!(
            (&list[0]["state"], &list[0]["rows_done"], &list[0]["rows_total"], &list[0]["size"]),
            (&json!("ready"), &json!(3), &json!(3), &json!(fresh.len()))
        );
        assert_eq!(list[0]["sha256"], domain::ledger::hex(&Sha256::digest(&fresh).into()));
        for (client, path) in [(&analyst, content.as_str()), (&app.public(), "/open-data/plan/proposals.ndjson")] {
            let whole = client.get(path).await;
            assert_eq!((whole.status, whole.header("accept-ranges")), (200, Some("bytes")), "{path}");
            assert_eq!(whole.bytes, fresh, "{path}");
            let tag = whole.header("etag").unwrap().to_owned();
            let first = client.get(path).header("range", "bytes=0-99").await;
            assert_eq!((first.status, first.bytes.len()), (206, 100), "{path}");
            assert_eq!(first.header("content-range"), Some(format!("bytes 0-99/{}", fresh.len()).as_str()));
            let rest = client.get(path).header("range", "bytes=100-").header("if-range", &tag).await;
            assert_eq!([first.bytes, rest.bytes].concat(), fresh, "{path}");
            // of another file nobody gets a part that would be put behind this one
            let other = client.get(path).header("range", "bytes=100-").header("if-range", "\"another\"").await;
            assert_eq!((other.status, other.bytes.len()), (200, fresh.len()), "{path}");
        }
        let taken = app.count("SELECT count(*) FROM audit WHERE action = 'export_dataset'").await;
        assert_eq!(taken, 4, "each time staff took it away");
        for who in [As::Moderator, As::Administrator] {
            app.signed_in(who).await.get(&content).await.refused(403, "forbidden");
        }
    }

    /// The storage may lose a file that the database knows: its address goes on, and the worker makes another.
    async fn a_prepared_file_that_is_gone_is_made_anew(app: App) {
        fill(&app, &plan(&app).await).await;
        let analyst = app.signed_in(As::Analyst).await;
        let new = json!({"consultation": "plan", "dataset": "proposals", "format": "ndjson"});
        let asked = analyst.post("/exports/files").json(new).await.json();
        let content = format!("/exports/files/{}/content", asked["id"]);
        write_files(&app).await;
        let whole = analyst.get(&content).await.bytes;
        let object = app.texts("SELECT object FROM export_file").await;
        app.state().files.remove(&object[0]).await.unwrap();

        let public = app.public().get("/open-data/plan/proposals.ndjson").await;
        assert_eq!((public.status, &public.bytes, public.header("accept-ranges")), (200, &whole, None));
        analyst.get(&content).await.refused(404, "not_found");
        assert_eq!(write_files(&app).await, 1);
        assert_eq!(analyst.get(&content).await.bytes, whole);
    }

    /// The worker looks every second: whoever submits does not wait for it while there is nothing to write.
    async fn a_worker_without_work_takes_no_lock(app: App) {
        let tx = app.store().write().await.unwrap();
        assert_eq!(write_files(&app).await, 0);
        tx.rollback().await.unwrap();
    }

    /// However many take packed files away, tables and staff go on, and one more is told to come back.
    async fn the_public_has_turns_of_its_own(app: App) {
        fill(&app, &plan(&app).await).await;
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(app.state().open_data.next().await.unwrap());
        }
        let public = app.public();
        for name in ["proposals.xlsx", "package.zip"] {
            let refused = public.get(&format!("/open-data/plan/{name}")).await;
            assert_eq!(refused.header("retry-after"), Some("5"), "{name}");
            refused.refused(503, "too_busy");
        }
        assert_eq!(public.get("/open-data/plan/proposals.csv").await.status, 200);
        let analyst = app.signed_in(As::Analyst).await;
        assert_eq!(analyst.get("/exports/proposals.xlsx?consultation=plan").await.status, 200);
        held.pop();
        for name in ["proposals.xlsx", "proposals.parquet", "package.zip"] {
            assert_eq!(public.get(&format!("/open-data/plan/{name}")).await.status, 200, "{name}: the last gave it back");
        }
    }

    /// An edition is read where its rows are, and not by whoever asks whether there is something new.
    async fn an_edition_is_read_for_its_rows_alone(app: App) {
        fill(&app, &plan(&app).await).await;
        app.signed_in(As::Coordinator).await;
        app.execute(
            "INSERT INTO edition (consultation_id, number, taken_at, published_by, base, checksum, content, counts)
             SELECT consultation.id, 1, '2026-03-20T09:00:00+00:00', (SELECT min(id) FROM account), 10, '', 'no edition', '[]'
             FROM consultation WHERE slug = 'plan'",
        )
        .await;
        for name in ["/proposals.atom", "/catalogue.jsonld", "/proposals.csv", ""] {
            assert_eq!(app.public().get(&format!("/open-data/plan{name}")).await.status, 200, "{name}");
        }
        app.public().get("/open-data/plan/statistics.csv").await.refused(500, "internal");
    }

    /// What is withheld after a file was made is not given out with it, not even for the moment until it is made anew.
    async fn a_prepared_file_goes_with_what_is_withheld(app: App) {
        let plan = plan(&app).await;
        fill(&app, &plan).await;
        let analyst = app.signed_in(As::Analyst).await;
        let new = json!({"consultation": "plan", "dataset": "proposals", "format": "csv"});
        let asked = analyst.post("/exports/files").json(new).await.json();
        let content = format!("/exports/files/{}/content", asked["id"]);
        write_files(&app).await;
        assert!(analyst.get(&content).await.text().contains("قنطرة للراجلين"));

        // something new makes it older, and takes nothing off it
        let retain = |_| Step::Retain { remarks: None, response: None };
        take(&app, &plan, "1", None, Some(As::Moderator), retain).await;
        assert_eq!(analyst.get(&content).await.status, 200);
        let public = app.public().get("/open-data/plan/proposals.csv").await.text();
        assert!(public.contains("TTA-26-000001"), "the public gets it as it is now");

        let ask = |_| Step::RequestWithhold { reason: WithholdReason::Threat, note: None };
        take(&app, &plan, "10", None, Some(As::Moderator), ask).await;
        take(&app, &plan, "10", None, Some(As::Coordinator), |_| Step::Withhold).await;
        analyst.get(&content).await.refused(404, "not_found");
        assert!(!app.public().get("/open-data/plan/proposals.csv").await.text().contains("قنطرة للراجلين"));
        let old = app.texts("SELECT object FROM export_file").await;
        write_files(&app).await;
        let made_anew = analyst.get(&content).await;
        assert!(made_anew.status == 200 && !made_anew.text().contains("قنطرة للراجلين"));
        api::jobs::run_once(app.state()).await.unwrap();
        assert!(app.state().files.read(&old[0]).await.unwrap().is_none(), "the old one is gone");
        assert_eq!(app.count("SELECT count(*) FROM file_removal").await, 0);
    }

    /// A worker that dies leaves a claim; once it is over the file is begun anew, and what the dead one wrote is removed.
    async fn a_file_outlives_the_worker_that_wrote_it(app: App) {
        fill(&app, &plan(&app).await).await;
        let analyst = app.signed_in(As::Analyst).await;
        let new = json!({"consultation": "plan", "dataset": "decisions", "format": "parquet"});
        let id = analyst.post("/exports/files").json(new).await.json()["id"].as_i64().unwrap();
        let tx = app.store().write().await.unwrap();
        let claimed = export_file::claim(&tx, "deadbeef", app.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claimed.id, id);
        app.state().files.write("deadbeef", b"half a file".to_vec()).await.unwrap();

        assert_eq!(write_files(&app).await, 0, "it may still live");
        app.advance(TimeDelta::seconds(61));
        assert_eq!(write_files(&app).await, 1);
        // the dead one comes back and is told that it is not its file any more
        let tx = app.store().write().await.unwrap();
        assert!(!export_file::note_progress(&tx, id, "deadbeef", (1, 2), app.now()).await.unwrap());
        tx.rollback().await.unwrap();
        let list = analyst.get("/exports/files?consultation=plan").await.ok();
        assert_eq!((&list[0]["state"], &list[0]["rows_done"]), (&json!("ready"), &json!(6)));
        app.advance(TimeDelta::hours(2));
        api::jobs::run_once(app.state()).await.unwrap();
        assert!(app.state().files.read("deadbeef").await.unwrap().is_none());
        // and after a week the file itself goes
        app.advance(TimeDelta::days(7));
        write_files(&app).await;
        api::jobs::run_once(app.state()).await.unwrap();
        let analyst = app.signed_in(As::Analyst).await;
        assert_eq!(analyst.get("/exports/files?consultation=plan").await.ok(), json!([]));
        assert_eq!(app.count("SELECT count(*) FROM file_removal").await, 0);
    }

    /// What was taken away can be put into an empty installation, and comes out of it as it was, to the byte.
    async fn a_package_is_put_into_an_empty_installation(app: App) {
        let plan_here = plan(&app).await;
        fill(&app, &plan_here).await;
        // texts that a table has to guard, a decision that sends on, an appeal, and a draft
        app.execute("UPDATE proposal SET title = '''=1+1 et la suite', solution = '= une solution assez longue; \"oui\"' WHERE id = 10").await;
        let redirect = |_| Step::Redirect {
            competence_class: domain::proposal::CompetenceClass::Outside,
            competence: "primary-schools".into(),
            body: domain::text::CompetentBody::parse("Ministère, ou lequel").unwrap(),
            forwarded_on: "2026-03-21".parse().unwrap(),
            response: (domain::text::Response::parse("Le ministère est compétent ici.").unwrap(), Language::Fr),
        };
        take(&app, &plan_here, "2", None, Some(As::Moderator), redirect).await;
        let appeal = |_| Step::Appeal { reason: domain::text::AppealReason::parse("Une raison entre nous deux").unwrap() };
        take(&app, &plan_here, "3", None, None, appeal).await;
        let referral = json!({"code": "primary-schools", "class": "outside", "body": "Ministère, ou lequel", "forwarded_on": "2026-03-21"});
        app.execute(&format!("UPDATE proposal_event SET competence = '{referral}' WHERE edge = 'redirect'")).await;
        app.execute("UPDATE proposal_event SET text = 'La région finance déjà\n- ce programme;=1' WHERE edge = 'refuse'").await;
        let id = publish_draft(&app).await;
        app.execute(&format!(
            "UPDATE draft SET consultation_id = {}, axis_id = {}, state = 'ratified', title = '=Énergie, ou l''eau' WHERE id = {id}",
            plan_here.row.id, plan_here.axes[0].id
        ))
        .await;
        app.execute("UPDATE draft_source SET proposal_id = CASE link WHEN 'as_is' THEN 10 ELSE 5 END").await;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("package.zip");
        std::fs::write(&path, app.public().get("/open-data/plan/package.zip").await.bytes).unwrap();
        let path = path.display().to_string();

        let other = App::start_with(app.engine(), &[]).await;
        plan(&other).await;
        let by = As::Coordinator.email();
        let import = ["import", &path, "--consultation", "plan", "--by", &by];
        assert!(!command(&other, &import[..4], "").await.right, "somebody has to answer for it");
        let ran = command(&other, &[&import[..], &["--dry-run"]].concat(), "").await;
        assert!(
            ran.right && ran.printed().contains("4 proposals with 9 steps, 1 drafts."),
            "{}{}",
            ran.printed(),
            ran.complaint
        );
        assert_eq!(other.count("SELECT count(*) FROM proposal").await, 0);
        let ran = command(&other, &import, "").await;
        assert!(ran.right, "{}", ran.complaint);
        for dataset in SETS {
            for format in [Format::Csv, Format::Json, Format::Ndjson, Format::Parquet] {
                let path = format!("/open-data/plan/{dataset}.{format}");
                let (here, there) = (app.public().get(&path).await.bytes, other.public().get(&path).await.bytes);
                let show = String::from_utf8_lossy;
                assert!(here == there, "{path}:\n{}\n{}", show(&here), show(&there));
            }
        }
        // it is a ledger like any other, numbers go on, and a second time is refused
        let (_, wrong) = api::store::ledger::reconcile(other.store().read()).await.unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(other.submit(json!({})).await.reference, "TTA-26-000011");
        assert!(command(&other, &import, "").await.complaint.contains("empty one"));
        let found = other.public().get("/consultations/plan/proposals?text=قنطرة").await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "found by its words");
    }

    /// A package that somebody changed is refused, whatever they changed, and nothing of it is kept.
    async fn a_package_that_was_tampered_with_is_refused(app: App) {
        fill(&app, &plan(&app).await).await;
        let files = unpacked(&app.public().get("/open-data/plan/package.zip").await.bytes);
        let other = App::start_with(app.engine(), &[]).await;
        plan(&other).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("package.zip").display().to_string();
        let (proposals, decisions) = ("data/proposals.csv", "data/decisions.csv");
        let cases = [
            (proposals, ",retained,", ",adopted,", true, "do not lead to its state"),
            (proposals, ",retained,", ",adopted,", false, "is damaged"),
            (proposals, "TTA-26-000003", "TTA-25-000003", true, "not of the year"),
            (proposals, ",water,", ",fire,", true, "column axis: not one of the consultation's"),
            (proposals, "reference,", "id,", true, "has other columns than ours"),
            (decisions, "retain,submitted", "adopt,submitted", true, "has no such step"),
            (decisions, "TTA-26-000005", "TTA-26-000077", true, "no such proposal"),
        ];
        for (name, right, wrong, summed, said) in cases {
            let mut files = files.clone();
            let text = String::from_utf8(files[name].clone()).unwrap();
            assert!(text.contains(right), "{right}");
            files.insert(name.into(), text.replace(right, wrong).into_bytes());
            if summed {
                let others = files.iter().filter(|(name, _)| *name != "SHA256SUMS");
                let line = |(name, bytes): (&String, &Vec<u8>)| {
                    format!("{}  {name}\n", domain::ledger::hex(&Sha256::digest(bytes).into()))
                };
                let sums: String = others.map(line).collect();
                files.insert("SHA256SUMS".into(), sums.into_bytes());
            }
            let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
            for (name, bytes) in &files {
                zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
                std::io::Write::write_all(&mut zip, bytes).unwrap();
            }
            zip.finish().unwrap();
            let by = As::Coordinator.email();
            let ran = command(&other, &["import", &path, "--consultation", "plan", "--by", &by], "").await;
            assert!(!ran.right && ran.complaint.contains(said), "{said}: {}", ran.complaint);
            assert_eq!(other.count("SELECT count(*) FROM proposal").await, 0, "{said}");
        }
    }
}
