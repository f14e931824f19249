//! A copy of the whole database in one file, and the way back. SQLite's here; PostgreSQL's own programs make its.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Error, ErrorKind},
    path::{Path, PathBuf},
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
    sqlx::sqlite::SqliteSynchronous,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::store::{Store, files};

/// Why there is no copy, or no database made of one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbErr),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is there and is no sound database.
    #[error("{0} is not a sound database: {1}")]
    Unsound(PathBuf, String),
}

/// How much there is of what must not be lost, to compare before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Proposals.
    pub proposals: i64,
    /// Steps of their paths.
    pub steps: i64,
    /// Accounts.
    pub accounts: i64,
    /// Mails that are still to be sent.
    pub mails: i64,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { proposals, steps, accounts, mails } = self;
        write!(f, "{proposals} proposals with {steps} steps, {accounts} accounts, {mails} mails to send")
    }
}

/// Counts.
///
/// # Errors
/// The database failed.
pub async fn counts(store: &Store) -> Result<Counts, DbErr> {
    let sql = "SELECT (SELECT count(*) FROM proposal), (SELECT count(*) FROM proposal_event), \
               (SELECT count(*) FROM account), (SELECT count(*) FROM outbox WHERE next_attempt_at IS NOT NULL)";
    let db = store.read();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("counts".into()))?;
    let [proposals, steps, accounts, mails] = [0, 1, 2, 3].map(|place| row.try_get_by_index(place));
    Ok(Counts { proposals: proposals?, steps: steps?, accounts: accounts?, mails: mails? })
}

/// Whether a PostgreSQL database holds no table yet.
///
/// # Errors
/// The database failed.
pub async fn is_empty(store: &Store) -> Result<bool, DbErr> {
    let sql = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let row = store.read().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()? == Some(0))
}

/// The file behind a database's URL, if it is SQLite.
#[must_use]
pub fn sqlite_path(url: &SecretString) -> Option<PathBuf> {
    let path = url.expose_secret().strip_prefix("sqlite://")?;
    Some(path.split('?').next().unwrap_or(path).into())
}

/// Writes a copy of the SQLite database at `source` as it is at one moment, while others go on reading and writing.
/// When this returns `Ok`, `target` is on the disk, whole and checked; nothing that was there is overwritten.
///
/// # Errors
/// `target` exists, or a file or the database failed; there is no `target` then.
pub async fn copy_out(source: &Path, target: &Path) -> Result<(), BackupError> {
    let part = Part::make(target)?;
    let db = open(source, "rw").await?;
    let text = part.path.to_string_lossy().into_owned();
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO $1", [text.into()]);
    db.execute_raw(copy).await?;
    db.close().await?;
    check(&part.path).await?;
    part.become_target()
}

/// Makes `target` out of a copy that [`copy_out`] wrote.
///
/// # Errors
/// `target` exists, `source` is not a sound database, or a file failed; there is no `target` then.
pub async fn copy_in(source: &Path, target: &Path) -> Result<(), BackupError> {
    // what stands in a log of its own would be mixed into the restored file
    for ending in ["-wal", "-shm", "-journal"] {
        let mut beside = target.as_os_str().to_owned();
        beside.push(ending);
        refuse_existing(Path::new(&beside))?;
    }
    check(source).await?;
    let part = Part::make(target)?;
    let at = |error| BackupError::File { path: source.to_owned(), error };
    io::copy(&mut File::open(source).map_err(at)?, &mut part.open()?).map_err(at)?;
    part.become_target()
}

/// The folder of photos that belongs to a backup's file.
#[must_use]
pub fn photos_beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".attachments");
    path.into()
}

/// Refuses a folder of photos that has anything in it.
///
/// # Errors
/// It has, or it cannot be looked into.
pub fn refuse_photos(folder: &Path) -> Result<(), BackupError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => refuse_existing(folder),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::File { path: folder.to_owned(), error }),
    }
}

/// Copies photos from one folder into another, which is made; answers how many. After the database: a photo that comes
/// meanwhile is one that the copy of the database does not know, and one that goes was erased.
///
/// # Errors
/// A file failed.
pub fn copy_photos(source: &Path, target: &Path) -> Result<u64, BackupError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::File { path, error }
    };
    let entries = match fs::read_dir(source) {
        Ok(entries) => entries,
        // there never was one
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(at(source)(error)),
    };
    files::make_folder(target).map_err(at(target))?;
    let mut count = 0;
    for entry in entries {
        let entry = entry.map_err(at(source))?;
        // what is still being written has another kind of name
        if !entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_hexdigit) {
            continue;
        }
        let copy = target.join(entry.file_name());
        match fs::copy(entry.path(), &copy) {
            Ok(_) => File::open(&copy).and_then(|file| file.sync_all()).map_err(at(&copy))?,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(at(&copy)(error)),
        }
        count += 1;
    }
    File::open(target).and_then(|folder| folder.sync_all()).map_err(at(target))?;
    Ok(count)
}

/// Reads every page and every index of the file.
async fn check(path: &Path) -> Result<(), BackupError> {
    let unsound = |error: String| BackupError::Unsound(path.to_owned(), error);
    let db = open(path, "ro").await.map_err(|error| unsound(error.to_string()))?;
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check")).await;
    let rows = rows.map_err(|error| unsound(error.to_string()))?;
    db.close().await?;
    let said: String = rows.first().map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    if said == "ok" { Ok(()) } else { Err(unsound(said)) }
}

/// Unlike the store's connections this one changes nothing about the file: it keeps the mode it has.
async fn open(path: &Path, mode: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode={mode}", path.display()));
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.synchronous(SqliteSynchronous::Full));
    Database::connect(options).await
}

/// A file that is not finished: beside its target, readable by its owner alone, gone if it never becomes the target.
pub struct Part {
    /// Where it is written.
    pub path: PathBuf,
    target: PathBuf,
}

impl Part {
    /// Makes an empty one.
    ///
    /// # Errors
    /// The target exists, or its folder cannot be written.
    pub fn make(target: &Path) -> Result<Self, BackupError> {
        refuse_existing(target)?;
        let mut path = target.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| BackupError::File { path: folder.to_owned(), error })?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|error| BackupError::File { path: path.clone(), error })?;
        Ok(Self { path, target: target.to_owned() })
    }

    fn open(&self) -> Result<File, BackupError> {
        let opened = OpenOptions::new().write(true).open(&self.path);
        opened.map_err(|error| BackupError::File { path: self.path.clone(), error })
    }

    /// Waits for the disk and gives it its name, unless somebody else has taken that meanwhile.
    ///
    /// # Errors
    /// A file failed.
    pub fn become_target(self) -> Result<(), BackupError> {
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // a link is refused where a rename would overwrite
        let done = self
            .open()?
            .sync_all()
            .and_then(|()| fs::hard_link(&self.path, &self.target))
            .and_then(|()| File::open(folder)?.sync_all());
        done.map_err(|error| BackupError::File { path: self.target.clone(), error })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::File { path: path.to_owned(), error }),
        Ok(_) => Err(BackupError::File {
            path: path.to_owned(),
            error: Error::new(ErrorKind::AlreadyExists, "is there already, and is not overwritten"),
        }),
    }
}
