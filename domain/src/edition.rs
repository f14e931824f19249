//! Editions: immutable published snapshots of the counts. Everything the public reads about who took part comes from one.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{day, start_of},
    census::Census,
    count::{Dimension, NONE, Unit, unit, waited_for},
    disclosure::{ONE_WAY_THRESHOLD, Published, ROUNDING_BASE, TWO_WAY_THRESHOLD},
    proposal::ProposalState,
    representativeness::{ComparedBy, Comparison, Counts, LeftOut, Representativeness, compare, groups},
    vocabulary::{Gender, Residence},
};

/// How many participations an edition must add to the one before.
pub const MINIMUM_NEW: u64 = 10;

codes! {
    /// Why an edition may not be published now.
    EditionRefusal {
        /// Fewer than ten came since the last one: to compare the two would show who they are.
        TooFewNew = "too_few_new",
        /// There was one today.
        TooSoon = "too_soon",
    }
}

/// Why an edition of `base` participations may not be published at `now`, after one of which base and instant are given.
#[must_use]
pub fn refusals(previous: Option<(u64, DateTime<Utc>)>, base: u64, now: DateTime<Utc>) -> Vec<EditionRefusal> {
    let few = base < previous.map_or(0, |(base, _)| base) + MINIMUM_NEW;
    let soon = previous.is_some_and(|(_, taken_at)| day(taken_at) >= day(now));
    let refusals = [(few, EditionRefusal::TooFewNew), (soon, EditionRefusal::TooSoon)];
    refusals.into_iter().filter_map(|(applies, refusal)| applies.then_some(refusal)).collect()
}

/// From when on there may be another edition: the day after the last one, in Casablanca.
#[must_use]
pub fn next_at(previous: DateTime<Utc>) -> DateTime<Utc> {
    day(previous).checked_add_days(Days::new(1)).map_or(previous, start_of)
}

/// What an edition says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Edition {
    /// The consultation's slug.
    pub consultation: String,
    /// 1 is the first.
    pub number: u64,
    /// The instant of every number.
    pub taken_at: DateTime<Utc>,
    /// Proposals submitted and not withdrawn.
    pub base: u64,
    /// That of the edition before; null in the first.
    pub previous_base: Option<u64>,
    /// What is hidden and what is rounded.
    pub rules: Rules,
    /// Every table.
    pub tables: Vec<EditionTable>,
    /// How many have an answer and how long they waited for it.
    pub answers: Answers,
    /// Those who took part next to the census; null where we have no census.
    pub participation: Option<Representativeness>,
    /// Those who came to meetings next to the census; null where there were none.
    pub attendance: Option<Representativeness>,
}

/// What is hidden and what is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rules {
    /// The smallest count that a one-way table shows.
    pub one_way_threshold: u64,
    /// The smallest count that a two-way table shows, before it is rounded.
    pub two_way_threshold: u64,
    /// What the counts of a two-way table are multiples of.
    pub rounding_base: u64,
    /// How many participations an edition must add.
    pub minimum_new: u64,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EditionTable {
    /// What the rows are.
    pub rows: Dimension,
    /// What the columns are; null in a one-way table.
    pub columns: Option<Dimension>,
    /// What is counted.
    pub unit: Unit,
    /// What all cells, the hidden ones too, add up to before they are rounded.
    pub base: u64,
    /// Whether the cells are rounded; then they add up to the totals only nearly.
    pub rounded: bool,
    /// How many cells are hidden.
    pub hidden: u64,
    /// How many did not say, in a one-way table by what people say of themselves; null when hidden or not asked.
    pub not_stated: Option<u64>,
    /// Row by row in the order of the vocabulary.
    pub cells: Vec<EditionCell>,
    /// By row, not rounded; null when hidden.
    pub row_totals: Vec<EditionTotal>,
    /// By column, not rounded; empty in a one-way table.
    pub column_totals: Vec<EditionTotal>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EditionCell {
    /// Its row.
    pub row: String,
    /// Its column; null in a one-way table.
    pub column: Option<String>,
    /// How many; null when hidden, because it is small or because another one could be had from it.
    pub count: Option<u64>,
}

/// One row's or column's total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EditionTotal {
    /// Of which row or column.
    pub code: String,
    /// How many; null when hidden.
    pub count: Option<u64>,
}

