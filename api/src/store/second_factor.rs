//! The second factor of an account: seeds of its secret, the newest step used, and recovery codes as hashes.

use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _,
};

use crate::store::{
    FOR_CHANGE, WriteTx,
    entity::{account, recovery_code},
};

/// What is kept of a second factor.
#[derive(Debug)]
pub struct Kept {
    /// The seed of its secret.
    pub seed: Option<Vec<u8>>,
    /// The seed of a secret that was shown and waits for its first code.
    pub pending: Option<Vec<u8>>,
    /// The newest step a code was used of.
    pub step: Option<u64>,
}

/// Reads it and keeps others from changing it until the end of the transaction: a code counts once.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, account_id: i64) -> Result<Option<Kept>, DbErr> {
    let row = account::Entity::find_by_id(account_id).lock(FOR_CHANGE).one(tx).await?;
    Ok(row.map(|row| Kept {
        seed: row.totp_seed,
        pending: row.totp_pending,
        step: row.totp_step.and_then(|step| u64::try_from(step).ok()),
    }))
}

/// Keeps the seed of a secret that is shown now.
///
/// # Errors
/// The database failed.
pub async fn begin(tx: &WriteTx, account_id: i64, seed: &[u8; 32]) -> Result<(), DbErr> {
    let change = account::ActiveModel {
        id: Unchanged(account_id),
        totp_pending: Set(Some(seed.to_vec())),
        ..Default::default()
    };
    account::Entity::update(change).exec(tx).await.map(drop)
}

/// Puts a seed in force, whose code of `step` was just used.
///
/// # Errors
/// The database failed.
pub async fn enrol(tx: &WriteTx, account_id: i64, seed: Vec<u8>, step: u64) -> Result<(), DbErr> {
    let change = account::ActiveModel {
        id: Unchanged(account_id),
        totp_seed: Set(Some(seed)),
        totp_pending: Set(None),
        totp_step: Set(i64::try_from(step).ok()),
        ..Default::default()
    };
    account::Entity::update(change).exec(tx).await.map(drop)
}

/// Notes the step whose code was used.
///
/// # Errors
/// The database failed.
pub async fn use_step(tx: &WriteTx, account_id: i64, step: u64) -> Result<(), DbErr> {
    let change = account::ActiveModel {
        id: Unchanged(account_id),
        totp_step: Set(i64::try_from(step).ok()),
        ..Default::default()
    };
    account::Entity::update(change).exec(tx).await.map(drop)
}

/// Forgets it, recovery codes too.
///
/// # Errors
/// The database failed.
pub async fn reset(tx: &WriteTx, account_id: i64) -> Result<(), DbErr> {
    let change = account::ActiveModel {
        id: Unchanged(account_id),
        totp_seed: Set(None),
        totp_pending: Set(None),
        totp_step: Set(None),
        ..Default::default()
    };
    account::Entity::update(change).exec(tx).await?;
    replace_recovery_codes(tx, account_id, &[]).await
}

/// Puts these recovery codes in the place of whatever is left of the old ones.
///
/// # Errors
/// The database failed.
pub async fn replace_recovery_codes(tx: &WriteTx, account_id: i64, hashes: &[[u8; 32]]) -> Result<(), DbErr> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account_id)).exec(tx).await?;
    for hash in hashes {
        let row = recovery_code::ActiveModel { account_id: Set(account_id), code_hash: Set(hash.to_vec()) };
        recovery_code::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Uses a recovery code up; `false` if the account has none like it.
///
/// # Errors
/// The database failed.
pub async fn use_recovery_code(tx: &WriteTx, account_id: i64, hash: &[u8; 32]) -> Result<bool, DbErr> {
    let used = recovery_code::Entity::delete_by_id((account_id, hash.to_vec())).exec(tx).await?;
    Ok(used.rows_affected > 0)
}

/// How many recovery codes an account has left.
///
/// # Errors
/// The database failed.
pub async fn recovery_codes_left(db: &impl ConnectionTrait, account_id: i64) -> Result<u64, DbErr> {
    recovery_code::Entity::find().filter(recovery_code::Column::AccountId.eq(account_id)).count(db).await
}
