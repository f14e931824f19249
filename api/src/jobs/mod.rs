//! The worker: sends the outbox, lets deadlines pass, orders and signs the ledger, forgets what is over,
//! and removes the files of that.
//!
//! Any number may run: mails are claimed, and a deadline is a step that the workflow takes once.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{limit::Limited, permission::Actor, proposal::Step, vocabulary::Language};
use futures_util::FutureExt as _;
use tokio::sync::watch;

use crate::{
    application::State,
    auth::cookie,
    http::{caller::of_address, problem::Problem, proposal::submit::receipt_code},
    mail::{MailKind, Message, SendError, render, unsubscribe},
    random,
    store::{self, StoreError, entity::outbox},
    workflow::{self, Resolved},
};

pub mod files;
pub mod import;

/// How often the worker looks for work.
const TICK: Duration = Duration::from_secs(1);
/// How long it waits at most after a round that failed.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Every how many rounds it forgets what is over.
const HOUSEKEEPING: u32 = 600;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Mails sent.
    pub sent: usize,
    /// Mails that were not sent; they are tried again unless they cannot ever be.
    pub failed: usize,
    /// Questions whose time was over.
    pub lapsed: usize,
}

/// Works until `stopped` says so; a mail in hand is finished first. No error and no panic ends it: the next round
/// tries again, after twice the wait. Files that come and files that go have rounds of their own: no mail waits for a
/// large one.
pub async fn run(state: Arc<State>, stopped: watch::Receiver<bool>) {
    let keep_going = |work| keep_going(&state, stopped.clone(), work);
    tokio::join!(keep_going(Work::All), keep_going(Work::Imports), keep_going(Work::Exports));
}

/// What a loop of the worker does in a round.
#[derive(Clone, Copy)]
enum Work {
    /// Everything but files.
    All,
    Imports,
    Exports,
}

async fn keep_going(state: &State, mut stopped: watch::Receiver<bool>, work: Work) {
    let (mut round, mut wait) = (0_u32, TICK);
    while !*stopped.borrow() {
        let all = async {
            match work {
                Work::Imports => import::work(state, &stopped).await.map(drop),
                Work::Exports => files::round(state, &stopped).await.map(drop),
                Work::All => {
                    round_once(state, &stopped).await?;
                    if round.is_multiple_of(HOUSEKEEPING) { forget(state).await } else { Ok(()) }
                }
            }
        };
        // one bug in one mail must not end deadlines and mails for good while the site goes on
        let outcome = AssertUnwindSafe(all).catch_unwind().await;
        if let Ok(Ok(())) = outcome {
            if wait > TICK {
                tracing::info!("the worker is well again");
            }
            wait = TICK;
        } else {
            if wait == TICK {
                let why =
                    outcome.map_or("a panic".into(), |done| done.err().map(|e| e.to_string()).unwrap_or_default());
                tracing::error!(%why, "the worker failed and goes on trying");
            }
            wait = LONGEST_WAIT.min(wait * 2);
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = stopped.changed() => if changed.is_err() { return },
        }
    }
}

/// One round: everything that is due now.
///
/// # Errors
/// The database failed; what was done stays done.
pub async fn run_once(state: &State) -> Result<Done, Problem> {
    let running = watch::channel(false).1;
    let done = round_once(state, &running).await?;
    import::work(state, &running).await?;
    Ok(done)
}

async fn round_once(state: &State, stopped: &watch::Receiver<bool>) -> Result<Done, Problem> {
    // none waits for another's trouble to pass
    let lapsed = let_deadlines_pass(state).await;
    let placed = store::ledger::integrate(&state.store, &state.log_key, state.clock.now(), false).await;
    let counted = store::tally::fold(&state.store).await;
    let witnessed = tell_witnesses(state).await;
    let compared = look_for_copies(state, stopped).await;
    let (sent, failed) = send_mails(state, stopped).await?;
    placed?;
    counted?;
    witnessed?;
    compared?;
    store::erasure::sweep(&state.store).await?;
    remove_files(state).await?;
    Ok(Done { sent, failed, lapsed: lapsed? })
}

