//! `PUT /admin/accounts/{id}/password`

use actix_web::{HttpResponse, put, web};
use domain::audit::{AuditAction, AuditObject};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::AccountManager,
    http::{
        extract::{Body, IfMatch},
        problem::{Problem, ProblemCode},
        validate,
    },
    store,
};

/// A password for somebody who lost theirs.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// 12 to 128 characters; its owner changes it.
    #[validate(custom(function = "validate::new_password"))]
    #[schema(min_length = 12, max_length = 128, format = Password)]
    password: String,
}

/// Gives an account a new password; all its sessions end.
#[utoipa::path(
    tag = "administration",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = ResetPassword,
    responses((status = 204))
)]
#[put("/admin/accounts/{id}/password")]
pub async fn set_account_password(
    state: web::Data<State>,
    manager: AccountManager,
    id: web::Path<i64>,
    version: IfMatch,
    input: Body<ResetPassword>,
) -> Result<HttpResponse, Problem> {
    let hash = state.passwords.hash(SecretString::from(input.0.password)).await?;
    let tx = state.store.write().await?;
    let account = store::account::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    if account.version != version.0 {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    store::account::set_password(&tx, account.id, hash).await?;
    store::session::remove_all(&tx, account.id, None).await?;
    let now = state.clock.now();
    let entry = manager.signed_in.did(AuditAction::SetAccountPassword, AuditObject::Account, account.id, now);
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
