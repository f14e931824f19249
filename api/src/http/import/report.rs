//! `GET /imports/{id}/report.csv`

use actix_web::{
    HttpResponse, get,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
    web,
    web::Bytes,
};
use domain::{
    audit::{AuditAction, AuditObject},
    vocabulary::Language,
};
use futures_util::{Stream, stream};
use serde::Deserialize;
use utoipa::IntoParams;

use super::find;
use crate::{
    application::State,
    auth::Importer,
    csv_out::{self, BOM},
    http::{extract::Query, problem::Problem},
    import::{report, words::Words},
    store::{self, Store},
};

/// How many mistakes are read at once.
const BATCH: u64 = 500;

/// In which words.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportReportQuery {
    /// The language of what is to be done.
    language: Language,
}

/// What is wrong with the rows, as CSV: the row, the column, the mistake's code, what was found and what to do about it.
///
/// The first ten thousand mistakes. Texts, and what authors said of themselves, are not repeated.
#[utoipa::path(
    tag = "imports",
    params(ImportReportQuery),
    responses((status = 200, content_type = "text/csv", body = String, headers(("Content-Disposition" = String))))
)]
#[get("/imports/{id}/report.csv")]
pub async fn export_import_report(
    state: web::Data<State>,
    importer: Importer,
    id: web::Path<String>,
    query: Query<ImportReportQuery>,
) -> Result<HttpResponse, Problem> {
    let row = find(&state, &id).await?;
    let now = state.clock.now();
    let entry = importer.signed_in.did(AuditAction::ExportImportReport, AuditObject::Import, row.id, now);
    store::audit::record_alone(&state.store, entry.of(row.consultation_id)).await?;
    let name = format!("import-{}.csv", row.id);
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    let file = file(state.store.clone(), row.id, Words::In(query.language));
    Ok(HttpResponse::Ok().insert_header(disposition).content_type("text/csv; charset=utf-8").streaming(file))
}

/// The file in pieces of one batch each.
fn file(store: Store, id: i64, words: Words) -> impl Stream<Item = Result<Bytes, store::StoreError>> + Unpin {
    // `None` is the head of the file, otherwise after which mistake the next piece starts
    Box::pin(stream::try_unfold(None, move |position: Option<i64>| {
        let store = store.clone();
        async move {
            let Some(after) = position else {
                let head = [BOM.to_vec(), csv_out::lines([report::head(words)])].concat();
                return Ok(Some((Bytes::from(head), Some(0))));
            };
            let rows = store::import::mistakes(store.read(), id, after, BATCH).await?;
            let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
            let rows: Vec<_> = rows.into_iter().map(store::import::mistake).collect();
            let piece = csv_out::lines(rows.iter().map(|(row, mistake)| report::line(*row, mistake, words)));
            Ok(Some((Bytes::from(piece), Some(last))))
        }
    }))
}
