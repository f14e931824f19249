//! Photos of proposals: which there are, whose they are, and which files are no longer anybody's.
//!
//! A file and a row cannot be written in one transaction. So the file's name is written down for removal before the
//! file is, and the transaction that makes its row takes the name off that list again; whatever forgets a row puts the
//! name back on it. The worker removes what is on the list. Nothing that happens in between leaves a file behind.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{attachment::WAITS_HOURS, ledger::hex};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
    sea_query::{Expr, OnConflict},
};

use crate::store::{
    FOR_CHANGE, WriteTx,
    entity::{attachment, file_removal},
};

use attachment::Column as C;

/// How long a photo waits for its proposal.
pub const WAITS: TimeDelta = TimeDelta::hours(WAITS_HOURS);
/// How long a file may be on its way before it is taken for lost: far longer than any request lives.
const ON_ITS_WAY: TimeDelta = TimeDelta::hours(1);
/// How many files are removed in one round.
const BATCH: u64 = 100;

/// A photo that has been written and has no row yet.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name, documented in the migrations")]
pub struct New {
    pub consultation_id: i64,
    pub token_hash: [u8; 32],
    pub object: String,
    pub sha256: [u8; 32],
    pub size: i64,
    pub width: i64,
    pub height: i64,
}

fn waiting() -> Select<attachment::Entity> {
    attachment::Entity::find().filter(C::ProposalId.is_null())
}

/// How many photos wait for their proposals.
///
/// # Errors
/// The database failed.
pub async fn count_waiting(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    waiting().count(db).await
}

/// Says that a file of this name is about to be written.
///
/// # Errors
/// The database failed.
pub async fn announce(tx: &WriteTx, object: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    remove_files(tx, [object.to_owned()], now + ON_ITS_WAY).await
}

/// Takes a file that was announced and written off the list again, in the transaction that makes its row.
///
/// # Errors
/// The database failed, or the file was taken for lost.
pub(super) async fn keep(tx: &WriteTx, object: &str) -> Result<(), DbErr> {
    if file_removal::Entity::delete_by_id(object.to_owned()).exec(tx).await?.rows_affected == 0 {
        return Err(DbErr::RecordNotFound("a file that was announced".into()));
    }
    Ok(())
}

