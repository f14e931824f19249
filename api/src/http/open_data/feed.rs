//! `GET /open-data/{slug}/proposals.atom`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{Open, headed, unchanged};
use crate::{
    application::State,
    dataset::feed,
    http::problem::Problem,
    store::list::{self, Filter, Order},
};

/// The fifty newest published proposals as a feed (Atom).
#[utoipa::path(
    tag = "open data",
    responses(
        (status = 200, content_type = "application/atom+xml", body = String, headers(("ETag" = String))),
        (status = 304, description = "It is as the caller knows it")
    )
)]
#[get("/open-data/{slug}/proposals.atom")]
pub async fn show_feed(
    state: web::Data<State>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let open = Open::find(&state, &slug).await?;
    let etag = open.etag("feed");
    if let Some(answer) = unchanged(&request, &etag) {
        return Ok(answer);
    }
    let filter = Filter::public(open.consultation.row.id);
    let rows = list::page(state.store.read(), &filter, Order::Newest, None, feed::LENGTH).await?;
    let feed = feed::atom(&open.consultation, &open.addresses, rows);
    Ok(headed(HttpResponse::Ok(), &etag).content_type("application/atom+xml; charset=utf-8").body(feed))
}
