//! `GET /desk/assignees`

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::list_queue::ColleagueView;
use crate::{application::State, auth::Moderator, http::problem::Problem, store};

/// Everybody who can be given a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssigneesView {
    items: Vec<ColleagueView>,
}

/// Lists the colleagues a proposal can be assigned to: at most a hundred, by name.
#[utoipa::path(tag = "desk", responses((status = 200, body = AssigneesView)))]
#[get("/desk/assignees")]
pub async fn list_assignees(
    state: web::Data<State>,
    _moderator: Moderator,
) -> Result<web::Json<AssigneesView>, Problem> {
    let items = store::desk::assignees(state.store.read()).await?;
    Ok(web::Json(AssigneesView { items: items.into_iter().map(|(id, name)| ColleagueView { id, name }).collect() }))
}
