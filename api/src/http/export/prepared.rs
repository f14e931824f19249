//! `/exports/files`: files that the worker writes, for what is too large to begin again when a connection breaks.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder, get,
    http::{
        StatusCode,
        header::{self, ByteRangeSpec, ContentEncoding, ETag, EntityTag, IfRange, Range},
    },
    post, web,
};
use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject},
    dataset::{Dataset, FileState, Format},
};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{attachment, body};
use crate::{
    application::State,
    auth::Exporter,
    dataset::FileError,
    http::{
        extract::{Body, Query},
        problem::{FieldCode, Problem},
    },
    store::{self, consultation::Consultation, entity::export_file, files::Files},
};

/// How much of a file is in memory at once.
const PIECE: u64 = 256 * 1024;

/// A file to be written.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExportFile {
    /// A consultation's slug.
    #[schema(max_length = 40)]
    consultation: String,
    /// What is in it.
    dataset: Dataset,
    /// Its form.
    format: Format,
}

/// Whose files.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportFileQuery {
    /// A consultation's slug.
    consultation: String,
}

/// A file that the worker writes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportFileView {
    id: i64,
    dataset: Dataset,
    format: Format,
    state: FileState,
    /// How many rows have been written.
    rows_done: i64,
    /// How many there will be, as far as one knows; 0 if one does not.
    rows_total: i64,
    /// In bytes, once it is ready.
    size: Option<i64>,
    /// Its SHA-256 in hexadecimal, once it is ready.
    sha256: Option<String>,
    asked_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl ExportFileView {
    fn new(row: export_file::Model) -> Self {
        let hash = row.sha256.and_then(|hash| hash.try_into().ok());
        Self {
            id: row.id,
            dataset: row.dataset.0,
            format: row.format.0,
            state: row.state.0,
            rows_done: row.rows_done,
            rows_total: row.rows_total,
            size: row.size,
            sha256: hash.map(|hash| domain::ledger::hex(&hash)),
            asked_at: row.asked_at,
            finished_at: row.finished_at,
        }
    }
}

/// Asks the worker for a file. One of its kind that is being written goes on; one that is ready is made anew.
#[utoipa::path(
    tag = "statistics",
    request_body = NewExportFile,
    responses((status = 202, description = "The worker will write it", body = ExportFileView))
)]
#[post("/exports/files")]
pub async fn prepare_export(
    state: web::Data<State>,
    exporter: Exporter,
    input: Body<NewExportFile>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let consultation = store::consultation::by_slug(&tx, &input.consultation)
        .await?
        .ok_or_else(|| Problem::field("consultation", FieldCode::Unknown))?;
    let row = store::export_file::ask(&tx, consultation.row.id, input.dataset, input.format, now).await?;
    let entry = exporter.signed_in.did(AuditAction::PrepareExport, AuditObject::Export, &consultation.row.slug, now);
    store::audit::record(&tx, entry.of(consultation.row.id)).await?;
    tx.commit().await?;
    Ok(HttpResponse::Accepted().json(ExportFileView::new(row)))
}

/// Lists the files of a consultation that were asked for, with how far they are.
#[utoipa::path(
    tag = "statistics",
    params(ExportFileQuery),
    responses((status = 200, body = Vec<ExportFileView>))
)]
#[get("/exports/files")]
pub async fn list_prepared_exports(
    state: web::Data<State>,
    _exporter: Exporter,
    query: Query<ExportFileQuery>,
) -> Result<web::Json<Vec<ExportFileView>>, Problem> {
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let rows = store::export_file::list(state.store.read(), consultation.row.id).await?;
    Ok(web::Json(rows.into_iter().map(ExportFileView::new).collect()))
}

/// Sends a file that is ready, or the part that is asked for (`Range`). Where something in it was taken off the public
/// list since, there is none until the worker has made it anew: 404.
#[utoipa::path(
    tag = "statistics",
    responses(
        (
            status = 200,
            content(
                (String = "text/csv"),
                (Vec<serde_json::Value> = "application/json"),
                (String = "application/x-ndjson"),
                (String = "application/vnd.apache.parquet"),
                (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            ),
            headers(("ETag" = String), ("Accept-Ranges" = String), ("Content-Disposition" = String))
        ),
        (
            status = 206,
            description = "The part that was asked for",
            content(
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (String = "application/vnd.apache.parquet"),
                (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            ),
            headers(("ETag" = String), ("Content-Range" = String))
        )
    )
)]
#[get("/exports/files/{id}/content")]
pub async fn fetch_prepared_export(
    state: web::Data<State>,
    exporter: Exporter,
    request: HttpRequest,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let row = store::export_file::by_id(state.store.read(), *id).await?.ok_or_else(Problem::not_found)?;
    let found = store::consultation::current_by_id(&state.store, row.consultation_id).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let prepared = Prepared::new(&state, &consultation, row).await?.ok_or_else(Problem::not_found)?;
    let now = state.clock.now();
    let entry = exporter.signed_in.did(AuditAction::ExportDataset, AuditObject::Export, &consultation.row.slug, now);
    store::audit::record_alone(&state.store, entry.of(consultation.row.id)).await?;
    let answer = attachment(&consultation.row.slug, prepared.dataset.as_str(), prepared.format, now);
    Ok(prepared.answer(&state.files, &request, answer))
}

