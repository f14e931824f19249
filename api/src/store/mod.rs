//! Where things are kept: the only module that names `sea_orm`. SQLite or PostgreSQL, by URL.
//!
//! Reads go through [`Store::read`]. Every write goes through [`Store::write`], which is the one path that
//! cannot fail with "database is locked": on SQLite there is a single writing connection whose transactions
//! start as `IMMEDIATE`, so writers queue in front of the database instead of colliding inside it.
//! Submissions take [`submission`], which lets those that wait together share one durable commit.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    RuntimeErr, SqlErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
    sea_query::LockType,
    sqlx,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use secrecy::{ExposeSecret as _, SecretString};

pub mod account;
pub mod approval;
pub mod attachment;
pub mod audit;
pub mod backup;
pub mod column;
pub mod consultation;
pub mod demo;
pub mod desk;
pub mod device;
pub mod draft;
pub mod edition;
pub mod entity;
pub mod erasure;
pub mod export;
pub mod export_file;
pub mod exported;
pub mod files;
pub mod import;
pub mod invitation;
pub mod ledger;
pub mod likeness;
pub mod limit;
pub mod list;
pub mod outbox;
pub mod proposal;
pub mod retention;
pub mod search;
pub mod second_factor;
pub mod session;
pub mod statistics;
pub mod submission;
pub mod tally;

pub use sea_orm::DbErr as StoreError;

/// How long a request may wait for a connection before it is told to come back (503).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long SQLite waits for another process (an import, a backup) to finish its transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// The share of the file SQLite may read as memory: measured at about half again the read rate.
const MMAP_BYTES: &str = "268435456";

/// The open database.
#[derive(Clone, Debug)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
    submissions: submission::Queue,
    consultations: consultation::Known,
    /// The file, if it is SQLite's.
    file: Option<String>,
}

/// A transaction that may write. Dropped without [`DatabaseTransaction::commit`], it never happened.
pub type WriteTx = DatabaseTransaction;

impl Store {
    /// Opens the database at `url`, creating the file (and its folder) if it is SQLite and absent.
    ///
    /// # Errors
    /// The database cannot be reached or opened.
    pub async fn connect(url: &SecretString) -> Result<Self, DbErr> {
        let url = url.expose_secret();
        if let Some(path) = url.strip_prefix("sqlite://") {
            let path = path.split('?').next().unwrap_or(path);
            if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(|error| DbErr::Custom(format!("{}: {error}", folder.display())))?;
            }
            let write = Database::connect(sqlite(path, 1, Duration::from_secs(60))).await?;
            let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
            let read = Database::connect(sqlite(path, u32::try_from(readers).unwrap_or(4), ACQUIRE_TIMEOUT)).await?;
            let submissions = submission::Queue::grouped(write.clone());
            return Ok(Self {
                submissions,
                read,
                write,
                consultations: consultation::Known::default(),
                file: Some(path.to_owned()),
            });
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(16)
            .min_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_timeout(ACQUIRE_TIMEOUT)
            // a dead connection shows at its first statement; asking before each use costs a round trip
            .test_before_acquire(false)
            // The default takes reading at random for four times as dear as reading in order, as it is on a disk that
            // turns. The planner then walks the whole backlog of proposals in order, to find a page of those that are
            // public, rather than use the index of the public ones: 25 ms instead of 0.05.
            .map_sqlx_postgres_opts(|postgres| postgres.options([("random_page_cost", "1.1")]))
            .sqlx_logging(false);
        let both = Database::connect(options).await?;
        let submissions = submission::Queue::direct(both.clone());
        Ok(Self {
            submissions,
            read: both.clone(),
            write: both,
            consultations: consultation::Known::default(),
            file: None,
        })
    }

    /// For reading; never write through it.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Starts the transaction of a write. On SQLite it waits for its turn.
    ///
    /// # Errors
    /// The database cannot be reached, or the turn did not come in time.
    pub async fn write(&self) -> Result<WriteTx, DbErr> {
        begin(&self.write).await
    }

    /// The way in for proposals of the public form.
    #[must_use]
    pub const fn submissions(&self) -> &submission::Queue {
        &self.submissions
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// A step failed; on PostgreSQL it was rolled back.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        use migration::MigratorTrait as _;
        migration::Migrator::up(&self.write, None).await?;
        ledger::adopt(self).await
    }

