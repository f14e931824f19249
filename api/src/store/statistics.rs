//! Counts, by the one definition of `domain::count`: submitted and not withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{
    calendar::day,
    count::{Crosstab, Dimension, NONE, NOT_PUBLIC, PUBLIC, monday, participations, reviewed},
    proposal::{ProposalState, Remark},
    vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Place, Residence},
};
use sea_orm::DbErr;

use crate::store::{Store, consultation::Consultation, tally::Snapshot};

/// What anybody may know at any time, because the ledger tells it step by step: how many, and where they stand.
#[derive(Debug, Default)]
pub struct PublicCounts {
    /// Every participation once.
    pub base: u64,
    /// By state, every state that counts, zero included; these add up to `base`.
    pub state: Vec<(String, u64)>,
    /// How many of them everybody can read.
    pub public_proposals: u64,
    /// How many of them have a decision.
    pub answered: u64,
}

/// Takes the public counts.
///
/// # Errors
/// The database failed.
pub async fn public(store: &Store, consultation: &Consultation) -> Result<PublicCounts, DbErr> {
    let snapshot = Snapshot::take(store, consultation.row.id).await?;
    let by_state = snapshot.cells(Dimension::State, None).await?;
    let by_state =
        |state: &ProposalState| by_state.get(&(state.to_string(), String::new())).copied().unwrap_or_default();
    let by_state: BTreeMap<_, _> = ProposalState::ALL.iter().map(|state| (*state, by_state(state))).collect();
    let visible = snapshot.cells(Dimension::Visibility, None).await?;
    Ok(PublicCounts {
        base: participations(&by_state),
        answered: reviewed(&by_state),
        public_proposals: visible.get(&(PUBLIC.to_owned(), String::new())).copied().unwrap_or_default(),
        state: by_state
            .into_iter()
            .filter(|(state, _)| state.is_counted())
            .map(|(state, count)| (state.to_string(), count))
            .collect(),
    })
}

/// A one- or two-way count in the vocabulary's order, zero cells included.
#[derive(Debug, Default)]
pub struct Counts {
    /// Every participation once.
    pub base: u64,
    /// Row, column (`None` in a one-way count) and how many; these add up to `base`.
    pub cells: Vec<(String, Option<String>, u64)>,
    /// By row; these add up to `base`.
    pub row_totals: Vec<(String, u64)>,
    /// By column; these add up to `base`. Empty in a one-way count.
    pub column_totals: Vec<(String, u64)>,
}

/// Counts by one or two dimensions that cross. `now` bounds the days that are listed.
///
/// # Errors
/// The database failed.
pub async fn by(
    snapshot: &Snapshot,
    consultation: &Consultation,
    rows: Dimension,
    columns: Option<Dimension>,
    now: DateTime<Utc>,
) -> Result<Counts, DbErr> {
    let (first, second) = (rows.kept(), columns.map(Dimension::kept));
    // a table is kept one way round
    let turned = second.is_some_and(|second| second < first);
    let cells = match second {
        Some(second) if turned => snapshot.cells(second, Some(first)).await?,
        _ => snapshot.cells(first, second).await?,
    };
    let table = Crosstab::new(cells.into_iter().map(|((one, two), count)| {
        let (row, column) = if turned { (two, one) } else { (one, two) };
        let column = columns.map(|dimension| code(consultation, dimension, &column)).unwrap_or_default();
        (code(consultation, rows, &row), column, count)
    }));
    Ok(complete(
        &table,
        &vocabulary(consultation, rows, now),
        columns.map(|dimension| vocabulary(consultation, dimension, now)).as_deref(),
    ))
}

/// The code that everybody knows behind the one that is kept.
fn code(consultation: &Consultation, dimension: Dimension, kept: &str) -> String {
    match dimension {
        Dimension::Axis => kept.parse().map(|id| consultation.axis_code(id)).unwrap_or_default(),
        Dimension::Territory => consultation.place(kept.parse().ok()),
        _ => dimension.code_of(kept).into_owned(),
    }
}

/// Every code a dimension can show, in the order of a form. Days are those of the window so far.
fn vocabulary(consultation: &Consultation, dimension: Dimension, now: DateTime<Utc>) -> Vec<String> {
    fn codes<T: ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    let territories = || consultation.territories.iter().map(|territory| territory.code.clone());
    let last = day(now.min(consultation.row.closes_at));
    let days = |first: NaiveDate, step: u64| {
        let days = std::iter::successors(Some(first), |day| day.checked_add_days(Days::new(step)));
        days.take_while(|day| *day <= last).map(|day| day.to_string()).collect()
    };
    match dimension {
        Dimension::Axis => consultation.axes.iter().map(|axis| axis.code.clone()).collect(),
        Dimension::AgeBand => codes(AgeBand::ALL),
        Dimension::Gender => codes(Gender::ALL),
        Dimension::ParticipantType => codes(ParticipantType::ALL),
        Dimension::Residence => territories().chain(codes(&[Residence::OutsideRegion, Residence::NotStated])).collect(),
        Dimension::Territory => territories().chain([Place::WholeRegion.to_string()]).collect(),
        Dimension::Channel => codes(Channel::ALL),
        Dimension::State => {
            ProposalState::ALL.iter().filter(|state| state.is_counted()).map(ToString::to_string).collect()
        }
        Dimension::Language => codes(Language::ALL),
        Dimension::Remark => codes(Remark::ALL).into_iter().chain([NONE.to_owned()]).collect(),
        Dimension::Visibility => codes(&[PUBLIC, NOT_PUBLIC]),
        Dimension::Day => days(day(consultation.row.opens_at), 1),
        Dimension::Week => days(monday(day(consultation.row.opens_at)), 7),
        // as many as there are
        Dimension::FirstAnswerDays | Dimension::DecisionDays => Vec::new(),
    }
}

/// Puts a table in order: first the vocabulary, then whatever else was found (days before the window, a code
/// that the settings no longer have), so that nothing counted is left out of the sum.
fn complete(table: &Crosstab, rows: &[String], columns: Option<&[String]>) -> Counts {
    fn ordered(vocabulary: &[String], found: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
        let known: BTreeSet<_> = vocabulary.iter().collect();
        let others = found.keys().filter(|code| !known.contains(code));
        vocabulary
            .iter()
            .chain(others)
            .map(|code| (code.clone(), found.get(code).copied().unwrap_or_default()))
            .collect()
    }
    let row_totals = ordered(rows, &table.rows);
    let Some(columns) = columns else {
        let cells = row_totals.iter().map(|(row, count)| (row.clone(), None, *count)).collect();
        return Counts { base: table.base, cells, row_totals, column_totals: Vec::new() };
    };
    let column_totals = ordered(columns, &table.columns);
    let mut cells = Vec::with_capacity(row_totals.len() * column_totals.len());
    for (row, _) in &row_totals {
        for (column, _) in &column_totals {
            let count = table.cells.get(&(row.clone(), column.clone())).copied().unwrap_or_default();
            cells.push((row.clone(), Some(column.clone()), count));
        }
    }
    Counts { base: table.base, cells, row_totals, column_totals }
}
