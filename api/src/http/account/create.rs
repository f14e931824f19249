//! `POST /admin/accounts`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    permission::Role,
    text::{DisplayName, EmailAddress},
    vocabulary::Language,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{AccountView, invite::send_invitation, scope};
use crate::{
    application::State,
    auth::AccountManager,
    http::{
        extract::Body,
        problem::{FieldError, Problem, ProblemCode},
        respond, validate,
    },
    store::{self, account::New},
};

/// An account to make.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// What its owner signs in with.
    #[validate(custom(function = "validate::email"))]
    #[schema(max_length = 254)]
    email: String,
    /// The name colleagues see.
    #[validate(custom(function = "validate::display_name"))]
    #[schema(min_length = 2, max_length = 100)]
    name: String,
    /// What it may do.
    role: Role,
    /// The axes it is assigned to; null is all.
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    axes: Option<Vec<String>>,
    /// The territories it is assigned to; null is all.
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    territories: Option<Vec<String>>,
    /// The language its mail is written in.
    #[serde(default)]
    language: MailLanguage,
}

/// A language of mail; Arabic unless said otherwise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct MailLanguage(Language);

impl Default for MailLanguage {
    fn default() -> Self {
        Self(Language::Ar)
    }
}

/// Makes an account without a password; its owner gets a mail with an invitation to choose one.
#[utoipa::path(
    tag = "administration",
    request_body = NewAccount,
    responses((status = 201, body = AccountView, headers(("ETag" = String))))
)]
#[post("/admin/accounts")]
pub async fn create_account(
    state: web::Data<State>,
    manager: AccountManager,
    input: Body<NewAccount>,
) -> Result<HttpResponse, Problem> {
    let Body(input) = input;
    let text = |field: &'static str| move |problem| Problem::fields(vec![FieldError::text(field, problem)]);
    let new = New {
        email: EmailAddress::parse(&input.email).map_err(text("email"))?.folded(),
        name: DisplayName::parse(&input.name).map_err(text("name"))?.into_string(),
        role: input.role,
        scope: scope(input.axes.as_deref(), input.territories.as_deref())?,
        password_hash: String::new(),
        language: input.language.0,
    };
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let account = store::account::insert(&tx, new, now).await?.ok_or_else(|| Problem::new(ProblemCode::EmailTaken))?;
    let until = send_invitation(&state, &tx, &account).await?;
    let entry = manager.signed_in.did(AuditAction::CreateAccount, AuditObject::Account, account.id, now);
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(respond::created(account.version, &AccountView::new(account, Some(until))))
}
