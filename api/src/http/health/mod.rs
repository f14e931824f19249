//! For operators: whether the process lives, whether it can work, and its metrics.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
};

/// `/health` and `/metrics`, outside the versioned API
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show_live).service(show_ready).service(show_metrics);
}

/// How the process does.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    status: &'static str,
}

/// The process lives.
#[utoipa::path(tag = "health", responses((status = 200, body = HealthView)))]
#[get("/health/live")]
pub async fn show_live() -> web::Json<HealthView> {
    web::Json(HealthView { status: "live" })
}

/// The process can work: the database answers and its schema is the right one.
#[utoipa::path(tag = "health", responses((status = 200, body = HealthView)))]
#[get("/health/ready")]
pub async fn show_ready(state: web::Data<State>) -> Result<web::Json<HealthView>, Problem> {
    let unavailable = |_| Problem::new(ProblemCode::Unavailable);
    match tokio::time::timeout(Duration::from_secs(2), state.store.is_ready()).await.map_err(unavailable)? {
        Ok(true) => Ok(web::Json(HealthView { status: "ready" })),
        Ok(false) => {
            Err(Problem::new(ProblemCode::Unavailable).detail("the schema is not up to date: run `tachawor migrate`"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Counters and timings in the Prometheus text format. Holds no personal data; still, keep it inside.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn show_metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(state.metrics.render())
}
