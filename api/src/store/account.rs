//! Accounts of the committee, the analysts and the administrators. Citizens have none.

use chrono::{DateTime, Utc};
use domain::{
    permission::{Role, Scope},
    vocabulary::Language,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::store::{
    FOR_CHANGE, WriteTx,
    column::{Code, Doc},
    entity::account,
};

/// An account without its password.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: i64,
    /// Folded: lower case.
    pub email: String,
    /// The name colleagues see.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Where it may do it.
    pub scope: Scope,
    /// A disabled account opens no session and keeps its name on what it did.
    pub disabled: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// For `If-Match`.
    pub version: i64,
    /// The language of its mail.
    pub language: Language,
    /// Whether its owner has chosen a password.
    pub has_password: bool,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            role: row.role.0,
            scope: Scope { axes: row.axes.map(|codes| codes.0), territories: row.territories.map(|codes| codes.0) },
            disabled: row.disabled,
            created_at: row.created_at,
            version: row.version,
            language: row.language.0,
            has_password: !row.password_hash.is_empty(),
            second_factor: row.totp_seed.is_some(),
        }
    }
}

/// What a new account starts with; the address is folded and the password hashed.
#[derive(Debug)]
pub struct New {
    /// Folded: lower case.
    pub email: String,
    /// The name colleagues see.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Where it may do it.
    pub scope: Scope,
    /// A PHC string; empty until its owner chooses a password.
    pub password_hash: String,
    /// The language of its mail.
    pub language: Language,
}

/// Inserts an account; `None` if the address is taken.
///
/// # Errors
/// The database failed.
pub async fn insert(tx: &WriteTx, new: New, now: DateTime<Utc>) -> Result<Option<Account>, DbErr> {
    if account::Entity::find().filter(account::Column::Email.eq(&new.email)).one(tx).await?.is_some() {
        return Ok(None);
    }
    let row = account::Entity::insert(account::ActiveModel {
        email: Set(new.email),
        name: Set(new.name),
        role: Set(Code(new.role)),
        axes: Set(new.scope.axes.map(Doc)),
        territories: Set(new.scope.territories.map(Doc)),
        password_hash: Set(new.password_hash),
        disabled: Set(false),
        version: Set(1),
        created_at: Set(now),
        language: Set(Code(new.language)),
        ..Default::default()
    })
    .exec_with_returning(tx)
    .await?;
    Ok(Some(row.into()))
}

/// The account behind a folded address, with its password hash; an empty hash belongs to no password.
///
/// # Errors
/// The database failed.
pub async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<(Account, String)>, DbErr> {
    let row = account::Entity::find().filter(account::Column::Email.eq(email)).one(db).await?;
    Ok(row.map(|row| {
        let hash = row.password_hash.clone();
        (row.into(), hash)
    }))
}

/// Replaces a password.
///
/// # Errors
/// The database failed.
pub async fn set_password(tx: &WriteTx, id: i64, password_hash: String) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, password_hash.into())
        .filter(account::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Up to `limit` accounts after `cursor`, oldest first.
///
/// # Errors
/// The database failed.
pub async fn page(db: &impl ConnectionTrait, cursor: Option<i64>, limit: u64) -> Result<Vec<Account>, DbErr> {
    let query = account::Entity::find().filter(account::Column::Id.gt(cursor.unwrap_or_default()));
    let rows = query.order_by_asc(account::Column::Id).limit(limit).all(db).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Reads an account inside a write and keeps others from changing it until the end of the transaction.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, id: i64) -> Result<Option<Account>, DbErr> {
    Ok(account::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await?.map(Account::from))
}

/// Whether an account may still be signed in to with the password behind `hash`; locks it, so that a change of either
/// comes before or after.
///
/// # Errors
/// The database failed.
pub async fn still_opens(tx: &WriteTx, id: i64, hash: &str) -> Result<bool, DbErr> {
    let row = account::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await?;
    Ok(row.is_some_and(|row| !row.disabled && row.password_hash == hash))
}

/// Saves what can be changed of an account, as its next version.
///
/// # Errors
/// The database failed.
pub async fn update(tx: &WriteTx, account: Account) -> Result<Account, DbErr> {
    let change = account::ActiveModel {
        id: Unchanged(account.id),
        name: Set(account.name),
        role: Set(Code(account.role)),
        axes: Set(account.scope.axes.map(Doc)),
        territories: Set(account.scope.territories.map(Doc)),
        disabled: Set(account.disabled),
        version: Set(account.version + 1),
        ..Default::default()
    };
    Ok(account::Entity::update(change).exec(tx).await?.into())
}
