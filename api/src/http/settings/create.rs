//! `POST /admin/consultations`

use actix_web::{HttpResponse, post, web};
use domain::{
    audit::{AuditAction, AuditObject},
    consultation::ConsultationState,
    vocabulary::Slug,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::edit::EditConsultation;
use crate::{
    application::State,
    auth::SettingsEditor,
    http::{
        consultation::show::ConsultationView,
        extract::Body,
        problem::{FieldCode, Problem},
        respond,
    },
    store::{self, consultation::New},
};

/// A consultation to prepare.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsultation {
    /// Its name in URLs: 2 to 40 letters, digits or dashes.
    #[schema(value_type = String)]
    slug: Slug,
    /// The first part of its references: 2 to 10 capital letters or digits.
    #[schema(min_length = 2, max_length = 10, pattern = "^[A-Z0-9]+$")]
    prefix: String,
    /// Everything that can be set later.
    #[validate(nested)]
    settings: EditConsultation,
}

/// Prepares a consultation: it is a draft that the public does not see until a coordinator opens it.
#[utoipa::path(
    tag = "administration",
    request_body = NewConsultation,
    responses((status = 201, body = ConsultationView, headers(("ETag" = String))))
)]
#[post("/admin/consultations")]
pub async fn create_consultation(
    state: web::Data<State>,
    editor: SettingsEditor,
    input: Body<NewConsultation>,
) -> Result<HttpResponse, Problem> {
    let Body(NewConsultation { slug, prefix, settings }) = input;
    if !(2..=10).contains(&prefix.len())
        || !prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return Err(Problem::field("prefix", FieldCode::Invalid));
    }
    let settings = settings.parse()?;
    let tx = state.store.write().await?;
    if store::consultation::by_slug(&tx, slug.as_str()).await?.is_some() {
        return Err(Problem::field("slug", FieldCode::Duplicate));
    }
    let new = New {
        slug: slug.to_string(),
        prefix,
        state: ConsultationState::Draft,
        moderation: settings.moderation,
        window: settings.window,
        title: settings.title,
        description: settings.description,
        consent_version: settings.consent_version,
        consent_text: settings.consent_text,
        competences: settings.competences,
        attendance: settings.attendance,
        axes: settings.axes,
        territories: settings.territories,
        demo: false,
    };
    let id = store::consultation::insert(&tx, new, state.clock.now()).await?;
    let consultation = store::consultation::by_id(&tx, id).await?.ok_or_else(Problem::not_found)?;
    let now = state.clock.now();
    let slug = &consultation.row.slug;
    let entry = editor.signed_in.did(AuditAction::CreateConsultation, AuditObject::Consultation, slug, now);
    store::audit::record(&tx, entry.of(id)).await?;
    tx.commit().await?;
    let version = consultation.row.version;
    Ok(respond::created(version, &ConsultationView::new(consultation, state.clock.now())))
}
