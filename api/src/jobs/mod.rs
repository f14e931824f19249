//! The worker: sends the outbox, lets deadlines pass, forgets what is over.
//!
//! Any number may run: mails are claimed, and a deadline is a step that the workflow takes once.

use std::{sync::Arc, time::Duration};

use domain::{permission::Actor, proposal::Step};

use crate::{
    application::State,
    http::{problem::Problem, proposal::submit::receipt_code},
    mail::{Message, SendError, render},
    store::{self, StoreError, entity::outbox},
    workflow::{self, Resolved},
};

/// How often the worker looks for work.
const TICK: Duration = Duration::from_secs(1);
/// Every how many ticks it forgets what is over.
const HOUSEKEEPING: u32 = 600;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Mails sent.
    pub sent: usize,
    /// Mails that will be tried again.
    pub failed: usize,
    /// Questions whose time was over.
    pub lapsed: usize,
}

/// Works until it is aborted. No error ends it: the next round tries again.
pub async fn run(state: Arc<State>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut round = 0_u32;
    loop {
        ticks.tick().await;
        if let Err(error) = run_once(&state).await {
            tracing::error!(%error, "worker");
        }
        if round.is_multiple_of(HOUSEKEEPING)
            && let Err(error) = forget(&state).await
        {
            tracing::error!(%error, "housekeeping");
        }
        round = round.wrapping_add(1);
    }
}

/// One round: everything that is due now.
///
/// # Errors
/// The database failed; what was done stays done.
pub async fn run_once(state: &State) -> Result<Done, Problem> {
    let lapsed = let_deadlines_pass(state).await?;
    let mut done = Done { lapsed, ..Done::default() };
    loop {
        let mails = store::outbox::claim(&state.store, state.clock.now()).await?;
        if mails.is_empty() {
            return Ok(done);
        }
        for mail in mails {
            // no transaction is open while the mail server is talked to
            let outcome = send(state, &mail).await;
            let tx = state.store.write().await?;
            match outcome {
                Ok(()) => {
                    store::outbox::mark_sent(&tx, mail.id, state.clock.now()).await?;
                    done.sent += 1;
                }
                Err(error) => {
                    tracing::warn!(mail = mail.id, attempts = mail.attempts, %error, "mail not sent");
                    store::outbox::mark_failed(&tx, &mail, &error.to_string(), state.clock.now()).await?;
                    done.failed += 1;
                }
            }
            tx.commit().await?;
        }
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum MailError {
    #[error("{0}")]
    Send(#[from] SendError),
    #[error("the stored message cannot be read")]
    Payload(#[from] serde_json::Error),
    #[error("the template is broken")]
    Template(#[from] minijinja::Error),
    #[error("the database failed")]
    Store(#[from] StoreError),
}

async fn send(state: &State, mail: &outbox::Model) -> Result<(), MailError> {
    let message: Message = serde_json::from_value(mail.payload.clone())?;
    let code = match &message {
        Message::Receipt { proposal, .. } => {
            let row = store::proposal::titles(state.store.read(), [*proposal]).await?.into_iter().next();
            row.and_then(|row| row.code_seed).map(|seed| receipt_code(&state.config.secret_key, &seed))
        }
        _ => None,
    };
    let rendered = render::render(&message, code.as_ref(), mail.language.0, &state.config.public_url)?;
    Ok(state.mailer.send(mail.id, &mail.recipient, rendered).await?)
}

/// Puts proposals whose author did not answer in time back into the queue.
async fn let_deadlines_pass(state: &State) -> Result<usize, Problem> {
    let now = state.clock.now();
    let due = store::proposal::overdue_clarifications(state.store.read(), now).await?;
    let mut lapsed = 0;
    for id in due {
        let tx = state.store.write().await?;
        let Some(row) = store::proposal::lock(&tx, id).await? else { continue };
        let Some(consultation) = store::consultation::by_id(&tx, row.consultation_id).await? else { continue };
        // an answer, or another worker, may have come first
        let step = Step::ClarificationLapsed;
        if workflow::take(&tx, &consultation, row, None, &step, Resolved::default(), &Actor::Clock, now).await.is_ok() {
            tx.commit().await?;
            lapsed += 1;
        }
    }
    Ok(lapsed)
}

/// Forgets sessions that have ended and idempotency keys that are a week old.
async fn forget(state: &State) -> Result<(), Problem> {
    let now = state.clock.now();
    let tx = state.store.write().await?;
    store::session::purge(&tx, now).await?;
    store::submission::purge(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}
