//! `GET /exports/proposals.csv`

use std::sync::Arc;

use actix_web::{HttpResponse, get, web};
use domain::{
    audit::{AuditAction, AuditObject},
    dataset::{Dataset, Format},
};
use futures_util::Stream;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{attachment, body};
use crate::{
    application::State,
    auth::Exporter,
    dataset::{self, FileError, Options, Source},
    http::{extract::Query, problem::Problem},
    store::{self, Store, consultation::Consultation},
};

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposalsFileQuery {
    /// A consultation's slug.
    consultation: String,
    /// Whether the file starts with a byte order mark, which Excel needs to read Arabic.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    bom: bool,
}

/// Every published proposal as CSV: what the public list shows, in order of arrival. Nothing about authors.
#[utoipa::path(
    tag = "statistics",
    params(ProposalsFileQuery),
    responses((status = 200, content_type = "text/csv", body = String, headers(("Content-Disposition" = String))))
)]
#[get("/exports/proposals.csv")]
pub async fn export_proposals(
    state: web::Data<State>,
    exporter: Exporter,
    query: Query<ProposalsFileQuery>,
) -> Result<HttpResponse, Problem> {
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let (now, slug) = (state.clock.now(), &consultation.row.slug);
    let entry = exporter.signed_in.did(AuditAction::ExportProposals, AuditObject::Export, slug, now);
    store::audit::record_alone(&state.store, entry.of(consultation.row.id)).await?;
    let mut answer = attachment(slug, "proposals", Format::Csv, now);
    Ok(answer.streaming(body(file(state.store.clone(), consultation.clone(), query.bom))))
}

/// The file in pieces of one batch each; the next batch is read when the reader has taken the one before.
///
/// # Errors
/// The database failed; the file then breaks off, which a reader of HTTP notices.
pub fn file(
    store: Store,
    consultation: Arc<Consultation>,
    bom: bool,
) -> impl Stream<Item = Result<Vec<u8>, FileError>> + Unpin {
    let source = Source::new(store, consultation, Dataset::Proposals, None);
    dataset::file(source, Format::Csv, Options { bom, ..Options::default() })
}
