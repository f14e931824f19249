//! Disclosure control: what of a set of tables can be published, such that no person can be read out of it.
//!
//! Small counts are hidden: below [`ONE_WAY_THRESHOLD`] in a one-way table, below [`TWO_WAY_THRESHOLD`] in a two-way one. What
//! is left of a two-way table is rounded to [`ROUNDING_BASE`]. A reader who adds and subtracts must not get a hidden count
//! back, neither from this edition nor from all of them together; so more is hidden until for every hidden count of every
//! edition there are two worlds (`world.rs`) that explain everything published and in which it differs by
//! [`WIDTH`] or more. A hidden cell does not tell why it is hidden.
//!
//! The method is that of official statistics (primary and secondary suppression, interval audit; Hundepool et al.,
//! *Statistical Disclosure Control*, 2012, ch. 4). What an attacker of the outside can do about it is tried by
//! `tests/attack` with linear programs of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::count::Dimension;

#[cfg(test)]
mod tests;
mod world;

use world::{Target, Worlds};

/// The smallest count that a one-way table shows.
pub const ONE_WAY_THRESHOLD: u64 = 5;
/// The smallest count that a two-way table shows.
pub const TWO_WAY_THRESHOLD: u64 = 10;
/// What the counts of a two-way table are multiples of.
pub const ROUNDING_BASE: u64 = 5;
/// How far apart the smallest and the largest count are, at least, that a hidden cell may have for all that is published.
pub const WIDTH: u64 = 5;

/// The tables of an edition.
///
/// The two-way tables join their dimensions without a circle. Then any set of tables that agree on the sums they share
/// comes from one list of people (Lauritzen, *Graphical Models*, 1996, ch. 4), so that whoever knows them all can conclude no
/// more than from each with its sums. With a circle (A by B, B by C, C by A) one could, and other worlds would have to be
/// found for all of them at once.
pub const TABLES: [(Dimension, Option<Dimension>); 16] = {
    use Dimension::{
        AgeBand, Axis, Channel, Gender, Language, ParticipantType, Remark, Residence, State, Territory, Week,
    };
    [
        (Axis, None),
        (AgeBand, None),
        (Gender, None),
        (ParticipantType, None),
        (Residence, None),
        (Territory, None),
        (Channel, None),
        (State, None),
        (Language, None),
        (Remark, None),
        (Week, None),
        (Axis, Some(Gender)),
        (Axis, Some(ParticipantType)),
        (AgeBand, Some(Gender)),
        (Residence, Some(Gender)),
        (Channel, Some(State)),
    ]
};

/// Whether the counts by it can be had from the public ledger, entry by entry: hiding them would only pretend.
const fn is_public_record(dimension: Dimension) -> bool {
    matches!(dimension, Dimension::State | Dimension::Week | Dimension::Day)
}

/// A row and, in a two-way table, a column.
pub type Place = (String, Option<String>);

/// A table of true counts: every place, also those that nobody is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What the rows are.
    pub rows: Dimension,
    /// What the columns are, in a two-way table.
    pub columns: Option<Dimension>,
    /// Place and count, in the order of the vocabulary.
    pub cells: Vec<(String, Option<String>, u64)>,
}

impl Table {
    /// All of it.
    #[must_use]
    pub fn base(&self) -> u64 {
        self.cells.iter().map(|(_, _, count)| count).sum()
    }

    const fn threshold(&self) -> u64 {
        if self.columns.is_some() {
            TWO_WAY_THRESHOLD
        } else if is_public_record(self.rows) {
            0
        } else {
            ONE_WAY_THRESHOLD
        }
    }
}

/// Why a count is hidden. Told to the analyst who publishes, never to the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is small.
    BelowThreshold,
    /// Another one of this edition could be had from it.
    ProtectsAnother,
    /// One of an earlier edition could be had from it.
    ProtectsEdition,
    /// Everybody who came since the last edition is in one group: to publish it would say so of each of them.
    OneGroup,
}

/// A table as it is published: the same places, with nothing where a count is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// What the rows are.
    pub rows: Dimension,
    /// What the columns are, in a two-way table.
    pub columns: Option<Dimension>,
    /// The true sum of all places.
    pub base: u64,
    /// Place and what is shown there.
    pub cells: Vec<(String, Option<String>, Option<u64>)>,
}

/// An earlier edition: what was true and what was shown, table by table.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The true counts.
    pub counts: Vec<Table>,
    /// What was published of them.
    pub published: Vec<Published>,
}

