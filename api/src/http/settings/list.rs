//! `GET /admin/consultations`

use actix_web::{get, web};

use crate::{
    application::State,
    auth::SettingsReader,
    http::{
        consultation::list::{ConsultationSummary, PageQuery},
        extract::Query,
        page::Page,
        problem::Problem,
    },
};

/// Lists consultations in whatever state, newest first: the only way to a draft that nobody has opened yet.
#[utoipa::path(tag = "administration", params(PageQuery), responses((status = 200, body = Page<ConsultationSummary>)))]
#[get("/admin/consultations")]
pub async fn list_all_consultations(
    state: web::Data<State>,
    _reader: SettingsReader,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<ConsultationSummary>>, Problem> {
    ConsultationSummary::page(&state, true, query.0).await
}
