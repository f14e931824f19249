//! Sessions: found by the hash of their token, dead by deletion.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select, sea_query::Expr,
};

use crate::store::{
    WriteTx,
    account::Account,
    entity::{account, session},
};

/// How long a session lasts, in hours: a working day.
pub const SESSION_HOURS: i64 = 12;

/// How many sessions an account has at most; one more ends another.
const MOST: u64 = 20;

/// A session to open.
#[derive(Debug)]
pub struct New {
    /// The hash of its token.
    pub token_hash: [u8; 32],
    /// Whose it is.
    pub account_id: i64,
    /// Its name in lists; opens nothing.
    pub handle: String,
    /// A coarse name of the device.
    pub device: String,
    /// Whether a code of the second factor was given.
    pub second_factor: bool,
}

/// A live session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its account.
    pub account: Account,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Whether a code of the second factor was given.
    pub second_factor: bool,
}

/// Opens a session; answers when it ends.
///
/// # Errors
/// The database failed.
pub async fn insert(tx: &WriteTx, new: New, now: DateTime<Utc>) -> Result<DateTime<Utc>, DbErr> {
    let expires_at = now + TimeDelta::hours(SESSION_HOURS);
    let account_id = new.account_id;
    session::Entity::insert(session::ActiveModel {
        token_hash: Set(new.token_hash.to_vec()),
        account_id: Set(account_id),
        created_at: Set(now),
        expires_at: Set(expires_at),
        handle: Set(new.handle),
        device: Set(new.device),
        second_factor: Set(new.second_factor),
        wrong_codes: Set(0),
    })
    .exec_without_returning(tx)
    .await?;
    // those without a second factor go first: a password alone must not throw its owner out
    let others = session::Entity::find()
        .filter(session::Column::AccountId.eq(account_id))
        .filter(session::Column::TokenHash.ne(new.token_hash.to_vec()))
        .order_by_desc(session::Column::SecondFactor)
        .order_by_desc(session::Column::CreatedAt);
    for old in others.offset(MOST - 1).limit(MOST).all(tx).await? {
        session::Entity::delete_by_id(old.token_hash).exec(tx).await?;
    }
    Ok(expires_at)
}

fn newest_first(account_id: i64) -> Select<session::Entity> {
    session::Entity::find()
        .filter(session::Column::AccountId.eq(account_id))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_desc(session::Column::TokenHash)
}

/// The session behind a token's hash; `None` if it has ended or the account is disabled.
///
/// # Errors
/// The database failed.
pub async fn find(
    db: &impl ConnectionTrait,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Session>, DbErr> {
    let Some(row) = session::Entity::find_by_id(token_hash.to_vec()).one(db).await? else { return Ok(None) };
    if row.expires_at <= now {
        return Ok(None);
    }
    let account = account::Entity::find_by_id(row.account_id).one(db).await?;
    Ok(account.filter(|account| !account.disabled).map(|account| Session {
        account: account.into(),
        expires_at: row.expires_at,
        second_factor: row.second_factor,
    }))
}

/// The live sessions of an account, newest first; they are few.
///
/// # Errors
/// The database failed.
pub async fn all(db: &impl ConnectionTrait, account_id: i64, now: DateTime<Utc>) -> Result<Vec<session::Model>, DbErr> {
    newest_first(account_id).filter(session::Column::ExpiresAt.gt(now)).all(db).await
}

/// Ends one session of an account by its name in lists; `false` if the account has none of that name.
///
/// # Errors
/// The database failed.
pub async fn remove_by_handle(tx: &WriteTx, account_id: i64, handle: &str) -> Result<bool, DbErr> {
    let ended = session::Entity::delete_many()
        .filter(session::Column::AccountId.eq(account_id))
        .filter(session::Column::Handle.eq(handle))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected > 0)
}

/// How many wrong codes in a row end a session.
const WRONG_CODES: i64 = 5;

/// Counts a wrong code; answers whether the session has ended by it.
///
/// # Errors
/// The database failed.
pub async fn count_wrong_code(tx: &WriteTx, token_hash: &[u8; 32]) -> Result<bool, DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::WrongCodes, Expr::col(session::Column::WrongCodes).add(1))
        .filter(session::Column::TokenHash.eq(token_hash.to_vec()))
        .exec(tx)
        .await?;
    let row = session::Entity::find_by_id(token_hash.to_vec()).one(tx).await?;
    let over = row.is_none_or(|row| row.wrong_codes >= WRONG_CODES);
    if over {
        remove(tx, token_hash).await?;
    }
    Ok(over)
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
