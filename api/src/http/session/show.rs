//! `GET /session`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::permission::{Missing, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::HalfSignedIn, store::account::Account};

/// Who is signed in, and until when.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    account: OwnAccountView,
    expires_at: DateTime<Utc>,
    /// What the session lacks: until it is supplied, everything else answers `second_factor_required`.
    missing: Option<Missing>,
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
    /// Whether a second factor is set up.
    second_factor: bool,
}

impl SessionView {
    /// The view of a session that ends at `expires_at`.
    #[must_use]
    pub fn new(account: Account, expires_at: DateTime<Utc>, missing: Option<Missing>) -> Self {
        Self {
            account: OwnAccountView {
                id: account.id,
                email: account.email,
                name: account.name,
                role: account.role,
                axes: account.scope.axes.map(|codes| codes.iter().map(ToString::to_string).collect()),
                territories: account.scope.territories.map(|codes| codes.iter().map(ToString::to_string).collect()),
                second_factor: account.second_factor,
            },
            expires_at,
            missing,
        }
    }
}

/// Tells who is signed in, and what the session lacks.
#[utoipa::path(tag = "sessions", responses((status = 200, body = SessionView)))]
#[get("/session")]
pub async fn show_session(HalfSignedIn(signed_in): HalfSignedIn) -> web::Json<SessionView> {
    web::Json(SessionView::new(signed_in.account, signed_in.expires_at, signed_in.missing))
}
