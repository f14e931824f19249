//! Bytes that nobody would send, thrown at what reads them first: the reader of imports and the parser of queries.
//! The domain's own targets are in `domain/tests/rules/fuzz.rs`.

use api::import::table::Source;

use crate::support::*;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

fn throws(short: usize) -> usize {
    if api::config::variable("TACHAWOR_ASSURE").is_some() { short * 100 } else { short }
}

#[test]
fn no_file_breaks_the_reader_of_imports() {
    let head = "external_id,axis,territory,channel,language,title,problem,solution,submitted_on\n";
    let pieces: [&[u8]; 16] = [
        b",",
        b";",
        b"\t",
        b"\"",
        b"\n",
        b"\r\n",
        b"\"\"",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\0",
        b"\xC3\x28",
        "عنوان".as_bytes(),
        b"axis",
        b"1",
        head.as_bytes(),
        b"=cmd|' /C calc'!A0",
    ];
    let mut dice = Dice(2026);
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut rows = 0;
    for throw in 0..throws(2_000) {
        let mut bytes = if throw % 2 == 0 { head.as_bytes().to_vec() } else { Vec::new() };
        for _ in 0..dice.below(40) {
            bytes.extend_from_slice(pieces[dice.below(pieces.len())]);
        }
        if throw % 5 == 0 && !bytes.is_empty() {
            let place = dice.below(bytes.len());
            bytes[place] = u8::try_from(dice.below(256)).unwrap();
        }
        std::fs::write(file.path(), &bytes).unwrap();
        let Ok(mut read) = Source::File(file.path().to_owned()).read() else { continue };
        // a refusal is an answer; what does not end is not
        for _ in 0..=bytes.len() {
            match read.read_row() {
                Ok(Some(_)) => rows += 1,
                Ok(None) | Err(_) => break,
            }
        }
    }
    assert!(rows > 100, "some of it must have been read: {rows}");
}

#[actix_web::test]
async fn no_query_breaks_the_lists() {
    let app = App::start(Engine::Sqlite).await;
    app.retained(json!({"title": "Une fontaine"})).await;
    let (public, desk) = (app.public(), app.signed_in(As::Coordinator).await);
    let pieces = [
        "text",
        "axis",
        "cursor",
        "limit",
        "state",
        "sort",
        "consultation",
        "2024-2026",
        "=",
        "=",
        "&",
        "&",
        "%",
        "%00",
        "+",
        "%D9",
        "é",
        "ماء",
        "c1",
        "20",
        "-1",
        "[]",
        "[0]",
        ";",
        "%25%32",
        "\"",
        "'",
        "*",
        "OR",
        "null",
        "99999999999999999999",
        "retained",
    ];
    let mut dice = Dice(7);
    let mut accepted = 0;
    for _ in 0..throws(600) {
        let query: String = (0..dice.below(10)).map(|_| pieces[dice.below(pieces.len())]).collect();
        for (client, path) in
            [(&public, "/consultations/2024-2026/proposals"), (&desk, "/desk/queue"), (&desk, "/drafts")]
        {
            let answer = client.get(&format!("{path}?{query}")).await;
            assert!(answer.status < 500, "{path}?{query}: {}", answer.text());
            accepted += usize::from(answer.status == 200);
        }
    }
    assert!(accepted > 0);
    app.stop().await;
}
