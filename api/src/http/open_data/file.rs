//! `GET /open-data/{slug}/{dataset}.{format}` and `GET /open-data/{slug}/editions/{edition}/statistics.{format}`

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use domain::{
    dataset::{Dataset, Format},
    limit::Limited,
    vocabulary::Language,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Open, headed, room, unchanged};
use crate::{
    application::State,
    dataset::{self, Options, file_name},
    http::{
        caller::Caller,
        export::{body, prepared::Prepared},
        extract::Query,
        problem::Problem,
    },
    store,
};

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct FilePath {
    /// A consultation's slug.
    slug: String,
    /// What is in it.
    dataset: Dataset,
    /// Its form.
    format: Format,
}

/// Which edition's file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EditionPath {
    /// A consultation's slug.
    slug: String,
    /// The edition's number.
    edition: i64,
    /// Its form.
    format: Format,
}

/// How the file is to be.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Whether a CSV file starts with a byte order mark, which Excel needs to read Arabic.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    bom: bool,
    /// The language of a spreadsheet: its direction and its dictionary; Arabic if not given.
    language: Option<Language>,
}

impl FileQuery {
    /// The same, for whoever writes the file.
    #[must_use]
    pub fn options(&self) -> Options {
        Options { bom: self.bom, language: self.language.unwrap_or(Language::Ar) }
    }
}

/// A dataset as a file: what the public may read now. Statistics are those of the newest edition.
#[utoipa::path(
    tag = "open data",
    params(FilePath, FileQuery),
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
            headers(("ETag" = String), ("Content-Disposition" = String))
        ),
        (
            status = 206,
            description = "The part that was asked for, of a file that was prepared",
            content(
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (String = "application/vnd.apache.parquet"),
                (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            ),
            headers(("ETag" = String), ("Content-Range" = String))
        ),
        (status = 304, description = "It is as the caller knows it")
    )
)]
#[get("/open-data/{slug}/{dataset}.{format}")]
pub async fn fetch_dataset(
    state: web::Data<State>,
    request: HttpRequest,
    caller: Caller,
    path: web::Path<FilePath>,
    query: Query<FileQuery>,
) -> Result<HttpResponse, Problem> {
    let open = Open::find(&state, &path.slug).await?;
    if path.dataset == Dataset::Statistics && open.edition.is_none() {
        return Err(Problem::not_found());
    }
    answer(&state, &request, caller, &open, path.dataset, path.format, query.options(), path.dataset.as_str()).await
}

/// The statistics of one edition as a file. An edition never changes.
#[utoipa::path(
    tag = "open data",
    params(EditionPath, FileQuery),
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
            headers(("ETag" = String), ("Content-Disposition" = String))
        ),
        (status = 304, description = "It is as the caller knows it")
    )
)]
#[get("/open-data/{slug}/editions/{edition}/statistics.{format}")]
pub async fn fetch_edition(
    state: web::Data<State>,
    request: HttpRequest,
    caller: Caller,
    path: web::Path<EditionPath>,
    query: Query<FileQuery>,
) -> Result<HttpResponse, Problem> {
    let mut open = Open::find(&state, &path.slug).await?;
    let found = store::edition::number(state.store.read(), open.consultation.row.id, Some(path.edition)).await?;
    open.edition = Some(found.ok_or_else(Problem::not_found)?);
    let what = format!("statistics-{}", path.edition);
    answer(&state, &request, caller, &open, Dataset::Statistics, path.format, query.options(), &what).await
}

#[expect(clippy::too_many_arguments, reason = "who asks, for what, in which form")]
async fn answer(
    state: &State,
    request: &HttpRequest,
    caller: Caller,
    open: &Open,
    dataset: Dataset,
    format: Format,
    options: Options,
    what: &str,
) -> Result<HttpResponse, Problem> {
    let etag = open.etag(&format!("{what} {format} {options:?}"));
    // asking whether something is new costs little and takes nothing
    if let Some(answer) = unchanged(request, &etag) {
        return Ok(answer);
    }
    let name = file_name(&open.consultation.row.slug, what, format.as_str());
    let disposition = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    if let Some(prepared) = prepared(state, open, dataset, format, options).await? {
        if let Some(answer) = unchanged(request, prepared.etag()) {
            return Ok(answer);
        }
        caller.take(state, Limited::OpenData).await?;
        let mut response = headed(HttpResponse::Ok(), prepared.etag());
        response.content_type(content_type(format)).insert_header(disposition);
        return Ok(prepared.answer(&state.files, request, response));
    }
    caller.take(state, Limited::OpenData).await?;
    let mut source = open.source(state, dataset).await?;
    if dataset::is_packed(format) {
        source = source.packed_in(room(state).await?);
    }
    let mut response = headed(HttpResponse::Ok(), &etag);
    response.content_type(content_type(format)).insert_header(disposition);
    Ok(response.streaming(body(dataset::file(source, format, options))))
}

/// A file that was prepared and would be the same if it were made now. It can be fetched in parts.
async fn prepared(
    state: &State,
    open: &Open,
    dataset: Dataset,
    format: Format,
    options: Options,
) -> Result<Option<Prepared>, Problem> {
    // an edition is small
    if options != Options::default() || dataset == Dataset::Statistics {
        return Ok(None);
    }
    let row = store::export_file::ready(state.store.read(), open.consultation.row.id, dataset, format).await?;
    let Some(row) = row.filter(|row| row.mark.as_ref() == Some(&open.data_mark)) else { return Ok(None) };
    Prepared::new(state, &open.consultation, row).await
}

/// The media type with what a reader of texts needs to know.
#[must_use]
pub fn content_type(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        other => other.media_type(),
    }
}
