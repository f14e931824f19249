//! `POST /editions`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    consultation::ConsultationState,
    edition::{Edition, EditionRefusal, refusals},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::verbatim;
use crate::{
    application::State,
    auth::EditionPublisher,
    http::{
        extract::Body,
        problem::{FieldCode, Problem, ProblemCode},
    },
    store,
};

/// An edition to publish.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEdition {
    /// A consultation's slug.
    consultation: String,
    /// The number the preview showed: whoever was faster took it.
    #[schema(minimum = 1)]
    number: u64,
}

/// Publishes the counts of this instant as the next edition. It can never be changed or taken back.
#[utoipa::path(
    tag = "statistics",
    request_body = NewEdition,
    responses((status = 201, body = Edition, headers(("ETag" = String, description = "The checksum"))))
)]
#[post("/editions")]
pub async fn publish_edition(
    state: web::Data<State>,
    publisher: EditionPublisher,
    input: Body<NewEdition>,
) -> Result<HttpResponse, Problem> {
    let found = store::consultation::current(&state.store, &input.consultation).await?;
    let consultation = found.ok_or_else(|| Problem::field("consultation", FieldCode::Unknown))?;
    if consultation.state() == ConsultationState::Draft {
        return Err(Problem::new(ProblemCode::ConsultationNotOpen));
    }
    let now = state.clock.now();
    let prepared = store::edition::prepare(&state.store, &consultation, &state.config.edition_key(), now).await?;
    if prepared.edition.number != input.number {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    if let Some(refusal) = refusals(prepared.previous, prepared.edition.base, now).first() {
        return Err(Problem::new(match refusal {
            EditionRefusal::TooFewNew => ProblemCode::EditionTooFew,
            EditionRefusal::TooSoon => ProblemCode::EditionTooSoon,
        }));
    }
    let tx = state.store.write().await?;
    let id = consultation.row.id;
    // of two at once the second finds the number taken, here or by the key
    if store::edition::exists(&tx, id, input.number).await? {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    let (content, checksum) = store::edition::insert(&tx, id, &prepared, publisher.id()).await?;
    let object = format!("{} {}", consultation.row.slug, input.number);
    let entry = publisher.signed_in.did(AuditAction::PublishEdition, AuditObject::Edition, &object, now);
    store::audit::record(&tx, entry.of(id)).await?;
    tx.commit().await?;
    Ok(verbatim(HttpResponse::Created(), content, &checksum))
}
