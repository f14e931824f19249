//! Files that the worker prepares: which there are, who writes one, and when one must not be given out any more.
//!
//! A file is a copy, and what it holds may be withheld after it was made. So it keeps what had been taken off the public
//! list when it was begun ([`taken`]), and is given out only while nothing more has been.

use chrono::{DateTime, TimeDelta, Utc};
use domain::dataset::{Dataset, FileState, Format};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, Statement,
    sea_query::{Expr, OnConflict},
};

use crate::store::{
    FOR_CHANGE, WriteTx, attachment,
    column::Code,
    consultation::Consultation,
    entity::export_file::{self, Column as C},
};

/// How long a worker may be silent before another takes its file over.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long a file is kept.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// What has been taken off the public list so far. Counts of what only grows: the steps that take a text off it, and
/// erasing; another moderation rule gives the consultation another version.
///
/// # Errors
/// The database failed.
pub async fn taken(db: &impl ConnectionTrait, consultation: &Consultation) -> Result<String, DbErr> {
    let sql = "SELECT (SELECT count(*) FROM proposal_event WHERE edge IN ('withhold', 'withdraw')), \
        (SELECT count(*) FROM proposal WHERE erased_at IS NOT NULL)";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("a row of numbers".into()))?;
    let (steps, erased): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(format!("{} {steps} {erased}", consultation.row.version))
}

/// Asks for a file; one of its kind that is being written goes on, one that is ready is made anew.
///
/// # Errors
/// The database failed.
pub async fn ask(
    tx: &WriteTx,
    consultation_id: i64,
    dataset: Dataset,
    format: Format,
    now: DateTime<Utc>,
) -> Result<export_file::Model, DbErr> {
    let new = export_file::ActiveModel {
        consultation_id: Set(consultation_id),
        dataset: Set(Code(dataset)),
        format: Set(Code(format)),
        state: Set(Code(FileState::Waiting)),
        rows_done: Set(0),
        rows_total: Set(0),
        asked_at: Set(now),
        ..Default::default()
    };
    let known = OnConflict::columns([C::ConsultationId, C::Dataset, C::Format]).do_nothing().to_owned();
    export_file::Entity::insert(new).on_conflict(known).exec_without_returning(tx).await?;
    let row = export_file::Entity::find()
        .filter(C::ConsultationId.eq(consultation_id))
        .filter(C::Dataset.eq(dataset.as_str()))
        .filter(C::Format.eq(format.as_str()))
        .lock(FOR_CHANGE)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a file that was asked for".into()))?;
    if row.state.0 == FileState::Ready { begin_anew(tx, row, now).await } else { Ok(row) }
}

/// Forgets what was written of a file, and waits for a worker.
async fn begin_anew(tx: &WriteTx, row: export_file::Model, now: DateTime<Utc>) -> Result<export_file::Model, DbErr> {
    if let Some(object) = row.object {
        attachment::remove_files(tx, [object], now).await?;
    }
    export_file::Entity::update(export_file::ActiveModel {
        id: Unchanged(row.id),
        state: Set(Code(FileState::Waiting)),
        object: Set(None),
        mark: Set(None),
        taken: Set(None),
        rows_done: Set(0),
        size: Set(None),
        sha256: Set(None),
        asked_at: Set(now),
        claimed_until: Set(None),
        finished_at: Set(None),
        ..Default::default()
    })
    .exec(tx)
    .await
}

/// The files of a consultation, in the order they were first asked for. There is one of each kind at most.
///
/// # Errors
/// The database failed.
pub async fn list(db: &impl ConnectionTrait, consultation_id: i64) -> Result<Vec<export_file::Model>, DbErr> {
    export_file::Entity::find()
        .filter(C::ConsultationId.eq(consultation_id))
        .order_by_asc(C::Id)
        .limit(100)
        .all(db)
        .await
}

/// One.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<export_file::Model>, DbErr> {
    export_file::Entity::find_by_id(id).one(db).await
}

/// The one of a kind that is ready, if there is.
///
/// # Errors
/// The database failed.
pub async fn ready(
    db: &impl ConnectionTrait,
    consultation_id: i64,
    dataset: Dataset,
    format: Format,
) -> Result<Option<export_file::Model>, DbErr> {
    export_file::Entity::find()
        .filter(C::ConsultationId.eq(consultation_id))
        .filter(C::Dataset.eq(dataset.as_str()))
        .filter(C::Format.eq(format.as_str()))
        .filter(C::State.eq(FileState::Ready.as_str()))
        .one(db)
        .await
}

