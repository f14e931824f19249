//! Counts that are kept: what a count costs does not grow with what is counted.
//!
//! Triggers write a row of `tally_change` in the transaction that changes a proposal; no code can forget to. The worker adds
//! them up into `tally`, and whoever reads adds those that still wait, in one snapshot. By the one definition of
//! `domain::count`, which also knows every cell a proposal belongs to.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::{
    count::{Dimension, Participation},
    proposal::{ProposalState, Remark},
    vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Residence},
};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, IsolationLevel, Statement,
    TransactionTrait as _, Value,
};

use crate::store::{Store, WriteTx, column::Code};

/// How many changes are added up in one transaction: a second's work at most.
const BATCH: u64 = 5_000;
/// How many cells are written in one statement; six parameters each, of 32,766 that SQLite takes.
const CELLS: usize = 1_000;

/// What is read of a proposal to count it: a row of `tally_change`, or of `proposal` when it is counted anew.
#[derive(Debug, FromQueryResult)]
struct Change {
    change: i64,
    consultation_id: i64,
    axis_id: i64,
    territory_id: Option<i64>,
    age_band: Code<AgeBand>,
    gender: Code<Gender>,
    participant_type: Code<ParticipantType>,
    residence: Code<Residence>,
    channel: Code<Channel>,
    state: Code<ProposalState>,
    language: Code<Language>,
    remarks: String,
    public: bool,
    submitted_at: DateTime<Utc>,
    received_at: Option<DateTime<Utc>>,
    first_answered_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
}

/// The columns of [`Change`] that both tables have.
const COLUMNS: &str = "consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, \
    state, language, remarks, public, submitted_at, received_at, first_answered_at, decided_at";

impl Change {
    fn participation(&self) -> Participation {
        Participation {
            axis: self.axis_id.to_string(),
            territory: self.territory_id.map(|id| id.to_string()).unwrap_or_default(),
            age_band: self.age_band.0,
            gender: self.gender.0,
            participant_type: self.participant_type.0,
            residence: self.residence.0.clone(),
            channel: self.channel.0,
            state: self.state.0,
            language: self.language.0,
            remarks: self.remarks.split_ascii_whitespace().filter_map(|code| code.parse::<Remark>().ok()).collect(),
            public: self.public,
            submitted_at: self.submitted_at,
            received_at: self.received_at.unwrap_or(self.submitted_at),
            first_answered_at: self.first_answered_at,
            decided_at: self.decided_at,
        }
    }
}

/// A cell as it is kept: the consultation, the dimensions (the second empty in a one-way count) and the codes.
type Key = (i64, &'static str, &'static str, String, String);

/// Adds up what `changes` do to every cell.
fn add_up(changes: &[Change]) -> BTreeMap<Key, i64> {
    // alike changes are one: under load most submissions differ in little, and a decision takes back what it adds
    let mut alike: HashMap<(i64, Participation), i64> = HashMap::new();
    for change in changes {
        *alike.entry((change.consultation_id, change.participation())).or_default() += change.change;
    }
    let mut cells: BTreeMap<Key, i64> = BTreeMap::new();
    for ((consultation, participation), count) in alike.iter().filter(|(_, count)| **count != 0) {
        for cell in participation.cells() {
            let (other, other_code) =
                cell.columns.map_or(("", String::new()), |(columns, column)| (columns.as_str(), column.into_owned()));
            let key = (*consultation, cell.rows.as_str(), other, cell.row.into_owned(), other_code);
            *cells.entry(key).or_default() += count;
        }
    }
    cells.retain(|_, count| *count != 0);
    cells
}

/// Adds what waits to the tally; answers how many changes that were. Any number of processes may call it.
///
/// # Errors
/// The database failed; what was added stays added.
pub async fn fold(store: &Store) -> Result<u64, DbErr> {
    let mut folded = 0;
    loop {
        // looking first costs nothing; taking the write lock every second for nothing would
        let waits = store.read().query_one_raw(Statement::from_string(
            store.read().get_database_backend(),
            "SELECT id FROM tally_change LIMIT 1",
        ));
        if waits.await?.is_none() {
            return Ok(folded);
        }
        let tx = store.write().await?;
        let batch = fold_batch(&tx).await?;
        tx.commit().await?;
        folded += batch;
        if batch < BATCH {
            return Ok(folded);
        }
    }
}

