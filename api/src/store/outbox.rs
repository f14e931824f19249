//! The outbox: mail is written in the transaction of the fact it tells.

use chrono::{DateTime, TimeDelta, Utc};
use domain::vocabulary::Language;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DbBackend, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement,
};

use crate::{
    mail::{MailKind, Message},
    store::{Store, WriteTx, column::Code, entity::outbox},
};

/// Puts a mail in line; it is sent after the transaction has committed, or never.
///
/// # Errors
/// The database failed.
pub async fn enqueue(
    tx: &WriteTx,
    recipient: &str,
    language: Language,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    put(tx, None, recipient, language, message, now).await
}

/// As [`enqueue`], for the author of a proposal: who corrects the address or erases the proposal finds the mail again.
///
/// # Errors
/// The database failed.
pub async fn enqueue_about(
    tx: &WriteTx,
    proposal_id: i64,
    recipient: &str,
    language: Language,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    put(tx, Some(proposal_id), recipient, language, message, now).await
}

async fn put(
    tx: &WriteTx,
    proposal_id: Option<i64>,
    recipient: &str,
    language: Language,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    outbox::Entity::insert(outbox::ActiveModel {
        kind: Set(Code(message.kind())),
        language: Set(Code(language)),
        attempts: Set(0),
        created_at: Set(now),
        next_attempt_at: Set(Some(now)),
        sent_at: Set(None),
        last_error: Set(None),
        proposal_id: Set(proposal_id),
        recipient: Set(recipient.to_owned()),
        payload: Set(serde_json::to_value(message).map_err(|error| DbErr::Json(error.to_string()))?),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// The mails about a proposal, oldest first.
///
/// # Errors
/// The database failed.
pub async fn about(db: &impl ConnectionTrait, proposal_id: i64) -> Result<Vec<outbox::Model>, DbErr> {
    outbox::Entity::find()
        .filter(outbox::Column::ProposalId.eq(proposal_id))
        .order_by_asc(outbox::Column::Id)
        .limit(500)
        .all(db)
        .await
}

/// Whether the author of a proposal was, or is to be, sent the receipt.
///
/// # Errors
/// The database failed.
pub async fn has_receipt(db: &impl ConnectionTrait, proposal_id: i64) -> Result<bool, DbErr> {
    let receipts = outbox::Entity::find()
        .filter(outbox::Column::ProposalId.eq(proposal_id))
        .filter(outbox::Column::Kind.eq(Code(MailKind::Receipt)));
    Ok(receipts.one(db).await?.is_some())
}

/// How long a worker has for a batch. If it dies, its mails are due again after this.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How many mails a worker takes at once: few enough that a server that takes its time with each of them
/// (20 seconds at most) does not outlast the lease.
const BATCH: u64 = 20;
/// How long a mail that was given up keeps its address and text, so that an operator can set `next_attempt_at`
/// once the mail server is well again.
pub const GIVEN_UP_FOR: TimeDelta = TimeDelta::days(30);

/// Takes mails that are due, so that no other worker sends them too. Their attempt is counted now: a mail
/// that kills its worker must not be tried for ever.
///
/// # Errors
/// The database failed.
pub async fn claim(store: &Store, now: DateTime<Utc>) -> Result<Vec<outbox::Model>, DbErr> {
    // looking first costs nothing; taking the write lock every second for nothing would
    let due = outbox::Entity::find().filter(outbox::Column::NextAttemptAt.lte(now));
    if due.one(store.read()).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = store.write().await?;
    let backend = tx.get_database_backend();
    let sql = match backend {
        // an array is made once; as a plain subquery it may run again, and lock other rows each time
        DbBackend::Postgres => {
            "UPDATE outbox SET next_attempt_at = $1, attempts = attempts + 1 WHERE id = ANY (ARRAY (
                 SELECT id FROM outbox WHERE next_attempt_at <= $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
             )) RETURNING *"
        }
        _ => {
            "UPDATE outbox SET next_attempt_at = $1, attempts = attempts + 1 WHERE id IN (
                 SELECT id FROM outbox WHERE next_attempt_at <= $2 ORDER BY id LIMIT $3
             ) RETURNING *"
        }
    };
    let values = [(now + LEASE).into(), now.into(), BATCH.into()];
    let mut mails =
        outbox::Entity::find().from_raw_sql(Statement::from_sql_and_values(backend, sql, values)).all(&tx).await?;
    tx.commit().await?;
    mails.sort_by_key(|mail| mail.id);
    Ok(mails)
}

/// Records that a mail was sent. Neither the address nor the text is needed any more, so neither stays.
///
/// # Errors
/// The database failed.
pub async fn mark_sent(tx: &WriteTx, id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let change = outbox::ActiveModel {
        id: Unchanged(id),
        next_attempt_at: Set(None),
        sent_at: Set(Some(now)),
        last_error: Set(None),
        recipient: Set(String::new()),
        payload: Set(serde_json::json!({})),
        ..Default::default()
    };
    outbox::Entity::update(change).exec(tx).await.map(drop)
}

/// Gives back mails that were claimed and not tried, as if they had not been, to be sent from `at` on.
///
/// # Errors
/// The database failed.
pub async fn give_back(tx: &WriteTx, mails: &[outbox::Model], at: DateTime<Utc>) -> Result<(), DbErr> {
    for mail in mails {
        let change = outbox::ActiveModel {
            next_attempt_at: Set(Some(at)),
            attempts: Set(mail.attempts - 1),
            ..Default::default()
        };
        outbox::Entity::update_many()
            .set(change)
            .filter(outbox::Column::Id.eq(mail.id))
            .filter(outbox::Column::Attempts.eq(mail.attempts))
            .filter(outbox::Column::SentAt.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Records that a mail was not sent and when to try again; `None` gives it up. If the lease has run out in the
/// meantime, the mail is somebody else's, who may have sent it: then nothing is changed.
///
/// # Errors
/// The database failed.
pub async fn mark_failed(
    tx: &WriteTx,
    mail: &outbox::Model,
    error: &str,
    next_attempt_at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let change = outbox::ActiveModel {
        next_attempt_at: Set(next_attempt_at),
        last_error: Set(Some(error.to_owned())),
        ..Default::default()
    };
    outbox::Entity::update_many()
        .set(change)
        .filter(outbox::Column::Id.eq(mail.id))
        .filter(outbox::Column::Attempts.eq(mail.attempts))
        .filter(outbox::Column::SentAt.is_null())
        .exec(tx)
        .await
        .map(drop)
}

/// Forgets the address and the text of mails that were given up long ago.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let change = outbox::ActiveModel {
        recipient: Set(String::new()),
        payload: Set(serde_json::json!({})),
        ..Default::default()
    };
    let purged = outbox::Entity::update_many()
        .set(change)
        .filter(outbox::Column::NextAttemptAt.is_null())
        .filter(outbox::Column::Recipient.ne(""))
        .filter(outbox::Column::CreatedAt.lte(now - GIVEN_UP_FOR))
        .exec(tx)
        .await?;
    Ok(purged.rows_affected)
}