/// Makes the row of a photo that was announced and written. It waits for its proposal.
///
/// # Errors
/// The database failed, or the file was taken for lost.
pub async fn insert(tx: &WriteTx, new: New, now: DateTime<Utc>) -> Result<(), DbErr> {
    keep(tx, &new.object).await?;
    attachment::Entity::insert(attachment::ActiveModel {
        consultation_id: Set(new.consultation_id),
        token_hash: Set(new.token_hash.to_vec()),
        object: Set(new.object),
        sha256: Set(new.sha256.to_vec()),
        size: Set(new.size),
        width: Set(new.width),
        height: Set(new.height),
        created_at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// The photos behind tokens, in the tokens' order, locked so that no other proposal takes one.
///
/// # Errors
/// The database failed. Within: the places of tokens that name no photo of this consultation that still waits.
pub async fn claim(
    tx: &WriteTx,
    consultation_id: i64,
    tokens: &[[u8; 32]],
    now: DateTime<Utc>,
) -> Result<Result<Vec<attachment::Model>, Vec<usize>>, DbErr> {
    if tokens.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    // in the order of ids: two that want the same photos wait for each other in one direction
    let rows = waiting()
        .filter(C::ConsultationId.eq(consultation_id))
        .filter(C::TokenHash.is_in(tokens.iter().map(|token| token.to_vec())))
        .filter(C::CreatedAt.gt(now - WAITS))
        .order_by_asc(C::Id)
        .lock(FOR_CHANGE)
        .all(tx)
        .await?;
    let found: Vec<_> = tokens.iter().map(|token| rows.iter().find(|row| row.token_hash == token).cloned()).collect();
    let gone: Vec<_> = found.iter().enumerate().filter(|(_, row)| row.is_none()).map(|(place, _)| place).collect();
    Ok(if gone.is_empty() { Ok(found.into_iter().flatten().collect()) } else { Err(gone) })
}

/// Gives claimed photos to their proposal, numbered from 1.
///
/// # Errors
/// The database failed.
pub async fn attach(tx: &WriteTx, rows: &[attachment::Model], proposal_id: i64) -> Result<(), DbErr> {
    for (number, row) in (1_i64..).zip(rows) {
        let done = attachment::Entity::update_many()
            .col_expr(C::ProposalId, proposal_id.into())
            .col_expr(C::Number, number.into())
            .filter(C::Id.eq(row.id))
            .filter(C::ProposalId.is_null())
            .exec(tx)
            .await?;
        // the rows are locked; should a caller ever forget that, this fails instead of taking another's photo
        if done.rows_affected != 1 {
            return Err(DbErr::RecordNotUpdated);
        }
    }
    Ok(())
}

/// The photos of a proposal, by number.
///
/// # Errors
/// The database failed.
pub async fn of(db: &impl ConnectionTrait, proposal_id: i64) -> Result<Vec<attachment::Model>, DbErr> {
    attachment::Entity::find().filter(C::ProposalId.eq(proposal_id)).order_by_asc(C::Number).all(db).await
}

/// The SHA-256 of a photo in hexadecimal.
#[must_use]
pub fn digest(row: &attachment::Model) -> String {
    <[u8; 32]>::try_from(row.sha256.as_slice()).map(|hash| hex(&hash)).unwrap_or_default()
}

/// One photo of a proposal.
///
/// # Errors
/// The database failed.
pub async fn one(db: &impl ConnectionTrait, proposal_id: i64, number: i64) -> Result<Option<attachment::Model>, DbErr> {
    attachment::Entity::find().filter(C::ProposalId.eq(proposal_id)).filter(C::Number.eq(number)).one(db).await
}

/// Forgets the photos of a proposal; their files follow.
///
/// # Errors
/// The database failed.
pub(super) async fn forget(tx: &WriteTx, proposal_id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let rows = of(tx, proposal_id).await?;
    forget_rows(tx, rows, now).await
}

/// Forgets photos whose proposal never came; answers how many.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    // a proposal that is just taking one of them keeps it: PostgreSQL looks again once it has the lock
    let rows = waiting().filter(C::CreatedAt.lte(now - WAITS)).order_by_asc(C::Id).lock(FOR_CHANGE).all(tx).await?;
    let count = rows.len() as u64;
    forget_rows(tx, rows, now).await?;
    Ok(count)
}

async fn forget_rows(tx: &WriteTx, rows: Vec<attachment::Model>, now: DateTime<Utc>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    attachment::Entity::delete_many().filter(C::Id.is_in(ids)).exec(tx).await?;
    remove_files(tx, rows.into_iter().map(|row| row.object), now).await
}

/// Says that a file that was announced is still on its way.
///
/// # Errors
/// The database failed.
pub(super) async fn announce_longer(tx: &WriteTx, object: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    file_removal::Entity::update_many()
        .col_expr(file_removal::Column::Due, Expr::value(now + ON_ITS_WAY))
        .filter(file_removal::Column::Object.eq(object))
        .exec(tx)
        .await
        .map(drop)
}

pub(super) async fn remove_files(
    tx: &WriteTx,
    objects: impl IntoIterator<Item = String>,
    due: DateTime<Utc>,
) -> Result<(), DbErr> {
    let rows = objects.into_iter().map(|object| file_removal::ActiveModel { object: Set(object), due: Set(due) });
    file_removal::Entity::insert_many(rows)
        .on_conflict(OnConflict::column(file_removal::Column::Object).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Names of files that are to be removed now, the longest due first.
///
/// # Errors
/// The database failed.
pub async fn files_to_remove(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<String>, DbErr> {
    use file_removal::Column::{Due, Object};
    let due = file_removal::Entity::find().filter(Due.lte(now)).order_by_asc(Due).limit(BATCH);
    due.select_only().column(Object).into_tuple().all(db).await
}

/// Takes files that are removed off the list.
///
/// # Errors
/// The database failed.
pub async fn files_removed(tx: &WriteTx, objects: Vec<String>) -> Result<(), DbErr> {
    let done = file_removal::Column::Object.is_in(objects);
    file_removal::Entity::delete_many().filter(done).exec(tx).await?;
    Ok(())
}