/// The files that wait, or whose worker fell silent, oldest first.
fn due(now: DateTime<Utc>) -> Select<export_file::Entity> {
    let silent = C::State.eq(FileState::Running.as_str()).and(C::ClaimedUntil.lt(now));
    export_file::Entity::find().filter(C::State.eq(FileState::Waiting.as_str()).or(silent)).order_by_asc(C::Id)
}

/// Whether there is one to be claimed.
///
/// # Errors
/// The database failed.
pub async fn is_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    due(now).one(db).await.map(|row| row.is_some())
}

/// Takes the oldest file that waits, or whose worker fell silent, to be written under a new name. The name is written
/// down for removal before the file is, as that of a photo.
///
/// # Errors
/// The database failed.
pub async fn claim(tx: &WriteTx, object: &str, now: DateTime<Utc>) -> Result<Option<export_file::Model>, DbErr> {
    let Some(row) = due(now).lock(FOR_CHANGE).one(tx).await? else { return Ok(None) };
    attachment::announce(tx, object, now).await?;
    let claimed = export_file::Entity::update(export_file::ActiveModel {
        id: Unchanged(row.id),
        state: Set(Code(FileState::Running)),
        object: Set(Some(object.to_owned())),
        rows_done: Set(0),
        claimed_until: Set(Some(now + LEASE)),
        ..Default::default()
    });
    claimed.exec(tx).await.map(Some)
}

/// Notes how far a file is, and that its worker lives; false if it is not this worker's any more.
///
/// # Errors
/// The database failed.
pub async fn note_progress(
    tx: &WriteTx,
    id: i64,
    object: &str,
    (done, total): (i64, i64),
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let total = Ord::max(total, done);
    let noted = export_file::Entity::update_many()
        .col_expr(C::RowsDone, Expr::value(done))
        .col_expr(C::RowsTotal, Expr::value(total))
        .col_expr(C::ClaimedUntil, Expr::value(now + LEASE))
        .filter(C::Id.eq(id))
        .filter(C::Object.eq(object))
        .filter(C::State.eq(FileState::Running.as_str()))
        .exec(tx)
        .await?;
    attachment::announce_longer(tx, object, now).await?;
    Ok(noted.rows_affected == 1)
}

/// A file that is whole.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name, documented in the migrations")]
pub struct Whole {
    pub mark: String,
    pub taken: String,
    pub rows: i64,
    pub size: i64,
    pub sha256: [u8; 32],
}

/// Makes a written file the one that is given out; false if another worker has taken it over.
///
/// # Errors
/// The database failed.
pub async fn finish(tx: &WriteTx, id: i64, object: &str, whole: Whole, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let done = export_file::Entity::update_many()
        .col_expr(C::State, Expr::value(FileState::Ready.as_str()))
        .col_expr(C::Mark, Expr::value(whole.mark))
        .col_expr(C::Taken, Expr::value(whole.taken))
        .col_expr(C::RowsDone, Expr::value(whole.rows))
        .col_expr(C::RowsTotal, Expr::value(whole.rows))
        .col_expr(C::Size, Expr::value(whole.size))
        .col_expr(C::Sha256, Expr::value(whole.sha256.to_vec()))
        .col_expr(C::FinishedAt, Expr::value(now))
        .filter(C::Id.eq(id))
        .filter(C::Object.eq(object))
        .filter(C::State.eq(FileState::Running.as_str()))
        .exec(tx)
        .await?
        .rows_affected
        == 1;
    if done {
        attachment::keep(tx, object).await?;
    }
    Ok(done)
}

/// All files that are ready, for the worker to look which must go.
///
/// # Errors
/// The database failed.
pub async fn ready_files(db: &impl ConnectionTrait) -> Result<Vec<export_file::Model>, DbErr> {
    export_file::Entity::find()
        .filter(C::State.eq(FileState::Ready.as_str()))
        .order_by_asc(C::Id)
        .limit(1000)
        .all(db)
        .await
}

/// Makes a ready file anew because something in it was taken off the public list, or because it is gone; the old one is
/// removed.
///
/// # Errors
/// The database failed.
pub async fn outdate(tx: &WriteTx, id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let row = export_file::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await?;
    match row.filter(|row| row.state.0 == FileState::Ready) {
        Some(row) => begin_anew(tx, row, now).await.map(drop),
        None => Ok(()),
    }
}

/// Forgets a ready file; it is removed.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &WriteTx, row: export_file::Model, now: DateTime<Utc>) -> Result<(), DbErr> {
    let gone = export_file::Entity::delete_many()
        .filter(C::Id.eq(row.id))
        .filter(C::State.eq(FileState::Ready.as_str()))
        .exec(tx)
        .await?;
    match row.object {
        Some(object) if gone.rows_affected == 1 => attachment::remove_files(tx, [object], now).await,
        _ => Ok(()),
    }
}
