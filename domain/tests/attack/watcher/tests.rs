//! The watcher against publications whose answers are known beforehand.

use super::*;

/// A table by these dimensions, counted as it is.
fn raw(participants: &[Participant], dimensions: &[&str], hide_below: u64) -> PublishedTable {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for participant in participants {
        let codes: Vec<&str> = dimensions.iter().map(|dimension| participant.code(dimension)).collect();
        *counts.entry(codes.join("×")).or_default() += 1;
    }
    let cells =
        counts.into_iter().map(|(row, count)| (row, None, Some(count).filter(|it| *it >= hide_below))).collect();
    PublishedTable {
        rows: dimensions.join("×"), columns: None, base: participants.len() as u64, rounded: false, cells
    }
}

fn edition(tables: Vec<PublishedTable>) -> Option<PublishedEdition> {
    Some(PublishedEdition { base: tables[0].base, tables })
}

const PROFILE: [&str; 3] = ["residence", "gender", "age_band"];

#[test]
fn raw_three_way_counts_give_everybody_away() {
    let learned = watch(&draw(1, 527), |all| edition(vec![raw(all, &PROFILE, 0)]));
    assert_eq!((learned.publications, learned.profiles, learned.anything), (527, 527, 527));
    assert_eq!(learned.attributes, BTreeMap::from([("residence", 527), ("gender", 527), ("age_band", 527)]));
}

#[test]
fn so_do_three_one_way_tables_after_every_submission() {
    let tables = |all: &[Participant]| PROFILE.map(|dimension| raw(all, &[dimension], 0)).into();
    assert_eq!(watch(&draw(2, 100), |all| edition(tables(all))).profiles, 100);
}

#[test]
fn nothing_published_is_nothing_learned() {
    assert_eq!(watch(&draw(3, 527), |_| None), Learned::default());
}

/// Four people: f f, then m f. Of the first two the gender is known, of the others not, nor anybody's age.
#[test]
fn only_a_batch_that_is_all_alike_is_known() {
    let mut four = draw(4, 4);
    for (participant, (gender, band)) in four.iter_mut().zip([("f", "old"), ("f", "young"), ("m", "old"), ("f", "old")])
    {
        participant.codes.extend([("gender", gender.to_owned()), ("age_band", band.to_owned())]);
    }
    let every_two = |all: &[Participant]| {
        all.len()
            .is_multiple_of(2)
            .then(|| edition(vec![raw(all, &["gender"], 0), raw(all, &["age_band"], 0)]))
            .flatten()
    };
    let learned = watch(&four, every_two);
    assert_eq!((learned.publications, learned.profiles, learned.anything), (2, 0, 4));
    // the second two are both old
    assert_eq!(learned.attributes, BTreeMap::from([("gender", 2), ("age_band", 2)]));
    // whoever sent the third knows the fourth
    four[2].own = true;
    let learned = watch(&four, every_two);
    assert_eq!(learned.attributes, BTreeMap::from([("gender", 3), ("age_band", 1)]));
}

/// A count that is hidden until there are five: the fifth is not told from the four before.
#[test]
fn a_hidden_count_is_not_known_to_have_grown() {
    let mut six = draw(5, 6);
    for (participant, gender) in six.iter_mut().zip(["f", "m", "f", "m", "f", "f"]) {
        participant.codes.insert("gender", gender.to_owned());
    }
    let learned = watch(&six, |all| edition(vec![raw(all, &["gender"], 10)]));
    // the first is the only one there is: f is the only row, and adds up to one
    assert_eq!(learned.attributes, BTreeMap::from([("gender", 1)]));
}

#[test]
fn participants_are_drawn_as_people_are() {
    let drawn = draw(6, 20_000);
    assert_eq!(draw(6, 20_000), drawn);
    assert_ne!(draw(7, 20), drawn[..20]);
    let share = |dimension: &str, code: &str| drawn.iter().filter(|it| it.code(dimension) == code).count();
    // of 2,920,687: Tanger-Assilah 1,089,488 (37.3 %), women 1,447,553 (49.6 %), 65 and over 303,716 (10.4 %); within 2
    // points
    assert!((7060..=7860).contains(&share("residence", "MA-TNG")), "{}", share("residence", "MA-TNG"));
    assert!((9520..=10_320).contains(&share("gender", "female")), "{}", share("gender", "female"));
    assert!((1680..=2480).contains(&share("age_band", "65_plus")), "{}", share("age_band", "65_plus"));
}
