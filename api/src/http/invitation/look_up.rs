//! `POST /invitations/lookup`

use actix_web::{post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::cookie,
    http::{
        caller::Caller,
        extract::Body,
        problem::{Problem, ProblemCode},
    },
    store,
};

/// The token of an invitation.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// As it stood behind the # of the link.
    #[validate(length(min = 1, max = 100))]
    #[schema(max_length = 100)]
    token: String,
}

/// Who is invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationView {
    name: String,
    email: String,
    expires_at: DateTime<Utc>,
}

/// Tells who is invited. Used, replaced, taken back, over, of a disabled account or made up: the answer is the same.
#[utoipa::path(tag = "sessions", request_body = InvitationToken, responses((status = 200, body = InvitationView)))]
#[post("/invitations/lookup")]
pub async fn look_up_invitation(
    state: web::Data<State>,
    caller: Caller,
    input: Body<InvitationToken>,
) -> Result<web::Json<InvitationView>, Problem> {
    let hash = cookie::invitation_hash(&input.token);
    let found = store::invitation::find(state.store.read(), &hash, state.clock.now()).await?;
    let (account, expires_at) = caller.open(&state, found, ProblemCode::InvitationOver).await?;
    Ok(web::Json(InvitationView { name: account.name, email: account.email, expires_at }))
}
