//! `GET /desk/summary`

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    auth::Moderator,
    http::{extract::Query, problem::Problem},
    store,
};

/// Which consultation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsultationQuery {
    /// A consultation's slug.
    pub consultation: String,
}

/// How far the committee has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskSummaryView {
    /// Submitted and not withdrawn.
    total: u64,
    /// Those of them with a decision.
    reviewed: u64,
    /// Those that wait for one.
    waiting: u64,
    /// Those whose author was asked something.
    clarification: u64,
    /// How many full days the oldest has waited; null if none waits.
    oldest_waiting_days: Option<i64>,
    /// Those that somebody wants withheld and nobody has confirmed.
    withhold_requests: u64,
    /// Those that wait for a decision and that a program may have sent.
    suspicious: u64,
    by_axis: Vec<AxisLoadView>,
}

/// What waits on one axis.
#[derive(Debug, Serialize, ToSchema)]
pub struct AxisLoadView {
    axis: String,
    waiting: u64,
    total: u64,
}

/// Tells "n of m reviewed", what waits on each axis, and since when.
#[utoipa::path(tag = "desk", params(ConsultationQuery), responses((status = 200, body = DeskSummaryView)))]
#[get("/desk/summary")]
pub async fn summarise_desk(
    state: web::Data<State>,
    _moderator: Moderator,
    query: Query<ConsultationQuery>,
) -> Result<web::Json<DeskSummaryView>, Problem> {
    let db = state.store.read();
    let consultation =
        store::consultation::current(&state.store, &query.consultation).await?.ok_or_else(Problem::not_found)?;
    let load = store::desk::load(db, &consultation).await?;
    let now = state.clock.now();
    Ok(web::Json(DeskSummaryView {
        total: load.total,
        reviewed: load.reviewed,
        waiting: load.waiting,
        clarification: load.clarification,
        oldest_waiting_days: load.oldest.map(|since| domain::count::waiting_days(since, now)),
        withhold_requests: load.withhold_requests,
        suspicious: load.suspicious,
        by_axis: load.by_axis.into_iter().map(|(axis, waiting, total)| AxisLoadView { axis, waiting, total }).collect(),
    }))
}
