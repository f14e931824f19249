//! `POST /receipts/appeal`

use actix_web::{post, web};
use domain::{proposal::Step, text::AppealReason};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{FollowUpView, take};
use crate::{
    application::State,
    http::{
        caller::Caller,
        extract::Body,
        problem::{FieldError, Problem},
        validate,
    },
};

/// Why the committee should look again.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppeal {
    /// The receipt code.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    code: String,
    /// 10 to 2,000 characters; read by the committee only.
    #[validate(custom(function = "validate::appeal_reason"))]
    #[schema(min_length = 10, max_length = 2000)]
    reason: String,
}

/// Appeals against a decision within thirty days; the proposal goes back into the queue.
#[utoipa::path(tag = "receipts", request_body = NewAppeal, responses((status = 200, body = FollowUpView)))]
#[post("/receipts/appeal")]
pub async fn appeal_decision(
    state: web::Data<State>,
    caller: Caller,
    input: Body<NewAppeal>,
) -> Result<web::Json<FollowUpView>, Problem> {
    let reason = AppealReason::parse(&input.reason)
        .map_err(|problem| Problem::fields(vec![FieldError::text("reason", problem)]))?;
    Ok(web::Json(take(&state, caller, &input.code, Step::Appeal { reason }).await?))
}
