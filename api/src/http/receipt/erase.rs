//! `POST /receipts/erase`

use actix_web::{post, web};
use domain::{
    permission::Actor,
    proposal::{Edge, Step},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{FollowUpView, find};
use crate::{
    application::State,
    http::{
        caller::Caller,
        extract::Body,
        problem::{FieldCode, Problem, ProblemCode},
    },
    store,
    workflow::{self, Resolved},
};

/// An erasure that is meant.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The receipt code.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    code: String,
    /// Must be true: nobody can bring back what is erased.
    understood: bool,
}

/// Erases one's text and everything that tells who wrote it, for good.
///
/// A proposal that could still be withdrawn is withdrawn with it. What was decided stays, and stays counted: only its
/// state, axis, territory, dates, coded answers and path are kept. Done once more, it changes nothing.
#[utoipa::path(tag = "receipts", request_body = Erasure, responses((status = 200, body = FollowUpView)))]
#[post("/receipts/erase")]
pub async fn erase_own_data(
    state: web::Data<State>,
    caller: Caller,
    input: Body<Erasure>,
) -> Result<web::Json<FollowUpView>, Problem> {
    if !input.understood {
        return Err(Problem::field("understood", FieldCode::Required));
    }
    let (consultation, row) = find(&state, caller, &input.code).await?;
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let mut row = store::proposal::lock(&tx, row.id).await?.ok_or_else(|| Problem::new(ProblemCode::ReceiptUnknown))?;
    if row.erased_at.is_none() {
        let allowed = domain::proposal::allowed(&workflow::as_domain(&row), &Actor::Participant, now);
        if allowed.contains(&Edge::Withdraw) {
            let (step, nothing) = (Step::Withdraw, Resolved::default());
            row = workflow::take(&tx, &consultation, row, None, &step, nothing, &Actor::Participant, now).await?;
        }
        let reference = consultation.reference(row.id, row.submitted_at).to_string();
        row = store::erasure::erase(&tx, row, &reference, now).await?;
        tx.commit().await?;
    }
    Ok(web::Json(FollowUpView::load(&state, &consultation, row).await?))
}
