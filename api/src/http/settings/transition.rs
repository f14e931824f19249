//! `POST /admin/consultations/{slug}/transition`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    consultation::ConsultationEdge,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::Coordinator,
    http::{
        consultation::show::ConsultationView,
        extract::{Body, IfMatch},
        problem::{Problem, ProblemCode},
        respond,
    },
    store,
};

/// A step of a consultation's life.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsultationTransition {
    /// Which step.
    edge: ConsultationEdge,
}

/// Opens, closes, publishes or archives a consultation. It is not published while one proposal has no answer.
#[utoipa::path(
    tag = "administration",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = ConsultationTransition,
    responses((status = 200, body = ConsultationView, headers(("ETag" = String))))
)]
#[post("/admin/consultations/{slug}/transition")]
pub async fn move_consultation(
    state: web::Data<State>,
    coordinator: Coordinator,
    slug: web::Path<String>,
    version: IfMatch,
    input: Body<ConsultationTransition>,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let consultation = store::consultation::lock(&tx, &slug).await?.ok_or_else(Problem::not_found)?;
    if consultation.row.version != version.0 {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    store::hold_proposals(&tx).await?;
    let unanswered = store::consultation::unanswered(&tx, consultation.row.id).await?;
    let to = domain::consultation::apply(consultation.state(), input.edge, unanswered)?;
    let consultation = store::consultation::set_state(&tx, consultation, to, state.clock.now()).await?;
    let slug = &consultation.row.slug;
    let action = AuditAction::from(input.edge);
    let entry = coordinator.signed_in.did(action, AuditObject::Consultation, slug, state.clock.now());
    store::audit::record(&tx, entry.of(consultation.row.id)).await?;
    tx.commit().await?;
    let version = consultation.row.version;
    Ok(respond::versioned(version, &ConsultationView::new(consultation, state.clock.now())))
}
