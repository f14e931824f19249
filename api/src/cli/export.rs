//! `tachawor export`: the files of the API, without the web.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::count::Dimension;
use futures_util::StreamExt as _;

use crate::{
    clock::Clock,
    config::Config,
    http::export,
    store::{self, Store, consultation::Consultation},
};

/// Write the published proposals or a count to a CSV file.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Every published proposal, a line each. Nothing about authors.
    Proposals(Target),
    /// A one- or two-way count. With demographics it is not safe to publish.
    Counts {
        /// Of what, to where.
        #[command(flatten)]
        target: Target,
        /// What the rows are: axis, age_band, gender, participant_type, residence, territory, channel, state, language, day.
        #[arg(long)]
        rows: Dimension,
        /// What the columns are.
        #[arg(long)]
        columns: Option<Dimension>,
    },
}

/// Of what, to where.
#[derive(Debug, Args)]
pub struct Target {
    /// The slug of the consultation.
    #[arg(long)]
    consultation: String,
    /// The file, or - for standard output.
    #[arg(long, default_value = "-")]
    output: PathBuf,
    /// Start with a byte order mark, which Excel needs to read Arabic.
    #[arg(long)]
    bom: bool,
}

impl Export {
    /// Writes the file.
    ///
    /// # Errors
    /// There is no such consultation, or the database or the file failed.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = Config::from_env()?;
        let store = Store::connect(&config.database_url).await?;
        match self {
            Self::Proposals(target) => {
                let consultation = target.find(&store).await?;
                let mut output = Output::open(&target.output)?;
                let mut file = export::proposals::file(store, consultation, target.bom);
                while let Some(piece) = file.next().await {
                    output.writer.write_all(&piece?)?;
                }
                output.finish()
            }
            Self::Counts { target, rows, columns } => {
                let crosses = columns.is_none_or(|columns| rows.crosses(columns));
                anyhow::ensure!(crosses, "rows and columns must differ, and only one of them may be days or weeks");
                let consultation = target.find(&store).await?;
                let now = Clock::System.now();
                let snapshot = store::tally::Snapshot::take(&store, consultation.row.id).await?;
                let counts = store::statistics::by(&snapshot, &consultation, rows, columns, now).await?;
                let mut output = Output::open(&target.output)?;
                output.writer.write_all(&export::counts::file(rows, columns, &counts, now, target.bom))?;
                output.finish()
            }
        }
    }
}

impl Target {
    async fn find(&self, store: &Store) -> anyhow::Result<Consultation> {
        let found = store::consultation::by_slug(store.read(), &self.consultation).await?;
        found.with_context(|| format!("no consultation is called {}", self.consultation))
    }
}

/// A file that appears under its name only when it is whole.
struct Output {
    writer: Box<dyn Write>,
    names: Option<(PathBuf, PathBuf)>,
}

impl Output {
    fn open(path: &Path) -> anyhow::Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self { writer: Box::new(std::io::stdout()), names: None });
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| part.display().to_string())?;
        Ok(Self { writer: Box::new(BufWriter::new(file)), names: Some((part, path.to_owned())) })
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.writer.flush()?;
        if let Some((part, path)) = self.names {
            std::fs::rename(&part, &path).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}
