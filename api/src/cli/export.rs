//! `tachawor export`: the files of the API, without the web.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::{
    count::Dimension,
    dataset::{Dataset, Format},
    vocabulary::Language,
};
use futures_util::StreamExt as _;

use crate::{
    clock::Clock,
    config::Config,
    dataset::{self, Options, Source, edition},
    http::export,
    store::{self, Store, consultation::Consultation},
};

/// Write the published data or a count to a file.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Every published proposal, a row each. Nothing about authors.
    Proposals(Target),
    /// Every public step of the published proposals, a row each. Nobody's name.
    Decisions(Target),
    /// The SMART drafts that the public may read, a row each.
    Drafts(Target),
    /// The cells of an edition's tables, a row each.
    Statistics {
        /// Of what, to where.
        #[command(flatten)]
        target: Target,
        /// The edition's number; the newest if not given.
        #[arg(long)]
        edition: Option<i64>,
    },
    /// A one- or two-way count. With demographics it is not safe to publish.
    Counts {
        /// The slug of the consultation.
        #[arg(long)]
        consultation: String,
        /// The file, or - for standard output.
        #[arg(long, default_value = "-")]
        output: PathBuf,
        /// Start with a byte order mark, which Excel needs to read Arabic.
        #[arg(long)]
        bom: bool,
        /// What the rows are: axis, age_band, gender, participant_type, residence, territory, channel, state, language, day.
        #[arg(long)]
        rows: Dimension,
        /// What the columns are.
        #[arg(long)]
        columns: Option<Dimension>,
    },
}

/// Of what, in which form, to where.
#[derive(Debug, Args)]
pub struct Target {
    /// The slug of the consultation.
    #[arg(long)]
    consultation: String,
    /// The form: csv, xlsx, json, ndjson or parquet.
    #[arg(long, default_value = "csv")]
    format: Format,
    /// The file, or - for standard output.
    #[arg(long, default_value = "-")]
    output: PathBuf,
    /// Start CSV with a byte order mark, which Excel needs to read Arabic.
    #[arg(long)]
    bom: bool,
    /// The language of a spreadsheet, ar or fr: its direction and its dictionary.
    #[arg(long, default_value = "ar")]
    language: Language,
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
            Self::Proposals(target) => target.write(store, Dataset::Proposals, None).await,
            Self::Decisions(target) => target.write(store, Dataset::Decisions, None).await,
            Self::Drafts(target) => target.write(store, Dataset::Drafts, None).await,
            Self::Statistics { target, edition } => target.write(store, Dataset::Statistics, edition).await,
            Self::Counts { consultation, output, bom, rows, columns } => {
                let crosses = columns.is_none_or(|columns| rows.crosses(columns));
                anyhow::ensure!(crosses, "rows and columns must differ, and only one of them may be days or weeks");
                let consultation = find(&store, &consultation).await?;
                let now = Clock::System.now();
                let snapshot = store::tally::Snapshot::take(&store, consultation.row.id).await?;
                let counts = store::statistics::by(&snapshot, &consultation, rows, columns, now).await?;
                let mut output = Output::open(&output)?;
                output.writer.write_all(&export::counts::file(rows, columns, &counts, now, bom))?;
                output.finish()
            }
        }
    }
}

impl Target {
    async fn write(self, store: Store, dataset: Dataset, edition: Option<i64>) -> anyhow::Result<()> {
        let consultation = Arc::new(find(&store, &self.consultation).await?);
        let edition = match dataset {
            Dataset::Statistics => {
                let found = edition::find(&store, &consultation, edition).await?;
                Some(Arc::new(found.context("no such edition has been published")?))
            }
            _ => None,
        };
        let options = Options { bom: self.bom, language: self.language };
        let mut output = Output::open(&self.output)?;
        let mut file = dataset::file(Source::new(store, consultation, dataset, edition), self.format, options);
        while let Some(piece) = file.next().await {
            output.writer.write_all(&piece?)?;
        }
        output.finish()
    }
}

async fn find(store: &Store, slug: &str) -> anyhow::Result<Consultation> {
    let found = store::consultation::by_slug(store.read(), slug).await?;
    found.with_context(|| format!("no consultation is called {slug}"))
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