    /// Takes `steps` migrations back, all of them if `None`. Destroys data: for tests and emergencies.
    ///
    /// # Errors
    /// A step failed.
    pub async fn migrate_down(&self, steps: Option<u32>) -> Result<(), DbErr> {
        use migration::MigratorTrait as _;
        migration::Migrator::down(&self.write, steps).await
    }

    /// Whether the database answers and its schema is the one this program was built for.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn is_ready(&self) -> Result<bool, DbErr> {
        use migration::MigratorTrait as _;
        self.read.execute_unprepared("SELECT 1").await?;
        Ok(migration::Migrator::get_pending_migrations_read_only(&self.read).await?.is_empty())
    }

    /// Moves what stands in SQLite's log into the file and empties the log, by a connection of its own that gives up
    /// soon: it would hold up whoever writes for as long as somebody reads an older state. Answers whether it is empty.
    ///
    /// # Errors
    /// The file cannot be opened.
    async fn empty_log(&self) -> Result<bool, DbErr> {
        let Some(file) = &self.file else { return Ok(true) };
        let own = Database::connect(sqlite(file, 1, ACQUIRE_TIMEOUT)).await?;
        own.execute_unprepared("PRAGMA busy_timeout = 200").await?;
        let outcome = own.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)"));
        let busy: i32 = outcome.await?.map_or(Ok(1), |row| row.try_get("", "busy"))?;
        own.close().await?;
        Ok(busy == 0)
    }

    /// Which engine this is, for the few statements that differ.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.read.get_database_backend() == DbBackend::Postgres
    }
}

/// How strongly a row is locked that is about to be changed: as much as the change itself would, and no more. The
/// strongest lock would also stop rows that merely refer to it (a new proposal to its consultation), and whoever
/// waits for those in turn would wait for ever.
const FOR_CHANGE: LockType = LockType::NoKeyUpdate;

/// What a caller can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Come back: there was no connection or no room, or two transactions were in each other's way and this one
    /// gave in.
    TryAgain,
    /// Look again: somebody else was faster.
    Reload,
    /// Nothing: it is a fault of ours.
    Report,
}

/// What a caller can do about `error`.
#[must_use]
pub fn remedy(error: &DbErr) -> Remedy {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return Remedy::TryAgain;
    }
    if matches!(error, DbErr::RecordNotUpdated) || matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    {
        return Remedy::Reload;
    }
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return Remedy::Report;
    };
    match &**cause {
        // the connection broke under the statement
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Remedy::TryAgain,
        sqlx::Error::Database(cause) if cause.code().is_some_and(|code| passes(&code)) => Remedy::TryAgain,
        _ => Remedy::Report,
    }
}

/// Whether what an engine names by `code` is likely to be over soon: no fault of the statement.
fn passes(code: &str) -> bool {
    // SQLite's are small numbers whose lowest byte says what kind it is: busy, locked, an error of the disk, no room
    // on it, no file to be opened; PostgreSQL's are five characters
    if code.len() < 5 {
        return code.parse().is_ok_and(|code: u16| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14));
    }
    // no connection, two in each other's way, no room (on the disk, for a connection), an operator stops the server,
    // a server that only reads because another took over
    code.starts_with("08")
        || code.starts_with("53")
        || matches!(code, "40001" | "40P01" | "57P01" | "57P02" | "57P03" | "25006")
}

/// Lets every write to a proposal that is under way end, and none begin until the end of `tx`: for what must hold
/// for all proposals at once. SQLite's write transaction excludes every other anyway.
///
/// # Errors
/// The database failed.
pub async fn hold_proposals(tx: &WriteTx) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE proposal IN EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// `IMMEDIATE` takes SQLite's write lock at the start: a transaction that reads first and writes later
/// cannot then find that another one wrote in between. PostgreSQL ignores it.
async fn begin(connection: &DatabaseConnection) -> Result<WriteTx, DbErr> {
    connection
        .begin_with_options(TransactionOptions {
            isolation_level: None,
            access_mode: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        })
        .await
}

fn sqlite(path: &str, connections: u32, acquire_timeout: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(acquire_timeout)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                // an acknowledged submission must survive a power cut, not only a killed process
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                // what is erased is overwritten, not only given up for reuse
                .pragma("secure_delete", "ON")
                .pragma("mmap_size", MMAP_BYTES)
        });
    options
}
