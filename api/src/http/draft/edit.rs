//! `PUT /drafts/{id}` and `PUT /drafts/{id}/sources`

use actix_web::{HttpResponse, put, web};
use domain::{
    audit::{AuditAction, AuditObject},
    proposal::{ProposalState, Step},
    smart::DraftContent,
    text::DraftTitle,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    MAX_SOURCES, SourceInput, Sources, axis_id, findings, known_territories, lock, must_be_editable, release,
    show::DraftView, step_all, within_limits,
};
use crate::{
    application::State,
    auth::DraftWriter,
    http::{
        extract::{Body, IfMatch},
        problem::{FieldError, Problem},
        respond, validate,
    },
    store::{self, draft::Text},
};

/// A draft's text, whole.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditDraft {
    /// 5 to 200 characters on one line.
    #[validate(custom(function = "validate::draft_title"))]
    #[schema(min_length = 5, max_length = 200)]
    title: String,
    /// An axis of the consultation.
    axis: String,
    /// The text.
    content: DraftContent,
    /// Open remarks that this version answers.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    closes_remarks: Vec<i64>,
}

/// Saves a draft. Every save is a version with its author; signatures under an older one do not count for it.
#[utoipa::path(
    tag = "drafts",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditDraft,
    responses((status = 200, body = DraftView, headers(("ETag" = String))))
)]
#[put(r"/drafts/{id:\d+}")]
pub async fn edit_draft(
    state: web::Data<State>,
    writer: DraftWriter,
    id: web::Path<i64>,
    version: IfMatch,
    input: Body<EditDraft>,
) -> Result<HttpResponse, Problem> {
    within_limits(&input.content)?;
    let title =
        DraftTitle::parse(&input.title).map_err(|problem| Problem::fields(vec![FieldError::text("title", problem)]))?;
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let (consultation, draft) = lock(&tx, &writer, *id, version.0).await?;
    must_be_editable(&draft)?;
    let axis_id = axis_id(&writer, &consultation, &input.axis)?;
    known_territories(&consultation, &input.content)?;
    let sources = store::draft::sources(&tx, draft.id).await?;
    let findings = findings(&input.content, sources.iter().map(|(row, _)| row));
    let text = Text { title: title.into_string(), content: &input.content, findings: &findings };
    let draft = store::draft::save(&tx, draft, axis_id, text, writer.id(), now).await?;
    store::draft::close_remarks(&tx, draft.id, &input.closes_remarks, draft.text_version).await?;
    let entry = writer.signed_in.did(AuditAction::EditDraft, AuditObject::Draft, draft.id, now);
    store::audit::record(&tx, entry.of(draft.consultation_id)).await?;
    tx.commit().await?;
    let view = DraftView::load(&state, &writer.actor, draft).await?;
    Ok(respond::versioned(view.version(), &view))
}

/// The proposals a draft is made from: all of them, not only new ones.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditDraftSources {
    /// 1 to 50 proposals.
    #[validate(length(min = 1, max = MAX_SOURCES))]
    #[schema(min_items = 1, max_items = 50)]
    sources: Vec<SourceInput>,
}

/// Replaces the sources of a draft. A proposal that no draft uses any more is retained again.
#[utoipa::path(
    tag = "drafts",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditDraftSources,
    responses((status = 200, body = DraftView, headers(("ETag" = String))))
)]
#[put("/drafts/{id}/sources")]
pub async fn edit_draft_sources(
    state: web::Data<State>,
    writer: DraftWriter,
    id: web::Path<i64>,
    version: IfMatch,
    input: Body<EditDraftSources>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let (consultation, draft) = lock(&tx, &writer, *id, version.0).await?;
    must_be_editable(&draft)?;
    let sources = Sources::lock(&tx, &writer, &consultation, Some(draft.id), &input.sources).await?;
    let content =
        store::draft::version(&tx, draft.id, draft.text_version).await?.map(|row| row.content.0).unwrap_or_default();
    let findings = findings(&content, sources.after.iter().map(|(row, _)| row));
    let links = sources.links();
    // a version of its own: whoever signed, signed a text that stands on these proposals and no others
    let text = Text { title: draft.title.clone(), content: &content, findings: &findings };
    let axis_id = draft.axis_id;
    let draft = store::draft::save(&tx, draft, axis_id, text, writer.id(), now).await?;
    store::draft::set_links(&tx, draft.id, &links).await?;
    let dropped = sources.before.into_iter().filter(|row| !links.iter().any(|(kept, _)| *kept == row.id));
    release(&tx, &writer, &consultation, draft.id, dropped, now).await?;
    let fresh = sources.after.into_iter().map(|(row, _)| row).filter(|row| row.state.0 == ProposalState::Retained);
    step_all(&tx, &writer, &consultation, fresh, &Step::Attach, now).await?;
    let entry = writer.signed_in.did(AuditAction::EditDraftSources, AuditObject::Draft, draft.id, now);
    store::audit::record(&tx, entry.of(draft.consultation_id)).await?;
    tx.commit().await?;
    let view = DraftView::load(&state, &writer.actor, draft).await?;
    Ok(respond::versioned(view.version(), &view))
}
