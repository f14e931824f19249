//! `/admin/accounts/{id}/invitation`

use actix_web::{HttpResponse, delete, post, web};
use chrono::{DateTime, Utc};
use domain::audit::{AuditAction, AuditObject};

use super::AccountView;
use crate::{
    application::State,
    auth::{AccountManager, cookie},
    http::{
        extract::IfMatch,
        problem::{Problem, ProblemCode},
        respond,
    },
    mail::Message,
    random,
    store::{self, WriteTx, account::Account},
};

/// Sends an invitation to choose a password: the first one, or another for somebody who lost theirs. The invitation
/// before is no longer good; neither is the password, and all sessions end.
#[utoipa::path(
    tag = "administration",
    params(("If-Match" = String, Header, description = "the version that was read")),
    responses((status = 200, body = AccountView, headers(("ETag" = String))))
)]
#[post("/admin/accounts/{id}/invitation")]
pub async fn invite_account(
    state: web::Data<State>,
    manager: AccountManager,
    id: web::Path<i64>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let account = store::account::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    if account.version != version.0 {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    if account.disabled {
        return Err(Problem::new(ProblemCode::IllegalTransition));
    }
    store::account::set_password(&tx, account.id, String::new()).await?;
    store::session::remove_all(&tx, account.id, None).await?;
    let until = send_invitation(&state, &tx, &account).await?;
    let entry = manager.signed_in.did(AuditAction::InviteAccount, AuditObject::Account, account.id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    let account = Account { has_password: false, ..account };
    Ok(respond::versioned(account.version, &AccountView::new(account, Some(until))))
}

/// Replaces the invitation of an account and puts the mail that carries it in line; answers when it ends.
pub(super) async fn send_invitation(state: &State, tx: &WriteTx, account: &Account) -> Result<DateTime<Utc>, Problem> {
    let now = state.clock.now();
    let seed = random::bytes::<32>().map_err(|_| Problem::new(ProblemCode::Internal))?;
    let (_, token_hash) = cookie::invitation(&state.config.secret_key, &seed);
    let until = now + store::invitation::VALID;
    let invitation = store::invitation::replace(tx, account.id, seed, token_hash, until).await?;
    let message = Message::Invitation { invitation, token: String::new(), name: account.name.clone(), until };
    store::outbox::enqueue(tx, &account.email, account.language, &message, now).await?;
    Ok(until)
}

/// Takes an invitation back: its link is dead.
#[utoipa::path(tag = "administration", responses((status = 204)))]
#[delete("/admin/accounts/{id}/invitation")]
pub async fn revoke_invitation(
    state: web::Data<State>,
    manager: AccountManager,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    store::account::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    store::invitation::remove(&tx, *id).await?;
    let entry = manager.signed_in.did(AuditAction::RevokeInvitation, AuditObject::Account, *id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
