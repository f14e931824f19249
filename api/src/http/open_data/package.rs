//! `GET /open-data/{slug}/package.zip`

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use domain::limit::Limited;

use super::{Open, headed, room, unchanged};
use crate::{
    application::State,
    dataset::{file_name, package},
    http::{caller::Caller, export::body, problem::Problem},
};

/// All datasets as tables in one file, with their dictionary, a description (Data Package), the licence and checksums.
#[utoipa::path(
    tag = "open data",
    responses((
        status = 200,
        content_type = "application/zip",
        body = String,
        headers(("ETag" = String), ("Content-Disposition" = String))
    ), (status = 304, description = "It is as the caller knows it"))
)]
#[get("/open-data/{slug}/package.zip")]
pub async fn fetch_package(
    state: web::Data<State>,
    request: HttpRequest,
    caller: Caller,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let open = Open::find(&state, &slug).await?;
    let etag = open.etag("package");
    if let Some(answer) = unchanged(&request, &etag) {
        return Ok(answer);
    }
    caller.take(&state, Limited::OpenData).await?;
    let room = room(&state).await?;
    let mut sources = Vec::new();
    for dataset in open.datasets() {
        sources.push(open.source(&state, dataset).await?);
    }
    let mut response = headed(HttpResponse::Ok(), &etag);
    let name = file_name(&slug, "package", "zip");
    response.content_type("application/zip");
    response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    let file = package::file(sources, room, open.addresses.clone(), state.clock.now());
    Ok(response.streaming(body(file)))
}
