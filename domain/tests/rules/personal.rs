//! Finding personal data, against lines that were labelled one by one (`personal.txt`): Arabic, French, and Moroccan
//! Arabic in Latin letters; more than half of them hold nothing but the numbers that proposals are full of.

use std::collections::BTreeMap;

use domain::personal::{PersonalData, PersonalKind, find};

/// A labelled line: its text, and what is to be found in it.
fn labelled(line: &str) -> (String, Vec<PersonalData>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let units = |text: &str| text.encode_utf16().count();
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once('⟦') {
        let (mark, after) = marked.split_once('⟧').unwrap();
        let (kind, words) = mark.split_once(':').unwrap();
        text.push_str(before);
        let start = units(&text);
        text.push_str(words);
        marks.push(PersonalData { kind: kind.parse().unwrap(), start, end: units(&text) });
        rest = after;
    }
    text.push_str(rest);
    (text, marks)
}

/// P08: recall of at least 98 %, precision of at least 90 %, for each kind by itself.
#[test]
fn p08_the_labelled_lines_are_found() {
    #[derive(Default)]
    struct Tally {
        labelled: u32,
        found: u32,
        wrong: u32,
    }
    let mut tallies = BTreeMap::<PersonalKind, Tally>::new();
    let (mut lines, mut clean) = (0, 0);
    for line in include_str!("personal.txt").lines().filter(|line| !line.starts_with('#')) {
        let (text, marks) = labelled(line);
        lines += 1;
        clean += u32::from(marks.is_empty());
        let found = find(&text);
        let meets = |a: &PersonalData, b: &PersonalData| a.kind == b.kind && a.start < b.end && b.start < a.end;
        for mark in &marks {
            let tally = tallies.entry(mark.kind).or_default();
            tally.labelled += 1;
            // all of it, not a part: what stays unmarked would be read
            if found.iter().any(|one| meets(one, mark) && one.start <= mark.start && one.end >= mark.end) {
                tally.found += 1;
            } else {
                println!("missed {}: {line}", mark.kind);
            }
        }
        for one in found.iter().filter(|one| !marks.iter().any(|mark| meets(one, mark))) {
            tallies.entry(one.kind).or_default().wrong += 1;
            println!("wrongly {}: {line}", one.kind);
        }
    }
    println!("P08: {lines} lines, {clean} of them without personal data");
    assert!(lines >= 500 && clean * 2 >= lines, "{lines} lines, {clean} clean");
    assert_eq!(tallies.len(), PersonalKind::ALL.len());
    for (kind, Tally { labelled, found, wrong }) in tallies {
        let recall = f64::from(found) / f64::from(labelled);
        let precision = f64::from(found) / f64::from(found + wrong);
        println!(
            "P08: {kind}: {found} of {labelled} found ({:.1} %), {wrong} wrongly (precision {:.1} %)",
            recall * 100.0,
            precision * 100.0
        );
        assert!(labelled >= 60 && recall >= 0.98 && precision >= 0.90, "{kind}");
    }
}

#[test]
fn what_proposals_are_full_of_is_no_personal_data() {
    for text in [
        "الميزانية 1 500 000 درهم",
        "ميزانية قدرها ٦١٢ ٣٤٥ ٦٧٨ درهم",
        "la loi organique 111-14, article 118",
        "entre 15 et 20 km, soit 06/11/2025 10h30",
        "TTA-26-000123",
        "بين 1500 و 20 سنة",
        "de 15000 à 20000 DH",
        "2024 2025 2026 2027 2028 2029",
        "ISO 14001",
        "RN16, P4701, PK 12",
        "BP 12345",
        "contact @ la maison des jeunes",
        "1.0612345678",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
}

/// The ideas of the region's workshops hold no personal data, so nothing may be found in any of them.
#[test]
fn nothing_is_found_in_the_ideas_of_the_demonstration() {
    for line in include_str!("../../../api/demo/ideas.csv").lines() {
        assert_eq!(find(line), [], "{line}");
    }
}

#[test]
fn kinds_have_the_codes_screens_know() {
    let codes: Vec<_> = PersonalKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(codes, ["email", "phone", "national_id", "bank_account", "vehicle_plate"]);
}
