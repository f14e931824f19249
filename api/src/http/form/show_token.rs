//! `GET /form-token`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::form::{LIFETIME, MOST, challenge};
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, token};
use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
    random,
};

/// A fresh token of the public form and its sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormTokenView {
    /// To be sent with the proposal, once.
    token: String,
    /// What SHA-256 of `{token}:{answer}` is, in hexadecimal, for one whole `answer` from 0 to `most` - 1.
    challenge: String,
    most: u32,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
}

/// Gives a token for the form, to be asked for when somebody opens it. The answer to its sum comes with the proposal.
/// A proposal without both is taken like any other, and looked at apart.
#[utoipa::path(tag = "proposals", responses((status = 200, body = FormTokenView)))]
#[get("/form-token")]
pub async fn show_form_token(state: web::Data<State>) -> Result<web::Json<FormTokenView>, Problem> {
    let now = state.clock.now();
    let random = random::bytes().map_err(|_| Problem::new(ProblemCode::Internal))?;
    let token = token(&state.config.secret_key, now, random);
    let challenge = challenge(&token, answer(&state.config.secret_key, &token));
    Ok(web::Json(FormTokenView { token, challenge, most: MOST, expires_at: now + LIFETIME }))
}
