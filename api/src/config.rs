//! Configuration by environment. Nothing else in the program reads the environment.
//!
//! A bad or missing value stops the start with the variable's name and what was expected; the value of a
//! secret is never part of a message. `.env.example` lists every variable.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use domain::{ledger::note::LogKey, text::EmailAddress, vocabulary::Language};
use ipnet::IpNet;
use secrecy::SecretString;

/// What went wrong with one variable.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: expected {expected}")]
pub struct ConfigError {
    variable: &'static str,
    expected: &'static str,
}

/// Everything that can differ between two installations.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the data is: `sqlite://path` or `postgres://...`; may hold a password.
    pub database_url: SecretString,
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The origin people type, without a path: cookies, links in mails and the cross-site check follow it.
    pub public_url: String,
    /// Keys the receipt codes and signs the ledger; without it nobody can make or guess one. A new one is another log.
    pub secret_key: SecretKey,
    /// The built frontend, if this process serves it.
    pub static_dir: Option<PathBuf>,
    /// Where photos are kept.
    pub attachments: FilePlace,
    /// Where mail goes.
    pub mail: MailTransport,
    /// Who is sent the ledger's newest checkpoint once a day: people outside the administration.
    pub witnesses: Vec<(String, Language)>,
    /// The sender of every mail, `Name <address>`.
    pub mail_from: String,
    /// Whether `serve` also works the outbox and the clock's deadlines.
    pub worker: bool,
    /// The networks of the proxies in front, whose word on where a request comes from is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the limits of `domain::limit` hold; off only for tests and measurements.
    pub limits: bool,
    /// A `tracing` filter such as `info,sqlx=warn`.
    pub log: String,
    /// One line of text or one JSON object per event.
    pub log_json: bool,
    /// Shows the demonstration's notice and its accounts.
    pub demo: bool,
}

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum FilePlace {
    /// A folder, which is made if it is absent.
    Folder(PathBuf),
    /// A bucket of S3 or of what speaks its language; may hold a key.
    #[cfg(feature = "s3")]
    Bucket(SecretString),
}

/// Where mail goes.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// One `.eml` file per mail in this folder.
    File(PathBuf),
    /// A server: `smtp://`, `smtps://`, with credentials if it wants them.
    Smtp(SecretString),
    /// Kept in memory, for tests.
    Memory,
}

/// Thirty-two secret bytes that never print.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Wraps bytes drawn by [`crate::random::bytes`].
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        blake3::Hash::from_hex(hex.trim()).ok().map(|hash| Self(*hash.as_bytes()))
    }

    /// The bytes as 64 hexadecimal digits, to be written to a file only the program reads.
    #[must_use]
    pub fn to_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// A keyed hash: nobody without the key can make or check one. `purpose` keeps uses apart.
    #[must_use]
    pub fn hash(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&(purpose.len() as u64).to_le_bytes());
        hasher.update(purpose.as_bytes());
        hasher.update(message);
        *hasher.finalize().as_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

const FILE_PLACES: &str = if cfg!(feature = "s3") {
    "file:folder or s3://bucket?region=..."
} else {
    "file:folder (s3://... needs a program built with the feature s3)"
};

fn file_place(place: &str) -> Option<FilePlace> {
    #[cfg(feature = "s3")]
    if place.strip_prefix("s3://").is_some_and(|rest| !rest.is_empty()) {
        return Some(FilePlace::Bucket(place.into()));
    }
    place.strip_prefix("file:").filter(|folder| !folder.is_empty()).map(|folder| FilePlace::Folder(folder.into()))
}

/// One variable of the environment, for a command that puts its options before it and its defaults behind it.
#[must_use]
pub fn variable(name: &'static str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the place the rule sends others to")]
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Addresses with their languages; Arabic where none is said.
fn witnesses(text: &str) -> Option<Vec<(String, Language)>> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let witness = |entry: &str| {
        let (language, address) = entry.split_once(':').unwrap_or(("ar", entry));
        Some((EmailAddress::parse(address).ok()?.folded(), language.parse().ok()?))
    };
    entries.map(witness).collect()
}

