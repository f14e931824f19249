//! Devices that an account was signed in with before: a random cookie each, kept as a hash.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    sea_query::OnConflict,
};

use crate::store::{WriteTx, entity::known_device};

/// How long a device is remembered after it was last seen, in days.
pub const DAYS: i64 = 365;

/// Whether an account was signed in with a device before.
///
/// # Errors
/// The database failed.
pub async fn is_known(
    db: &impl ConnectionTrait,
    account_id: i64,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let device = known_device::Entity::find_by_id((account_id, token_hash.to_vec())).one(db).await?;
    Ok(device.is_some_and(|device| device.seen_at > now - TimeDelta::days(DAYS)))
}

/// Notes that an account is signed in with a device; answers whether it was known before.
///
/// # Errors
/// The database failed.
pub async fn see(tx: &WriteTx, account_id: i64, token_hash: &[u8; 32], now: DateTime<Utc>) -> Result<bool, DbErr> {
    let known = is_known(tx, account_id, token_hash, now).await?;
    known_device::Entity::insert(known_device::ActiveModel {
        account_id: Set(account_id),
        token_hash: Set(token_hash.to_vec()),
        seen_at: Set(now),
    })
    .on_conflict(
        OnConflict::columns([known_device::Column::AccountId, known_device::Column::TokenHash])
            .update_column(known_device::Column::SeenAt)
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(known)
}

/// Forgets devices that were not seen for a year.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let old = known_device::Column::SeenAt.lte(now - TimeDelta::days(DAYS));
    Ok(known_device::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}
