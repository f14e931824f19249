//! Editions: what was published of the counts, and next to it the true counts it was made from, which never leave.

use chrono::{DateTime, Utc};
use domain::{
    count::Dimension,
    disclosure::{Earlier, Protected, TABLES, Table, protect},
    edition::{Edition, Making},
    ledger::hex,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

use crate::store::{
    Store, WriteTx, consultation::Consultation, entity::edition, statistics, statistics::Counts, tally::Snapshot,
};

/// An edition that could be published.
#[derive(Debug)]
pub struct Prepared {
    /// What it says.
    pub edition: Edition,
    /// What is hidden in it, and why.
    pub protected: Protected,
    /// The true counts.
    pub counts: Vec<Table>,
    /// Number of participations and instant of the one before.
    pub previous: Option<(u64, DateTime<Utc>)>,
}

/// What a list tells of an edition.
#[derive(Debug, FromQueryResult)]
#[expect(missing_docs, reason = "the columns are documented in the migrations")]
pub struct Listed {
    pub number: i64,
    pub taken_at: DateTime<Utc>,
    pub base: i64,
    pub checksum: String,
}

/// The editions of a consultation, newest first, from before `cursor` on.
///
/// # Errors
/// The database failed.
pub async fn list(
    db: &impl ConnectionTrait,
    consultation: i64,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<Listed>, DbErr> {
    use edition::Column as C;
    edition::Entity::find()
        .select_only()
        .columns([C::Number, C::TakenAt, C::Base, C::Checksum])
        .filter(C::ConsultationId.eq(consultation))
        .filter(Condition::all().add_option(cursor.map(|cursor| C::Number.lt(cursor))))
        .order_by_desc(C::Number)
        .limit(limit)
        .into_model()
        .all(db)
        .await
}

/// An edition as it was published: its text, word for word, and its checksum. The newest one if no number is given.
///
/// # Errors
/// The database failed.
pub async fn content(
    db: &impl ConnectionTrait,
    consultation: i64,
    number: Option<i64>,
) -> Result<Option<(String, String)>, DbErr> {
    use edition::Column as C;
    edition::Entity::find()
        .select_only()
        .columns([C::Content, C::Checksum])
        .filter(C::ConsultationId.eq(consultation))
        .filter(Condition::all().add_option(number.map(|number| C::Number.eq(number))))
        .order_by_desc(C::Number)
        .into_tuple()
        .one(db)
        .await
}

/// The number of an edition if there is that one, or the newest one's; what it says is not read.
///
/// # Errors
/// The database failed.
pub async fn number(db: &impl ConnectionTrait, consultation: i64, number: Option<i64>) -> Result<Option<i64>, DbErr> {
    use edition::Column as C;
    edition::Entity::find()
        .select_only()
        .column(C::Number)
        .filter(C::ConsultationId.eq(consultation))
        .filter(Condition::all().add_option(number.map(|number| C::Number.eq(number))))
        .order_by_desc(C::Number)
        .into_tuple()
        .one(db)
        .await
}

/// Prepares the next edition from the counts of this instant.
///
/// # Errors
/// The database failed, or an earlier edition cannot be read.
pub async fn prepare(
    store: &Store,
    consultation: &Consultation,
    key: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Prepared, DbErr> {
    let snapshot = Snapshot::take(store, consultation.row.id).await?;
    let mut counts = Vec::with_capacity(TABLES.len());
    for (rows, columns) in TABLES {
        let table = statistics::by(&snapshot, consultation, rows, columns, now).await?;
        counts.push(Table { rows, columns, cells: table.cells });
    }
    let waited = async |dimension| -> Result<_, DbErr> {
        let Counts { row_totals, .. } = statistics::by(&snapshot, consultation, dimension, None, now).await?;
        Ok(row_totals)
    };
    let (first_answer, decision) = (waited(Dimension::FirstAnswerDays).await?, waited(Dimension::DecisionDays).await?);
    drop(snapshot);

    let rows = edition::Entity::find()
        .filter(edition::Column::ConsultationId.eq(consultation.row.id))
        .order_by_asc(edition::Column::Number)
        .all(store.read())
        .await?;
    let previous = rows.last().map(|row| (row.base.unsigned_abs(), row.taken_at));
    let number = rows.last().map_or(1, |row| row.number.unsigned_abs() + 1);
    let earlier = rows.iter().map(earlier).collect::<Result<Vec<_>, _>>()?;
    // hundreds of tables may have to be looked through: not on a thread that answers requests
    let (protected, counts) = {
        let key = *key;
        let work = move || (protect(&counts, &earlier, &key), counts);
        tokio::task::spawn_blocking(work).await.map_err(|error| DbErr::Custom(error.to_string()))?
    };
    let making = Making {
        consultation: &consultation.row.slug,
        territories: consultation.territories.iter().map(|territory| territory.code.as_str()).collect(),
        number,
        taken_at: now,
        previous_base: previous.map(|(base, _)| base),
        first_answer,
        decision,
        attendance: consultation.row.attendance.0.iter().map(|met| (met.territory.clone(), met.people)).collect(),
    };
    Ok(Prepared { edition: Edition::new(making, &protected.tables), protected, counts, previous })
}

fn earlier(row: &edition::Model) -> Result<Earlier, DbErr> {
    let broken = |error: serde_json::Error| DbErr::Custom(format!("edition {}: {error}", row.number));
    let edition: Edition = serde_json::from_str(&row.content).map_err(broken)?;
    Ok(Earlier { counts: serde_json::from_str(&row.counts).map_err(broken)?, published: edition.published() })
}

/// Whether an edition has this number already.
///
/// # Errors
/// The database failed.
pub async fn exists(tx: &WriteTx, consultation: i64, number: u64) -> Result<bool, DbErr> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    Ok(edition::Entity::find_by_id((consultation, number)).one(tx).await?.is_some())
}

/// Publishes an edition; answers its text and its checksum (SHA-256 of the text, hexadecimal).
///
/// # Errors
/// Another edition took its number meanwhile, or the database failed.
pub async fn insert(
    tx: &WriteTx,
    consultation: i64,
    prepared: &Prepared,
    account: i64,
) -> Result<(String, String), DbErr> {
    let text = |what: Result<String, serde_json::Error>| what.map_err(|error| DbErr::Custom(error.to_string()));
    let content = text(serde_json::to_string(&prepared.edition))?;
    let checksum = hex(&Sha256::digest(&content).into());
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    edition::Entity::insert(edition::ActiveModel {
        consultation_id: Set(consultation),
        number: Set(number(prepared.edition.number)),
        taken_at: Set(prepared.edition.taken_at),
        published_by: Set(account),
        base: Set(number(prepared.edition.base)),
        checksum: Set(checksum.clone()),
        content: Set(content.clone()),
        counts: Set(text(serde_json::to_string(&prepared.counts))?),
    })
    .exec_without_returning(tx)
    .await?;
    Ok((content, checksum))
}