/// What can be published, and why the rest cannot.
#[derive(Clone, Debug)]
pub struct Protected {
    /// The tables, in the order they were given.
    pub tables: Vec<Published>,
    /// The two-way tables that would show less than half of their people. They are not published at all.
    pub left_out: Vec<(Dimension, Option<Dimension>)>,
    /// Every hidden place of the others.
    pub hidden: BTreeMap<(Dimension, Option<Dimension>, Place), Why>,
    /// How many hidden counts, of this edition and of those before, no other world was found for although all that could
    /// protect them is hidden: where there are very few people. The method may miss worlds that there are.
    pub exposed: usize,
}

/// Decides what of `tables` can be published after the `earlier` editions, the oldest first. `key` is a secret: whoever
/// had it could narrow down what was rounded.
///
/// Every dimension of a two-way table needs its one-way table. Deterministic: the same counts are published alike.
#[must_use]
pub fn protect(tables: &[Table], earlier: &[Earlier], key: &[u8; 32]) -> Protected {
    let mut hidden: BTreeMap<(usize, Place), Why> = BTreeMap::new();
    for (place, table) in tables.iter().enumerate() {
        for (row, column, count) in &table.cells {
            if *count < table.threshold() {
                hidden.insert((place, (row.clone(), column.clone())), Why::BelowThreshold);
            }
        }
    }
    if let Some(last) = earlier.last() {
        for (place, table) in tables.iter().enumerate() {
            if table.columns.is_none() && table.rows.is_demographic() && is_one_group(table, last) {
                hide_dimension(tables, place, Why::OneGroup, &mut hidden);
            }
        }
    }
    let mut left_out: BTreeSet<usize> = BTreeSet::new();
    leave_out(tables, &mut hidden, &mut left_out);
    let mut worlds = Worlds::new(tables, &show(tables, &hidden, key), earlier);
    let mut exposed = worlds.targets().to_vec();
    loop {
        let is_left_out = |target: &Target| {
            let here = |place: &usize| (tables[*place].rows, tables[*place].columns) == (target.rows, target.columns);
            target.edition == earlier.len() && left_out.iter().any(here)
        };
        exposed.retain(|target| !is_left_out(target));
        // a count that is safe stays so while more is hidden
        exposed.retain(|target| !worlds.is_protected(target));
        let mut nearest = exposed.iter().filter_map(|target| Some((target, next_to_hide(tables, &hidden, target)?)));
        let Some((target, (place, at))) = nearest.next() else { break };
        let why = if target.edition == earlier.len() { Why::ProtectsAnother } else { Why::ProtectsEdition };
        let (rows, columns) = (tables[place].rows, tables[place].columns);
        let target = Target { edition: earlier.len(), rows, columns, place: at.clone() };
        worlds.hide(&target);
        exposed.push(target);
        hidden.insert((place, at), why);
        for (place, (row, column)) in leave_out(tables, &mut hidden, &mut left_out) {
            let (rows, columns) = (tables[place].rows, tables[place].columns);
            worlds.hide(&Target { edition: earlier.len(), rows, columns, place: (row, column) });
        }
    }
    hidden.retain(|(place, _), _| !left_out.contains(place));
    let published = show(tables, &hidden, key).into_iter().enumerate();
    Protected {
        tables: published.filter(|(place, _)| !left_out.contains(place)).map(|(_, table)| table).collect(),
        left_out: left_out.into_iter().map(|place| (tables[place].rows, tables[place].columns)).collect(),
        hidden: hidden
            .into_iter()
            .map(|((place, at), why)| ((tables[place].rows, tables[place].columns, at), why))
            .collect(),
        exposed: exposed.len(),
    }
}

/// Leaves out the two-way tables that would show less than half of their people: hides all of them, and answers what was
/// shown until now.
fn leave_out(
    tables: &[Table],
    hidden: &mut BTreeMap<(usize, Place), Why>,
    left_out: &mut BTreeSet<usize>,
) -> Vec<(usize, Place)> {
    let mut more = Vec::new();
    for (place, table) in tables.iter().enumerate().filter(|(_, table)| table.columns.is_some()) {
        let cells = table.cells.iter().map(|(row, column, count)| ((place, (row.clone(), column.clone())), *count));
        let shown: Vec<_> = cells.filter(|(at, _)| !hidden.contains_key(at)).collect();
        if 2 * shown.iter().map(|(_, count)| count).sum::<u64>() < table.base() && left_out.insert(place) {
            more.extend(shown.into_iter().map(|(at, _)| at));
        }
    }
    hidden.extend(more.iter().map(|at| (at.clone(), Why::BelowThreshold)));
    more
}

/// Whether all who came since `last` are in one category, and both editions would tell.
fn is_one_group(table: &Table, last: &Earlier) -> bool {
    let Some(before) = last.counts.iter().find(|before| before.rows == table.rows && before.columns.is_none()) else {
        return false;
    };
    let before: BTreeMap<_, _> = before.cells.iter().map(|(row, _, count)| (row, *count)).collect();
    let grown = table.cells.iter().filter(|(row, _, count)| *count > before.get(row).copied().unwrap_or_default());
    grown.count() == 1
}

