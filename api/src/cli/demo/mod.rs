//! `tachawor demo`: the region's real ideas in an embedded database, ready to try.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use domain::permission::Role;

use crate::{
    application::Application,
    clock::Clock,
    config::{self, Config, SecretKey},
    localised::Localised,
    random,
    store::{
        Store,
        demo::{Owner, owner},
    },
};

mod data;
mod seed;

/// The password of every demonstration account: everybody may know it, because nobody's data is behind it.
pub const PASSWORD: &str = "une region a l ecoute";

/// A demonstration account.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DemoAccount {
    pub email: &'static str,
    pub name: &'static str,
    pub role: Role,
}

/// One account a role, and two coordinators because ratifying takes two signatures.
pub const ACCOUNTS: [DemoAccount; 5] = [
    DemoAccount { email: "moderator@example.org", name: "سلمى (عضو اللجنة)", role: Role::Moderator },
    DemoAccount { email: "coordinator@example.org", name: "ياسين (منسق)", role: Role::Coordinator },
    DemoAccount { email: "coordinator2@example.org", name: "نادية (منسقة)", role: Role::Coordinator },
    DemoAccount { email: "analyst@example.org", name: "هند (محللة)", role: Role::Analyst },
    DemoAccount { email: "administrator@example.org", name: "كريم (مسؤول)", role: Role::Administrator },
];

/// What of the demonstration is invented, for the screen.
#[must_use]
pub fn notice() -> Localised {
    // a test reads the file, so that it cannot be broken in a program that was built
    data::consultation().map(|file| file.demo_notice).unwrap_or_default()
}

/// Migrate, load the demonstration into an empty database, and serve it.
///
/// Options come before the environment, the environment before the defaults. Starting again keeps the data.
#[derive(Debug, Args)]
pub struct Demo {
    /// sqlite://path/to/file.db or postgres://...; sqlite://data/tachawor.db if nothing else is said.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The built frontend; frontend/build if that is there.
    #[arg(long = "static", value_name = "DIR")]
    static_dir: Option<PathBuf>,
    /// The address to listen on; 127.0.0.1:8080 if nothing else is said.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where mail goes: file:folder, smtp://... or memory; file:data/mail if nothing else is said.
    #[arg(long, value_name = "WHERE")]
    mail: Option<String>,
    /// Forget everything in the database and load the demonstration anew; refused if it holds anything else.
    #[arg(long)]
    reset: bool,
}

impl Demo {
    /// Serves until a signal stops it.
    ///
    /// # Errors
    /// It could not start.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.config()?;
        super::log(&config);
        prepare(&config, self.reset, &Clock::System).await?;
        let ip = config.listen.ip();
        let application = Application::build(config, Clock::System).await?;
        println!("The demonstration is at http://{}", SocketAddr::new(ip, application.port()));
        Ok(application.run().await?)
    }

    fn config(&self) -> anyhow::Result<Config> {
        let folder = self.database.clone().or_else(|| config::variable("TACHAWOR_DATABASE_URL"));
        let folder =
            folder.as_deref().and_then(|url| url.strip_prefix("sqlite://")).and_then(|path| Path::new(path).parent());
        let folder = folder.unwrap_or(Path::new("data")).to_owned();
        let secret_key = match config::variable("TACHAWOR_SECRET_KEY") {
            Some(key) => key,
            None => own_secret_key(&folder)?,
        };
        let built = Path::new("frontend/build");
        Ok(Config::from_variables(|name| {
            let option = match name {
                "TACHAWOR_DATABASE_URL" => self.database.clone(),
                "TACHAWOR_STATIC_DIR" => self.static_dir.as_ref().map(|folder| folder.display().to_string()),
                "TACHAWOR_LISTEN" => self.listen.map(|address| address.to_string()),
                "TACHAWOR_MAIL" => self.mail.clone(),
                "TACHAWOR_SECRET_KEY" => Some(secret_key.clone()),
                "TACHAWOR_DEMO" => Some("true".into()),
                _ => None,
            };
            let default = || match name {
                "TACHAWOR_STATIC_DIR" if built.join("200.html").exists() => Some(built.display().to_string()),
                "TACHAWOR_LOG" => Some("warn".into()),
                _ => None,
            };
            option.or_else(|| config::variable(name)).or_else(default)
        })?)
    }
}

/// Brings the schema up to date, and loads the demonstration if nothing is there.
///
/// # Errors
/// The database cannot be used, or is somebody's.
pub async fn prepare(config: &Config, reset: bool, clock: &Clock) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    store.migrate().await?;
    let mut found = owner(store.read()).await?;
    // everybody knows the demonstration's passwords, and --reset forgets everything
    ensure!(
        found != Owner::Real,
        "this database holds more than the demonstration: it stays as it is (tachawor serve serves it)"
    );
    if found == Owner::Unfinished || (reset && found != Owner::Empty) {
        store.migrate_down(None).await?;
        store.migrate().await?;
        found = owner(store.read()).await?;
    }
    match found {
        Owner::Empty => seed::seed(&store, config, clock.now()).await.context("the demonstration"),
        Owner::Demo => Ok(()),
        Owner::Unfinished | Owner::Real => bail!("the database could not be emptied"),
    }
}

/// The key of this demonstration, made at its first start: receipts stay valid from start to start.
fn own_secret_key(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join("secret.key");
    let named = || path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(hex) => {
            ensure!(SecretKey::from_hex(&hex).is_some(), "{}: expected 64 hexadecimal digits", named());
            return Ok(hex.trim().to_owned());
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).with_context(named),
        Err(_) => {}
    }
    if !folder.as_os_str().is_empty() {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let hex = SecretKey::from_bytes(random::bytes()?).to_hex();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path).and_then(|mut file| file.write_all(hex.as_bytes())).with_context(named)?;
    Ok(hex)
}
