//! `tachawor backup` and `tachawor restore`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::{
    cli::verify,
    config::{Config, FilePlace},
    store::{
        Store,
        backup::{self, Part},
    },
};

/// Write the whole database into one new file, while it is in use, and the photos into a folder beside it.
///
/// It holds everything, people's data too: only its owner may read it. Keep TACHAWOR_SECRET_KEY apart from it; without
/// the key nobody's receipt code works.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file; it must not exist.
    file: PathBuf,
}

/// Make the database, which must not exist or be empty, out of such a file.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file, made by `tachawor backup` from the same kind of database.
    file: PathBuf,
}

impl Backup {
    /// Writes it.
    ///
    /// # Errors
    /// The file exists, or something failed; there is no file then.
    pub async fn run(self) -> anyhow::Result<()> {
        let Config { database_url: url, attachments, .. } = Config::from_env()?;
        let beside = backup::photos_beside(&self.file);
        backup::refuse_photos(&beside)?;
        if let Some(path) = backup::sqlite_path(&url) {
            backup::copy_out(&path, &self.file).await?;
        } else {
            let part = Part::make(&self.file)?;
            let mut dump = program("pg_dump", &url)?;
            dump.args(["--format=custom", "--no-owner", "--no-privileges", "--no-password", "--file"]).arg(&part.path);
            run(dump)?;
            part.become_target()?;
        }
        if let Some(folder) = folder(&attachments)
            && let Err(error) = backup::copy_photos(folder, &beside)
        {
            // half a backup must not pass for one
            let _ = std::fs::remove_dir_all(&beside);
            let _ = std::fs::remove_file(&self.file);
            return Err(error.into());
        }
        println!("{}", self.file.display());
        Ok(())
    }
}

impl Restore {
    /// Makes it, and looks at what came of it.
    ///
    /// # Errors
    /// There is a database already, the file is not sound, or something failed.
    pub async fn run(self) -> anyhow::Result<()> {
        let Config { database_url: url, attachments, .. } = Config::from_env()?;
        if let Some(folder) = folder(&attachments) {
            backup::refuse_photos(folder)?;
        }
        if let Some(path) = backup::sqlite_path(&url) {
            backup::copy_in(&self.file, &path).await?;
        } else {
            ensure!(
                backup::is_empty(&Store::connect(&url).await?).await?,
                "the database has tables already, and is not overwritten"
            );
            let mut restore = program("pg_restore", &url)?;
            let name = Url::parse(url.expose_secret())?.path().trim_start_matches('/').to_owned();
            restore.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password"]);
            restore.arg("--dbname").arg(name).arg(absolute(&self.file)?);
            run(restore)?;
        }
        if let Some(folder) = folder(&attachments) {
            println!("Restored: {} photos.", backup::copy_photos(&backup::photos_beside(&self.file), folder)?);
        }
        look_at(&Store::connect(&url).await?).await
    }
}

/// A bucket has copies of its own.
fn folder(place: &FilePlace) -> Option<&Path> {
    match place {
        FilePlace::Folder(folder) => Some(folder),
        #[cfg(feature = "s3")]
        FilePlace::Bucket(_) => None,
    }
}

/// What a restored database must show before anybody relies on it.
async fn look_at(store: &Store) -> anyhow::Result<()> {
    println!("Restored: {}.", backup::counts(store).await?);
    if !store.is_ready().await? {
        println!(
            "The schema is older than this program: run `tachawor migrate`, then `tachawor reconcile`, before `tachawor serve`."
        );
        return Ok(());
    }
    verify::reconcile(store).await
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}

/// One of PostgreSQL's programs, told by its environment where the database is: arguments are everybody's to read,
/// and the URL may hold a password.
fn program(name: &str, url: &SecretString) -> anyhow::Result<Command> {
    let url = Url::parse(url.expose_secret()).context("TACHAWOR_DATABASE_URL")?;
    let mut command = Command::new(find(name));
    let decoded = |text: &str| {
        form_urlencoded::parse(format!("={}", text.replace('+', "%2B").replace('&', "%26")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let set = |command: &mut Command, variable: &str, value: &str| {
        if !value.is_empty() {
            command.env(variable, decoded(value));
        }
    };
    set(&mut command, "PGHOST", url.host_str().unwrap_or_default().trim_matches(['[', ']']));
    set(&mut command, "PGPORT", &url.port().map(|port| port.to_string()).unwrap_or_default());
    set(&mut command, "PGUSER", url.username());
    set(&mut command, "PGPASSWORD", url.password().unwrap_or_default());
    set(&mut command, "PGDATABASE", url.path().trim_start_matches('/'));
    for (key, value) in url.query_pairs() {
        let variable = match key.as_ref() {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" => "PGSSLROOTCERT",
            _ => continue,
        };
        command.env(variable, value.as_ref());
    }
    Ok(command)
}

/// The newest of that name that Debian keeps beside its server, else whatever the path finds.
fn find(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin").join(name)))
        })
        .filter(|(_, path)| path.exists())
        .max();
    newest.map_or_else(|| name.into(), |(_, path)| path)
}

fn run(mut command: Command) -> anyhow::Result<()> {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!("{name} failed: {status}"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "{name} is missing: install the package postgresql-client, of the server's version or newer, or run {name} \
             where the server is, as docs/backup.md shows"
        ),
        Err(error) => Err(error).context(name),
    }
}
