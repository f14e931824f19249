//! `POST /drafts/{id}/transition`

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use domain::{
    audit::{AuditAction, AuditObject},
    draft::DraftEdge,
    proposal::{ProposalState, Step},
    text::SetAsideReason,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{findings, lock, lock_sources, release, show::DraftView, step_all};
use crate::{
    application::State,
    auth::DraftWriter,
    http::{
        extract::{Body, IfMatch},
        problem::{FieldCode, FieldError, Problem},
        respond,
    },
    store,
};

/// A step of a draft's life.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftTransition {
    /// Which step.
    edge: DraftEdge,
    /// Needed for `set_aside`: 10 to 2,000 characters.
    #[schema(max_length = 2000)]
    reason: Option<String>,
    /// Needed for `adopt`: the day of the council's session.
    session_on: Option<NaiveDate>,
}

/// Moves a draft on. Ratifying takes both coordinators: the first signature leaves it in review.
#[utoipa::path(
    tag = "drafts",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = DraftTransition,
    responses((status = 200, body = DraftView, headers(("ETag" = String))))
)]
#[post("/drafts/{id}/transition")]
pub async fn move_draft(
    state: web::Data<State>,
    writer: DraftWriter,
    id: web::Path<i64>,
    version: IfMatch,
    input: Body<DraftTransition>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let reason = input.reason.as_deref().filter(|reason| !reason.trim().is_empty());
    let reason = match (input.edge, reason) {
        (DraftEdge::SetAside, None) => return Err(Problem::field("reason", FieldCode::Required)),
        (_, None) => None,
        (_, Some(reason)) => Some(
            SetAsideReason::parse(reason)
                .map_err(|problem| Problem::fields(vec![FieldError::text("reason", problem)]))?,
        ),
    };
    match (input.edge, input.session_on) {
        (DraftEdge::Adopt, None) => return Err(Problem::field("session_on", FieldCode::Required)),
        (edge, Some(_)) if edge != DraftEdge::Adopt => return Err(Problem::field("session_on", FieldCode::NotAllowed)),
        _ => {}
    }

    let tx = state.store.write().await?;
    let (consultation, draft) = lock(&tx, &writer, *id, version.0).await?;
    let content =
        store::draft::version(&tx, draft.id, draft.text_version).await?.map(|row| row.content.0).unwrap_or_default();
    let sources = lock_sources(&tx, draft.id).await?;
    let signed = store::draft::signed(&tx, &draft).await?;
    let findings = findings(&content, &sources);
    let outcome = domain::draft::apply(draft.state.0, input.edge, &writer.actor, &signed, &findings)?;
    if outcome.signed {
        store::draft::sign(&tx, &draft, writer.id(), now).await?;
    }
    let reason = reason.map(SetAsideReason::into_string);
    let draft =
        store::draft::step(&tx, draft, input.edge, outcome.state, writer.id(), reason, input.session_on, now).await?;
    match input.edge {
        DraftEdge::SetAside => release(&tx, &writer, &consultation, draft.id, sources, now).await?,
        DraftEdge::Adopt => {
            let drafted = sources.into_iter().filter(|row| row.state.0 == ProposalState::Drafted);
            step_all(&tx, &writer, &consultation, drafted, &Step::Adopt, now).await?;
        }
        _ => {}
    }
    let entry = writer.signed_in.did(AuditAction::from(input.edge), AuditObject::Draft, draft.id, now);
    store::audit::record(&tx, entry.of(draft.consultation_id)).await?;
    tx.commit().await?;
    let view = DraftView::load(&state, &writer.actor, draft).await?;
    Ok(respond::versioned(view.version(), &view))
}
