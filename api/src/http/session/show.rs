//! `GET /session`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::permission::Role;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::SignedIn, store::account::Account};

/// Who is signed in, and until when.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    account: OwnAccountView,
    expires_at: DateTime<Utc>,
}

/// One's own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccountView {
    id: i64,
    email: String,
    name: String,
    role: Role,
    /// The axes one is assigned to; null is all.
    axes: Option<Vec<String>>,
    /// The territories one is assigned to; null is all.
    territories: Option<Vec<String>>,
}

impl SessionView {
    /// The view of a session that ends at `expires_at`.
    #[must_use]
    pub fn new(account: Account, expires_at: DateTime<Utc>) -> Self {
        Self {
            account: OwnAccountView {
                id: account.id,
                email: account.email,
                name: account.name,
                role: account.role,
                axes: account.scope.axes.map(|codes| codes.iter().map(ToString::to_string).collect()),
                territories: account.scope.territories.map(|codes| codes.iter().map(ToString::to_string).collect()),
            },
            expires_at,
        }
    }
}

/// Tells who is signed in.
#[utoipa::path(tag = "sessions", responses((status = 200, body = SessionView)))]
#[get("/session")]
pub async fn show_session(signed_in: SignedIn) -> web::Json<SessionView> {
    web::Json(SessionView::new(signed_in.account, signed_in.expires_at))
}
