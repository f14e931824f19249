//! Counts, by the one definition of `domain::count`: submitted and not withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDateTime, Utc};
use domain::{
    calendar::day,
    count::{Crosstab, Dimension},
    proposal::ProposalState,
    vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Place, Residence},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use crate::store::{column::Code, consultation::Consultation};

/// The public one-way counts. Every list holds every code, zero included, in the consultation's order, and
/// adds up to `base`.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each list is named after what it counts by")]
pub struct PublicCounts {
    pub base: u64,
    pub axis: Vec<(String, u64)>,
    pub state: Vec<(String, u64)>,
    pub channel: Vec<(String, u64)>,
    pub territory: Vec<(String, u64)>,
    pub public_proposals: u64,
    pub answered: u64,
}

/// Takes the public counts in one pass over an index.
///
/// # Errors
/// The database failed.
pub async fn public(db: &impl ConnectionTrait, consultation: &Consultation) -> Result<PublicCounts, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        state: Code<ProposalState>,
        axis_id: i64,
        territory_id: Option<i64>,
        channel: Code<Channel>,
        public: bool,
        count: i64,
    }
    let rows = Row::find_by_statement(Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT state, axis_id, territory_id, channel, public, count(*) AS count
         FROM proposal WHERE consultation_id = $1 AND state <> 'withdrawn'
         GROUP BY state, axis_id, territory_id, channel, public",
        [consultation.row.id.into()],
    ))
    .all(db)
    .await?;
    let codes = |list: &mut dyn Iterator<Item = String>| list.map(|code| (code, 0)).collect::<Vec<_>>();
    let mut counts = PublicCounts {
        axis: codes(&mut consultation.axes.iter().map(|axis| axis.code.clone())),
        state: codes(&mut ProposalState::ALL.iter().filter(|state| state.is_counted()).map(ToString::to_string)),
        channel: codes(&mut Channel::ALL.iter().map(ToString::to_string)),
        territory: codes(
            &mut consultation
                .territories
                .iter()
                .map(|territory| territory.code.clone())
                .chain([Place::WholeRegion.to_string()]),
        ),
        ..PublicCounts::default()
    };
    let add = |list: &mut Vec<(String, u64)>, code: &str, count: u64| {
        if let Some((_, sum)) = list.iter_mut().find(|(known, _)| known == code) {
            *sum += count;
        }
    };
    let mut by_state = BTreeMap::new();
    for row in rows {
        let count = u64::try_from(row.count).unwrap_or_default();
        let state = row.state.0;
        *by_state.entry(state).or_insert(0) += count;
        add(&mut counts.state, state.as_str(), count);
        add(&mut counts.axis, &consultation.axis_code(row.axis_id), count);
        add(&mut counts.channel, row.channel.0.as_str(), count);
        add(&mut counts.territory, &consultation.place(row.territory_id), count);
        counts.public_proposals += if row.public { count } else { 0 };
        counts.answered += if state.is_answered() { count } else { 0 };
    }
    counts.base = domain::count::participations(&by_state);
    Ok(counts)
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

/// Counts by one or two dimensions in one statement, so that a submission in between cannot make the parts
/// disagree. `now` bounds the days that are listed.
///
/// # Errors
/// The database failed.
pub async fn by(
    db: &impl ConnectionTrait,
    consultation: &Consultation,
    rows: Dimension,
    columns: Option<Dimension>,
    now: DateTime<Utc>,
) -> Result<Counts, DbErr> {
    #[derive(FromQueryResult)]
    struct Cell {
        row_key: Option<String>,
        column_key: Option<String>,
        count: i64,
    }
    let backend = db.get_database_backend();
    let row = column(rows, backend);
    let (column_key, group_by) = columns.map_or(("NULL", row.group_by.to_owned()), |dimension| {
        let column = column(dimension, backend);
        (column.key, format!("{}, {}", row.group_by, column.group_by))
    });
    // every word of this statement is ours: a dimension is a closed code, and its column is written below
    let sql = format!(
        "SELECT {} AS row_key, {column_key} AS column_key, count(*) AS count
         FROM proposal WHERE consultation_id = $1 AND state <> 'withdrawn' GROUP BY {group_by}",
        row.key
    );
    let statement = Statement::from_sql_and_values(backend, sql, [consultation.row.id.into()]);
    let cells = Cell::find_by_statement(statement).all(db).await?;
    let table = Crosstab::new(cells.into_iter().map(|cell| {
        let column = columns.map(|dimension| code(consultation, dimension, cell.column_key)).unwrap_or_default();
        (code(consultation, rows, cell.row_key), column, u64::try_from(cell.count).unwrap_or_default())
    }));
    Ok(complete(
        &table,
        &vocabulary(consultation, rows, now),
        columns.map(|dimension| vocabulary(consultation, dimension, now)).as_deref(),
    ))
}

/// How SQL says a dimension.
struct SqlColumn {
    /// What is read, as text.
    key: &'static str,
    /// What is grouped by: the column itself where there is one, so that the index can answer.
    group_by: &'static str,
}

const fn column(dimension: Dimension, backend: DbBackend) -> SqlColumn {
    const fn same(name: &'static str) -> SqlColumn {
        SqlColumn { key: name, group_by: name }
    }
    match dimension {
        Dimension::Axis => SqlColumn { key: "CAST(axis_id AS TEXT)", group_by: "axis_id" },
        Dimension::Territory => SqlColumn { key: "CAST(territory_id AS TEXT)", group_by: "territory_id" },
        Dimension::AgeBand => same("age_band"),
        Dimension::Gender => same("gender"),
        Dimension::ParticipantType => same("participant_type"),
        Dimension::Residence => same("residence"),
        Dimension::Channel => same("channel"),
        Dimension::State => same("state"),
        Dimension::Language => same("language"),
        // The hour in UTC: SQLite knows no time zones, and PostgreSQL may know other rules than we do. Hours
        // become days in one place, below; Casablanca is always whole hours away.
        Dimension::Day => match backend {
            DbBackend::Postgres => SqlColumn {
                key: "to_char(date_trunc('hour', submitted_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD\"T\"HH24')",
                group_by: "date_trunc('hour', submitted_at AT TIME ZONE 'UTC')",
            },
            _ => same("substr(submitted_at, 1, 13)"),
        },
    }
}

/// The code behind what SQL read.
fn code(consultation: &Consultation, dimension: Dimension, key: Option<String>) -> String {
    let id = || key.as_deref().and_then(|key| key.parse().ok());
    match dimension {
        Dimension::Axis => id().map(|id| consultation.axis_code(id)).unwrap_or_default(),
        Dimension::Territory => consultation.place(id()),
        Dimension::Day => {
            let hour = key
                .as_deref()
                .and_then(|key| NaiveDateTime::parse_from_str(&format!("{key}:00"), "%Y-%m-%dT%H:%M").ok());
            hour.map(|hour| day(hour.and_utc()).to_string()).unwrap_or_default()
        }
        _ => key.unwrap_or_default(),
    }
}

/// Every code a dimension can show, in the order of a form. Days are those of the window so far.
fn vocabulary(consultation: &Consultation, dimension: Dimension, now: DateTime<Utc>) -> Vec<String> {
    fn codes<T: ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    let territories = || consultation.territories.iter().map(|territory| territory.code.clone());
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
        Dimension::Day => {
            let last = day(now.min(consultation.row.closes_at));
            let days =
                std::iter::successors(Some(day(consultation.row.opens_at)), |day| day.checked_add_days(Days::new(1)));
            days.take_while(|day| *day <= last).map(|day| day.to_string()).collect()
        }
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
