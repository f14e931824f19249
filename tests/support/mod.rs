//! What every test stands on: one running application over real HTTP on a real database.
//!
//! ```ignore
//! use crate::support::*;
//!
//! on_both_engines! {
//!     /// A sentence that says what must hold.
//!     async fn a_refusal_is_public_with_its_reason(app: App) {
//!         let receipt = app.submit(json!({"title": "Un puits pour le douar"})).await; // the rest is sample words
//!         let desk = app.signed_in(As::Moderator).await;
//!         desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
//!         let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
//!         assert_eq!(shown["state"], "retained");
//!     }
//! }
//! ```
//!
//! makes two tests, `…::sqlite` and `…::postgres`. An engine that is missing is a failure, never a skip;
//! `TACHAWOR_TEST_POSTGRES_URL` says where PostgreSQL is (`postgres://postgres@127.0.0.1:5432/postgres` if unset).
//!
//! - **[`App`]**: the application, its manual clock ([`App::advance`], [`App::now`], starting at [`START`]), its
//!   store, and [`App::count`] / [`App::texts`] to look into the database where no route may show it.
//!   [`App::consultation`] makes another consultation; [`App::start_with`] another application with other settings.
//! - **[`Client`]**: a browser at the public address: it keeps cookies and sends `Origin`. Paths are below `/api/v1`
//!   unless they start with `/api/`, `/health` or `/metrics`. A call is sent by `.await`:
//!   `client.put("/desk/…").if_match(3).json(body).await`.
//! - **[`Answer`]**: `ok()`, `created()`, `no_content()` give the JSON of a success; `refused(409, "version_conflict")`
//!   and `invalid(&[("title", "too_short")])` check a problem. `status`, `header()`, `json()`, `version()` for the rest.
//! - Every answer of every call is checked against the OpenAPI document (see [`contract`]): a wrong annotation fails
//!   whichever test meets it.
//! - Seeded: the open consultation [`SLUG`] (see [`sample`]) and one account per [`As`]. All have [`PASSWORD`], and those whose role needs it
//!   a second factor ([`App::code`]).

pub mod app;
pub mod client;
pub mod contract;
pub mod database;
pub mod requests;
pub mod sample;

pub use app::{App, Receipt};
pub use chrono::{DateTime, TimeDelta, Utc};
pub use client::{Answer, Client};
pub use database::Engine;
pub use sample::{As, PASSWORD, SLUG, START, proposal};
pub use serde_json::{Value, json};

/// Makes two tests of each function, one an engine. See the module's documentation.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$attribute:meta])* async fn $name:ident($app:ident: App) $body:block)+) => { $(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn test($app: App) $body

            #[actix_web::test]
            async fn sqlite() {
                $crate::support::app::run(Engine::Sqlite, test).await;
            }

            #[actix_web::test]
            async fn postgres() {
                $crate::support::app::run(Engine::Postgres, test).await;
            }
        }
    )+ };
}
