//! `DELETE /desk/proposals/{reference}/suspicion`

use actix_web::{HttpResponse, delete, web};
use domain::audit::AuditAction;

use super::{must_cover, said, show::DeskProposalView};
use crate::{
    application::State,
    auth::Moderator,
    http::{extract::IfMatch, problem::Problem, proposal::show::reference, respond},
    store, workflow,
};

/// Says that a proposal came from a person after all: it takes its place among the others.
#[utoipa::path(
    tag = "desk",
    params(("If-Match" = String, Header, description = "the version that was read")),
    responses((status = 200, body = DeskProposalView, headers(("ETag" = String))))
)]
#[delete("/desk/proposals/{reference}/suspicion")]
pub async fn clear_suspicion(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<String>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let found = store::proposal::by_reference(&tx, &reference(&path)?).await?;
    let (consultation, row) = found.ok_or_else(Problem::not_found)?;
    must_cover(&moderator, &consultation, &row)?;
    let mut row = store::desk::touch(&tx, row.id, version.0).await?;
    row.suspicion = None;
    let rule = store::consultation::standing(&tx, row.consultation_id).await?.moderation;
    let public = workflow::as_domain(&row).is_public(rule);
    let row = store::desk::clear_suspicion(&tx, row, public).await?;
    let entry = said(&moderator, AuditAction::ClearSuspicion, &consultation, &row, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    let view = DeskProposalView::load(&state, &moderator, &consultation, row).await?;
    Ok(respond::versioned(view.version, &view))
}