/// Sends each witness the newest checkpoint, once a day: what somebody outside has cannot be taken back.
async fn tell_witnesses(state: &State) -> Result<(), Problem> {
    let now = state.clock.now();
    for (address, language) in &state.config.witnesses {
        let counter = of_address(state, Limited::Witness, address);
        // asked without a lock first: most of the time it is too soon, and at first there is nothing to send
        if store::limit::ask(&state.store, counter, now).await?.is_err() {
            continue;
        }
        let Some(checkpoint) = store::ledger::latest(state.store.read()).await? else { return Ok(()) };
        let tx = state.store.write().await?;
        if store::limit::take(&tx, counter, now).await?.is_ok() {
            let message = Message::Checkpoint { size: checkpoint.size, note: checkpoint.note };
            store::outbox::enqueue(&tx, address, *language, &message, now).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Compares what has come in with what was there. Not with the submission: whoever sends one need not wait for it.
async fn look_for_copies(state: &State, stopped: &watch::Receiver<bool>) -> Result<(), Problem> {
    while !*stopped.borrow() {
        let tx = state.store.write().await?;
        let compared = store::likeness::compare(&tx).await?;
        tx.commit().await?;
        if compared < store::likeness::BATCH {
            break;
        }
    }
    Ok(())
}

/// Sends what is due; answers how many were sent and how many were not.
async fn send_mails(state: &State, stopped: &watch::Receiver<bool>) -> Result<(usize, usize), Problem> {
    let (mut sent, mut failed) = (0, 0);
    loop {
        let mails = store::outbox::claim(&state.store, state.clock.now()).await?;
        if mails.is_empty() {
            return Ok((sent, failed));
        }
        let mut unreachable = None;
        for (place, mail) in mails.iter().enumerate() {
            if *stopped.borrow() {
                let tx = state.store.write().await?;
                store::outbox::give_back(&tx, &mails[place..], state.clock.now()).await?;
                tx.commit().await?;
                return Ok((sent, failed));
            }
            if let Some(wait) = wait_for_others(state, mail).await? {
                let tx = state.store.write().await?;
                store::outbox::give_back(&tx, std::slice::from_ref(mail), state.clock.now() + wait).await?;
                tx.commit().await?;
                continue;
            }
            // no transaction is open while the mail server is talked to; one that did not answer is not asked
            // again for the rest of the batch, which would wait as long for the same silence
            let outcome = match &unreachable {
                None => send(state, mail).await,
                Some(error) => Err(MailError::Send(SendError::clone(error))),
            };
            let now = state.clock.now();
            let tx = state.store.write().await?;
            match outcome {
                Ok(()) => {
                    store::outbox::mark_sent(&tx, mail.id, now).await?;
                    metrics::counter!("mails_sent_total").increment(1);
                    sent += 1;
                }
                Err(error) => {
                    let next = wait(mail.attempts, &error).map(|wait| now + wait);
                    store::outbox::mark_failed(&tx, mail, &error.to_string(), next).await?;
                    metrics::counter!("mails_failed_total").increment(1);
                    if next.is_none() {
                        tracing::error!(mail = mail.id, attempts = mail.attempts, %error, "mail given up");
                    } else if mail.attempts == 1 && unreachable.is_none() {
                        tracing::warn!(mail = mail.id, %error, "mail not sent; it is tried again");
                    }
                    if let MailError::Send(error @ SendError::Unreachable(_)) = error {
                        unreachable = Some(error);
                    }
                    failed += 1;
                }
            }
            tx.commit().await?;
        }
        if unreachable.is_some() {
            return Ok((sent, failed));
        }
    }
}

/// How long a mail is to wait because very many went to the same address of late. What anybody can cause was counted
/// when it was asked for.
async fn wait_for_others(state: &State, mail: &outbox::Model) -> Result<Option<TimeDelta>, Problem> {
    let counted =
        matches!(mail.kind.0, MailKind::Receipt | MailKind::Contact | MailKind::NewPassword | MailKind::Checkpoint);
    if !state.config.limits || counted || mail.attempts > 1 {
        return Ok(None);
    }
    let counter = of_address(state, Limited::Mail, &mail.recipient);
    Ok(store::limit::take_alone(&state.store, counter, state.clock.now()).await?.err())
}

/// How long a mail waits after so many attempts: 1, 2, 4, 8, then every 15 minutes, for about two days; `None`
/// gives it up. A server that refused for good is asked again too, as the mistake may be in our settings, but
/// sixteen times more seldom.
fn wait(attempts: i64, error: &MailError) -> Option<TimeDelta> {
    let (unit, most) = match error {
        MailError::Send(SendError::Unusable(_)) | MailError::Payload | MailError::Code | MailError::Invitation => {
            return None;
        }
        MailError::Send(SendError::Refused(500..)) => (16, 15),
        MailError::Send(_) | MailError::Template(_) | MailError::Store(_) => (1, 196),
    };
    let step = [1, 2, 4, 8].into_iter().nth(usize::try_from(attempts - 1).unwrap_or_default()).unwrap_or(15);
    (attempts < most).then(|| TimeDelta::minutes(unit * step))
}

/// Why a mail was not sent. What it prints is kept and logged: never an address or a text.
#[derive(Debug, thiserror::Error)]
enum MailError {
    #[error("{0}")]
    Send(#[from] SendError),
    #[error("the stored message cannot be read")]
    Payload,
    #[error("the proposal has no receipt code")]
    Code,
    #[error("the invitation is no more")]
    Invitation,
    #[error("the template is broken")]
    Template(#[from] minijinja::Error),
    #[error("the database failed")]
    Store(#[from] StoreError),
}

async fn send(state: &State, mail: &outbox::Model) -> Result<(), MailError> {
    let mut message: Message = serde_json::from_value(mail.payload.clone()).map_err(|_| MailError::Payload)?;
    let code = match &message {
        Message::Receipt { proposal, .. } => {
            let row = store::proposal::titles(state.store.read(), [*proposal]).await?.into_iter().next();
            let seed = row.and_then(|row| row.code_seed).ok_or(MailError::Code)?;
            Some(receipt_code(&state.config.secret_key, &seed))
        }
        _ => None,
    };
    let mut language = mail.language.0;
    if let Message::NewPassword { .. } = message {
        let Some((renewal, own)) = renew(state, &mail.recipient).await? else { return Ok(()) };
        (message, language) = (renewal, own);
    }
    if let Message::Invitation { invitation, token, .. } = &mut message {
        let seed = store::invitation::seed(state.store.read(), *invitation).await?.ok_or(MailError::Invitation)?;
        *token = cookie::invitation(&state.config.secret_key, &seed).0;
    }
    let url = &state.config.public_url;
    let secret = &state.config.secret_key;
    let leave = mail.proposal_id.map(|proposal| unsubscribe::token(secret, proposal, &mail.recipient));
    let rendered = render::render_with(&message, code.as_ref(), language, url, mail.created_at, leave.as_deref())?;
    Ok(state.mailer.send(mail.id, &mail.recipient, rendered).await?)
}

/// Makes the link by which the owner of an address chooses another password; `None` if no account that may sign in has it.
async fn renew(state: &State, email: &str) -> Result<Option<(Message, Language)>, MailError> {
    let Some((known, _)) = store::account::by_email(state.store.read(), email).await? else { return Ok(None) };
    let tx = state.store.write().await?;
    let account = store::account::lock(&tx, known.id).await?;
    // who has no password yet was invited, or the invitation was taken back: this is no way round that
    let Some(account) = account.filter(|account| account.has_password && !account.disabled) else { return Ok(None) };
    let seed = random::bytes::<32>().map_err(|_| MailError::Invitation)?;
    let (token, hash) = cookie::invitation(&state.config.secret_key, &seed);
    let until = state.clock.now() + store::invitation::RENEWAL_VALID;
    store::invitation::replace(&tx, account.id, seed, hash, until).await?;
    tx.commit().await?;
    Ok(Some((Message::NewPassword { token, name: account.name, until }, account.language)))
}

/// Removes the files of photos that were forgotten, or that nobody finished sending. What cannot be removed now is tried
/// again in every round.
async fn remove_files(state: &State) -> Result<(), Problem> {
    let names = store::attachment::files_to_remove(state.store.read(), state.clock.now()).await?;
    if names.is_empty() {
        return Ok(());
    }
    let mut removed = Vec::with_capacity(names.len());
    for name in names {
        match state.files.remove(&name).await {
            Ok(()) => removed.push(name),
            Err(error) => tracing::error!(%error, "a file was not removed; it is tried again"),
        }
    }
    let tx = state.store.write().await?;
    store::attachment::files_removed(&tx, removed).await?;
    tx.commit().await?;
    Ok(())
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

/// Forgets whatever the rules of retention say is over: see `store::retention`.
///
/// # Errors
/// The database failed; the rest goes the next time.
pub async fn forget(state: &State) -> Result<(), Problem> {
    store::retention::apply(&state.store, state.clock.now()).await?;
    store::import::purge(&state.store, state.clock.now()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attempts of one mail, in minutes from the first.
    fn attempts(error: &MailError) -> Vec<i64> {
        let (mut at, mut times) = (0, vec![0]);
        while let Some(next) = wait(i64::try_from(times.len()).unwrap(), error) {
            at += next.num_minutes();
            times.push(at);
        }
        times
    }

    #[test]
    fn a_mail_is_tried_for_two_days() {
        let away = attempts(&MailError::Send(SendError::Unreachable("away".into())));
        assert_eq!(away[..8], [0, 1, 3, 7, 15, 30, 45, 60]);
        assert_eq!(away.last(), Some(&(48 * 60)));
        assert_eq!(attempts(&MailError::Send(SendError::Refused(451))), away);

        let refused = attempts(&MailError::Send(SendError::Refused(550)));
        assert_eq!(refused[..6], [0, 16, 48, 112, 240, 480]);
        assert_eq!(refused.last(), Some(&(44 * 60)));
        assert_eq!(refused.len(), 15, "a server that says no is not asked two hundred times");

        for hopeless in [MailError::Send(SendError::Unusable("no")), MailError::Payload, MailError::Code] {
            assert_eq!(attempts(&hopeless), [0], "{hopeless}");
        }
    }
}
