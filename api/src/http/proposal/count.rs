//! `GET /consultations/{slug}/counts`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::count::Unit;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    http::{consultation::show::public_consultation, problem::Problem},
    store,
};

/// How many of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountView {
    code: String,
    count: u64,
}

/// How many proposals were submitted and not withdrawn; the list adds up to `base`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicCountsView {
    unit: Unit,
    base: u64,
    taken_at: DateTime<Utc>,
    state: Vec<CountView>,
    /// How many of them can be read.
    public_proposals: u64,
    /// How many of them have a decision.
    answered: u64,
}

/// Counts participations as they are now, by state: what the ledger tells step by step. All else is published in editions.
#[utoipa::path(tag = "proposals", responses((status = 200, body = PublicCountsView)))]
#[get("/consultations/{slug}/counts")]
pub async fn count_proposals(
    state: web::Data<State>,
    slug: web::Path<String>,
) -> Result<web::Json<PublicCountsView>, Problem> {
    let consultation = public_consultation(&state, &slug).await?;
    let counts = store::statistics::public(&state.store, &consultation).await?;
    let view = |list: Vec<(String, u64)>| list.into_iter().map(|(code, count)| CountView { code, count }).collect();
    Ok(web::Json(PublicCountsView {
        unit: Unit::Participations,
        base: counts.base,
        taken_at: state.clock.now(),
        state: view(counts.state),
        public_proposals: counts.public_proposals,
        answered: counts.answered,
    }))
}
