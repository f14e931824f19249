//! `GET /ledger/log`

use actix_web::{HttpResponse, get, http::header, web, web::Bytes};
use futures_util::{Stream, stream};

use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
    store::{self, Store},
};

/// How many entries are in memory at once, some 150 KiB.
const BATCH: u64 = 500;

/// The log as a file: an entry a line, up to the newest checkpoint. `tachawor verify` reads it.
#[utoipa::path(
    tag = "ledger",
    responses((status = 200, content_type = "text/plain", body = String, headers(("Content-Disposition" = String))))
)]
#[get("/ledger/log")]
pub async fn export_ledger(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let latest = store::ledger::latest(state.store.read()).await?;
    let size = latest.ok_or_else(|| Problem::new(ProblemCode::NotFound))?.size;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"ledger.ndjson\""))
        .streaming(file(state.store.clone(), size)))
}

/// The first `size` lines in pieces of one batch each.
///
/// # Errors
/// The database failed; the file then breaks off, which a verifier notices.
pub fn file(store: Store, size: i64) -> impl Stream<Item = Result<Bytes, store::StoreError>> + Unpin {
    Box::pin(stream::try_unfold((store, 0), move |(store, from)| async move {
        let left = u64::try_from(size - from).unwrap_or_default();
        let rows = store::ledger::entries(store.read(), from, BATCH.min(left)).await?;
        let Some(last) = rows.last().map(|row| row.position) else { return Ok(None) };
        let piece: String = rows.into_iter().flat_map(|row| [row.entry, "\n".to_owned()]).collect();
        Ok(Some((Bytes::from(piece), (store, last + 1))))
    }))
}
