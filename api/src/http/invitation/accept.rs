//! `POST /invitations/accept`

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::audit::{AuditAction, AuditObject, AuditOutcome};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::{cookie, password::check_new, request_id},
    http::{
        caller::Caller,
        extract::Body,
        problem::{FieldError, Problem, ProblemCode},
        validate,
    },
    store::{self, audit::Entry},
};

/// An invitation, accepted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedInvitation {
    /// As it stood behind the # of the link.
    #[validate(length(min = 1, max = 100))]
    #[schema(max_length = 100)]
    token: String,
    /// The password from now on, 12 to 128 characters.
    #[validate(custom(function = "validate::new_password"))]
    #[schema(min_length = 12, max_length = 128, format = Password)]
    password: String,
}

/// Chooses the password of the account that is invited. The invitation is used up, and whoever was signed in is not
/// any more.
#[utoipa::path(tag = "sessions", request_body = AcceptedInvitation, responses((status = 204)))]
#[post("/invitations/accept")]
pub async fn accept_invitation(
    state: web::Data<State>,
    request: HttpRequest,
    caller: Caller,
    input: Body<AcceptedInvitation>,
) -> Result<HttpResponse, Problem> {
    let Body(AcceptedInvitation { token, password }) = input;
    let token_hash = cookie::invitation_hash(&token);
    let now = state.clock.now();
    let over = || Problem::new(ProblemCode::InvitationOver);
    let found = store::invitation::find(state.store.read(), &token_hash, now).await?;
    let (account, _) = caller.open(&state, found, ProblemCode::InvitationOver).await?;
    check_new(&password, &account.email)
        .map_err(|problem| Problem::fields(vec![FieldError::text("password", problem)]))?;
    let hash = state.passwords.hash(SecretString::from(password)).await?;
    let tx = state.store.write().await?;
    // asked again behind the lock: whoever comes second finds it used
    store::account::lock(&tx, account.id).await?.ok_or_else(over)?;
    store::invitation::find(&tx, &token_hash, now).await?.ok_or_else(over)?;
    store::account::set_password(&tx, account.id, hash).await?;
    store::invitation::remove(&tx, account.id).await?;
    store::session::remove_all(&tx, account.id, None).await?;
    let entry = Entry {
        at: now,
        account: Some((account.id, account.role)),
        action: AuditAction::AcceptInvitation,
        object: AuditObject::Account,
        key: account.id.to_string(),
        consultation_id: None,
        outcome: AuditOutcome::Done,
        request_id: request_id(&request),
    };
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
