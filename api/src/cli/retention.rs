//! `tachawor retention`: what the rules of retention would take now, and taking it without waiting for the worker.

use clap::Args;

use crate::{
    clock::Clock,
    config::Config,
    store::{self, Store},
};

/// Print what is due by the rules of retention: rule, days, count, since when the oldest is kept.
#[derive(Debug, Args)]
pub struct Retention {
    /// Only print; the default.
    #[arg(long, conflicts_with = "apply")]
    dry_run: bool,
    /// Let it go, as the worker would.
    #[arg(long)]
    apply: bool,
}

impl Retention {
    /// Prints the report, and lets go what is due if that was asked for.
    ///
    /// # Errors
    /// The database failed.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = Config::from_env()?;
        let store = Store::connect(&config.database_url).await?;
        let now = Clock::System.now();
        println!("consultation\trule\tdays\tdue\toldest");
        let print = |consultation: &str, due: Vec<store::retention::Due>| -> anyhow::Result<()> {
            for due in due {
                let rule = serde_json::to_value(due.rule)?;
                let oldest = due.oldest.map_or_else(|| "-".to_owned(), |oldest| oldest.date_naive().to_string());
                println!(
                    "{consultation}\t{}\t{}\t{}\t{oldest}",
                    rule.as_str().unwrap_or_default(),
                    due.days,
                    due.count
                );
            }
            Ok(())
        };
        for row in store::retention::consultations(store.read()).await? {
            print(&row.slug, store::retention::report(store.read(), &row, now).await?)?;
        }
        print("*", store::retention::report_of_installation(store.read(), now).await?)?;
        if !self.apply {
            println!("Nothing has gone: this was a dry run. Let it go with --apply.");
            return Ok(());
        }
        let gone: u64 = store::retention::apply(&store, now).await?.iter().map(|(_, count)| count).sum();
        store::erasure::sweep(&store).await?;
        println!("{gone} are gone.");
        Ok(())
    }
}
