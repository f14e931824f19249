//! `GET /ledger`

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::CheckpointView;
use crate::{application::State, http::problem::Problem, store};

/// The log as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerView {
    /// Its name and public key on one line, as verifiers take it.
    key: String,
    /// How many entries have a place.
    size: u64,
    /// The newest signed checkpoint; none before the first.
    checkpoint: Option<CheckpointView>,
    /// How many people outside are sent it once a day. Without any, only receipts and copies that others took bear witness.
    witnesses: usize,
}

/// Shows the public key, the size and the newest checkpoint of the log.
#[utoipa::path(tag = "ledger", responses((status = 200, body = LedgerView)))]
#[get("/ledger")]
pub async fn show_ledger(state: web::Data<State>) -> Result<web::Json<LedgerView>, Problem> {
    let db = state.store.read();
    let checkpoint = store::ledger::latest(db).await?.map(CheckpointView::from);
    let size = store::ledger::size(db).await?;
    Ok(web::Json(LedgerView {
        key: state.log_key.public().to_string(),
        size,
        checkpoint,
        witnesses: state.config.witnesses.len(),
    }))
}
