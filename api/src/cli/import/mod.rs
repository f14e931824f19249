//! `tachawor import`: proposals that were made elsewhere, at meetings or on paper, from a CSV file.
//!
//! The file is read twice. The first time everything is checked and nothing written; only a file without a
//! mistake, or the right rows of one with `--skip-invalid`, is read again and written, a batch a transaction.
//! Memory holds one batch, and 24 bytes a row to find an external id that stands twice.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;
use domain::consultation::ConsultationState;
use indicatif::{ProgressBar, ProgressStyle};

use self::{
    reader::{Rows, Source},
    report::Report,
    row::Mistake,
};
use crate::{
    cli::exported,
    clock::Clock,
    config::Config,
    store::{
        self, Store,
        consultation::{Consultation, Standing},
        proposal::{ActorKind, NewProposal},
    },
};

pub mod columns;
pub mod reader;
pub mod report;
pub mod row;
pub mod suggest;

/// Import proposals from a CSV file; docs/import.md describes its columns.
#[derive(Debug, Args)]
pub struct Import {
    /// The file: a table in UTF-8, with commas or semicolons, or the package of another installation's open data.
    file: PathBuf,
    /// The address of the account that answers for a package here: its remarks and drafts carry its name.
    #[arg(long, value_name = "EMAIL")]
    by: Option<String>,
    /// The slug of the consultation they go to.
    #[arg(long)]
    consultation: String,
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
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Write nothing.
    pub dry_run: bool,
    /// How many proposals make a transaction.
    pub batch: usize,
    /// Import the right rows although others are wrong.
    pub skip_invalid: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { dry_run: false, batch: 500, skip_invalid: false }
    }
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many there are, blank ones aside.
    pub rows: u64,
    /// New and right.
    pub new: u64,
    /// Imported earlier, and still the same.
    pub known: u64,
    /// With a mistake, or imported earlier and changed since.
    pub wrong: u64,
    /// How many were written.
    pub imported: u64,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, new, known, wrong, imported } = self;
        write!(f, "{rows} rows: {new} new, {known} imported earlier, {wrong} with mistakes. {imported} imported.")
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
        let options =
            Options { dry_run: self.dry_run, batch: usize::from(self.batch), skip_invalid: self.skip_invalid };
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
    // a consultation is published when every proposal has its answer; a late one would have none
    let over = matches!(consultation.state(), ConsultationState::Published | ConsultationState::Archived);
    anyhow::ensure!(!over, "the consultation is {}: it takes no more proposals", consultation.state());
    progress.set_length(source.size()?);
    let mut pass = Pass { consultation, clock, rows: source.read()?, batch: options.batch.max(1), progress };
    progress.set_message("checking");
    let mut summary = check(store, &mut pass, report).await?;
    if options.dry_run || (summary.wrong > 0 && !options.skip_invalid) {
        return Ok(summary);
    }
    pass.rows = source.read()?;
    progress.set_message("importing");
    summary.imported = write(store, &mut pass).await?;
    Ok(summary)
}

/// One reading of the file.
struct Pass<'a> {
    consultation: &'a Consultation,
    clock: &'a Clock,
    rows: Rows,
    batch: usize,
    progress: &'a ProgressBar,
}

/// A row as read: what it proposes, or what is wrong with it.
type Parsed = (u64, Result<NewProposal, Vec<Mistake>>);

impl Pass<'_> {
    /// The next rows; none at the end of the file.
    fn next_batch(&mut self) -> anyhow::Result<Vec<Parsed>> {
        let now = self.clock.now();
        let mut batch = Vec::with_capacity(self.batch);
        while batch.len() < self.batch {
            let Some((number, header, cells)) = self.rows.read_row()? else { break };
            let parsed = if cells.len() == header.width() {
                row::parse(self.consultation, header, &cells, now)
            } else {
                Err(vec![Mistake::new(
                    "",
                    format!("has {} cells where the first line has {}", cells.len(), header.width()),
                )])
            };
            batch.push((number, parsed));
        }
        self.progress.set_position(self.rows.position());
        Ok(batch)
    }
}

fn external_ids(batch: &[Parsed]) -> impl Iterator<Item = &str> {
    batch.iter().filter_map(|(_, parsed)| parsed.as_ref().ok()?.external_id.as_deref())
}

async fn check(store: &Store, pass: &mut Pass<'_>, report: &mut Report) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    // a hash instead of the id itself, so that a row costs the same whatever its id
    let mut seen = HashMap::<[u8; 16], u64>::new();
    loop {
        let batch = pass.next_batch()?;
        if batch.is_empty() {
            return Ok(summary);
        }
        let existing = store::import::existing(store.read(), pass.consultation.row.id, external_ids(&batch)).await?;
        for (number, parsed) in batch {
            summary.rows += 1;
            let mut mistakes = Vec::new();
            match parsed {
                Err(found) => mistakes = found,
                Ok(proposal) => {
                    let id = proposal.external_id.as_deref().unwrap_or_default();
                    let mut key = [0; 16];
                    key.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..16]);
                    if let Some(first) = seen.insert(key, number) {
                        mistakes.push(Mistake::new("external_id", format!("stands in row {first} too")));
                    } else if let Some(old) = existing.get(id) {
                        let differences = row::differences(pass.consultation, &proposal, old);
                        let conflict = |column| Mistake::new(column, "conflict: what was imported earlier stays");
                        mistakes.extend(differences.into_iter().map(conflict));
                        summary.known += u64::from(mistakes.is_empty());
                    } else {
                        summary.new += 1;
                    }
                }
            }
            if !mistakes.is_empty() {
                summary.wrong += 1;
                report.add(number, mistakes)?;
            }
        }
    }
}

async fn write(store: &Store, pass: &mut Pass<'_>) -> anyhow::Result<u64> {
    let mut imported = 0;
    loop {
        let batch = pass.next_batch()?;
        if batch.is_empty() {
            return Ok(imported);
        }
        let tx = store.write().await?;
        // asked again inside the transaction: another import may be running
        let existing = store::import::existing(&tx, pass.consultation.row.id, external_ids(&batch)).await?;
        let mut seen: BTreeSet<String> = existing.into_keys().collect();
        let mut written = 0;
        for (number, parsed) in batch {
            let Ok(proposal) = parsed else { continue };
            if !seen.insert(proposal.external_id.clone().unwrap_or_default()) {
                continue;
            }
            let row = proposal.into_row(pass.consultation, None);
            store::proposal::insert(&tx, pass.consultation, row, &[], Some(ActorKind::Import))
                .await
                .with_context(|| format!("row {number}"))?;
            written += 1;
        }
        let standing = store::consultation::standing(&tx, pass.consultation.row.id).await?;
        anyhow::ensure!(
            standing == Standing::of(&pass.consultation.row),
            "the consultation was changed meanwhile: import the file again"
        );
        tx.commit().await?;
        imported += written;
    }
}
