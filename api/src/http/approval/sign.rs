//! `POST /export-approvals/{id}/signature`

use actix_web::{post, web};
use domain::audit::{AuditAction, AuditObject};

use super::ExportApprovalView;
use crate::{application::State, auth::Signer, http::problem::Problem, store};

/// Signs a request for an export. It takes two coordinators, and the second signature opens the quarter of an hour in
/// which the file can be taken away.
#[utoipa::path(tag = "administration", responses((status = 200, body = ExportApprovalView)))]
#[post("/export-approvals/{id}/signature")]
pub async fn sign_export(
    state: web::Data<State>,
    signer: Signer,
    id: web::Path<i64>,
) -> Result<web::Json<ExportApprovalView>, Problem> {
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let row = store::approval::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    row.approval.sign(&signer.actor)?;
    let row = store::approval::sign(&tx, row, signer.id(), now).await?;
    let entry = signer.signed_in.did(AuditAction::SignExport, AuditObject::ExportApproval, row.row.id, now);
    store::audit::record(&tx, entry.of(row.row.consultation_id)).await?;
    tx.commit().await?;
    Ok(web::Json(ExportApprovalView::one(&state.store, row, &signer.actor, now).await?))
}
