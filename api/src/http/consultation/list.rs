//! `GET /consultations`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::consultation::ConsultationState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    http::{
        extract::Query,
        page::{Cursor, Limit, Page},
        problem::Problem,
    },
    localised::Localised,
    store::{self, entity::consultation},
};

/// A page of a plain list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1 to 100, 20 if not given.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    pub limit: Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// A consultation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsultationSummary {
    slug: String,
    state: ConsultationState,
    title: Localised,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    /// Participations: proposals submitted and not withdrawn.
    proposals: u64,
}

impl ConsultationSummary {
    /// A page of consultations, newest first; `drafts` too, or only what the public sees.
    ///
    /// # Errors
    /// The database failed.
    pub async fn page(state: &State, drafts: bool, query: PageQuery) -> Result<web::Json<Page<Self>>, Problem> {
        let PageQuery { limit, cursor } = query;
        let cursor = cursor.map(|cursor| cursor.0);
        let rows = store::consultation::list(state.store.read(), drafts, cursor, limit.0 + 1).await?;
        let view = |(row, proposals): (consultation::Model, u64)| Self {
            slug: row.slug,
            state: row.state.0,
            title: row.title.0,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            proposals,
        };
        Ok(web::Json(Page::new(rows, limit, |(row, _)| row.id, view)))
    }
}

/// Lists consultations, newest first. Drafts are not listed.
#[utoipa::path(tag = "consultations", params(PageQuery), responses((status = 200, body = Page<ConsultationSummary>)))]
#[get("/consultations")]
pub async fn list_consultations(
    state: web::Data<State>,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<ConsultationSummary>>, Problem> {
    ConsultationSummary::page(&state, false, query.0).await
}
