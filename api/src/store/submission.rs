//! The way in for proposals of the public form.
//!
//! An acknowledged submission is durable, and on SQLite a durable commit waits for the disk. Those that wait
//! at the same moment therefore share one commit: a single task takes up to `GROUP` of them into one
//! transaction, each behind its own savepoint so that one failure is its own, and answers them only after
//! the commit. Nobody waits longer than for the commit that is under way. PostgreSQL groups commits by
//! itself, so there each submission has its own transaction.

use std::{panic::AssertUnwindSafe, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{form::Suspicion, vocabulary::Language};
use futures_util::FutureExt as _;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait as _,
    QueryFilter as _, TransactionTrait as _, sea_query::OnConflict,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    mail::Message,
    store::{
        WriteTx, attachment, begin,
        consultation::{self, Consultation, Standing},
        entity::{idempotency, proposal},
        ledger::Leaf,
        limit::{self, Counter},
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
    /// Hashes of the tokens of its photos, in their order.
    pub photos: Vec<[u8; 32]>,
    /// How the consultation stood when this was validated.
    pub standing: Standing,
    /// What is odd about the way it came in, as far as the request tells.
    pub suspicion: Vec<Suspicion>,
    /// What counts it; `None` counts nothing.
    pub limits: Option<Counters>,
    /// Where to send the receipt, and in which language.
    pub receipt_to: Option<(String, Language)>,
    /// Where it belongs.
    pub consultation: Arc<Consultation>,
    /// When it arrived.
    pub now: DateTime<Utc>,
}

/// What a submission is counted by.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    /// Beyond this it is not taken.
    pub flood: Counter,
    /// Beyond this it is marked.
    pub proposals: Counter,
    /// Its token of the form, if it is one of ours.
    pub token: Option<Counter>,
    /// The mails to the address it names.
    pub mail: Option<Counter>,
}

/// What became of a submission.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A new proposal and its place-to-be in the ledger.
    Created(Box<(proposal::Model, Leaf)>),
    /// The same request came before: the proposal it made.
    Replayed(Box<proposal::Model>),
    /// The key came before with another request.
    KeyReused,
    /// There were too many from where it came from; nothing was stored. How long until it would be taken.
    TooMany(TimeDelta),
    /// These of its photos are not there to be taken, by their places; nothing was stored.
    PhotosGone(Vec<usize>),
    /// The consultation changed while this was on its way; nothing was stored.
    Stale,
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
                if !matches!(outcome, Outcome::Stale | Outcome::TooMany(_) | Outcome::PhotosGone(_)) {
                    tx.commit().await?;
                }
                Ok(outcome)
            }
            Self::Grouped(sender) => {
                let (answer, outcome) = oneshot::channel();
                sender.send((Box::new(submission), answer)).await.map_err(|_| lost())?;
                outcome.await.map_err(|_| lost())?
            }
        }
    }
}

/// The group was lost, with the connection or otherwise: nothing was stored, so the caller may try again.
const fn lost() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

/// Stores a group and answers everybody in it. Nothing that happens here may end the task, or no submission would
/// ever be taken again while all else goes on.
async fn commit(write: &DatabaseConnection, group: Vec<(Box<Submission>, Answer)>) {
    let (submissions, answers): (Vec<_>, Vec<_>) =
        group.into_iter().map(|(submission, answer)| (*submission, answer)).unzip();
    let failure = match AssertUnwindSafe(insert_all(write, submissions)).catch_unwind().await {
        Ok(Ok(outcomes)) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // whoever asked may have hung up; the proposal stands all the same
                let _ = answer.send(outcome);
            }
            return;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a panic".to_owned(),
    };
    tracing::error!(submissions = answers.len(), %failure, "a group of submissions was not stored");
    for answer in answers {
        let _ = answer.send(Err(lost()));
    }
}

