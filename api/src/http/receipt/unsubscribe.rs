//! `POST /mail/unsubscribe`

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    http::{extract::Body, problem::Problem},
    mail::unsubscribe,
    store,
};

/// What the link in a mail carries behind its `#`.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsubscription {
    /// As it stands in the link.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    token: String,
}

/// Forgets the address a mail was sent to: no more mails about that proposal.
///
/// Answers the same when the address is forgotten already, or was changed since.
#[utoipa::path(tag = "receipts", request_body = Unsubscription, responses((status = 204)))]
#[post("/mail/unsubscribe")]
pub async fn unsubscribe_address(
    state: web::Data<State>,
    input: Body<Unsubscription>,
) -> Result<HttpResponse, Problem> {
    forget(&state, &input.token).await
}

/// The same for mail programs (RFC 8058), whatever they send along.
///
/// The token stands in the path because that is all a mail program posts to. It tells nothing about anybody, and does
/// nothing but this.
#[utoipa::path(tag = "receipts", responses((status = 204)))]
#[post("/mail/unsubscribe/{token}")]
pub async fn unsubscribe_one_click(state: web::Data<State>, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    forget(&state, &token).await
}

async fn forget(state: &State, token: &str) -> Result<HttpResponse, Problem> {
    let (id, hash) = unsubscribe::read(token).ok_or_else(Problem::not_found)?;
    let tx = state.store.write().await?;
    let row = store::proposal::lock(&tx, id).await?;
    let is_for = |email: &str| unsubscribe::is_for(&state.config.secret_key, id, email, &hash);
    if let Some(row) = row.filter(|row| row.email.as_deref().is_some_and(is_for))
        && let Some(consultation) = store::consultation::by_id(&tx, row.consultation_id).await?
    {
        let reference = consultation.reference(row.id, row.submitted_at).to_string();
        store::erasure::set_contact(&tx, row, &reference, None, state.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
