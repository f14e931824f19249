//! `PUT /desk/proposals/{reference}/assignment`

use actix_web::{HttpResponse, put, web};
use domain::audit::AuditAction;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{must_cover, said, show::DeskProposalView};
use crate::{
    application::State,
    auth::Moderator,
    http::{
        extract::{Body, IfMatch},
        problem::{FieldCode, Problem},
        proposal::show::reference,
        respond,
    },
    store,
};

/// Who reads it.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditAssignment {
    /// A colleague's id; null gives it back to everybody.
    // serde takes a missing `Option` for null, and giving it back to everybody must be said
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    account: Option<i64>,
}

/// Assigns a proposal to a colleague, or to nobody.
#[utoipa::path(
    tag = "desk",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditAssignment,
    responses((status = 200, body = DeskProposalView, headers(("ETag" = String))))
)]
#[put("/desk/proposals/{reference}/assignment")]
pub async fn assign_proposal(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<String>,
    version: IfMatch,
    input: Body<EditAssignment>,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let found = store::proposal::by_reference(&tx, &reference(&path)?).await?;
    let (consultation, row) = found.ok_or_else(Problem::not_found)?;
    must_cover(&moderator, &consultation, &row)?;
    if let Some(account) = input.account {
        let known = store::desk::assignees(&tx).await?.iter().any(|(id, _)| *id == account);
        if !known {
            return Err(Problem::field("account", FieldCode::Unknown));
        }
    }
    let row = store::desk::touch(&tx, row.id, version.0).await?;
    let row = store::desk::assign(&tx, row, input.account).await?;
    let entry = said(&moderator, AuditAction::Assign, &consultation, &row, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    let view = DeskProposalView::load(&state, &moderator, &consultation, row).await?;
    Ok(respond::versioned(view.version, &view))
}