async fn fold_batch(tx: &WriteTx) -> Result<u64, DbErr> {
    let backend = tx.get_database_backend();
    if backend == DbBackend::Postgres {
        // one adds up at a time; nobody who reads or submits waits for it
        tx.execute_unprepared("LOCK TABLE tally IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    let sql = format!(
        "DELETE FROM tally_change WHERE id IN (SELECT id FROM tally_change ORDER BY id LIMIT {BATCH})
         RETURNING change, {COLUMNS}"
    );
    let changes = Change::find_by_statement(Statement::from_string(backend, sql)).all(tx).await?;
    let cells: Vec<_> = add_up(&changes).into_iter().collect();
    for cells in cells.chunks(CELLS) {
        let places = (0..cells.len()).map(|cell| {
            let parameter = |place: usize| format!("${}", 6 * cell + place);
            format!("({})", (1..=6).map(parameter).collect::<Vec<_>>().join(", "))
        });
        let sql = format!(
            "INSERT INTO tally (consultation_id, dimension, other_dimension, code, other_code, count) VALUES {}
             ON CONFLICT (consultation_id, dimension, other_dimension, code, other_code)
             DO UPDATE SET count = tally.count + excluded.count",
            places.collect::<Vec<_>>().join(", ")
        );
        let values = cells.iter().flat_map(|((consultation, dimension, other, code, other_code), count)| {
            [
                Value::from(*consultation),
                (*dimension).into(),
                (*other).into(),
                code.clone().into(),
                other_code.clone().into(),
                (*count).into(),
            ]
        });
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(u64::try_from(changes.len()).unwrap_or(u64::MAX))
}

/// A transaction that sees everything as it was at one instant.
#[expect(clippy::disallowed_methods, reason = "it only reads")]
async fn begin(store: &Store) -> Result<DatabaseTransaction, DbErr> {
    if store.is_postgres() {
        let (isolation, access) = (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly));
        store.read().begin_with_config(isolation, access).await
    } else {
        // there every transaction that reads is one
        store.read().begin().await
    }
}

/// The counts of one consultation as they were at one instant.
#[derive(Debug)]
pub struct Snapshot {
    tx: DatabaseTransaction,
    consultation: i64,
    waiting: BTreeMap<Key, i64>,
}

impl Snapshot {
    /// Takes one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take(store: &Store, consultation: i64) -> Result<Self, DbErr> {
        let tx = begin(store).await?;
        let sql = format!("SELECT change, {COLUMNS} FROM tally_change WHERE consultation_id = $1");
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [consultation.into()]);
        let waiting = add_up(&Change::find_by_statement(statement).all(&tx).await?);
        Ok(Self { tx, consultation, waiting })
    }

    /// The cells of a count by one or two kept dimensions, the earlier of [`Dimension::ALL`] first: code, other code
    /// (empty in a one-way count) and how many. Cells nobody is in may be left out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cells(
        &self,
        rows: Dimension,
        columns: Option<Dimension>,
    ) -> Result<BTreeMap<(String, String), u64>, DbErr> {
        #[derive(FromQueryResult)]
        struct Row {
            code: String,
            other_code: String,
            count: i64,
        }
        let other = columns.map_or("", Dimension::as_str);
        let kept = Row::find_by_statement(Statement::from_sql_and_values(
            self.tx.get_database_backend(),
            "SELECT code, other_code, count FROM tally
             WHERE consultation_id = $1 AND dimension = $2 AND other_dimension = $3",
            [self.consultation.into(), rows.as_str().into(), other.into()],
        ));
        let mut cells: BTreeMap<(String, String), i64> =
            kept.all(&self.tx).await?.into_iter().map(|row| ((row.code, row.other_code), row.count)).collect();
        for ((_, _, _, code, other_code), count) in
            self.waiting.iter().filter(|((_, one, two, _, _), _)| *one == rows.as_str() && *two == other)
        {
            *cells.entry((code.clone(), other_code.clone())).or_default() += count;
        }
        let positive = |(key, count): (_, i64)| u64::try_from(count).ok().filter(|count| *count > 0).map(|n| (key, n));
        Ok(cells.into_iter().filter_map(positive).collect())
    }
}

/// A cell in which the tally and the proposals disagree.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The dimensions and codes, as they are kept.
    pub cell: String,
    /// What the tally says, with what waits.
    pub kept: i64,
    /// What the proposals say.
    pub counted: i64,
}

/// Counts every proposal of every consultation anew and compares; empty if all is well. Answers how many proposals were
/// counted too. Reads all of them, as they were at one instant; nobody waits for it.
///
/// # Errors
/// The database failed.
pub async fn verify(store: &Store) -> Result<(u64, Vec<Difference>), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        consultation_id: i64,
        dimension: Code<Dimension>,
        other_dimension: String,
        code: String,
        other_code: String,
        count: i64,
    }
    #[derive(FromQueryResult)]
    struct Counted {
        id: i64,
        #[sea_orm(nested)]
        change: Change,
    }
    let backend = store.read().get_database_backend();
    let tx = begin(store).await?;
    let mut kept: BTreeMap<Key, i64> = BTreeMap::new();
    let sql = "SELECT consultation_id, dimension, other_dimension, code, other_code, count FROM tally";
    for row in Row::find_by_statement(Statement::from_string(backend, sql)).all(&tx).await? {
        let other = row.other_dimension.parse().map_or("", Dimension::as_str);
        kept.insert((row.consultation_id, row.dimension.0.as_str(), other, row.code, row.other_code), row.count);
    }
    let sql = format!("SELECT change, {COLUMNS} FROM tally_change");
    for (key, count) in add_up(&Change::find_by_statement(Statement::from_string(backend, sql)).all(&tx).await?) {
        *kept.entry(key).or_default() += count;
    }
    let (mut counted, mut total, mut after) = (BTreeMap::new(), 0_u64, 0_i64);
    let sql = format!(
        "SELECT id, CAST(1 AS BIGINT) AS change, {COLUMNS} FROM proposal
         WHERE id > $1 AND state <> 'withdrawn' ORDER BY id LIMIT {BATCH}"
    );
    loop {
        let statement = Statement::from_sql_and_values(backend, &sql, [after.into()]);
        let rows = Counted::find_by_statement(statement).all(&tx).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        total += u64::try_from(rows.len()).unwrap_or_default();
        let changes: Vec<_> = rows.into_iter().map(|row| row.change).collect();
        for (key, count) in add_up(&changes) {
            *counted.entry(key).or_insert(0) += count;
        }
    }
    kept.retain(|_, count| *count != 0);
    let mut keys: Vec<_> = kept.keys().chain(counted.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    let differences = keys.into_iter().filter_map(|key| {
        let (kept, counted) =
            (kept.get(&key).copied().unwrap_or_default(), counted.get(&key).copied().unwrap_or_default());
        let (consultation, dimension, other, code, other_code) = key;
        let cell =
            format!("consultation {consultation}: {dimension} {code} {other} {other_code}").trim_end().to_owned();
        (kept != counted).then_some(Difference { cell, kept, counted })
    });
    Ok((total, differences.collect()))
}