/// How many have an answer, and how long they waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answers {
    /// How many have a decision.
    pub answered: u64,
    /// Out of how many.
    pub base: u64,
    /// Until the committee first asked or decided something; null while fewer than five were.
    pub first_answer: Option<Waited>,
    /// Until the decision that stands; null while fewer than five have one.
    pub decision: Option<Waited>,
}

/// How long authors waited, in full days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Waited {
    /// Half of them waited at most so long.
    pub median_days: u64,
    /// Nine of ten waited at most so long.
    pub p90_days: u64,
    /// Of how many.
    pub count: u64,
}

impl Waited {
    /// From how many waited how many days; `None` below the threshold.
    #[must_use]
    pub fn of(by_days: &[(String, u64)]) -> Option<Self> {
        let answered = by_days.iter().filter(|(code, _)| code != NONE);
        let by_days: BTreeMap<u64, u64> =
            answered.filter_map(|(code, count)| Some((code.parse().ok()?, *count))).collect();
        let count = by_days.values().sum();
        (count >= ONE_WAY_THRESHOLD).then_some(())?;
        Some(Self { median_days: waited_for(&by_days, 0.5)?, p90_days: waited_for(&by_days, 0.9)?, count })
    }
}

/// What an edition is made from besides its tables.
#[derive(Clone, Debug)]
pub struct Making<'a> {
    /// The consultation's slug.
    pub consultation: &'a str,
    /// Its territories' codes.
    pub territories: Vec<&'a str>,
    /// The number the edition gets.
    pub number: u64,
    /// When it is taken.
    pub taken_at: DateTime<Utc>,
    /// The base of the edition before.
    pub previous_base: Option<u64>,
    /// How many waited how many days for a first answer, and for a decision.
    pub first_answer: Vec<(String, u64)>,
    /// As above, for the decision that stands.
    pub decision: Vec<(String, u64)>,
    /// How many people came to meetings, by territory.
    pub attendance: Vec<(String, u64)>,
}

impl Edition {
    /// Puts an edition together from what may be published.
    #[must_use]
    pub fn new(making: Making<'_>, published: &[Published]) -> Self {
        let census = Census::of(making.territories.iter().copied());
        let one_way = |dimension| published.iter().find(|table| (table.rows, table.columns) == (dimension, None));
        let states = one_way(Dimension::State);
        let answered = states.into_iter().flat_map(|table| &table.cells).filter_map(|(code, _, count)| {
            code.parse::<ProposalState>().is_ok_and(ProposalState::is_decided).then_some(*count)?
        });
        let base = states.map_or(0, |table| table.base);
        Self {
            consultation: making.consultation.to_owned(),
            number: making.number,
            taken_at: making.taken_at,
            base,
            previous_base: making.previous_base,
            rules: Rules {
                one_way_threshold: ONE_WAY_THRESHOLD,
                two_way_threshold: TWO_WAY_THRESHOLD,
                rounding_base: ROUNDING_BASE,
                minimum_new: MINIMUM_NEW,
            },
            tables: published.iter().map(|table| EditionTable::new(table, published)).collect(),
            answers: Answers {
                answered: answered.sum(),
                base,
                first_answer: Waited::of(&making.first_answer),
                decision: Waited::of(&making.decision),
            },
            participation: census.as_ref().map(|census| participation(census, published)),
            attendance: census
                .filter(|_| making.attendance.iter().any(|(_, people)| *people > 0))
                .map(|census| attendance(&census, &making.attendance)),
        }
    }

    /// The tables as disclosure control knows them: what the next edition is compared with.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        let published = |table: &EditionTable| Published {
            rows: table.rows,
            columns: table.columns,
            base: table.base,
            cells: table.cells.iter().map(|cell| (cell.row.clone(), cell.column.clone(), cell.count)).collect(),
        };
        self.tables.iter().map(published).collect()
    }
}

