//! `tachawor import`: proposals that were made elsewhere, at meetings or on paper, from a CSV or XLSX file.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use domain::import::mapping::Mapping;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cli::exported,
    clock::Clock,
    config::{Config, SecretKey},
    import::{self, Seen, Summary, report::Report, table::Source},
    store::{self, Store, consultation::Consultation},
};

/// Import proposals from a CSV or XLSX file; docs/import.md describes its columns.
#[derive(Debug, Args)]
pub struct Import {
    /// The file: CSV in UTF-8, with commas or semicolons; an XLSX workbook, of which the first sheet is read; or the package
    /// of another installation's open data.
    file: PathBuf,
    /// The address of the account that answers for a package here: its remarks and drafts carry its name.
    #[arg(long, value_name = "EMAIL")]
    by: Option<String>,
    /// The slug of the consultation they go to.
    #[arg(long)]
    consultation: String,
    /// A JSON file that says which of the file's columns is which of ours, and what its words mean.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Check everything and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// How many proposals are written in one transaction.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=5000))]
    batch: u16,
    /// Import the rows that are right although others are not.
    #[arg(long)]
    skip_invalid: bool,
    /// Write every mistake to this CSV file too.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// How an import goes about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the file's columns and words are to be read; `None` if they are ours.
    pub mapping: Option<Mapping>,
    /// Write nothing.
    pub dry_run: bool,
    /// How many proposals make a transaction.
    pub batch: usize,
    /// Import the right rows although others are wrong.
    pub skip_invalid: bool,
    /// What the numbers of rows without one are made with.
    pub key: SecretKey,
}

impl Options {
    /// Our own columns, and all rows or none.
    #[must_use]
    pub const fn new(key: SecretKey) -> Self {
        Self { mapping: None, dry_run: false, batch: 500, skip_invalid: false, key }
    }
}

impl Import {
    /// Imports, and tells what became of the rows.
    ///
    /// # Errors
    /// The file or the database cannot be used, or a row has a mistake.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = Config::from_env()?;
        let store = Store::connect(&config.database_url).await?;
        let source = Source::File(self.file.clone());
        if let Some(report) = &self.report {
            let same =
                report.canonicalize().is_ok_and(|report| self.file.canonicalize().is_ok_and(|file| file == report));
            anyhow::ensure!(!same, "the report would overwrite the file to import");
        }
        let consultation = store::consultation::by_slug(store.read(), &self.consultation).await?;
        let consultation = consultation.with_context(|| format!("no consultation is called {}", self.consultation))?;
        if exported::is_package(&self.file) {
            let by = self.by.as_deref().context("a package needs --by, the account that answers for it here")?;
            let now = Clock::System.now();
            let done = exported::import(&store, &consultation, &self.file, by, self.dry_run, now).await?;
            let exported::Summary { proposals, steps, drafts } = done;
            println!("{proposals} proposals with {steps} steps, {drafts} drafts.");
            return Ok(());
        }
        let mapping = self.mapping.as_deref().map(|path| -> anyhow::Result<Mapping> {
            let text = std::fs::read(path).with_context(|| path.display().to_string())?;
            serde_json::from_slice(&text).with_context(|| path.display().to_string())
        });
        let options = Options {
            mapping: mapping.transpose()?,
            dry_run: self.dry_run,
            batch: usize::from(self.batch),
            skip_invalid: self.skip_invalid,
            key: config.secret_key,
        };
        let mut report = Report::new(self.report.as_deref())?;
        let progress = progress();
        let outcome = import(&store, &consultation, &source, options, &Clock::System, &mut report, &progress).await;
        progress.finish_and_clear();
        // also when the reading stopped half-way: what was found until then helps to mend the file
        print!("{}", report.finish()?);
        let summary = outcome?;
        println!("{summary}");
        if summary.wrong > 0 && !self.skip_invalid && !self.dry_run {
            println!("Nothing was written. Mend the rows, or leave them out with --skip-invalid.");
        }
        anyhow::ensure!(summary.wrong == 0, "{} rows have mistakes", summary.wrong);
        Ok(())
    }
}

/// On standard error, and only where that is a terminal.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %") {
        bar.set_style(style);
    }
    bar
}

/// Checks `source`, and imports it if all of it is right (or `skip_invalid`).
///
/// # Errors
/// The source is no table of ours, or the database failed: what was committed by then stays, and the same
/// import again continues there.
pub async fn import(
    store: &Store,
    consultation: &Consultation,
    source: &Source,
    options: Options,
    clock: &Clock,
    report: &mut Report,
    progress: &ProgressBar,
) -> anyhow::Result<Summary> {
    import::takes_rows(consultation)?;
    progress.set_length(1000);
    let read = || {
        let (source, mapping) = (source.clone(), options.mapping.clone());
        import::batches(source, consultation, mapping, 0, options.batch, &options.key, clock.now())
    };
    progress.set_message("checking");
    let (mut summary, mut seen) = (Summary::default(), Seen::new());
    let mut batches = read().await?;
    while let Some(batch) = batches.next().await? {
        progress.set_position(batch.progress);
        report.add(import::check(store, consultation, batch.rows, &mut seen, &mut summary).await?)?;
    }
    if options.dry_run || (summary.wrong > 0 && !options.skip_invalid) {
        return Ok(summary);
    }
    progress.set_message("importing");
    let mut batches = read().await?;
    while let Some(batch) = batches.next().await? {
        progress.set_position(batch.progress);
        let tx = store.write().await?;
        let written = import::write(&tx, consultation, batch.rows, options.skip_invalid).await?;
        tx.commit().await?;
        summary.imported += written;
    }
    Ok(summary)
}
