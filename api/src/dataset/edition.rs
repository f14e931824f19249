//! Where the statistics' rows come from: a published edition.

use domain::{
    dataset::Dataset,
    edition::{Edition, EditionTotal},
};

use super::{Cell, Row};
use crate::store::{self, Store, StoreError, consultation::Consultation};

/// An edition by its number, or the newest; `None` if there is none.
///
/// # Errors
/// The database failed.
pub async fn find(
    store: &Store,
    consultation: &Consultation,
    number: Option<i64>,
) -> Result<Option<Edition>, StoreError> {
    let found = store::edition::content(store.read(), consultation.row.id, number).await?;
    let broken = |error: serde_json::Error| StoreError::Custom(format!("an edition: {error}"));
    found.map(|(content, _)| serde_json::from_str(&content).map_err(broken)).transpose()
}

/// The cells of its tables with their margins: a margin has the code `total` on the side that was added up.
#[must_use]
pub fn rows(edition: &Edition) -> Vec<Row> {
    let number = |count: u64| Cell::Integer(i64::try_from(count).unwrap_or(i64::MAX));
    let mut found = Vec::new();
    for table in &edition.tables {
        let dimensions = [Some(table.rows), table.columns].into_iter().flatten();
        let name = dimensions.map(|dimension| dimension.as_str()).collect::<Vec<_>>().join("_by_");
        let mut push = |row: &str, column: Option<&str>, count: Option<u64>| {
            found.push(vec![
                Cell::Text(edition.consultation.clone()),
                number(edition.number),
                Cell::Instant(edition.taken_at),
                Cell::Text(name.clone()),
                Cell::text(Some(table.unit.as_str())),
                Cell::text(Some(table.rows.as_str())),
                Cell::text(Some(row)),
                Cell::text(table.columns.map(|columns| columns.as_str())),
                Cell::text(column),
                count.map_or(Cell::Empty, number),
                Cell::Flag(count.is_none()),
                Cell::Flag(table.rounded),
                number(table.base),
            ]);
        };
        for cell in &table.cells {
            push(&cell.row, cell.column.as_deref(), cell.count);
        }
        // a one-way table's margin is the table itself
        if table.columns.is_some() {
            for EditionTotal { code, count } in &table.row_totals {
                push(code, Some("total"), *count);
            }
            for EditionTotal { code, count } in &table.column_totals {
                push("total", Some(code), *count);
            }
        }
    }
    debug_assert!(found.iter().all(|row| row.len() == Dataset::Statistics.columns().len()));
    found
}
