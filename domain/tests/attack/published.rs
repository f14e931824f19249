//! What an outsider has, in the plainest form.

use std::collections::BTreeSet;

/// One published table.
#[derive(Clone, Debug)]
pub struct PublishedTable {
    /// A dimension. Joined by `×`, such as `residence×gender×age_band` with rows such as `MA-CHE×female×15_24`, it is a
    /// table of more ways, as nothing in the product publishes.
    pub rows: String,
    /// The other dimension of a two-way table.
    pub columns: Option<String>,
    /// What all its cells add up to.
    pub base: u64,
    /// Shown counts may be off by up to four.
    pub rounded: bool,
    /// Row, column, count: every cell there is; `None` is hidden.
    pub cells: Vec<(String, Option<String>, Option<u64>)>,
}

/// Everything published at one time.
#[derive(Clone, Debug)]
pub struct PublishedEdition {
    /// Participations.
    pub base: u64,
    /// Its tables.
    pub tables: Vec<PublishedTable>,
}

/// What the people in a cell have in common: dimension and code of each.
pub type Cell = BTreeSet<(String, String)>;

/// The cell of these codes.
pub fn cell(rows: &str, row: &str, columns: Option<&str>, column: Option<&str>) -> Cell {
    let pairs = |dimensions: &str, codes: &str| {
        dimensions.split('×').map(String::from).zip(codes.split('×').map(String::from)).collect::<Vec<_>>()
    };
    let across = columns.zip(column).map(|(dimensions, codes)| pairs(dimensions, codes)).unwrap_or_default();
    pairs(rows, row).into_iter().chain(across).collect()
}

impl PublishedTable {
    /// A one-way table written down by hand.
    pub fn one_way(rows: &str, base: u64, cells: &[(&str, Option<u64>)]) -> Self {
        let cells = cells.iter().map(|(row, count)| ((*row).to_owned(), None, *count)).collect();
        Self { rows: rows.to_owned(), columns: None, base, rounded: false, cells }
    }

    /// A two-way table written down by hand: the codes of its columns, and its lines.
    pub fn two_way(
        (rows, columns): (&str, &str),
        base: u64,
        rounded: bool,
        codes: &[&str],
        lines: &[(&str, &[Option<u64>])],
    ) -> Self {
        let line = |(row, counts): &(&str, &[Option<u64>])| {
            let row = (*row).to_owned();
            let cells = codes.iter().zip(counts.iter());
            cells.map(move |(column, count)| (row.clone(), Some((*column).to_owned()), *count)).collect::<Vec<_>>()
        };
        let cells = lines.iter().flat_map(line).collect();
        Self { rows: rows.to_owned(), columns: Some(columns.to_owned()), base, rounded, cells }
    }

    /// The cells with what they have in common.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, Option<u64>)> + '_ {
        let columns = self.columns.as_deref();
        self.cells.iter().map(move |(row, column, count)| (cell(&self.rows, row, columns, column.as_deref()), *count))
    }
}
