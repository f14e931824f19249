//! `POST /export-approvals`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    text::ExportReason,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::ExportApprovalView;
use crate::{
    application::State,
    auth::ExportAsker,
    http::{
        extract::Body,
        problem::{FieldCode, FieldError, Problem},
        validate,
    },
    store,
};

/// An export to be approved.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExportRequest {
    /// The slug of the consultation whose proposals are asked for.
    #[schema(max_length = 40)]
    consultation: String,
    /// What it is for: 20 to 1,000 characters, for the coordinators.
    #[validate(custom(function = "validate::export_reason"))]
    #[schema(min_length = 20, max_length = 1000)]
    reason: String,
}

/// Asks the coordinators for the file of a consultation's proposals.
#[utoipa::path(
    tag = "administration",
    request_body = NewExportRequest,
    responses((status = 201, body = ExportApprovalView))
)]
#[post("/export-approvals")]
pub async fn request_export(
    state: web::Data<State>,
    asker: ExportAsker,
    input: Body<NewExportRequest>,
) -> Result<HttpResponse, Problem> {
    let reason = ExportReason::parse(&input.reason)
        .map_err(|problem| Problem::fields(vec![FieldError::text("reason", problem)]))?;
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let consultation = store::consultation::by_slug(&tx, &input.consultation)
        .await?
        .ok_or_else(|| Problem::field("consultation", FieldCode::Unknown))?;
    let row = store::approval::insert(&tx, consultation.row.id, asker.id(), reason.into_string(), now).await?;
    let entry = asker.signed_in.did(AuditAction::RequestExport, AuditObject::ExportApproval, row.row.id, now);
    store::audit::record(&tx, entry.of(consultation.row.id)).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(ExportApprovalView::one(&state.store, row, &asker.actor, now).await?))
}
