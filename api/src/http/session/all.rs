//! `/session/all`: where one is signed in.

use actix_web::{HttpResponse, delete, get, web};
use chrono::{DateTime, Utc};
use domain::audit::{AuditAction, AuditObject};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{application::State, auth::SignedIn, http::problem::Problem, store};

/// One's sessions. There are twenty at most, so they come on one page.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsView {
    /// Newest first.
    items: Vec<OwnSessionView>,
}

/// One of one's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSessionView {
    /// Its name here; it opens nothing.
    handle: String,
    /// Such as `Firefox, Android`; empty if the browser does not tell.
    device: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

/// Lists where one is signed in.
#[utoipa::path(tag = "sessions", responses((status = 200, body = SessionsView)))]
#[get("/session/all")]
pub async fn list_own_sessions(
    state: web::Data<State>,
    signed_in: SignedIn,
) -> Result<web::Json<SessionsView>, Problem> {
    let rows = store::session::all(state.store.read(), signed_in.account.id, state.clock.now()).await?;
    let items = rows.into_iter().map(|row| OwnSessionView {
        current: row.token_hash == signed_in.token_hash,
        handle: row.handle,
        device: row.device,
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    Ok(web::Json(SessionsView { items: items.collect() }))
}

/// Ends all of one's sessions but the one that asks.
#[utoipa::path(tag = "sessions", responses((status = 204)))]
#[delete("/session/all")]
pub async fn end_other_sessions(state: web::Data<State>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    store::session::remove_all(&tx, signed_in.account.id, Some(&signed_in.token_hash)).await?;
    let entry = signed_in.did(AuditAction::EndSessions, AuditObject::Account, signed_in.account.id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends one of one's sessions.
#[utoipa::path(tag = "sessions", responses((status = 204)))]
#[delete("/session/all/{handle}")]
pub async fn end_session(
    state: web::Data<State>,
    signed_in: SignedIn,
    handle: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    // anything else is nobody's, and not every text is one that a database takes
    if !handle.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Problem::not_found());
    }
    let tx = state.store.write().await?;
    if !store::session::remove_by_handle(&tx, signed_in.account.id, &handle).await? {
        return Err(Problem::not_found());
    }
    let entry = signed_in.did(AuditAction::EndSessions, AuditObject::Account, signed_in.account.id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
