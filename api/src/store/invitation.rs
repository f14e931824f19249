//! Invitations: the way to a first password, and to a new one. At most one an account; used, taken back or replaced, it
//! is gone.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::store::{
    WriteTx,
    account::Account,
    entity::{account, invitation},
};

/// How long an invitation is good for.
pub const VALID: TimeDelta = TimeDelta::hours(72);
/// How long a link to another password is good for: whoever asked for it is waiting.
pub const RENEWAL_VALID: TimeDelta = TimeDelta::hours(2);

/// Replaces the invitation of an account; answers its id.
///
/// # Errors
/// The database failed.
pub async fn replace(
    tx: &WriteTx,
    account_id: i64,
    seed: [u8; 32],
    token_hash: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    remove(tx, account_id).await?;
    let row = invitation::Entity::insert(invitation::ActiveModel {
        account_id: Set(account_id),
        seed: Set(seed.to_vec()),
        token_hash: Set(token_hash.to_vec()),
        expires_at: Set(expires_at),
        ..Default::default()
    })
    .exec_with_returning(tx)
    .await?;
    Ok(row.id)
}

/// Takes the invitation of an account back, if there is one.
///
/// # Errors
/// The database failed.
pub async fn remove(tx: &WriteTx, account_id: i64) -> Result<(), DbErr> {
    invitation::Entity::delete_many().filter(invitation::Column::AccountId.eq(account_id)).exec(tx).await.map(drop)
}

/// What the token of an invitation is made from; `None` if the invitation is no more.
///
/// # Errors
/// The database failed.
pub async fn seed(db: &impl ConnectionTrait, id: i64) -> Result<Option<Vec<u8>>, DbErr> {
    Ok(invitation::Entity::find_by_id(id).one(db).await?.map(|row| row.seed))
}

/// The account that a token invites and until when; `None` if the token is nobody's, over, or the account is disabled.
///
/// # Errors
/// The database failed.
pub async fn find(
    db: &impl ConnectionTrait,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(Account, DateTime<Utc>)>, DbErr> {
    let row = invitation::Entity::find().filter(invitation::Column::TokenHash.eq(token_hash.to_vec())).one(db).await?;
    let Some(row) = row.filter(|row| row.expires_at > now) else { return Ok(None) };
    let account = account::Entity::find_by_id(row.account_id).one(db).await?;
    Ok(account.filter(|account| !account.disabled).map(|account| (account.into(), row.expires_at)))
}

/// Until when these accounts are invited; those that are not are absent.
///
/// # Errors
/// The database failed.
pub async fn until(
    db: &impl ConnectionTrait,
    accounts: impl IntoIterator<Item = i64>,
    now: DateTime<Utc>,
) -> Result<HashMap<i64, DateTime<Utc>>, DbErr> {
    let rows = invitation::Entity::find()
        .filter(invitation::Column::AccountId.is_in(accounts))
        .filter(invitation::Column::ExpiresAt.gt(now))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.expires_at)).collect())
}

/// Forgets invitations that are over.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(invitation::Entity::delete_many().filter(invitation::Column::ExpiresAt.lte(now)).exec(tx).await?.rows_affected)
}
