//! Where the statistics' rows come from: a published edition, as the API shows it.

use domain::dataset::Dataset;
use serde_json::Value;

use super::{Cell, Row};
use crate::store::{Store, StoreError, consultation::Consultation};

/// An edition as the API shows it: by its number, or the newest. None has been published yet.
///
/// # Errors
/// The database failed.
#[expect(clippy::unused_async, reason = "reads the editions once there are some")]
pub async fn find(
    _store: &Store,
    _consultation: &Consultation,
    _number: Option<i64>,
) -> Result<Option<Value>, StoreError> {
    Ok(None)
}

/// The cells of its tables with their margins: a margin has the code `total` on the side that was added up.
#[must_use]
pub fn rows(edition: &Value) -> Vec<Row> {
    let text = |value: &Value| Cell::text(value.as_str());
    let number = |value: &Value| value.as_i64().map_or(Cell::Empty, Cell::Integer);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for table in list(&edition["tables"]) {
        let dimension = |side: &str| table[side].as_str().map(str::to_owned);
        let name = [dimension("rows"), dimension("columns")].into_iter().flatten().collect::<Vec<_>>().join("_by_");
        let mut push = |row: Cell, column: Cell, count: &Value| {
            found.push(vec![
                text(&edition["consultation"]),
                number(&edition["number"]),
                edition["taken_at"].as_str().and_then(|at| at.parse().ok()).map_or(Cell::Empty, Cell::Instant),
                Cell::Text(name.clone()),
                text(&table["unit"]),
                text(&table["rows"]),
                row,
                text(&table["columns"]),
                column,
                number(count),
                Cell::Flag(count.is_null()),
                Cell::Flag(table["rounded"].as_bool().unwrap_or_default()),
                number(&table["base"]),
            ]);
        };
        for cell in list(&table["cells"]) {
            push(text(&cell["row"]), text(&cell["column"]), &cell["count"]);
        }
        // a one-way table's margin is the table itself
        if !table["columns"].is_null() {
            for total in list(&table["row_totals"]) {
                push(text(&total["code"]), Cell::Text("total".into()), &total["count"]);
            }
            for total in list(&table["column_totals"]) {
                push(Cell::Text("total".into()), text(&total["code"]), &total["count"]);
            }
        }
    }
    debug_assert!(found.iter().all(|row| row.len() == Dataset::Statistics.columns().len()));
    found
}
