//! `GET /imports/{id}/preview`

use actix_web::{get, web};
use domain::audit::{AuditAction, AuditObject};
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use crate::{application::State, auth::Importer, http::problem::Problem, store};

/// A row of the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewRowView {
    /// As a spreadsheet numbers it.
    row: u64,
    /// The beginning of each cell; null where it is no text.
    cells: Vec<Option<String>>,
}

/// The beginning of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPreviewView {
    /// The first line.
    headers: Vec<String>,
    /// At most twenty rows.
    rows: Vec<PreviewRowView>,
}

/// Shows the first rows of a file, as long as it is there.
#[utoipa::path(tag = "imports", responses((status = 200, body = ImportPreviewView)))]
#[get("/imports/{id}/preview")]
pub async fn preview_import(
    state: web::Data<State>,
    importer: Importer,
    id: web::Path<String>,
) -> Result<web::Json<ImportPreviewView>, Problem> {
    let row = find(&state, &id).await?;
    let preview = row.preview.ok_or_else(Problem::not_found)?.0;
    // the rows say something about people
    let entry = importer.signed_in.did(AuditAction::OpenImport, AuditObject::Import, row.id, state.clock.now());
    store::audit::record_alone(&state.store, entry.of(row.consultation_id)).await?;
    Ok(web::Json(ImportPreviewView {
        headers: preview.headers,
        rows: preview.rows.into_iter().map(|(row, cells)| PreviewRowView { row, cells }).collect(),
    }))
}
