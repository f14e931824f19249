//! `GET /ledger/inclusion`

use actix_web::{get, web};
use domain::ledger::{hex, tree};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CheckpointView, read_hash};
use crate::{
    application::State,
    http::{
        extract::Query,
        problem::{Problem, ProblemCode},
    },
    store,
};

/// Which entry.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InclusionQuery {
    /// The hash of the entry, 64 hexadecimal digits.
    leaf: String,
}

/// The proof that an entry stands in the log, or that it still waits for the next checkpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct InclusionView {
    /// From 0; none while the entry waits.
    position: Option<u64>,
    /// The hashes beside the entry's way to the root, lowest first, in hexadecimal (RFC 6962, section 2.1.1).
    path: Vec<String>,
    /// The newest checkpoint, which the proof leads to; none while the entry waits.
    checkpoint: Option<CheckpointView>,
}

/// Proves that an entry is in the log as the newest checkpoint has it.
#[utoipa::path(tag = "ledger", params(InclusionQuery), responses((status = 200, body = InclusionView)))]
#[get("/ledger/inclusion")]
pub async fn prove_inclusion(
    state: web::Data<State>,
    query: Query<InclusionQuery>,
) -> Result<web::Json<InclusionView>, Problem> {
    let leaf = read_hash("leaf", &query.leaf)?;
    let db = state.store.read();
    let place = store::ledger::find(db, &leaf).await?.ok_or_else(Problem::not_found)?;
    let latest = store::ledger::latest(db).await?;
    let covered = place.zip(latest).filter(|(position, latest)| *position < latest.size.unsigned_abs());
    let Some((position, latest)) = covered else {
        return Ok(web::Json(InclusionView { position: None, path: Vec::new(), checkpoint: None }));
    };
    let size = latest.size.unsigned_abs();
    let known = store::ledger::nodes(db, tree::needed_for_inclusion(position, size)).await?;
    let path = tree::inclusion(position, size, |node| known.get(&node).copied())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    Ok(web::Json(InclusionView {
        position: Some(position),
        path: path.iter().map(hex).collect(),
        checkpoint: Some(latest.into()),
    }))
}
