//! `GET /ledger/checkpoints`, `POST /ledger/checkpoints`

use actix_web::{HttpResponse, get, post, web};

use super::CheckpointView;
use crate::{
    application::State,
    auth::Coordinator,
    http::{
        consultation::list::PageQuery,
        extract::Query,
        page::Page,
        problem::{Problem, ProblemCode},
    },
    store,
};

/// Lists checkpoints, newest first. Whoever keeps one can prove later that nothing before it was changed.
#[utoipa::path(tag = "ledger", params(PageQuery), responses((status = 200, body = Page<CheckpointView>)))]
#[get("/ledger/checkpoints")]
pub async fn list_checkpoints(
    state: web::Data<State>,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<CheckpointView>>, Problem> {
    let cursor = query.cursor.map(|cursor| cursor.0);
    let rows = store::ledger::checkpoints(state.store.read(), cursor, query.limit.0 + 1).await?;
    Ok(web::Json(Page::new(rows, query.limit, |row| row.id, CheckpointView::from)))
}

/// Gives every entry that waits its place and signs the log, now instead of when it is due.
#[utoipa::path(tag = "ledger", responses((status = 201, body = CheckpointView)))]
#[post("/ledger/checkpoints")]
pub async fn create_checkpoint(state: web::Data<State>, _coordinator: Coordinator) -> Result<HttpResponse, Problem> {
    store::ledger::integrate(&state.store, &state.log_key, state.clock.now(), true).await?;
    let latest = store::ledger::latest(state.store.read()).await?;
    let latest = latest.ok_or_else(|| Problem::new(ProblemCode::Internal))?;
    Ok(HttpResponse::Created().json(CheckpointView::from(latest)))
}
