//! `GET /ledger/consistency`

use actix_web::{get, web};
use domain::ledger::{hex, tree};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    http::{
        extract::Query,
        problem::{FieldCode, Problem, ProblemCode},
    },
    store,
};

/// Between which sizes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// The size of the older checkpoint.
    from: u64,
    /// The size of the newer one.
    to: u64,
}

/// The proof that the log only grew.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsistencyView {
    /// Hashes, lowest first, in hexadecimal (RFC 6962, section 2.1.2).
    path: Vec<String>,
}

/// Proves that the log of one size is the beginning of the log of another.
#[utoipa::path(tag = "ledger", params(ConsistencyQuery), responses((status = 200, body = ConsistencyView)))]
#[get("/ledger/consistency")]
pub async fn prove_consistency(
    state: web::Data<State>,
    query: Query<ConsistencyQuery>,
) -> Result<web::Json<ConsistencyView>, Problem> {
    let (from, to) = (query.from, query.to);
    let db = state.store.read();
    if to > store::ledger::size(db).await? {
        return Err(Problem::field("to", FieldCode::Invalid));
    }
    if from > to {
        return Err(Problem::field("from", FieldCode::Invalid));
    }
    let known = store::ledger::nodes(db, tree::needed_for_consistency(from, to)).await?;
    let path = tree::consistency(from, to, |node| known.get(&node).copied())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    Ok(web::Json(ConsistencyView { path: path.iter().map(hex).collect() }))
}
