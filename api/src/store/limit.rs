//! Counters of `domain::limit`, in the database: they hold for all processes together, and over a restart.

use chrono::{DateTime, TimeDelta, Utc};
use domain::limit::Limited;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    sea_query::OnConflict,
};

use crate::store::{Store, WriteTx, entity::rate_limit};

/// What is counted, and a keyed hash of whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    /// What.
    pub limited: Limited,
    /// Whose, so that the table tells no address.
    pub key: [u8; 32],
}

/// How long until one more may be done, if there is none left.
pub type Refused = TimeDelta;

/// Takes one, or tells how long until there is one. In a transaction that is not committed, it was not taken.
///
/// # Errors
/// The database failed.
pub async fn take(
    db: &impl ConnectionTrait,
    counter: Counter,
    now: DateTime<Utc>,
) -> Result<Result<(), Refused>, DbErr> {
    loop {
        let known = read(db, counter).await?;
        let next = match counter.limited.limit().take(known.unwrap_or(DateTime::UNIX_EPOCH), now) {
            Ok(next) => next,
            Err(wait) => return Ok(Err(wait)),
        };
        let row = rate_limit::ActiveModel { key: Set(counter.key.to_vec()), whole_at: Set(next.timestamp_millis()) };
        let whole_at = rate_limit::Column::WholeAt;
        let unchanged = OnConflict::column(rate_limit::Column::Key)
            .update_column(whole_at)
            .action_and_where(whole_at.eq(known.map(|at| at.timestamp_millis())))
            .to_owned();
        // whoever was faster has taken it: then it is asked again
        if rate_limit::Entity::insert(row).on_conflict(unchanged).exec_without_returning(db).await? == 1 {
            return Ok(Ok(()));
        }
    }
}

/// As [`take`], in a transaction of its own. Whoever is refused costs only a read.
///
/// # Errors
/// The database failed.
pub async fn take_alone(store: &Store, counter: Counter, now: DateTime<Utc>) -> Result<Result<(), Refused>, DbErr> {
    if let Err(wait) = ask(store, counter, now).await? {
        return Ok(Err(wait));
    }
    let tx = store.write().await?;
    let outcome = take(&tx, counter, now).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Whether there is one left, without taking it.
///
/// # Errors
/// The database failed.
pub async fn ask(store: &Store, counter: Counter, now: DateTime<Utc>) -> Result<Result<(), Refused>, DbErr> {
    let known = read(store.read(), counter).await?;
    Ok(counter.limited.limit().take(known.unwrap_or(DateTime::UNIX_EPOCH), now).map(drop))
}

async fn read(db: &impl ConnectionTrait, counter: Counter) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = rate_limit::Entity::find_by_id(counter.key.to_vec()).one(db).await?;
    Ok(row.and_then(|row| DateTime::from_timestamp_millis(row.whole_at)))
}

/// Forgets counters whose allowance is whole: there is nothing in them any more.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let whole = rate_limit::Column::WholeAt.lte(now.timestamp_millis());
    Ok(rate_limit::Entity::delete_many().filter(whole).exec(tx).await?.rows_affected)
}
