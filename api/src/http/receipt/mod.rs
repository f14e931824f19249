//! For the holder of a receipt code. The code stands in the body, never in a URL: URLs end up in logs,
//! histories and other sites' `Referer`.

use chrono::{DateTime, Utc};
use domain::{
    ledger::verify::LeafReceipt,
    permission::Actor,
    proposal::{Edge, Step},
    reference::ReceiptCode,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    application::State,
    http::{
        caller::Caller,
        ledger,
        problem::{Problem, ProblemCode},
        proposal::{show::ProposalView, submit::code_hash},
    },
    store::{self, consultation::Consultation, entity::proposal},
    workflow::{self, Resolved},
};

pub mod answer;
pub mod appeal;
pub mod contact;
pub mod erase;
pub mod export;
pub mod look_up;
pub mod show_attachment;
pub mod unsubscribe;
pub mod withdraw;

/// `/receipts`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(look_up::look_up_receipt)
        .service(show_attachment::show_own_attachment)
        .service(answer::answer_clarification)
        .service(withdraw::withdraw_proposal)
        .service(appeal::appeal_decision)
        .service(contact::change_contact)
        .service(export::export_own_data)
        .service(erase::erase_own_data)
        .service(unsubscribe::unsubscribe_address)
        .service(unsubscribe::unsubscribe_one_click);
}

/// What became of one's own proposal, and what one may do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUpView {
    proposal: ProposalView,
    /// Whether others can read it.
    public: bool,
    /// Until when an answer is awaited, if one is.
    answer_due: Option<DateTime<Utc>>,
    /// The committee's open question.
    question: Option<String>,
    /// `answer`, `withdraw`, `appeal`: those that are possible now.
    allowed: Vec<Edge>,
    /// Until when one may appeal, if one may.
    appeal_until: Option<DateTime<Utc>>,
    /// Whether news also go to an address.
    email_known: bool,
    /// The entry of the public ledger, what opens it, and the ledger's promise; none once the words were erased.
    ledger: Option<LeafReceipt>,
    /// When everything personal was erased, if it was: nothing but the path is left.
    erased_at: Option<DateTime<Utc>>,
}

impl FollowUpView {
    async fn load(state: &State, consultation: &Consultation, row: proposal::Model) -> Result<Self, Problem> {
        let known = workflow::as_domain(&row);
        let allowed = domain::proposal::allowed(&known, &Actor::Participant, state.clock.now());
        let public = row.public;
        let answer_due = row.clarification_due.filter(|_| allowed.contains(&Edge::Answer));
        let appeal_until = known.appeal_until().filter(|_| allowed.contains(&Edge::Appeal));
        let (email_known, erased_at) = (row.email.is_some(), row.erased_at);
        let question = match answer_due {
            None => None,
            Some(_) => store::proposal::events(state.store.read(), row.id)
                .await?
                .into_iter()
                .rfind(|event| event.edge.0 == Edge::RequestClarification)
                .and_then(|event| event.text),
        };
        let leaf = store::ledger::of_submission(state.store.read(), consultation, &row).await?;
        let ledger = leaf.map(|leaf| ledger::receipt(&state.log_key, leaf));
        let proposal = ProposalView::load(state, consultation, row).await?;
        Ok(Self { proposal, public, answer_due, question, allowed, appeal_until, email_known, ledger, erased_at })
    }
}

/// Finds the proposal behind a code as it was typed. Codes that open nothing count against the caller.
async fn find(state: &State, caller: Caller, code: &str) -> Result<(Consultation, proposal::Model), Problem> {
    let db = state.store.read();
    let mut found = None;
    if let Ok(code) = code.parse::<ReceiptCode>()
        && let Some(row) = store::proposal::by_code_hash(db, &code_hash(&code)).await?
    {
        found = store::consultation::by_id(db, row.consultation_id).await?.map(|consultation| (consultation, row));
    }
    caller.open(state, found, ProblemCode::ReceiptUnknown).await
}

/// Takes a step as the participant and shows what became of it.
async fn take(state: &State, caller: Caller, code: &str, step: Step) -> Result<FollowUpView, Problem> {
    let (consultation, row) = find(state, caller, code).await?;
    let tx = state.store.write().await?;
    let row = store::proposal::lock(&tx, row.id).await?.ok_or_else(|| Problem::new(ProblemCode::ReceiptUnknown))?;
    let row = workflow::take(
        &tx,
        &consultation,
        row,
        None,
        &step,
        Resolved::default(),
        &Actor::Participant,
        state.clock.now(),
    )
    .await?;
    tx.commit().await?;
    FollowUpView::load(state, &consultation, row).await
}
