//! `POST /export-approvals/{id}/file`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    dataset::Format,
};

use crate::{
    application::State,
    auth::ExportAsker,
    http::{
        export::{attachment, body, proposals},
        problem::Problem,
    },
    store,
};

/// Takes the approved file away: whoever asked, once, within a quarter of an hour of the second signature. Not by GET,
/// which a browser may send twice or ahead of time.
#[utoipa::path(
    tag = "administration",
    responses((status = 200, content_type = "text/csv", body = String, headers(("Content-Disposition" = String))))
)]
#[post("/export-approvals/{id}/file")]
pub async fn fetch_export(
    state: web::Data<State>,
    asker: ExportAsker,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let row = store::approval::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    let entry = asker.signed_in.did(AuditAction::ExportProposals, AuditObject::ExportApproval, row.row.id, now);
    let entry = entry.of(row.row.consultation_id);
    if let Err(error) = row.approval.fetch(&asker.actor, now) {
        drop(tx);
        store::audit::record_alone(&state.store, entry.refused()).await?;
        return Err(error.into());
    }
    let consultation =
        store::consultation::by_id(&tx, row.row.consultation_id).await?.ok_or_else(Problem::not_found)?;
    store::approval::mark_used(&tx, row.row.id, now).await?;
    store::audit::record(&tx, entry).await?;
    // used before the first byte leaves: a file that breaks off needs a new approval, not the other way round
    tx.commit().await?;
    let mut answer = attachment(&consultation.row.slug, "proposals", Format::Csv, now);
    Ok(answer.streaming(body(proposals::file(state.store.clone(), consultation.into(), true))))
}
