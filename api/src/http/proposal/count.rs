//! `GET /consultations/{slug}/counts`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    http::{consultation::show::public_consultation, problem::Problem},
    store,
};

/// What is counted: proposals submitted and not withdrawn.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountUnit {
    /// Proposals, not people.
    Participations,
}

/// How many of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountView {
    code: String,
    count: u64,
}

/// One-way counts; each list adds up to `base`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicCountsView {
    unit: CountUnit,
    base: u64,
    taken_at: DateTime<Utc>,
    axis: Vec<CountView>,
    state: Vec<CountView>,
    channel: Vec<CountView>,
    /// By territory concerned.
    territory: Vec<CountView>,
    /// How many of them can be read.
    public_proposals: u64,
    /// How many of them have a decision.
    answered: u64,
}

/// Counts participations by axis, state, channel and territory concerned. Never by who wrote them.
#[utoipa::path(tag = "proposals", responses((status = 200, body = PublicCountsView)))]
#[get("/consultations/{slug}/counts")]
pub async fn count_proposals(
    state: web::Data<State>,
    slug: web::Path<String>,
) -> Result<web::Json<PublicCountsView>, Problem> {
    let consultation = public_consultation(&state, &slug).await?;
    let counts = store::statistics::public(state.store.read(), &consultation).await?;
    let view = |list: Vec<(String, u64)>| list.into_iter().map(|(code, count)| CountView { code, count }).collect();
    Ok(web::Json(PublicCountsView {
        unit: CountUnit::Participations,
        base: counts.base,
        taken_at: state.clock.now(),
        axis: view(counts.axis),
        state: view(counts.state),
        channel: view(counts.channel),
        territory: view(counts.territory),
        public_proposals: counts.public_proposals,
        answered: counts.answered,
    }))
}