/// A network, or one address.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(variable)
    }

    /// Reads variables from anywhere; tests pass a table.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_variables(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let bad = |variable, expected| ConfigError { variable, expected };
        let flag = |variable, default| match get(variable).as_deref() {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(bad(variable, "true or false")),
        };

        let database_url = get("TACHAWOR_DATABASE_URL").unwrap_or_else(|| "sqlite://data/tachawor.db".into());
        if !(database_url.starts_with("sqlite://")
            || database_url.starts_with("postgres://")
            || database_url.starts_with("postgresql://"))
        {
            return Err(bad(
                "TACHAWOR_DATABASE_URL",
                "sqlite://path/to/file.db or postgres://user:password@host/database",
            ));
        }

        let listen = get("TACHAWOR_LISTEN")
            .unwrap_or_else(|| "127.0.0.1:8080".into())
            .parse()
            .map_err(|_| bad("TACHAWOR_LISTEN", "an address and a port, such as 127.0.0.1:8080"))?;

        let public_url = get("TACHAWOR_PUBLIC_URL").unwrap_or_else(|| format!("http://{listen}"));
        let public_url = public_url.trim_end_matches('/').to_owned();
        let host = public_url.strip_prefix("https://").or_else(|| public_url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
            return Err(bad("TACHAWOR_PUBLIC_URL", "an origin without a path, such as https://ouvert.example.ma"));
        }

        let secret_key = get("TACHAWOR_SECRET_KEY").and_then(|hex| SecretKey::from_hex(&hex)).ok_or_else(|| {
            bad("TACHAWOR_SECRET_KEY", "64 hexadecimal digits (make some with: openssl rand -hex 32)")
        })?;
        if secret_key.0.iter().all(|byte| *byte == secret_key.0[0]) {
            return Err(bad("TACHAWOR_SECRET_KEY", "64 random hexadecimal digits, not one byte repeated"));
        }

        // beside the database, so that who moves or copies the one finds the other
        let beside = database_url.strip_prefix("sqlite://").map(|path| path.split('?').next().unwrap_or(path));
        let beside = beside.and_then(|path| Path::new(path).parent()).unwrap_or(Path::new("data")).join("attachments");
        let attachments = match get("TACHAWOR_ATTACHMENTS") {
            None => FilePlace::Folder(beside),
            Some(place) => file_place(&place).ok_or_else(|| bad("TACHAWOR_ATTACHMENTS", FILE_PLACES))?,
        };

        let mail = get("TACHAWOR_MAIL").unwrap_or_else(|| "file:data/mail".into());
        let mail = if let Some(folder) = mail.strip_prefix("file:").filter(|folder| !folder.is_empty()) {
            MailTransport::File(folder.into())
        } else if mail.starts_with("smtp://") || mail.starts_with("smtps://") {
            MailTransport::Smtp(mail.into())
        } else if mail == "memory" {
            MailTransport::Memory
        } else {
            return Err(bad("TACHAWOR_MAIL", "file:folder, smtp://user:password@host:587, smtps://... or memory"));
        };

        let mail_from = get("TACHAWOR_MAIL_FROM").unwrap_or_else(|| "Tachawor <no-reply@localhost>".into());
        if mail_from.parse::<lettre::message::Mailbox>().is_err() {
            return Err(bad("TACHAWOR_MAIL_FROM", "a sender such as: Tachawor <no-reply@example.ma>"));
        }

        let witnesses = witnesses(&get("TACHAWOR_WITNESSES").unwrap_or_default()).ok_or_else(|| {
            bad("TACHAWOR_WITNESSES", "addresses, with ar: or fr: before each: ar:a@example.org, fr:b@example.org")
        })?;

        let trusted_proxies = get("TACHAWOR_TRUSTED_PROXIES").unwrap_or_default();
        let trusted_proxies = trusted_proxies
            .split(',')
            .map(str::trim)
            .filter(|network| !network.is_empty())
            .map(network)
            .collect::<Option<_>>();
        let trusted_proxies =
            trusted_proxies.ok_or_else(|| bad("TACHAWOR_TRUSTED_PROXIES", "networks such as 10.0.0.0/8, fd00::/8"))?;

        let log = get("TACHAWOR_LOG").unwrap_or_else(|| "info".into());
        if log.parse::<tracing_subscriber::filter::Targets>().is_err() {
            return Err(bad("TACHAWOR_LOG", "a filter such as info or info,sqlx=warn"));
        }
        let log_json = match get("TACHAWOR_LOG_FORMAT").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(_) => return Err(bad("TACHAWOR_LOG_FORMAT", "text or json")),
        };

        Ok(Self {
            database_url: database_url.into(),
            listen,
            public_url,
            secret_key,
            attachments,
            static_dir: get("TACHAWOR_STATIC_DIR").map(PathBuf::from),
            mail,
            witnesses,
            mail_from,
            worker: flag("TACHAWOR_WORKER", true)?,
            trusted_proxies,
            limits: flag("TACHAWOR_LIMITS", true)?,
            log,
            log_json,
            demo: flag("TACHAWOR_DEMO", false)?,
        })
    }

    /// What signs the public ledger: named after the installation, so that no other's checkpoints pass for its own.
    #[must_use]
    pub fn log_key(&self) -> LogKey {
        let host = self.public_url.split_once("://").map_or("", |(_, host)| host);
        LogKey::new(&format!("{host}/ledger"), &self.secret_key.hash("ledger key", b""))
    }

    /// What the rounding of published counts depends on: whoever had it could narrow down what was rounded.
    #[must_use]
    pub fn edition_key(&self) -> [u8; 32] {
        self.secret_key.hash("edition rounding", b"")
    }

    /// Whether people reach this installation over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
