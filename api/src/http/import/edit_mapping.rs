//! `PUT /imports/{id}/mapping`

use actix_web::{put, web};
use domain::{
    audit::{AuditAction, AuditObject},
    import::{ImportState, mapping::Mapping},
};

use super::{ImportView, check_words, field_errors, find, find_to_change};
use crate::{
    application::State,
    auth::Importer,
    http::{
        extract::Parsed,
        problem::{Problem, ProblemCode},
    },
    import::reading,
    store::{self, column::Doc},
};

/// Says which of the file's columns is which of ours, and what its words mean. Every row is then checked anew.
#[utoipa::path(tag = "imports", request_body = Mapping, responses((status = 200, body = ImportView)))]
#[put("/imports/{id}/mapping")]
pub async fn edit_import_mapping(
    state: web::Data<State>,
    importer: Importer,
    id: web::Path<String>,
    mapping: Parsed<Mapping>,
) -> Result<web::Json<ImportView>, Problem> {
    let mapping = mapping.0;
    check_words(&mapping)?;
    let of = find(&state, &id).await?.consultation_id;
    let consultation = store::consultation::current_by_id(&state.store, of).await?.ok_or_else(Problem::not_found)?;
    let tx = state.store.write().await?;
    let mut row = find_to_change(&tx, &id).await?;
    let headers = row.preview.as_ref().map(|preview| preview.0.headers.clone());
    let Some(headers) = headers.filter(|_| row.state.0.may_be_mapped()) else {
        return Err(Problem::new(ProblemCode::IllegalTransition));
    };
    reading(&consultation, &mapping, &headers).map_err(|problems| Problem::fields(field_errors(problems)))?;
    row.mapping = Doc(mapping);
    store::import::begin(&mut row, ImportState::Checking);
    store::import::forget_mistakes(&tx, row.id).await?;
    let row = store::import::save(&tx, row).await?;
    let now = state.clock.now();
    let entry = importer.signed_in.did(AuditAction::EditImportMapping, AuditObject::Import, row.id, now);
    store::audit::record(&tx, entry.of(row.consultation_id)).await?;
    tx.commit().await?;
    Ok(web::Json(ImportView::load(&state, row).await?))
}
