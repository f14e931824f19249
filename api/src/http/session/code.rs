//! `POST /session/code`

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::audit::{AuditAction, AuditObject};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::show::SessionView;
use crate::{
    application::State,
    auth::{self, HalfSignedIn, SignedIn, second_factor},
    http::{
        extract::Body,
        problem::{FieldCode, Problem, ProblemCode},
    },
    store::{self, WriteTx, audit::Entry},
};

/// A code of the second factor.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentedCode {
    /// Six digits from the app, or a recovery code.
    #[validate(length(min = 1, max = 64))]
    #[schema(max_length = 64)]
    pub(super) code: String,
}

/// Gives a code of the second factor. The session goes on under a new token; five wrong codes in a row end it.
#[utoipa::path(tag = "sessions", request_body = PresentedCode, responses((status = 200, body = SessionView)))]
#[post("/session/code")]
pub async fn present_code(
    state: web::Data<State>,
    request: HttpRequest,
    HalfSignedIn(signed_in): HalfSignedIn,
    input: Body<PresentedCode>,
) -> Result<HttpResponse, Problem> {
    let entry = signed_in.did(AuditAction::PresentCode, AuditObject::Account, signed_in.account.id, state.clock.now());
    let SignedIn { account, token_hash, .. } = signed_in;
    let tx = state.store.write().await?;
    let key = &state.config.secret_key;
    if !second_factor::present(&tx, key, account.id, &input.code, state.clock.now()).await? {
        return Err(wrong_code(tx, &token_hash, entry).await?);
    }
    store::session::remove(&tx, &token_hash).await?;
    store::audit::record(&tx, entry).await?;
    let (expires_at, cookie) = auth::open_session(&state, &tx, &request, account.id, true).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().cookie(cookie).json(SessionView::new(account, expires_at, None)))
}

/// Counts a wrong code and says what to answer.
pub(super) async fn wrong_code(tx: WriteTx, token_hash: &[u8; 32], entry: Entry) -> Result<Problem, Problem> {
    store::audit::record(&tx, entry.refused()).await?;
    let over = store::session::count_wrong_code(&tx, token_hash).await?;
    tx.commit().await?;
    Ok(if over { Problem::new(ProblemCode::Unauthenticated) } else { Problem::field("code", FieldCode::Invalid) })
}
