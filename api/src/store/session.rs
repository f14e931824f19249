//! Sessions: found by the hash of their token, dead by deletion.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::store::{
    WriteTx,
    account::Account,
    entity::{account, session},
};

/// How long a session lasts, in hours: a working day.
pub const SESSION_HOURS: i64 = 12;

/// Opens a session; answers when it ends.
///
/// # Errors
/// The database failed.
pub async fn insert(
    tx: &WriteTx,
    token_hash: [u8; 32],
    account_id: i64,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, DbErr> {
    let expires_at = now + TimeDelta::hours(SESSION_HOURS);
    session::Entity::insert(session::ActiveModel {
        token_hash: Set(token_hash.to_vec()),
        account_id: Set(account_id),
        created_at: Set(now),
        expires_at: Set(expires_at),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(expires_at)
}

/// The account behind a token's hash and when its session ends; `None` if it has ended or the account is disabled.
///
/// # Errors
/// The database failed.
pub async fn find(
    db: &impl ConnectionTrait,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(Account, DateTime<Utc>)>, DbErr> {
    let Some(row) = session::Entity::find_by_id(token_hash.to_vec()).one(db).await? else { return Ok(None) };
    if row.expires_at <= now {
        return Ok(None);
    }
    let account = account::Entity::find_by_id(row.account_id).one(db).await?;
    Ok(account.filter(|account| !account.disabled).map(|account| (account.into(), row.expires_at)))
}

/// Ends one session.
///
/// # Errors
/// The database failed.
pub async fn remove(tx: &WriteTx, token_hash: &[u8; 32]) -> Result<(), DbErr> {
    session::Entity::delete_by_id(token_hash.to_vec()).exec(tx).await?;
    Ok(())
}

/// Ends all sessions of an account, but for the one given.
///
/// # Errors
/// The database failed.
pub async fn remove_all(tx: &WriteTx, account_id: i64, except: Option<&[u8; 32]>) -> Result<(), DbErr> {
    let mut query = session::Entity::delete_many().filter(session::Column::AccountId.eq(account_id));
    if let Some(except) = except {
        query = query.filter(session::Column::TokenHash.ne(except.to_vec()));
    }
    query.exec(tx).await?;
    Ok(())
}

/// Forgets sessions that have ended.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now)).exec(tx).await?.rows_affected)
}
