//! `POST /drafts/{id}/remarks`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    text::RemarkText,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{axis_id, must_be_editable, show::DraftView};
use crate::{
    application::State,
    auth::DraftWriter,
    http::{
        extract::Body,
        problem::{FieldCode, FieldError, Problem},
        respond, validate,
    },
    store,
};

/// A remark on a field of a draft.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraftRemark {
    /// The field's path, such as `indicators[0].target`.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    field: String,
    /// 1 to 2,000 characters.
    #[validate(custom(function = "validate::remark"))]
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// Adds a remark; the version that answers it closes it. Remarks do not collide, so no version is needed.
#[utoipa::path(tag = "drafts", request_body = NewDraftRemark, responses((status = 201, body = DraftView, headers(("ETag" = String)))))]
#[post("/drafts/{id}/remarks")]
pub async fn create_draft_remark(
    state: web::Data<State>,
    writer: DraftWriter,
    id: web::Path<i64>,
    input: Body<NewDraftRemark>,
) -> Result<HttpResponse, Problem> {
    if !domain::smart::is_field(&input.field) {
        return Err(Problem::field("field", FieldCode::Unknown));
    }
    let text =
        RemarkText::parse(&input.text).map_err(|problem| Problem::fields(vec![FieldError::text("text", problem)]))?;
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let draft = store::draft::lock(&tx, *id).await?.ok_or_else(Problem::not_found)?;
    let consultation = store::consultation::by_id(&tx, draft.consultation_id).await?.ok_or_else(Problem::not_found)?;
    axis_id(&writer, &consultation, &consultation.axis_code(draft.axis_id))?;
    must_be_editable(&draft)?;
    store::draft::insert_remark(&tx, draft.id, writer.id(), input.field.clone(), text.into_string(), now).await?;
    let entry = writer.signed_in.did(AuditAction::RemarkDraft, AuditObject::Draft, draft.id, now);
    store::audit::record(&tx, entry.of(draft.consultation_id)).await?;
    tx.commit().await?;
    let view = DraftView::load(&state, &writer.actor, draft).await?;
    Ok(respond::created(view.version(), &view))
}
