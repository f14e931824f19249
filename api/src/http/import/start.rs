//! `POST /imports/{id}/start`

use actix_web::{post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    import::ImportState,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{ImportView, find_to_change};
use crate::{
    application::State,
    auth::Importer,
    http::{
        extract::Body,
        problem::{Problem, ProblemCode},
    },
    store,
};

/// How the rows are taken in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImportRun {
    /// Whether the rows that are right are taken in although others are not.
    skip_wrong: bool,
}

/// Has the rows that are right and new taken in, by the worker; `GET /imports/{id}` tells how far it is.
#[utoipa::path(tag = "imports", request_body = NewImportRun, responses((status = 202, body = ImportView)))]
#[post("/imports/{id}/start")]
pub async fn start_import(
    state: web::Data<State>,
    importer: Importer,
    id: web::Path<String>,
    run: Body<NewImportRun>,
) -> Result<actix_web::HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let mut row = find_to_change(&tx, &id).await?;
    if row.state.0 != ImportState::Checked {
        return Err(Problem::new(ProblemCode::IllegalTransition));
    }
    if row.wrong_count > 0 && !run.skip_wrong {
        return Err(Problem::new(ProblemCode::ImportHasMistakes));
    }
    store::import::begin(&mut row, ImportState::Importing);
    let row = store::import::save(&tx, row).await?;
    let entry = importer.signed_in.did(AuditAction::StartImport, AuditObject::Import, row.id, state.clock.now());
    store::audit::record(&tx, entry.of(row.consultation_id)).await?;
    tx.commit().await?;
    Ok(actix_web::HttpResponse::Accepted().json(ImportView::load(&state, row).await?))
}
