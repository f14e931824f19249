//! The attackers against `domain::disclosure`.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    count::Dimension,
    disclosure::{Earlier, Published, TABLES, Table, protect},
    edition::MINIMUM_NEW,
};

use crate::{
    lp::Attacker,
    published::{PublishedEdition, PublishedTable},
    watcher::{Participant, Random, draw, watch},
};

const KEY: [u8; 32] = [42; 32];

/// The tables of an edition that these participants can be counted in.
fn tables() -> impl Iterator<Item = (Dimension, Option<Dimension>)> {
    let drawn = |dimension: Dimension| {
        use Dimension::{AgeBand, Axis, Channel, Gender, Language, ParticipantType, Residence, State};
        matches!(dimension, AgeBand | Axis | Channel | Gender | Language | ParticipantType | Residence | State)
    };
    TABLES.into_iter().filter(move |(rows, columns)| drawn(*rows) && columns.is_none_or(drawn))
}

/// Every table of everybody so far; the codes are those of the whole crowd, as a form offers them to everybody.
fn count(crowd: &[Participant], so_far: usize) -> Vec<Table> {
    let codes =
        |dimension: Dimension| crowd.iter().map(|it| it.code(dimension.as_str()).to_owned()).collect::<BTreeSet<_>>();
    let table = |(rows, columns): (Dimension, Option<Dimension>)| {
        let mut counts: BTreeMap<(&str, Option<&str>), u64> = BTreeMap::new();
        for it in &crowd[..so_far] {
            *counts.entry((it.code(rows.as_str()), columns.map(|columns| it.code(columns.as_str())))).or_default() += 1;
        }
        let cell = |row: &str, column: Option<&str>| {
            (row.to_owned(), column.map(str::to_owned), counts.get(&(row, column)).copied().unwrap_or_default())
        };
        let cells = codes(rows).into_iter().flat_map(|row| match columns {
            None => vec![cell(&row, None)],
            Some(columns) => codes(columns).iter().map(|column| cell(&row, Some(column))).collect(),
        });
        Table { rows, columns, cells: cells.collect() }
    };
    tables().map(table).collect()
}

fn seen(base: usize, published: &[Published]) -> PublishedEdition {
    let table = |table: &Published| PublishedTable {
        rows: table.rows.to_string(),
        columns: table.columns.map(|columns| columns.to_string()),
        base: table.base,
        rounded: table.columns.is_some(),
        cells: table.cells.clone(),
    };
    PublishedEdition { base: base as u64, tables: published.iter().map(table).collect() }
}

/// What is published without disclosure control but for the thresholds: small counts are blank, everything else is as it is.
fn thresholds_only(tables: &[Table]) -> Vec<Published> {
    let table = |table: &Table| {
        let threshold = if table.columns.is_some() { 10 } else { 5 };
        let cell = |(row, column, count): &(String, Option<String>, u64)| {
            (row.clone(), column.clone(), (*count >= threshold).then_some(*count))
        };
        let (rows, columns) = (table.rows, table.columns);
        Published { rows, columns, base: table.base(), cells: table.cells.iter().map(cell).collect() }
    };
    tables.iter().map(table).collect()
}

/// Editions of a crowd at these sizes.
fn editions(crowd: &[Participant], sizes: &[usize]) -> Vec<PublishedEdition> {
    let mut earlier: Vec<Earlier> = Vec::new();
    sizes
        .iter()
        .map(|size| {
            let counts = count(crowd, *size);
            let protected = protect(&counts, &earlier, &KEY);
            if protected.exposed > 0 {
                println!("{} exposed of {sizes:?} at {size}", protected.exposed);
            }
            let published = protected.tables;
            let seen = seen(*size, &published);
            earlier.push(Earlier { counts, published });
            seen
        })
        .collect()
}

#[test]
fn p01_no_hidden_count_of_any_edition_is_recovered() {
    let attacker = Attacker { shown_two_way: 10, ..Attacker::default() };
    let (mut hidden, mut recovered) = (0, Vec::new());
    for seed in 0..12 {
        let mut random = Random::new(1000 + seed);
        // small and large steps, from the first ten people on
        let mut sizes = vec![usize::try_from(10 + random.below(40)).unwrap()];
        while sizes.len() < 7 {
            let step = if random.below(2) == 0 { random.below(15) } else { random.below(120) };
            sizes.push(sizes.last().unwrap() + usize::try_from(MINIMUM_NEW + step).unwrap());
        }
        let crowd = draw(seed, *sizes.last().unwrap());
        let editions = editions(&crowd, &sizes);
        let cells = editions.iter().flat_map(|edition| &edition.tables).flat_map(|table| &table.cells);
        hidden += cells.filter(|(_, _, count)| count.is_none()).count();
        for interval in attacker.narrower_than(5, &editions).unwrap() {
            recovered.push(format!("seed {seed}, sizes {sizes:?}: {interval:?}"));
        }
    }
    println!("P01 hidden counts known to less than five: got {} of {hidden}, goal 0", recovered.len());
    assert!(hidden > 1000, "{hidden}");
    assert!(recovered.is_empty(), "{}", recovered.join("\n"));
}

#[test]
fn p01_the_attacker_recovers_counts_when_the_control_is_off() {
    let attacker = Attacker { shown_two_way: 10, ..Attacker::default() };
    let crowd = draw(3, 200);
    let counts = count(&crowd, 200);
    let published = thresholds_only(&counts);
    let mut edition = seen(200, &published);
    // without the control nothing is rounded
    edition.tables.iter_mut().for_each(|table| table.rounded = false);
    let found = attacker.narrower_than(5, &[edition]).unwrap();
    println!("P01 the same attacker, thresholds alone: got {} counts, goal more than 0", found.len());
    // Fahs-Anjra is the rest of what is shown; so are two age bands of one gender
    assert!(found.iter().filter(|interval| interval.width() == 0).count() >= 3, "{found:?}");
}

#[test]
fn p02_a_watcher_learns_nobodys_profile() {
    // the thousand of the long run, by `make assure`
    #[expect(clippy::disallowed_methods, reason = "which run this is, is said to tests and not to the program")]
    let runs = if std::env::var_os("TACHAWOR_ASSURE").is_some() { 1000 } else { 20 };
    let (mut profiles, mut anything, mut publications) = (0, 0, 0);
    for seed in 0..runs {
        let crowd = draw(seed, 527);
        let mut earlier: Vec<Earlier> = Vec::new();
        let mut last = 0;
        let learned = watch(&crowd, |so_far| {
            if so_far.len() < last + usize::try_from(MINIMUM_NEW).unwrap() {
                return None;
            }
            last = so_far.len();
            let counts = count(&crowd, so_far.len());
            // only what is near in time narrows a batch down; older editions would only make the run longer
            let recent = earlier.len().saturating_sub(2);
            let published = protect(&counts, &earlier[recent..], &KEY).tables;
            let seen = seen(so_far.len(), &published);
            earlier.push(Earlier { counts, published });
            Some(seen)
        });
        profiles += learned.profiles;
        anything += learned.anything;
        publications += learned.publications;
    }
    println!("P02 profiles learned in {runs} runs of 527 people, {publications} editions: got {profiles}, goal 0");
    println!("P02 people of whom anything was learned: got {anything}, goal 0");
    assert_eq!((profiles, anything), (0, 0));
}
