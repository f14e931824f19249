//! `tachawor verify` and `tachawor reconcile`: whether the public ledger holds.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use domain::ledger::{
    note::PublicKey,
    verify::{LeafReceipt, check},
};

use crate::store::Store;

/// Check an exported log. Reads only the files named here: no network, no database, no configuration.
#[derive(Debug, Args)]
pub struct Verify {
    /// The log, an entry a line: `GET /api/v1/ledger/log`.
    #[arg(long)]
    log: PathBuf,
    /// The public key, one line as `GET /api/v1/ledger` shows it. Get it from somebody else than the log's keeper too.
    #[arg(long)]
    key: String,
    /// A signed checkpoint, old or new; the newest must cover the whole log. Can be given several times.
    #[arg(long, required = true)]
    checkpoint: Vec<PathBuf>,
    /// A receipt as JSON. Can be given several times.
    #[arg(long)]
    receipt: Vec<PathBuf>,
}

impl Verify {
    /// Prints what the log tells, or the first fault.
    ///
    /// # Errors
    /// A file cannot be read, or the log does not hold.
    pub fn run(self) -> anyhow::Result<()> {
        let read = |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
        let key: PublicKey = self.key.parse().context("--key")?;
        let lines = read(&self.log)?;
        let checkpoints = self.checkpoint.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        let receipts = self
            .receipt
            .iter()
            .map(|path| serde_json::from_str(&read(path)?).with_context(|| path.display().to_string()))
            .collect::<anyhow::Result<Vec<LeafReceipt>>>()?;
        let notes: Vec<_> = checkpoints.iter().map(String::as_str).collect();
        let report = check(&key, &lines, &notes, &receipts)?;
        println!("The log of {} holds.", key.name());
        println!("entries: {}\nroot: {}", report.entries, report.root);
        println!("checkpoints: {}, receipts: {}", checkpoints.len(), receipts.len());
        let sum: u64 = report.states.values().sum();
        println!("submitted: {} = sum of states: {sum}", report.submitted);
        for (state, count) in &report.states {
            println!("  {state}: {count}");
        }
        Ok(())
    }
}

/// Compares every row of the database with the ledger, and the counts that are kept with those of the rows.
///
/// # Errors
/// They do not agree, or the database failed.
pub async fn reconcile(store: &Store) -> anyhow::Result<()> {
    let (compared, wrong) = crate::store::ledger::reconcile(store.read()).await?;
    for disagreement in &wrong {
        println!("proposal {}: {}", disagreement.proposal, disagreement.what);
    }
    let (counted, differences) = crate::store::tally::verify(store).await?;
    for difference in &differences {
        println!("{}: kept {}, counted {}", difference.cell, difference.kept, difference.counted);
    }
    anyhow::ensure!(wrong.is_empty(), "the database and its ledger do not agree");
    anyhow::ensure!(differences.is_empty(), "the counts that are kept are not those of the proposals");
    println!("{compared} steps agree with the ledger.\nThe counts that are kept are those of {counted} proposals.");
    Ok(())
}
