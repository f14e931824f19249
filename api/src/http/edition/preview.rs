//! `GET /editions/preview`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::{
    count::Dimension,
    disclosure::Why,
    edition::{Edition, EditionRefusal, next_at, refusals},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    auth::Analyst,
    http::{extract::Query, problem::Problem},
    store::{self, edition::Prepared},
};

/// Of which consultation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EditionPreviewQuery {
    /// A consultation's slug.
    consultation: String,
}

/// What would be published now, and what would be hidden.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionPreviewView {
    /// Whether it may be published now.
    may_publish: bool,
    /// Why not.
    refused: Vec<EditionRefusal>,
    /// How many came since the last edition.
    new_participations: u64,
    /// Before this there is no other edition; null before the first.
    next_at: Option<DateTime<Utc>>,
    /// What everybody would read.
    edition: Edition,
    /// What nobody would read: the true counts, for the analyst alone.
    hidden: Vec<HiddenCell>,
    /// Two-way tables that would show less than half of their people, and are left out.
    left_out: Vec<LeftOutTable>,
}

/// A table that is not published.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOutTable {
    rows: Dimension,
    columns: Option<Dimension>,
}

/// A cell that is not published.
#[derive(Debug, Serialize, ToSchema)]
pub struct HiddenCell {
    rows: Dimension,
    columns: Option<Dimension>,
    row: String,
    column: Option<String>,
    count: u64,
    why: Why,
}

impl EditionPreviewView {
    fn new(prepared: Prepared, now: DateTime<Utc>) -> Self {
        let Prepared { edition, protected, counts, previous } = prepared;
        let refused = refusals(previous, edition.base, now);
        let hidden = protected.hidden.into_iter().filter_map(|((rows, columns, at), why)| {
            let table = counts.iter().find(|table| (table.rows, table.columns) == (rows, columns))?;
            let (_, _, count) = table.cells.iter().find(|(row, column, _)| (row, column) == (&at.0, &at.1))?;
            Some(HiddenCell { rows, columns, count: *count, row: at.0, column: at.1, why })
        });
        let left_out = protected.left_out.into_iter().map(|(rows, columns)| LeftOutTable { rows, columns });
        Self {
            may_publish: refused.is_empty(),
            refused,
            new_participations: edition.base.saturating_sub(previous.map_or(0, |(base, _)| base)),
            next_at: previous.map(|(_, taken_at)| next_at(taken_at)),
            hidden: hidden.collect(),
            left_out: left_out.collect(),
            edition,
        }
    }
}

/// Shows what the next edition would say, which counts would be hidden and why, and whether it may be published.
#[utoipa::path(tag = "statistics", params(EditionPreviewQuery), responses((status = 200, body = EditionPreviewView)))]
#[get("/editions/preview")]
pub async fn preview_edition(
    state: web::Data<State>,
    _analyst: Analyst,
    query: Query<EditionPreviewQuery>,
) -> Result<web::Json<EditionPreviewView>, Problem> {
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let now = state.clock.now();
    let prepared = store::edition::prepare(&state.store, &consultation, &state.config.edition_key(), now).await?;
    Ok(web::Json(EditionPreviewView::new(prepared, now)))
}
