//! `GET /exports/{dataset}.{format}`

use std::sync::Arc;

use actix_web::{HttpResponse, get, web};
use domain::{
    audit::{AuditAction, AuditObject},
    dataset::{Dataset, Format},
    vocabulary::Language,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{attachment, body};
use crate::{
    application::State,
    auth::Exporter,
    dataset::{self, Options, Source, edition, spool::Room},
    http::{extract::Query, problem::Problem},
    store,
};

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DatasetPath {
    /// What is in it.
    dataset: Dataset,
    /// Its form.
    format: Format,
}

/// Of what, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DatasetFileQuery {
    /// A consultation's slug.
    consultation: String,
    /// The number of an edition, for statistics; the newest if not given.
    edition: Option<i64>,
    /// Whether a CSV file starts with a byte order mark, which Excel needs to read Arabic.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    bom: bool,
    /// The language of a spreadsheet: its direction and its dictionary; Arabic if not given.
    language: Option<Language>,
}

/// A dataset as a file, of a consultation in whatever state: what its public may read, or would.
#[utoipa::path(
    tag = "statistics",
    params(DatasetPath, DatasetFileQuery),
    responses((
        status = 200,
        content(
            (String = "text/csv"),
            (Vec<serde_json::Value> = "application/json"),
            (String = "application/x-ndjson"),
            (String = "application/vnd.apache.parquet"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        ),
        headers(("Content-Disposition" = String))
    ))
)]
#[get("/exports/{dataset}.{format}")]
pub async fn export_dataset(
    state: web::Data<State>,
    exporter: Exporter,
    path: web::Path<DatasetPath>,
    query: Query<DatasetFileQuery>,
) -> Result<HttpResponse, Problem> {
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let (now, dataset) = (state.clock.now(), path.dataset);
    let edition = match dataset {
        Dataset::Statistics => {
            let found = edition::find(&state.store, &consultation, query.edition).await?;
            Some(Arc::new(found.ok_or_else(Problem::not_found)?))
        }
        _ => None,
    };
    let slug = &consultation.row.slug;
    let entry = exporter.signed_in.did(AuditAction::ExportDataset, AuditObject::Export, slug, now);
    store::audit::record_alone(&state.store, entry.of(consultation.row.id)).await?;
    let mut answer = attachment(slug, dataset.as_str(), path.format, now);
    let options = Options { bom: query.bom, language: query.language.unwrap_or(Language::Ar) };
    let source = Source::new(state.store.clone(), consultation.clone(), dataset, edition)
        .packed_in(Room::sent(state.files.folder(), None));
    Ok(answer.streaming(body(dataset::file(source, path.format, options))))
}