impl EditionTable {
    fn new(table: &Published, all: &[Published]) -> Self {
        let margin = |dimension: Dimension| -> Vec<EditionTotal> {
            let found = all.iter().find(|table| (table.rows, table.columns) == (dimension, None));
            let cells = found.into_iter().flat_map(|table| &table.cells);
            cells.map(|(code, _, count)| EditionTotal { code: code.clone(), count: *count }).collect()
        };
        let cell = |(row, column, count): &(String, Option<String>, Option<u64>)| EditionCell {
            row: row.clone(),
            column: column.clone(),
            count: *count,
        };
        let not_stated = table.rows.not_stated().filter(|_| table.columns.is_none());
        Self {
            rows: table.rows,
            columns: table.columns,
            unit: unit(table.rows, table.columns),
            base: table.base,
            rounded: table.columns.is_some(),
            hidden: table.cells.iter().filter(|(_, _, count)| count.is_none()).count() as u64,
            not_stated: table.cells.iter().find(|(row, _, _)| Some(row.as_str()) == not_stated).and_then(|cell| cell.2),
            cells: table.cells.iter().map(cell).collect(),
            row_totals: margin(table.rows),
            column_totals: table.columns.map(margin).unwrap_or_default(),
        }
    }
}

/// Those who took part next to the census: a function of what is published, so that it can tell no more.
fn participation(census: &Census, published: &[Published]) -> Representativeness {
    let find = |rows: Dimension, columns: Option<Dimension>, row: &str, column: Option<&str>| {
        let table = published.iter().find(|table| (table.rows, table.columns) == (rows, columns))?;
        table.cells.iter().find(|(r, c, _)| r == row && c.as_deref() == column)?.2
    };
    let comparison = |by: ComparedBy| {
        let (rows, columns) = match by {
            ComparedBy::Residence => (Dimension::Residence, None),
            ComparedBy::Gender => (Dimension::Gender, None),
            ComparedBy::AgeBand => (Dimension::AgeBand, None),
            ComparedBy::AgeBandGender => (Dimension::AgeBand, Some(Dimension::Gender)),
            ComparedBy::ResidenceGender => (Dimension::Residence, Some(Dimension::Gender)),
        };
        let counted = groups(census, by, |code, gender| find(rows, columns, code, gender.map(Gender::as_str)));
        let outside = Residence::OutsideRegion.to_string();
        let left_out = LeftOut {
            not_stated: rows.not_stated().filter(|_| columns.is_none()).and_then(|code| find(rows, None, code, None)),
            outside_region: if by == ComparedBy::Residence { find(rows, None, &outside, None) } else { None },
        };
        compare(by, counted, left_out, if columns.is_some() { Counts::Rounded } else { Counts::Exact })
    };
    let comparisons: Vec<Comparison> = ComparedBy::ALL.iter().map(|by| comparison(*by)).collect();
    Representativeness { unit: Unit::Participations, census: census.credit(), comparisons }
}

/// Those who came to meetings next to the census.
fn attendance(census: &Census, came: &[(String, u64)]) -> Representativeness {
    let people = |code: &str| came.iter().filter(|(place, _)| place == code).map(|(_, people)| people).sum();
    let counted = groups(census, ComparedBy::Residence, |code, _| Some(people(code)));
    Representativeness {
        unit: Unit::People,
        census: census.credit(),
        comparisons: vec![compare(ComparedBy::Residence, counted, LeftOut::default(), Counts::Exact)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ten_new_ones_and_another_day() {
        use EditionRefusal::{TooFewNew, TooSoon};
        let last = at("2026-11-10T09:00:00Z");
        assert_eq!(refusals(None, 9, last), [TooFewNew]);
        assert_eq!(refusals(None, 10, last), []);
        // 23:30 in Casablanca is the same day, half an hour later is another
        assert_eq!(refusals(Some((10, last)), 19, at("2026-11-10T22:30:00Z")), [TooFewNew, TooSoon]);
        assert_eq!(refusals(Some((10, last)), 20, at("2026-11-10T22:59:59Z")), [TooSoon]);
        assert_eq!(refusals(Some((10, last)), 20, at("2026-11-10T23:00:00Z")), []);
        assert_eq!(next_at(last), at("2026-11-10T23:00:00Z"));
    }

    #[test]
    fn waiting_is_told_by_nearest_rank() {
        let by_days = |list: &[(&str, u64)]| list.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect::<Vec<_>>();
        // ten waited: 0 0 0 1 1 | 3 3 3 8 30, and four still wait
        let waited = Waited::of(&by_days(&[("0", 3), ("1", 2), ("3", 3), ("8", 1), ("30", 1), (NONE, 4)])).unwrap();
        assert_eq!(waited, Waited { median_days: 1, p90_days: 8, count: 10 });
        assert_eq!(Waited::of(&by_days(&[("3", 4), (NONE, 40)])), None);
    }
}
