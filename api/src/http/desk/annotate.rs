//! `PUT /desk/proposals/{reference}/remarks` and `POST /desk/proposals/{reference}/notes`

use actix_web::{HttpResponse, post, put, web};
use domain::{audit::AuditAction, proposal::Remark, text::NoteText};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{must_cover, said, show::DeskProposalView};
use crate::{
    application::State,
    auth::Moderator,
    http::{
        extract::{Body, IfMatch},
        problem::{FieldError, Problem},
        proposal::show::reference,
        respond, validate,
    },
    store,
};

/// The remarks on a proposal: all of them, not only new ones.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRemarks {
    /// At most one of each.
    #[validate(length(max = 4))]
    #[schema(max_items = 4)]
    remarks: Vec<Remark>,
}

/// Replaces the remarks on a proposal.
#[utoipa::path(
    tag = "desk",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditRemarks,
    responses((status = 200, body = DeskProposalView, headers(("ETag" = String))))
)]
#[put("/desk/proposals/{reference}/remarks")]
pub async fn set_remarks(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<String>,
    version: IfMatch,
    input: Body<EditRemarks>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let found = store::proposal::by_reference(&tx, &reference(&path)?).await?;
    let (consultation, row) = found.ok_or_else(Problem::not_found)?;
    must_cover(&moderator, &consultation, &row)?;
    let row = store::desk::touch(&tx, row.id, version.0).await?;
    store::desk::set_remarks(&tx, row.id, &input.remarks, moderator.id(), now).await?;
    store::audit::record(&tx, said(&moderator, AuditAction::SetRemarks, &consultation, &row, now)).await?;
    tx.commit().await?;
    let view = DeskProposalView::load(&state, &moderator, &consultation, row).await?;
    Ok(respond::versioned(view.version, &view))
}

/// A note for colleagues.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// 1 to 4,000 characters; never leaves the desk.
    #[validate(custom(function = "validate::note"))]
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

/// Adds an internal note. Notes do not collide, so no version is needed.
#[utoipa::path(tag = "desk", request_body = NewNote, responses((status = 201, body = DeskProposalView, headers(("ETag" = String)))))]
#[post("/desk/proposals/{reference}/notes")]
pub async fn create_note(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<String>,
    input: Body<NewNote>,
) -> Result<HttpResponse, Problem> {
    let text =
        NoteText::parse(&input.text).map_err(|problem| Problem::fields(vec![FieldError::text("text", problem)]))?;
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let found = store::proposal::by_reference(&tx, &reference(&path)?).await?;
    let (consultation, row) = found.ok_or_else(Problem::not_found)?;
    must_cover(&moderator, &consultation, &row)?;
    store::desk::insert_note(&tx, row.id, moderator.id(), text, now).await?;
    store::audit::record(&tx, said(&moderator, AuditAction::AddNote, &consultation, &row, now)).await?;
    tx.commit().await?;
    let view = DeskProposalView::load(&state, &moderator, &consultation, row).await?;
    Ok(respond::created(view.version, &view))
}
