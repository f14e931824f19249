//! `GET /open-data/{slug}/catalogue.jsonld` and `GET /open-data/{slug}/search.jsonld`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{Open, headed, unchanged};
use crate::{application::State, dataset::describe, http::problem::Problem};

/// The catalogue of the data for portals of open data (DCAT-AP 3 as JSON-LD).
#[utoipa::path(
    tag = "open data",
    responses(
        (status = 200, content_type = "application/ld+json", body = serde_json::Value, headers(("ETag" = String))),
        (status = 304, description = "It is as the caller knows it")
    )
)]
#[get("/open-data/{slug}/catalogue.jsonld")]
pub async fn show_catalogue(
    state: web::Data<State>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let open = Open::find(&state, &slug).await?;
    let etag = open.etag("catalogue");
    if let Some(answer) = unchanged(&request, &etag) {
        return Ok(answer);
    }
    let catalogue = describe::catalogue(&open.consultation, &open.addresses, &open.datasets());
    Ok(headed(HttpResponse::Ok(), &etag).content_type("application/ld+json").body(catalogue.to_string()))
}

/// What search engines read about the data (schema.org as JSON-LD); the page puts it into its head.
#[utoipa::path(
    tag = "open data",
    responses(
        (status = 200, content_type = "application/ld+json", body = serde_json::Value, headers(("ETag" = String))),
        (status = 304, description = "It is as the caller knows it")
    )
)]
#[get("/open-data/{slug}/search.jsonld")]
pub async fn show_search_description(
    state: web::Data<State>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let open = Open::find(&state, &slug).await?;
    let etag = open.etag("search");
    if let Some(answer) = unchanged(&request, &etag) {
        return Ok(answer);
    }
    let description = describe::schema_org(&open.consultation, &open.addresses, &open.datasets());
    Ok(headed(HttpResponse::Ok(), &etag).content_type("application/ld+json").body(description.to_string()))
}
