//! What was wrong with a file: a table for whoever looks at the terminal, a file for whoever mends the rows.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::Context as _;

use domain::import::{ImportColumn, Mistake};

use super::words::{self, Words};
use crate::csv_out::{self, BOM, Row};

/// How many mistakes the terminal gets; the file gets all.
const SHOWN: usize = 50;

/// The mistakes of a file.
#[derive(Debug, Default)]
pub struct Report {
    shown: Vec<(u64, Mistake)>,
    mistakes: u64,
    file: Option<BufWriter<File>>,
}

impl Report {
    /// A report for the terminal, and for a CSV file if there is a path.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(path: Option<&Path>) -> anyhow::Result<Self> {
        let mut report = Self::default();
        if let Some(path) = path {
            let mut file = BufWriter::new(File::create(path).with_context(|| path.display().to_string())?);
            file.write_all(BOM)?;
            file.write_all(&csv_out::lines([head(Words::English)]))?;
            report.file = Some(file);
        }
        Ok(report)
    }

    /// Notes what is wrong with rows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, mistakes: Vec<(u64, Mistake)>) -> anyhow::Result<()> {
        for (row, mistake) in mistakes {
            if let Some(file) = &mut self.file {
                file.write_all(&csv_out::lines([line(row, &mistake, Words::English)]))?;
            }
            self.mistakes += 1;
            if self.shown.len() < SHOWN {
                self.shown.push((row, mistake));
            }
        }
        Ok(())
    }

    /// Ends the file and answers the table; empty if nothing was wrong.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> anyhow::Result<String> {
        if let Some(file) = &mut self.file {
            file.flush()?;
        }
        if self.shown.is_empty() {
            return Ok(String::new());
        }
        let shown = self.shown.iter().map(|(row, mistake)| line(*row, mistake, Words::English));
        let lines: Vec<Row<'_>> = std::iter::once(head(Words::English)).chain(shown).collect();
        let width = |index: usize| {
            lines.iter().filter_map(|line| line.get(index)).map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..5).map(width).collect();
        let mut table = String::new();
        for line in &lines {
            let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            table.push_str(cells.join("  ").trim_end());
            table.push('\n');
        }
        let more = self.mistakes - self.shown.len() as u64;
        if more > 0 {
            table.push_str(&format!("... and {more} more; --report FILE writes them all\n"));
        }
        Ok(table)
    }
}

/// The first line of a report.
#[must_use]
pub fn head(words: Words) -> Row<'static> {
    words::heads(words).map(Into::into).to_vec()
}

/// A mistake as a line of a report. What the author said of themselves is not repeated: a report gets passed around, and
/// the row and the column are enough to find it.
#[must_use]
pub fn line(row: u64, mistake: &Mistake, words: Words) -> Row<'_> {
    let found = mistake.found.as_deref().filter(|_| !mistake.column.is_some_and(ImportColumn::is_about_author));
    vec![
        row.to_string().into(),
        mistake.column.map_or("", ImportColumn::as_str).into(),
        mistake.code.as_str().into(),
        found.unwrap_or_default().into(),
        words::advice(mistake, words).into(),
    ]
}
