//! The columns of an import file. `docs/import.md` describes them to people.

use super::suggest::nearest;

/// The columns, in the order of the documentation, and whether a file must have them.
pub const COLUMNS: [(&str, bool); 18] = [
    ("external_id", true),
    ("axis", true),
    ("territory", true),
    ("channel", true),
    ("language", true),
    ("title", true),
    ("problem", true),
    ("solution", true),
    ("expected_change", false),
    ("title_ar", false),
    ("title_fr", false),
    ("populations", false),
    ("submitted_on", true),
    ("age_band", false),
    ("gender", false),
    ("participant_type", false),
    ("residence", false),
    ("organisation", false),
];

/// Where each column stands in a file.
#[derive(Clone, Debug)]
pub struct Header {
    names: Vec<&'static str>,
}

impl Header {
    /// Reads the first line of a file.
    ///
    /// # Errors
    /// Every column that is unknown, stands twice, has no name or is missing, in one message.
    pub fn read<'a>(cells: impl Iterator<Item = &'a str>) -> anyhow::Result<Self> {
        let mut names = Vec::new();
        let mut mistakes = Vec::new();
        for (index, cell) in cells.enumerate() {
            let cell = cell.trim();
            match COLUMNS.iter().map(|column| column.0).find(|name| name.eq_ignore_ascii_case(cell)) {
                Some(name) if names.contains(&name) => mistakes.push(format!("column {name} stands twice")),
                Some(name) => names.push(name),
                None if cell.is_empty() => mistakes.push(format!("column {} has no name", index + 1)),
                None => {
                    let hint = nearest(cell, COLUMNS.iter().map(|column| (column.0, column.0)));
                    let hint = hint.map(|name| format!(" (is it {name}?)")).unwrap_or_default();
                    mistakes.push(format!("unknown column {:?}{hint}", cell.chars().take(40).collect::<String>()));
                }
            }
        }
        let missing: Vec<_> = COLUMNS
            .iter()
            .filter(|(name, required)| *required && !names.contains(name))
            .map(|column| column.0)
            .collect();
        if !missing.is_empty() {
            mistakes.push(format!("missing required columns: {}", missing.join(", ")));
        }
        anyhow::ensure!(mistakes.is_empty(), "the first line: {}", mistakes.join("; "));
        Ok(Self { names })
    }

    /// How many columns a row must have.
    #[must_use]
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The name of the column at `index`.
    #[must_use]
    pub fn name(&self, index: usize) -> &'static str {
        self.names.get(index).copied().unwrap_or("")
    }

    /// A row's cell by its column's name, without outer space; empty if the file has no such column.
    #[must_use]
    pub fn cell<'a>(&self, cells: &[&'a str], name: &str) -> &'a str {
        let index = self.names.iter().position(|known| *known == name);
        index.and_then(|index| cells.get(index)).map_or("", |cell| cell.trim())
    }
}
