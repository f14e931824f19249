//! `GET /proposals/{reference}/attachments/{number}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PictureFile, number, serve};
use crate::{
    application::State,
    http::{problem::Problem, proposal::show::public_proposal},
};

/// Shows a photo of a published proposal.
///
/// Where the proposal is not published, its photos are not: 404.
#[utoipa::path(
    tag = "proposals",
    responses((status = 200, body = PictureFile, content_type = "image/jpeg", headers(("ETag" = String))))
)]
#[get("/proposals/{reference}/attachments/{number}")]
pub async fn show_attachment(
    state: web::Data<State>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (reference, place) = path.into_inner();
    let (consultation, row) = public_proposal(&state, &reference).await?;
    serve(&state, &consultation, &row, number(&place)?, Some(&request)).await
}
