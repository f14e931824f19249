//! `GET /desk/proposals/{reference}/attachments/{number}`

use actix_web::{HttpResponse, get, web};
use domain::audit::AuditAction;

use super::{must_cover, said};
use crate::{
    application::State,
    auth::Moderator,
    http::{
        attachment::{PictureFile, number, serve},
        problem::Problem,
        proposal::show::reference,
    },
    store,
};

/// Shows a photo of a proposal to the committee, whether or not the public may see it.
#[utoipa::path(tag = "desk", responses((status = 200, body = PictureFile, content_type = "image/jpeg")))]
#[get("/desk/proposals/{reference}/attachments/{number}")]
pub async fn show_desk_attachment(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (text, place) = path.into_inner();
    let found = store::proposal::look_up(&state.store, &reference(&text)?).await?;
    let (consultation, row) = found.ok_or_else(Problem::not_found)?;
    must_cover(&moderator, &consultation, &row)?;
    let answer = serve(&state, &consultation, &row, number(&place)?, None).await?;
    let entry = said(&moderator, AuditAction::OpenAttachment, &consultation, &row, state.clock.now());
    store::audit::record_alone(&state.store, entry).await?;
    Ok(answer)
}