/// One transaction; an error of this function means that none of them is stored.
async fn insert_all(
    write: &DatabaseConnection,
    submissions: Vec<Submission>,
) -> Result<Vec<Result<Outcome, DbErr>>, DbErr> {
    let tx = begin(write).await?;
    let mut outcomes = Vec::with_capacity(submissions.len());
    for submission in submissions {
        #[expect(clippy::disallowed_methods, reason = "a savepoint inside the write transaction")]
        let savepoint = tx.begin().await?;
        let outcome = insert(&savepoint, submission).await;
        match outcome {
            Ok(Outcome::Stale | Outcome::TooMany(_) | Outcome::PhotosGone(_)) | Err(_) => savepoint.rollback().await?,
            Ok(_) => savepoint.commit().await?,
        }
        outcomes.push(outcome);
    }
    tx.commit().await?;
    Ok(outcomes)
}

async fn insert(tx: &WriteTx, mut submission: Submission) -> Result<Outcome, DbErr> {
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
            return earlier(tx, key, fingerprint).await?.ok_or_else(missing);
        }
    }
    let mut may_mail = true;
    if let Some(limits) = submission.limits {
        let now = submission.now;
        if let Err(wait) = limit::take(tx, limits.flood, now).await? {
            return Ok(Outcome::TooMany(wait));
        }
        if limit::take(tx, limits.proposals, now).await?.is_err() {
            submission.suspicion.push(Suspicion::ManyFromAddress);
        }
        if let Some(token) = limits.token
            && limit::take(tx, token, now).await?.is_err()
        {
            submission.suspicion.push(Suspicion::TokenReused);
        }
        if let Some(mail) = limits.mail {
            may_mail = limit::take(tx, mail, now).await?.is_ok();
        }
    }
    proposals::mark(&mut submission.row, submission.suspicion);
    let consultation = &submission.consultation;
    let photos = match attachment::claim(tx, consultation.row.id, &submission.photos, submission.now).await? {
        Ok(photos) => photos,
        Err(gone) => return Ok(Outcome::PhotosGone(gone)),
    };
    let (row, leaf) = proposals::insert(tx, consultation, submission.row, &photos, None).await?;
    if consultation::standing(tx, row.consultation_id).await? != submission.standing {
        return Ok(Outcome::Stale);
    }
    if let Some((key, _)) = submission.idempotency {
        idempotency::Entity::update_many()
            .col_expr(idempotency::Column::ProposalId, row.id.into())
            .filter(idempotency::Column::KeyHash.eq(key.to_vec()))
            .exec(tx)
            .await?;
    }
    if let Some((recipient, language)) = submission.receipt_to.filter(|_| may_mail) {
        let message = Message::Receipt {
            proposal: row.id,
            reference: submission.consultation.reference(row.id, row.submitted_at).to_string(),
            title: row.title.clone(),
            leaf: Some(domain::ledger::hex(&leaf.hash)),
        };
        outbox::enqueue_about(tx, row.id, &recipient, language, &message, submission.now).await?;
    }
    Ok(Outcome::Created(Box::new((row, leaf))))
}

fn missing() -> DbErr {
    DbErr::RecordNotFound("the proposal behind an idempotency key".into())
}

/// What an earlier request with this key came to; `None` if there was none.
///
/// # Errors
/// The database failed.
pub async fn earlier(
    db: &impl ConnectionTrait,
    key: [u8; 32],
    fingerprint: [u8; 32],
) -> Result<Option<Outcome>, DbErr> {
    let Some(earlier) = idempotency::Entity::find_by_id(key.to_vec()).one(db).await? else { return Ok(None) };
    if earlier.fingerprint != fingerprint {
        return Ok(Some(Outcome::KeyReused));
    }
    let id = earlier.proposal_id.ok_or_else(missing)?;
    let row = proposal::Entity::find_by_id(id).one(db).await?.ok_or_else(missing)?;
    Ok(Some(Outcome::Replayed(Box::new(row))))
}

/// How long a key is remembered: longer than any sensible client tries again.
pub const KEY_LIFETIME: TimeDelta = TimeDelta::days(7);

/// Forgets idempotency keys that are too old to come again.
///
/// # Errors
/// The database failed.
pub async fn purge(tx: &WriteTx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let old = idempotency::Column::CreatedAt.lt(now - KEY_LIFETIME);
    Ok(idempotency::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}
