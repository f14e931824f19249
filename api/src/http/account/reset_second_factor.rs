//! `DELETE /admin/accounts/{id}/second-factor`

use actix_web::{HttpResponse, delete, web};
use domain::audit::{AuditAction, AuditObject};

use crate::{application::State, auth::AccountManager, http::problem::Problem, store};

/// Forgets the second factor of somebody who lost it, recovery codes too; all their sessions end. A role that needs one
/// sets up another at the next sign-in.
#[utoipa::path(tag = "administration", responses((status = 204)))]
#[delete("/admin/accounts/{id}/second-factor")]
pub async fn reset_second_factor(
    state: web::Data<State>,
    manager: AccountManager,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    store::account::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    store::second_factor::reset(&tx, *id).await?;
    store::session::remove_all(&tx, *id, None).await?;
    let entry = manager.signed_in.did(AuditAction::ResetSecondFactor, AuditObject::Account, *id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
