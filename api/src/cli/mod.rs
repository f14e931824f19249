//! The command line: what an operator does without the web.

use std::sync::Arc;

use clap::Parser;
use tokio::sync::watch;
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    application::{Application, State, WORKER_GRACE},
    clock::Clock,
    config::Config,
    jobs,
    store::Store,
};

pub mod admin;
pub mod backup;
pub mod demo;
pub mod export;
pub mod exported;
pub mod import;
pub mod retention;
pub mod verify;

/// Tachawor: a regional council writes its public plan together with its citizens.
///
/// Configuration comes from the environment; `.env.example` lists every variable.
#[derive(Debug, Parser)]
#[command(version, about)]
pub enum Command {
    /// Answer requests, and work the outbox unless TACHAWOR_WORKER=false.
    Serve,
    /// Only work the outbox and the deadlines.
    Worker,
    /// Bring the schema up to date.
    Migrate,
    /// Write the whole database into one new file, while it is in use; docs/backup.md.
    Backup(backup::Backup),
    /// Make the database, which must not exist or be empty, out of such a file.
    Restore(backup::Restore),
    /// Print the OpenAPI document; touches neither disk nor network.
    Openapi,
    /// Import proposals from a CSV file, or open data of another installation; docs/import.md describes both.
    Import(import::Import),
    /// Write the published data or a count to a file.
    #[command(subcommand)]
    Export(export::Export),
    /// Check an exported log of the public ledger; touches neither database nor network.
    Verify(verify::Verify),
    /// Compare the database with its ledger.
    Reconcile,
    /// Make accounts and reset passwords; the password is asked for, or read from standard input.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Print what is due by the rules of retention, or let it go.
    Retention(retention::Retention),
    /// Migrate, load the demonstration into an empty database, and serve it.
    Demo(demo::Demo),
}

impl Command {
    /// Runs to the end of the command; `serve` and `worker` end with a signal.
    ///
    /// # Errors
    /// Whatever stopped it, for a person to read.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve => serve(Config::from_env()?).await,
            Self::Worker => {
                let config = Config::from_env()?;
                log(&config);
                let state = Arc::new(State::build(config, Clock::System).await?);
                let (stop, stopped) = watch::channel(false);
                let told = told_to_stop()?;
                let worker = tokio::spawn(jobs::run(state, stopped));
                println!("Tachawor works the outbox and the deadlines");
                told.await;
                stop.send_replace(true);
                let _ = tokio::time::timeout(WORKER_GRACE, worker).await;
                Ok(())
            }
            Self::Migrate => {
                let config = Config::from_env()?;
                log(&config);
                Store::connect(&config.database_url).await?.migrate().await?;
                println!("The schema is up to date.");
                Ok(())
            }
            Self::Backup(backup) => backup.run().await,
            Self::Restore(restore) => restore.run().await,
            Self::Openapi => {
                println!("{}", crate::http::openapi().to_pretty_json()?);
                Ok(())
            }
            Self::Import(import) => import.run().await,
            Self::Export(export) => export.run().await,
            Self::Verify(verify) => verify.run(),
            Self::Reconcile => verify::reconcile(&Store::connect(&Config::from_env()?.database_url).await?).await,
            Self::Admin(admin) => admin.run().await,
            Self::Retention(retention) => retention.run().await,
            Self::Demo(demo) => demo.run().await,
        }
    }
}

/// Serves until a signal stops it.
///
/// # Errors
/// It could not start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    log(&config);
    let application = Application::build(config, Clock::System).await?;
    println!("Tachawor answers at {}", application.state().config.public_url);
    Ok(application.run().await?)
}

/// What ends a process politely: a service manager's SIGTERM, or Ctrl-C. Heard from now on, waited for later.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Sends events to standard error.
fn log(config: &Config) {
    // The message of a panic may quote what it failed on, which may be somebody's words: only the place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    let filter: Targets = config.log.parse().unwrap_or_default();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = if config.log_json { layer.json().boxed() } else { layer.boxed() };
    // a second start in one process (a test) keeps the first one's subscriber
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}
