//! The way in for proposals of the public form.
//!
//! An acknowledged submission is durable, and on SQLite a durable commit waits for the disk. Those that wait
//! at the same moment therefore share one commit: a single task takes up to `GROUP` of them into one
//! transaction, each behind its own savepoint so that one failure is its own, and answers them only after
//! the commit. Nobody waits longer than for the commit that is under way. PostgreSQL groups commits by
//! itself, so there each submission has its own transaction.

use chrono::{DateTime, TimeDelta, Utc};
use domain::vocabulary::Language;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnAcquireErr, DatabaseConnection, DbErr, EntityTrait as _, QueryFilter as _,
    TransactionTrait as _, sea_query::OnConflict,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    mail::Message,
    store::{
        WriteTx, begin,
        entity::{idempotency, proposal},
        outbox, proposal as proposals,
    },
};

/// The most submissions in one commit; a batch of this size takes a few milliseconds.
const GROUP: usize = 64;

/// One submission, validated.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The row, without its id.
    pub row: proposal::ActiveModel,
    /// A keyed hash of the idempotency key and a hash of the request, if the caller named the request.
    pub idempotency: Option<([u8; 32], [u8; 32])>,
    /// Where to send the receipt, and in which language.
    pub receipt_to: Option<(String, Language)>,
    /// The first part of the reference.
    pub prefix: String,
    /// When it arrived.
    pub now: DateTime<Utc>,
}

/// What became of a submission.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A new proposal.
    Created(Box<proposal::Model>),
    /// The same request came before: the proposal it made.
    Replayed(Box<proposal::Model>),
    /// The key came before with another request.
    KeyReused,
}

type Answer = oneshot::Sender<Result<Outcome, DbErr>>;

/// Where submissions wait.
#[derive(Clone, Debug)]
pub enum Queue {
    /// One transaction each.
    Direct(DatabaseConnection),
    /// Up to `GROUP` share a transaction.
    Grouped(mpsc::Sender<(Box<Submission>, Answer)>),
}

impl Queue {
    /// For PostgreSQL.
    #[must_use]
    pub const fn direct(write: DatabaseConnection) -> Self {
        Self::Direct(write)
    }

    /// For SQLite; starts the task, which ends with the last clone of the queue.
    #[must_use]
    pub fn grouped(write: DatabaseConnection) -> Self {
        let (sender, mut receiver) = mpsc::channel(4 * GROUP);
        tokio::spawn(async move {
            let mut group = Vec::with_capacity(GROUP);
            while receiver.recv_many(&mut group, GROUP).await > 0 {
                commit(&write, std::mem::take(&mut group)).await;
            }
        });
        Self::Grouped(sender)
    }

    /// Stores a submission; when this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// The database failed; the proposal does not exist then.
    pub async fn submit(&self, submission: Submission) -> Result<Outcome, DbErr> {
        match self {
            Self::Direct(write) => {
                let tx = begin(write).await?;
                let outcome = insert(&tx, submission).await?;
                tx.commit().await?;
                Ok(outcome)
            }
            Self::Grouped(sender) => {
                // the group was lost with the database connection: nothing was stored, so the caller may try again
                let gone = || DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
                let (answer, outcome) = oneshot::channel();
                sender.send((Box::new(submission), answer)).await.map_err(|_| gone())?;
                outcome.await.map_err(|_| gone())?
            }
        }
    }
}

async fn commit(write: &DatabaseConnection, group: Vec<(Box<Submission>, Answer)>) {
    let mut answers = Vec::with_capacity(group.len());
    let committed = async {
        let tx = begin(write).await?;
        for (submission, answer) in group {
            #[expect(clippy::disallowed_methods, reason = "a savepoint inside the write transaction")]
            let savepoint = tx.begin().await?;
            let outcome = insert(&savepoint, *submission).await;
            match outcome {
                Ok(_) => savepoint.commit().await?,
                Err(_) => savepoint.rollback().await?,
            }
            answers.push((answer, outcome));
        }
        tx.commit().await
    };
    let committed = committed.await;
    for (answer, outcome) in answers {
        let outcome = match &committed {
            Ok(()) => outcome,
            Err(error) => Err(DbErr::Custom(format!("the commit failed: {error}"))),
        };
        // whoever asked may have hung up; the proposal stands all the same
        let _ = answer.send(outcome);
    }
}

async fn insert(tx: &WriteTx, submission: Submission) -> Result<Outcome, DbErr> {
    if let Some((key, fingerprint)) = submission.idempotency {
        // The key is claimed first: of two at once, the second waits here until the first has committed.
        let claim = idempotency::Entity::insert(idempotency::ActiveModel {
            key_hash: Set(key.to_vec()),
            fingerprint: Set(fingerprint.to_vec()),
            proposal_id: Set(None),
            created_at: Set(submission.now),
        })
        .on_conflict(OnConflict::column(idempotency::Column::KeyHash).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
        if claim == 0 {
            return replay(tx, key, fingerprint).await;
        }
    }
    let row = proposals::insert(tx, submission.row, None).await?;
    if let Some((key, _)) = submission.idempotency {
        idempotency::Entity::update_many()
            .col_expr(idempotency::Column::ProposalId, row.id.into())
            .filter(idempotency::Column::KeyHash.eq(key.to_vec()))
            .exec(tx)
            .await?;
    }
    if let Some((recipient, language)) = submission.receipt_to {
        let reference = domain::reference::Reference::new(&submission.prefix, row.submitted_at, row.id);
        let message = Message::Receipt { proposal: row.id, reference: reference.to_string(), title: row.title.clone() };
        outbox::enqueue(tx, &recipient, language, &message, submission.now).await?;
    }
    Ok(Outcome::Created(Box::new(row)))
}

async fn replay(tx: &WriteTx, key: [u8; 32], fingerprint: [u8; 32]) -> Result<Outcome, DbErr> {
    let missing = || DbErr::RecordNotFound("the request behind an idempotency key".into());
    let earlier = idempotency::Entity::find_by_id(key.to_vec()).one(tx).await?.ok_or_else(missing)?;
    if earlier.fingerprint != fingerprint {
        return Ok(Outcome::KeyReused);
    }
    let id = earlier.proposal_id.ok_or_else(missing)?;
    let row = proposal::Entity::find_by_id(id).one(tx).await?.ok_or_else(missing)?;
    Ok(Outcome::Replayed(Box::new(row)))
}

/// How long a key is remembered: longer than any sensible client tries again.
const KEY_LIFETIME: TimeDelta = TimeDelta::days(7);

/// Forgets idempotency keys that are too old to come again.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let old = idempotency::Column::CreatedAt.lt(now - KEY_LIFETIME);
    Ok(idempotency::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}
