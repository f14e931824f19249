//! `GET /exports/counts.csv`

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject},
    count::{Dimension, unit},
    dataset::Format,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::attachment;
use crate::{
    application::State,
    auth::Exporter,
    csv_out::{self, Row},
    dataset::instant,
    http::{extract::Query, problem::Problem, statistics::show::count},
    store::{self, statistics::Counts},
};

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountsFileQuery {
    /// A consultation's slug.
    consultation: String,
    /// What the rows are.
    rows: Dimension,
    /// What the columns are, for a two-way count; not the same as the rows.
    columns: Option<Dimension>,
    /// Whether the file starts with a byte order mark, which Excel needs to read Arabic.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    bom: bool,
}

/// A one- or two-way count as CSV, one line a cell, each with its unit, its base and its instant.
///
/// With demographics this is for the committee's eyes, not yet safe to publish.
#[utoipa::path(
    tag = "statistics",
    params(CountsFileQuery),
    responses((status = 200, content_type = "text/csv", body = String, headers(("Content-Disposition" = String))))
)]
#[get("/exports/counts.csv")]
pub async fn export_counts(
    state: web::Data<State>,
    exporter: Exporter,
    query: Query<CountsFileQuery>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let (consultation, counts) = count(&state, &query.consultation, query.rows, query.columns, now).await?;
    let slug = &consultation.row.slug;
    let entry = exporter.signed_in.did(AuditAction::ExportCounts, AuditObject::Export, slug, now);
    store::audit::record_alone(&state.store, entry.of(consultation.row.id)).await?;
    let file = file(query.rows, query.columns, &counts, now, query.bom);
    Ok(attachment(&consultation.row.slug, "counts", Format::Csv, now).body(file))
}

/// The whole file: one line a cell, because a table with margins is no data.
#[must_use]
pub fn file(
    rows: Dimension,
    columns: Option<Dimension>,
    counts: &Counts,
    taken_at: DateTime<Utc>,
    bom: bool,
) -> Vec<u8> {
    let line = |row: &str, column: Option<&str>, rest: [String; 4]| -> Row<'static> {
        let keys = [Some(row), column].into_iter().flatten().map(|key| key.to_owned().into());
        keys.chain(rest.map(Into::into)).collect()
    };
    let head =
        line(rows.as_str(), columns.map(Dimension::as_str), ["count", "unit", "base", "taken_at"].map(str::to_owned));
    let cells = counts.cells.iter().map(|(row, column, count)| {
        line(
            row,
            column.as_deref(),
            [count.to_string(), unit(rows, columns).to_string(), counts.base.to_string(), instant(taken_at)],
        )
    });
    let mut file = if bom { csv_out::BOM.to_vec() } else { Vec::new() };
    file.extend(csv_out::lines(std::iter::once(head).chain(cells)));
    file
}