fn hide_dimension(tables: &[Table], place: usize, why: Why, hidden: &mut BTreeMap<(usize, Place), Why>) {
    let dimension = tables[place].rows;
    for (place, table) in tables.iter().enumerate() {
        if table.rows == dimension || table.columns == Some(dimension) {
            for (row, column, _) in &table.cells {
                hidden.entry((place, (row.clone(), column.clone()))).or_insert(why);
            }
        }
    }
}

/// What is shown of `tables` with these places hidden.
fn show(tables: &[Table], hidden: &BTreeMap<(usize, Place), Why>, key: &[u8; 32]) -> Vec<Published> {
    let shown = |(place, table): (usize, &Table)| {
        let cells = table.cells.iter().map(|(row, column, count)| {
            let at = (row.clone(), column.clone());
            let value = match (table.columns, column) {
                _ if hidden.contains_key(&(place, at.clone())) => None,
                (Some(columns), Some(column)) => Some(round(*count, (table.rows, row), (columns, column), key)),
                _ => Some(*count),
            };
            (at.0, at.1, value)
        });
        Published { rows: table.rows, columns: table.columns, base: table.base(), cells: cells.collect() }
    };
    tables.iter().enumerate().map(shown).collect()
}

/// Rounds to a multiple of [`ROUNDING_BASE`], up or down by less than it, up as often as the remainder is large. What
/// decides is the cell and its count, so that the same cell is the same number wherever and however often it is asked for.
fn round(count: u64, one: (Dimension, &str), two: (Dimension, &str), key: &[u8; 32]) -> u64 {
    // a table turned round is the same table
    let (one, two) = if one.0 <= two.0 { (one, two) } else { (two, one) };
    let name = [one.0.as_str(), one.1, two.0.as_str(), two.1].join("\n");
    let hash: [u8; 32] =
        Sha256::new().chain_update(key).chain_update(name).chain_update(count.to_be_bytes()).finalize().into();
    let drawn = hash.iter().fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % ROUNDING_BASE);
    let remainder = count % ROUNDING_BASE;
    count - remainder + if drawn < remainder { ROUNDING_BASE } else { 0 }
}

/// Which count of this edition to hide next, so that `target` may become safe: the smallest that stands near it.
fn next_to_hide(tables: &[Table], hidden: &BTreeMap<(usize, Place), Why>, target: &Target) -> Option<(usize, Place)> {
    let shown = |place: usize, fits: &dyn Fn(&Place) -> bool| {
        let cells = tables[place].cells.iter().map(|(row, column, count)| (*count, (row.clone(), column.clone())));
        let free = cells.filter(|(_, at)| fits(at) && !hidden.contains_key(&(place, at.clone())));
        free.min_by(|one, other| one.0.cmp(&other.0)).map(|(_, at)| (place, at))
    };
    let place = tables.iter().position(|table| (table.rows, table.columns) == (target.rows, target.columns))?;
    let (row, column) = &target.place;
    let itself = (row.clone(), column.clone());
    // shown now, hidden then: hidden again it stays what it was
    if let Some(found) = shown(place, &|at| *at == itself) {
        return Some(found);
    }
    if let Some(columns) = target.columns {
        let dimensions: BTreeSet<_> = [target.rows, columns].into();
        let near = shown(place, &|at| at.0 == *row || at.1 == *column).or_else(|| shown(place, &|_| true));
        // with all of the table hidden, what is left to give it away are its margins
        return near.or_else(|| {
            let margins = tables.iter().enumerate().filter(|(_, table)| {
                table.columns.is_none() && dimensions.contains(&table.rows) && !is_public_record(table.rows)
            });
            margins.filter_map(|(place, _)| shown(place, &|_| true)).next()
        });
    }
    // hidden counts that are enough by themselves are given away by a two-way table
    let alone = tables[place]
        .cells
        .iter()
        .filter(|(row, column, _)| hidden.contains_key(&(place, (row.clone(), column.clone()))));
    let (hidden_here, sum) = alone.fold((0, 0), |(cells, sum), (_, _, count)| (cells + 1, sum + count));
    let own = || shown(place, &|_| true);
    let crossed = || {
        let crossed = tables.iter().enumerate().filter(|(_, table)| {
            table.columns.is_some() && (table.rows == target.rows || table.columns == Some(target.rows))
        });
        crossed
            .filter_map(|(place, table)| {
                let here =
                    |at: &Place| if table.rows == target.rows { at.0 == *row } else { at.1.as_ref() == Some(row) };
                shown(place, &here).or_else(|| shown(place, &|_| true))
            })
            .next()
    };
    if hidden_here > 1 && sum >= WIDTH { crossed().or_else(own) } else { own().or_else(crossed) }
}