/// A file that is ready and holds nothing that was taken off the public list since.
pub struct Prepared {
    dataset: Dataset,
    format: Format,
    object: String,
    size: u64,
    etag: EntityTag,
}

impl Prepared {
    /// `None` if it is not ready, must not be given out any more, or cannot be read. One that is gone is made anew: the
    /// storage may have been put back without it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn new(
        state: &State,
        consultation: &Consultation,
        row: export_file::Model,
    ) -> Result<Option<Self>, Problem> {
        let (FileState::Ready, Some(object), Some(size), Some(hash)) = (row.state.0, row.object, row.size, row.sha256)
        else {
            return Ok(None);
        };
        let taken = store::export_file::taken(state.store.read(), consultation).await?;
        if row.taken != Some(taken) {
            return Ok(None);
        }
        let size = u64::try_from(size).unwrap_or_default();
        // once an answer has begun, it can only break off: its last byte says that all of it is there
        let last = if size == 0 { Ok(Some(Vec::new())) } else { state.files.read_part(&object, size - 1..size).await };
        match last {
            Ok(Some(_)) => {}
            Ok(None) => {
                tracing::warn!(file = row.id, "a prepared file is gone; it is made anew");
                let tx = state.store.write().await?;
                store::export_file::outdate(&tx, row.id, state.clock.now()).await?;
                tx.commit().await?;
                return Ok(None);
            }
            Err(error) => {
                tracing::error!(file = row.id, %error, "a prepared file cannot be read");
                return Ok(None);
            }
        }
        let hash: [u8; 32] = hash.try_into().unwrap_or_default();
        let etag = EntityTag::new_strong(domain::ledger::hex(&hash));
        Ok(Some(Self { dataset: row.dataset.0, format: row.format.0, object, size, etag }))
    }

    /// Its name: its own hash.
    #[must_use]
    pub const fn etag(&self) -> &EntityTag {
        &self.etag
    }

    /// The whole of it, or the part that is asked for if it is still the file that the caller has a part of. Several
    /// parts at once, or one that is not there, get the whole.
    pub fn answer(self, files: &Files, request: &HttpRequest, mut answer: HttpResponseBuilder) -> HttpResponse {
        let same = match request.get_header::<IfRange>() {
            None => true,
            Some(IfRange::EntityTag(tag)) => tag.strong_eq(&self.etag),
            Some(IfRange::Date(_)) => false,
        };
        let part = match request.get_header::<Range>() {
            Some(Range::Bytes(parts)) if same && parts.len() == 1 => {
                parts.first().and_then(|part: &ByteRangeSpec| part.to_satisfiable_range(self.size))
            }
            _ => None,
        };
        let (from, to) = part.map_or((0, self.size), |(first, last)| (first, last + 1));
        if part.is_some() {
            let range = format!("bytes {from}-{}/{}", to - 1, self.size);
            answer.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, range));
        }
        answer
            .insert_header(ETag(self.etag))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            // a part of what was packed on its way would be a part of something else
            .insert_header(ContentEncoding::Identity)
            .no_chunking(to - from)
            .streaming(body(pieces(files.clone(), self.object, from, to)))
    }
}

/// A stored file from one byte up to another.
fn pieces(files: Files, object: String, from: u64, to: u64) -> impl Stream<Item = Result<Vec<u8>, FileError>> {
    stream::try_unfold((files, object, from), move |(files, object, from)| async move {
        if from >= to {
            return Ok(None);
        }
        let next = to.min(from + PIECE);
        // removed while it is read: whoever reads it notices that it breaks off
        let piece = files.read_part(&object, from..next).await?.ok_or(FileError::Stopped)?;
        Ok(Some((piece, (files, object, next))))
    })
}
