//! `PUT /session/password`

use actix_web::{HttpResponse, put, web};
use domain::audit::{AuditAction, AuditObject};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::{SignedIn, password::check_new},
    http::{
        extract::Body,
        problem::{FieldCode, FieldError, Problem},
        validate,
    },
    store,
};

/// The old password and the new one.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password until now.
    #[validate(length(min = 1, max = 128))]
    #[schema(max_length = 128, format = Password)]
    current: String,
    /// The password from now on, 12 to 128 characters.
    #[validate(custom(function = "validate::new_password"))]
    #[schema(min_length = 12, max_length = 128, format = Password)]
    new: String,
}

/// Changes one's own password. Every other session of the account ends.
#[utoipa::path(tag = "sessions", request_body = NewPassword, responses((status = 204)))]
#[put("/session/password")]
pub async fn change_password(
    state: web::Data<State>,
    signed_in: SignedIn,
    input: Body<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let Body(NewPassword { current, new }) = input;
    let id = signed_in.account.id;
    let entry = signed_in.did(AuditAction::ChangePassword, AuditObject::Account, id, state.clock.now());
    let known = store::account::by_email(state.store.read(), &signed_in.account.email).await?.map(|(_, hash)| hash);
    if !state.passwords.verify(known, SecretString::from(current)).await? {
        store::audit::record_alone(&state.store, entry.refused()).await?;
        return Err(Problem::field("current", FieldCode::Invalid));
    }
    check_new(&new, &signed_in.account.email)
        .map_err(|problem| Problem::fields(vec![FieldError::text("new", problem)]))?;
    let hash = state.passwords.hash(SecretString::from(new)).await?;
    let tx = state.store.write().await?;
    store::account::set_password(&tx, signed_in.account.id, hash).await?;
    store::session::remove_all(&tx, signed_in.account.id, Some(&signed_in.token_hash)).await?;
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
