//! `DELETE /imports/{id}`

use actix_web::{HttpResponse, delete, web};
use domain::audit::{AuditAction, AuditObject};

use super::find_to_change;
use crate::{application::State, auth::Importer, http::problem::Problem, store};

/// Forgets a file and what was wrong with it; one that is being taken in stops. The proposals made of it stay.
#[utoipa::path(tag = "imports", responses((status = 204)))]
#[delete("/imports/{id}")]
pub async fn delete_import(
    state: web::Data<State>,
    importer: Importer,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let row = find_to_change(&tx, &id).await?;
    let now = state.clock.now();
    let entry = importer.signed_in.did(AuditAction::DeleteImport, AuditObject::Import, row.id, now);
    store::audit::record(&tx, entry.of(row.consultation_id)).await?;
    store::import::forget(&tx, row, now).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
