//! `GET /consultations/{slug}/editions/{number}`

use actix_web::{HttpResponse, get, web};
use domain::edition::Edition;

use super::verbatim;
use crate::{
    application::State,
    http::{consultation::show::public_consultation, problem::Problem},
    store,
};

/// Shows an edition: every table that is published, how long authors waited, and those who took part next to the census.
/// `latest` is the newest one. An edition never changes.
#[utoipa::path(
    tag = "statistics",
    params(("slug" = String, Path), ("number" = String, Path, description = "A number, or `latest`")),
    responses((status = 200, body = Edition, headers(("ETag" = String, description = "The checksum"))))
)]
#[get("/consultations/{slug}/editions/{number}")]
pub async fn show_edition(state: web::Data<State>, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (slug, number) = path.into_inner();
    let consultation = public_consultation(&state, &slug).await?;
    let number = match number.as_str() {
        "latest" => None,
        number => Some(number.parse::<i64>().map_err(|_| Problem::not_found())?),
    };
    let found = store::edition::content(state.store.read(), consultation.row.id, number).await?;
    let (content, checksum) = found.ok_or_else(Problem::not_found)?;
    Ok(verbatim(HttpResponse::Ok(), content, &checksum))
}
