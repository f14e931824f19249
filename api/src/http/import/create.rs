//! `POST /imports`

use std::{fs::File, path::PathBuf, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    import::{FileFault, ImportFormat, ImportState, MOST_BYTES, mapping::Mapping, row::Cell},
};
use futures_util::StreamExt as _;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::ImportView;
use crate::{
    application::State,
    auth::Importer,
    http::{
        extract::{FILE_TIME, Query},
        problem::{Problem, ProblemCode},
    },
    import::{
        reading,
        table::{Source, Table, Unreadable},
        takes_rows,
    },
    store::{
        self,
        files::{FilesError, Pieces},
        import::{New, Preview},
    },
};

/// How many rows are shown before anything is decided.
const SHOWN_ROWS: usize = 20;
/// How much of a cell is shown, in characters.
const SHOWN_CHARACTERS: usize = 200;

/// For which consultation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewImportQuery {
    /// A consultation's slug.
    consultation: String,
}

/// The bytes of a file of rows.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only the description of the API names it")]
pub struct RowsFile(Vec<u8>);

/// Takes a file of proposals: CSV in UTF-8, or an XLSX workbook, of which the first sheet is read; at most 64 MiB.
///
/// Which column is which is guessed by the headers, in Arabic, French or English. Where the guess is enough, the rows
/// are checked at once. The file is removed after the import, or after seven days.
#[utoipa::path(
    tag = "imports",
    params(NewImportQuery),
    request_body(content = RowsFile, content_type = "application/octet-stream"),
    responses((status = 201, body = ImportView))
)]
#[post("/imports")]
pub async fn create_import(
    state: web::Data<State>,
    importer: Importer,
    query: Query<NewImportQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    // a name that no plain form of another page can send
    if request.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/octet-stream") {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType));
    }
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    if takes_rows(&consultation).is_err() {
        return Err(Problem::new(ProblemCode::ConsultationNotOpen));
    }
    let object = store::files::fresh_name().map_err(|_| Problem::new(ProblemCode::Internal))?;
    let tx = state.store.write().await?;
    store::attachment::announce(&tx, &object, state.clock.now()).await?;
    tx.commit().await?;
    let mut file = state.files.begin(&object).await?;
    let received = receive(&mut file, &request, payload).await;
    let size = match received {
        Ok(size) => {
            file.finish().await?;
            size
        }
        Err(problem) => return let_go(&state, object, problem).await,
    };
    let opened = state.files.open_file(&object).await?.ok_or_else(|| Problem::new(ProblemCode::Unavailable))?;
    let folder = state.files.folder();
    let beginning =
        web::block(move || beginning(opened, folder)).await.map_err(|_| Problem::new(ProblemCode::Internal))?;
    let (format, preview) = match beginning {
        Ok(beginning) => beginning,
        Err(unreadable) => {
            let problem = if unreadable.machine.is_some() {
                tracing::error!(error = %unreadable, "files");
                Problem::new(ProblemCode::Unavailable)
            } else {
                Problem::new(ProblemCode::UnreadableFile).detail(unreadable.fault.as_str())
            };
            return let_go(&state, object, problem).await;
        }
    };
    let mapping = Mapping::guess(&preview.headers);
    let is_enough = reading(&consultation, &mapping, &preview.headers).is_ok();
    let new = New {
        consultation_id: consultation.row.id,
        account_id: importer.id(),
        object,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        format,
        preview,
        mapping,
        state: if is_enough { ImportState::Checking } else { ImportState::Mapping },
    };

    let tx = state.store.write().await?;
    let now = state.clock.now();
    let row = store::import::insert(&tx, new, now).await?;
    let entry = importer.signed_in.did(AuditAction::CreateImport, AuditObject::Import, row.id, now);
    store::audit::record(&tx, entry.of(consultation.row.id)).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(ImportView::load(&state, row).await?))
}

/// Writes a body away as it arrives; answers its size in bytes.
async fn receive(file: &mut Pieces, request: &HttpRequest, mut payload: web::Payload) -> Result<u64, Problem> {
    let too_large = || Problem::new(ProblemCode::PayloadTooLarge).detail(format!("at most {MOST_BYTES} bytes"));
    let length = request.headers().get(header::CONTENT_LENGTH);
    let announced = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MOST_BYTES) {
        return Err(too_large());
    }
    let until = tokio::time::Instant::now() + FILE_TIME;
    let too_slow = |_| Problem::new(ProblemCode::RequestTimeout);
    let mut size = 0;
    while let Some(chunk) = tokio::time::timeout_at(until, payload.next()).await.map_err(too_slow)? {
        let chunk = chunk.map_err(|_| Problem::new(ProblemCode::UnreadableFile).detail(FileFault::Broken.as_str()))?;
        size += chunk.len() as u64;
        if size > MOST_BYTES {
            return Err(too_large());
        }
        file.add(&chunk).await?;
    }
    Ok(size)
}

/// The kind of a file, its headers and its first rows.
fn beginning(file: File, folder: Option<PathBuf>) -> Result<(ImportFormat, Preview), Unreadable> {
    let mut table: Table = Source::Sent(Arc::new(file), folder).read()?;
    let mut rows = Vec::new();
    while rows.len() < SHOWN_ROWS {
        let Some((number, cells)) = table.read_row()? else { break };
        let shown = |cell| match cell {
            Cell::Text(text) => Some(text.chars().filter(|c| *c != '\0').take(SHOWN_CHARACTERS).collect()),
            Cell::Formula | Cell::Error => None,
        };
        rows.push((number, cells.into_iter().map(shown).collect()));
    }
    let format = if table.is_workbook() { ImportFormat::Xlsx } else { ImportFormat::Csv };
    Ok((format, Preview { headers: table.headers().to_vec(), rows }))
}

/// Has a file that came to nothing removed now, and answers why.
async fn let_go<T>(state: &State, object: String, problem: Problem) -> Result<T, Problem> {
    let failed = |error: FilesError| tracing::error!(%error, "a file stays until its announcement is due");
    state.files.remove(&object).await.unwrap_or_else(failed);
    Err(problem)
}
