//! `POST /drafts`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    proposal::Step,
    smart::DraftContent,
    text::DraftTitle,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{MAX_SOURCES, SourceInput, Sources, axis_id, findings, show::DraftView, step_all};
use crate::{
    application::State,
    auth::DraftWriter,
    http::{
        extract::Body,
        problem::{FieldCode, FieldError, Problem},
        respond, validate,
    },
    store::{self, draft::Text},
};

/// A draft to begin.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// A consultation's slug.
    consultation: String,
    /// An axis of the consultation.
    axis: String,
    /// 5 to 200 characters on one line.
    #[validate(custom(function = "validate::draft_title"))]
    #[schema(min_length = 5, max_length = 200)]
    title: String,
    /// 1 to 50 retained proposals.
    #[validate(length(min = 1, max = MAX_SOURCES))]
    #[schema(min_items = 1, max_items = 50)]
    sources: Vec<SourceInput>,
}

/// Begins a draft from retained proposals. Its text is empty: the proposals' words stand beside it.
#[utoipa::path(tag = "drafts", request_body = NewDraft, responses((status = 201, body = DraftView, headers(("ETag" = String)))))]
#[post("/drafts")]
pub async fn create_draft(
    state: web::Data<State>,
    writer: DraftWriter,
    input: Body<NewDraft>,
) -> Result<HttpResponse, Problem> {
    let title =
        DraftTitle::parse(&input.title).map_err(|problem| Problem::fields(vec![FieldError::text("title", problem)]))?;
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let consultation = store::consultation::by_slug(&tx, &input.consultation)
        .await?
        .ok_or_else(|| Problem::field("consultation", FieldCode::Unknown))?;
    let axis_id = axis_id(&writer, &consultation, &input.axis)?;
    let sources = Sources::lock(&tx, &writer, &consultation, None, &input.sources).await?;
    let content = DraftContent::default();
    let findings = findings(&content, sources.after.iter().map(|(row, _)| row));
    let text = Text { title: title.into_string(), content: &content, findings: &findings };
    let draft = store::draft::insert(&tx, consultation.row.id, axis_id, text, writer.id(), now).await?;
    store::draft::set_links(&tx, draft.id, &sources.links()).await?;
    let rows = sources.after.into_iter().map(|(row, _)| row);
    step_all(&tx, &writer, &consultation, rows, &Step::Attach, now).await?;
    let entry = writer.signed_in.did(AuditAction::CreateDraft, AuditObject::Draft, draft.id, now);
    store::audit::record(&tx, entry.of(draft.consultation_id)).await?;
    tx.commit().await?;
    let view = DraftView::load(&state, &writer.actor, draft).await?;
    Ok(respond::created(view.version(), &view))
}
