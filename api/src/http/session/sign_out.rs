//! `DELETE /session`

use actix_web::{HttpResponse, delete, web};
use domain::audit::{AuditAction, AuditObject};

use crate::{
    application::State,
    auth::{HalfSignedIn, cookie},
    http::problem::Problem,
    store,
};

/// Signs out: the session is dead at once, wherever its token is.
#[utoipa::path(tag = "sessions", responses((status = 204)))]
#[delete("/session")]
pub async fn sign_out(state: web::Data<State>, HalfSignedIn(signed_in): HalfSignedIn) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    store::session::remove(&tx, &signed_in.token_hash).await?;
    let id = signed_in.account.id;
    let entry = signed_in.did(AuditAction::SignOut, AuditObject::Account, id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().cookie(cookie::removal(&state.config)).finish())
}
