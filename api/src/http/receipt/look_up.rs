//! `POST /receipts/lookup`

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{FollowUpView, find};
use crate::{
    application::State,
    http::{caller::Caller, extract::Body, problem::Problem},
};

/// A receipt code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLookup {
    /// As printed on the receipt; case, spaces and dashes do not matter.
    #[validate(length(max = 100))]
    #[schema(max_length = 100, example = "7F3K9-QX2MB-0R8TD-VW5HE")]
    pub(super) code: String,
}

/// Tells what became of the proposal behind a receipt code. Changes nothing.
#[utoipa::path(tag = "receipts", request_body = ReceiptLookup, responses((status = 200, body = FollowUpView)))]
#[post("/receipts/lookup")]
pub async fn look_up_receipt(
    state: web::Data<State>,
    caller: Caller,
    input: Body<ReceiptLookup>,
) -> Result<web::Json<FollowUpView>, Problem> {
    let (consultation, row) = find(&state, caller, &input.code).await?;
    Ok(web::Json(FollowUpView::load(&state, &consultation, row).await?))
}
