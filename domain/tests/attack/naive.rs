//! What an edition would be that only hides small counts and rounds: what the attackers find in it is why there are
//! more rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    lp::Attacker,
    published::{PublishedEdition, PublishedTable},
    watcher::{Participant, draw, watch},
};

/// The tables that are published of those who take part.
const ONE_WAY: [&str; 8] =
    ["axis", "age_band", "gender", "participant_type", "residence", "channel", "language", "state"];
const TWO_WAY: [(&str, &str); 7] = [
    ("axis", "age_band"),
    ("axis", "gender"),
    ("axis", "participant_type"),
    ("axis", "residence"),
    ("age_band", "gender"),
    ("residence", "gender"),
    ("channel", "state"),
];

/// Counts below 5, in two-way tables below 10, are hidden; shown two-way counts go to the nearest multiple of five.
fn publish(participants: &[Participant]) -> PublishedEdition {
    let base = participants.len() as u64;
    let codes = |dimension: &str| participants.iter().map(|it| it.code(dimension).to_owned()).collect::<BTreeSet<_>>();
    let one_way = |dimension: &&str| {
        let count = |code: &String| participants.iter().filter(|it| it.code(dimension) == code).count() as u64;
        let cells = codes(dimension).into_iter().map(|code| {
            let count = Some(count(&code)).filter(|it| *it >= 5);
            (code, None, count)
        });
        PublishedTable { rows: (*dimension).to_owned(), columns: None, base, rounded: false, cells: cells.collect() }
    };
    let two_way = |(rows, columns): &(&str, &str)| {
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for participant in participants {
            *counts.entry((participant.code(rows), participant.code(columns))).or_default() += 1;
        }
        let mut cells = Vec::new();
        for row in codes(rows) {
            for column in codes(columns) {
                let count = counts.get(&(row.as_str(), column.as_str())).copied().filter(|it| *it >= 10);
                cells.push((row.clone(), Some(column), count.map(|it| (it + 2) / 5 * 5)));
            }
        }
        PublishedTable { rows: (*rows).to_owned(), columns: Some((*columns).to_owned()), base, rounded: true, cells }
    };
    PublishedEdition { base, tables: ONE_WAY.iter().map(one_way).chain(TWO_WAY.iter().map(two_way)).collect() }
}

/// A new edition after every ten.
fn every_ten(participants: &[Participant]) -> Option<PublishedEdition> {
    participants.len().is_multiple_of(10).then(|| publish(participants))
}

#[test]
fn thresholds_alone_give_counts_away() {
    let people = draw(1, 527);
    let sizes = [150, 200, 250, 300, 350, 400, 440, 480, 510, 527];
    let editions = sizes.map(|to| publish(&people[..to]));
    let reader = Attacker { shown_two_way: 10, ..Attacker::default() };
    let found = reader.narrower_than(5, &editions).unwrap();
    assert!(!found.is_empty());
    // the attacker is right: each true count lies where it was found to lie
    for interval in found {
        let true_count = people[..sizes[interval.edition]].iter().filter(|it| it.is_in(&interval.cell)).count() as u64;
        assert!((interval.low..=interval.high).contains(&true_count), "{true_count} is not in {interval:?}");
    }
}

/// Seven of ten are citizens here, so that 2.8 % of the batches of ten are all citizens: about 12 of the 416 below. No
/// batch is alike in residence, gender and age band.
#[test]
fn a_batch_of_ten_tells_what_all_ten_are() {
    let runs: Vec<_> = (0..8).map(|seed| watch(&draw(seed, 527), every_ten)).collect();
    assert_eq!(runs.iter().map(|run| run.publications).sum::<usize>(), 416);
    assert_eq!(runs.iter().map(|run| run.profiles).sum::<usize>(), 0);
    let citizens: usize = runs.iter().filter_map(|run| run.attributes.get("participant_type")).sum();
    assert!((30..=250).contains(&citizens), "{citizens}");
}

/// Nine of every ten are the watcher's. Then ten new ones protect nobody: what one-way counts grow by, less one's own,
/// is the tenth.
#[test]
fn a_watcher_who_takes_part_nine_times_learns_of_the_tenth() {
    let mut people = draw(1, 200);
    for (at, participant) in people.iter_mut().enumerate() {
        participant.own = at % 10 != 9;
    }
    let learned = watch(&people, every_ten);
    // all but some of the first, whose counts are still hidden
    assert!((10..=20).contains(&learned.profiles), "{learned:?}");
}
