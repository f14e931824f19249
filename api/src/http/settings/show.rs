//! `GET /admin/consultations/{slug}`

use actix_web::{HttpResponse, get, web};

use crate::{
    application::State,
    auth::SettingsReader,
    http::{consultation::show::ConsultationView, problem::Problem, respond},
    store,
};

/// Shows a consultation in whatever state, with everything that can be set.
#[utoipa::path(tag = "administration", responses((status = 200, body = ConsultationView, headers(("ETag" = String)))))]
#[get("/admin/consultations/{slug}")]
pub async fn show_consultation_settings(
    state: web::Data<State>,
    _reader: SettingsReader,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let consultation = store::consultation::by_slug(state.store.read(), &slug).await?.ok_or_else(Problem::not_found)?;
    let version = consultation.row.version;
    Ok(respond::versioned(version, &ConsultationView::new(consultation, state.clock.now())))
}
