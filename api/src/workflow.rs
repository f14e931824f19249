//! Taking a step of the moderation workflow: the one paragraph that people, deadlines and the demonstration share.
//!
//! Load, ask the domain, save, write the path and the mail, all in the caller's transaction.

use chrono::{DateTime, Utc};
use domain::{
    permission::{AccountId, Actor},
    proposal::{Edge, Proposal, ProposalState, Step, TransitionError},
};

use crate::{
    http::problem::{FieldCode, Problem, ProblemCode},
    mail::Message,
    store::{
        self, WriteTx,
        consultation::Consultation,
        entity::proposal,
        outbox,
        proposal::{self as proposals, ActorKind, Event, Referral},
    },
};

/// What the domain needs to know of a row.
#[must_use]
pub fn as_domain(row: &proposal::Model) -> Proposal {
    Proposal {
        state: row.state.0,
        decided_at: row.decided_at,
        decided_before: row.decided_before,
        sealed: row.sealed,
        held: (row.personal_data && !row.personal_data_acknowledged) || row.suspicion.is_some(),
        clarification_due: row.clarification_due,
        withhold_requested_by: row.withhold_requested_by.map(AccountId),
        withhold_reason: row.withhold_reason.map(|code| code.0),
        erased: row.erased_at.is_some(),
    }
}

/// Where a redirected proposal goes and what it is merged into: what the domain's step names by code, resolved.
#[derive(Debug, Default)]
pub struct Resolved {
    /// For `redirect`.
    pub referral: Option<Referral>,
    /// For `merge`.
    pub target: Option<proposal::Model>,
}

/// Takes `step` on a row that was locked in `tx`, as was the target of a merge. `expected` is the version the caller decided on.
///
/// # Errors
/// `version_conflict` if the row has moved on, whatever the domain refuses, or a database failure.
#[expect(
    clippy::too_many_arguments,
    reason = "a step is a sentence: in this transaction, on this proposal, this is done by this person now"
)]
pub async fn take(
    tx: &WriteTx,
    consultation: &Consultation,
    row: proposal::Model,
    expected: Option<i64>,
    step: &Step,
    resolved: Resolved,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<proposal::Model, Problem> {
    if expected.is_some_and(|version| version != row.version) {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    let from = row.state.0;
    let before = as_domain(&row);
    if let Some(target) = &resolved.target {
        if target.consultation_id != row.consultation_id {
            return Err(Problem::field("target", FieldCode::NotAllowed));
        }
        if target.erased_at.is_some() {
            return Err(TransitionError::Erased { edge: Edge::Merge }.into());
        }
        domain::proposal::check_merge_target(row.id, target.id, target.state.0)?;
    }
    let after = before.apply(step, actor, now)?;
    let edge = step.edge();

    // asked now that the row is locked: the rule may have changed since the consultation was read
    let rule = store::consultation::standing(tx, consultation.row.id).await?.moderation;
    let public = after.is_public(rule);
    let merged_into = resolved.target.as_ref().map(|target| target.id);
    let saved = proposals::save(tx, row, &after, public, merged_into, edge == Edge::Appeal, now).await?;

    if let Step::Retain { remarks: Some(remarks), .. } = step {
        let account = account_id(actor).ok_or_else(|| Problem::new(ProblemCode::Forbidden))?;
        store::desk::set_remarks(tx, saved.id, remarks, account, now).await?;
    }
    if let (Step::RequestWithhold { note: Some(note), .. }, Some(account)) = (step, account_id(actor)) {
        store::desk::insert_note(tx, saved.id, account, note.clone(), now).await?;
    }
    let event = Event {
        edge,
        from: Some(from),
        to: after.state,
        actor: actor_kind(actor),
        reason: reason(step, &saved),
        target: resolved.target.as_ref().map(|target| consultation.reference(target.id, target.submitted_at)),
        referral: resolved.referral.clone(),
        text: step.text().map(|(text, language)| (text.to_owned(), language)),
    };
    let reference = consultation.reference(saved.id, saved.submitted_at);
    proposals::append(tx, &reference, event, now).await?;
    if edge == Edge::Withdraw {
        store::likeness::forget(tx, saved.id).await?;
    }
    tell_author(tx, consultation, &saved, step, &resolved, now).await?;
    Ok(saved)
}

/// The reason of a step that has been taken: whoever confirms a request to withhold confirms its reason.
fn reason(step: &Step, saved: &proposal::Model) -> Option<String> {
    let confirmed = saved.withhold_reason.filter(|_| step.edge() == Edge::Withhold);
    step.reason().or(confirmed.map(|code| code.0.to_string()))
}

fn account_id(actor: &Actor) -> Option<i64> {
    match actor {
        Actor::Account { id, .. } => Some(id.0),
        _ => None,
    }
}

const fn actor_kind(actor: &Actor) -> ActorKind {
    match actor {
        Actor::Participant => ActorKind::Participant,
        Actor::Account { id, .. } => ActorKind::Account(id.0),
        Actor::Clock => ActorKind::Clock,
        Actor::Import => ActorKind::Import,
    }
}

/// Writes the mail that tells the author, if the author left an address and the step concerns them.
async fn tell_author(
    tx: &WriteTx,
    consultation: &Consultation,
    row: &proposal::Model,
    step: &Step,
    resolved: &Resolved,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let Some(email) = &row.email else { return Ok(()) };
    let reference = consultation.reference(row.id, row.submitted_at).to_string();
    let title = row.title.clone();
    let message = match step.edge() {
        Edge::RequestClarification => Message::ClarificationRequest {
            reference,
            title,
            question: step.text().map(|(text, _)| text.to_owned()).unwrap_or_default(),
            due: row.clarification_due.unwrap_or(now),
        },
        Edge::Retain | Edge::Merge | Edge::Redirect | Edge::Refuse | Edge::Withhold | Edge::Reopen | Edge::Adopt => {
            Message::Decision {
                reference,
                // the text of a withheld proposal is sealed, its title too
                title: (row.state.0 != ProposalState::Withheld).then_some(title),
                edge: step.edge(),
                // why a decision is looked at again is said to the committee
                reason: reason(step, row).filter(|_| step.edge() != Edge::Reopen),
                response: step.text().map(|(text, _)| text.to_owned()),
                referral: resolved.referral.clone(),
                target: resolved
                    .target
                    .as_ref()
                    .map(|target| consultation.reference(target.id, target.submitted_at).to_string()),
            }
        }
        _ => return Ok(()),
    };
    outbox::enqueue_about(tx, row.id, email, row.language.0, &message, now).await?;
    Ok(())
}
