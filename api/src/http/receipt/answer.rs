//! `POST /receipts/answer`

use actix_web::{post, web};
use domain::{proposal::Step, text::Answer};
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

/// The author's answer to the committee's question.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// The receipt code.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    code: String,
    /// 2 to 4,000 characters; kept beside the proposal's text, which does not change.
    #[validate(custom(function = "validate::answer"))]
    #[schema(min_length = 2, max_length = 4000)]
    answer: String,
}

/// Answers the committee's question; the proposal goes back into the queue.
#[utoipa::path(tag = "receipts", request_body = NewAnswer, responses((status = 200, body = FollowUpView)))]
#[post("/receipts/answer")]
pub async fn answer_clarification(
    state: web::Data<State>,
    caller: Caller,
    input: Body<NewAnswer>,
) -> Result<web::Json<FollowUpView>, Problem> {
    let answer =
        Answer::parse(&input.answer).map_err(|problem| Problem::fields(vec![FieldError::text("answer", problem)]))?;
    Ok(web::Json(take(&state, caller, &input.code, Step::Answer { answer }).await?))
}
