//! `POST /receipts/withdraw`

use actix_web::{post, web};
use domain::proposal::Step;

use super::{FollowUpView, look_up::ReceiptLookup, take};
use crate::{
    application::State,
    http::{caller::Caller, extract::Body, problem::Problem},
};

/// Withdraws one's own proposal: it is no longer shown nor counted.
#[utoipa::path(tag = "receipts", request_body = ReceiptLookup, responses((status = 200, body = FollowUpView)))]
#[post("/receipts/withdraw")]
pub async fn withdraw_proposal(
    state: web::Data<State>,
    caller: Caller,
    input: Body<ReceiptLookup>,
) -> Result<web::Json<FollowUpView>, Problem> {
    Ok(web::Json(take(&state, caller, &input.code, Step::Withdraw).await?))
}
