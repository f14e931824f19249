//! `GET /statistics`

use std::sync::Arc;

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::count::{Dimension, Unit, unit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    auth::Analyst,
    http::{
        extract::Query,
        problem::{FieldCode, FieldError, Problem, ProblemCode},
    },
    store::{self, consultation::Consultation, statistics::Counts, tally::Snapshot},
};

/// What to count by.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// A consultation's slug.
    consultation: String,
    /// What the rows are.
    rows: Dimension,
    /// What the columns are, for a two-way count; not the same as the rows.
    columns: Option<Dimension>,
}

/// A one- or two-way count. The cells add up to `base`, and to the totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsView {
    unit: Unit,
    /// Submitted and not withdrawn; among remarks, what the cells add up to.
    base: u64,
    taken_at: DateTime<Utc>,
    rows: Dimension,
    columns: Option<Dimension>,
    /// Row by row in the order of the vocabulary, zero included.
    cells: Vec<CellView>,
    row_totals: Vec<TotalView>,
    /// Empty in a one-way count.
    column_totals: Vec<TotalView>,
}

/// One cell.
#[derive(Debug, Serialize, ToSchema)]
pub struct CellView {
    row: String,
    /// Null in a one-way count.
    column: Option<String>,
    count: u64,
}

/// One row's or column's sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalView {
    code: String,
    count: u64,
}

/// Loads a consultation and counts in it.
///
/// # Errors
/// `not_found`, or `invalid_parameter` if the dimensions do not cross.
pub async fn count(
    state: &State,
    slug: &str,
    rows: Dimension,
    columns: Option<Dimension>,
    now: DateTime<Utc>,
) -> Result<(Arc<Consultation>, Counts), Problem> {
    if columns.is_some_and(|columns| !rows.crosses(columns)) {
        let mut problem = Problem::new(ProblemCode::InvalidParameter)
            .detail("rows and columns must differ, and only one of them may be days or weeks");
        problem.errors = vec![FieldError::new("columns", FieldCode::NotAllowed)];
        return Err(problem);
    }
    let consultation = store::consultation::current(&state.store, slug).await?.ok_or_else(Problem::not_found)?;
    let snapshot = Snapshot::take(&state.store, consultation.row.id).await?;
    let counts = store::statistics::by(&snapshot, &consultation, rows, columns, now).await?;
    Ok((consultation, counts))
}

/// Counts participations by one or two dimensions, demographics included: for the committee's eyes, not yet
/// safe to publish.
#[utoipa::path(tag = "statistics", params(StatisticsQuery), responses((status = 200, body = StatisticsView)))]
#[get("/statistics")]
pub async fn show_statistics(
    state: web::Data<State>,
    _analyst: Analyst,
    query: Query<StatisticsQuery>,
) -> Result<web::Json<StatisticsView>, Problem> {
    let now = state.clock.now();
    let (_, counts) = count(&state, &query.consultation, query.rows, query.columns, now).await?;
    let totals = |list: Vec<(String, u64)>| list.into_iter().map(|(code, count)| TotalView { code, count }).collect();
    Ok(web::Json(StatisticsView {
        unit: unit(query.rows, query.columns),
        base: counts.base,
        taken_at: now,
        rows: query.rows,
        columns: query.columns,
        cells: counts.cells.into_iter().map(|(row, column, count)| CellView { row, column, count }).collect(),
        row_totals: totals(counts.row_totals),
        column_totals: totals(counts.column_totals),
    }))
}
