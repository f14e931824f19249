//! `PATCH /admin/accounts/{id}`

use actix_web::{HttpResponse, patch, web};
use domain::{
    audit::{AuditAction, AuditObject},
    permission::Role,
    text::DisplayName,
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use validator::Validate;

use super::{AccountView, scope};
use crate::{
    application::State,
    auth::AccountManager,
    http::{
        extract::{Body, IfMatch},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
        respond, validate,
    },
    store,
};

/// What to change of an account; what is absent stays.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditAccount {
    /// The name colleagues see.
    #[validate(custom(function = "validate::display_name"))]
    #[schema(min_length = 2, max_length = 100)]
    name: Option<String>,
    /// What it may do.
    role: Option<Role>,
    /// The axes it is assigned to; null is all, absent is as before.
    #[serde(default, deserialize_with = "present")]
    #[validate(length(max = 50))]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    axes: Option<Option<Vec<String>>>,
    /// The territories it is assigned to; null is all, absent is as before.
    #[serde(default, deserialize_with = "present")]
    #[validate(length(max = 50))]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    territories: Option<Option<Vec<String>>>,
    /// A disabled account cannot sign in, and its sessions and its invitation end at once.
    disabled: Option<bool>,
}

/// Tells null from absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Vec<String>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes an account. Administrators cannot disable themselves or give up their own role: the last one would
/// lock everybody out.
#[utoipa::path(
    tag = "administration",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditAccount,
    responses((status = 200, body = AccountView, headers(("ETag" = String))))
)]
#[patch("/admin/accounts/{id}")]
pub async fn edit_account(
    state: web::Data<State>,
    manager: AccountManager,
    id: web::Path<i64>,
    version: IfMatch,
    input: Body<EditAccount>,
) -> Result<HttpResponse, Problem> {
    let name = input.name.as_deref().map(DisplayName::parse).transpose();
    let name = name.map_err(|problem| Problem::fields(vec![FieldError::text("name", problem)]))?;
    let new_scope =
        scope(input.axes.as_ref().and_then(Option::as_deref), input.territories.as_ref().and_then(Option::as_deref))?;
    if manager.id() == *id {
        if input.disabled == Some(true) {
            return Err(Problem::field("disabled", FieldCode::NotAllowed));
        }
        if input.role.is_some_and(|role| role != Role::Administrator) {
            return Err(Problem::field("role", FieldCode::NotAllowed));
        }
    }
    let tx = state.store.write().await?;
    let mut account = store::account::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    if account.version != version.0 {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    if let Some(name) = name {
        account.name = name.into_string();
    }
    if let Some(role) = input.role {
        account.role = role;
    }
    if input.axes.is_some() {
        account.scope.axes = new_scope.axes;
    }
    if input.territories.is_some() {
        account.scope.territories = new_scope.territories;
    }
    if let Some(disabled) = input.disabled {
        account.disabled = disabled;
    }
    let account = store::account::update(&tx, account).await?;
    if account.disabled {
        store::session::remove_all(&tx, account.id, None).await?;
        store::invitation::remove(&tx, account.id).await?;
    }
    let entry = manager.signed_in.did(AuditAction::EditAccount, AuditObject::Account, account.id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    let invited = store::invitation::until(&tx, [account.id], state.clock.now()).await?.remove(&account.id);
    tx.commit().await?;
    Ok(respond::versioned(account.version, &AccountView::new(account, invited)))
}
