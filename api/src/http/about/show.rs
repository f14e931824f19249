//! `GET /about`

use actix_web::{get, web};
use domain::permission::Role;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{application::State, localised::Localised};

/// What this installation is.
#[derive(Debug, Serialize, ToSchema)]
pub struct AboutView {
    name: &'static str,
    version: &'static str,
    /// Present in demonstrations only: what of it is invented, and how to sign in.
    demo: Option<DemoView>,
}

/// A demonstration.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoView {
    notice: Localised,
    accounts: Vec<DemoAccountView>,
}

/// An account that everybody may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoAccountView {
    email: String,
    password: String,
    role: Role,
    name: String,
}

/// What this installation is.
///
/// In a demonstration it also tells what is invented and which accounts to try.
#[utoipa::path(tag = "consultations", responses((status = 200, body = AboutView)))]
#[get("/about")]
pub async fn show_about(state: web::Data<State>) -> web::Json<AboutView> {
    let demo = state.config.demo.then(|| DemoView {
        notice: crate::cli::demo::notice(),
        accounts: crate::cli::demo::ACCOUNTS
            .iter()
            .map(|account| DemoAccountView {
                email: account.email.into(),
                password: crate::cli::demo::PASSWORD.into(),
                role: account.role,
                name: account.name.into(),
            })
            .collect(),
    });
    web::Json(AboutView { name: "Tachawor", version: env!("CARGO_PKG_VERSION"), demo })
}
