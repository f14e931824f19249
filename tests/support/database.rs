//! A database of its own for every test, without paying for a migration each time.
//!
//! SQLite: a copy of one file that was migrated and seeded once. PostgreSQL: a database made from such a template;
//! making and dropping one costs a checkpoint, so a database whose test went well is emptied and given to the next.

use std::{
    process::{Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use api::store::Store;
use sea_orm::{ConnectionTrait as _, Database as Connection};
use tokio::sync::OnceCell;

use super::sample;

/// Where the data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A seeded database that nobody else uses.
pub struct Database {
    /// How to connect.
    pub url: String,
    name: String,
    /// Removed when dropped.
    folder: Option<tempfile::TempDir>,
}

impl Database {
    /// Takes one.
    pub async fn take(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("tachawor.db");
                std::fs::write(&path, sqlite_template().await).unwrap();
                Self { url: format!("sqlite://{}", path.display()), name: String::new(), folder: Some(folder) }
            }
            Engine::Postgres => {
                let name = postgres_database().await;
                Self { url: postgres_url(&name), name, folder: None }
            }
        }
    }

    /// One that somebody else made and removes.
    pub fn at(url: String) -> Self {
        Self { url, name: String::new(), folder: None }
    }

    /// A place for one: a file that does not exist, or a database without tables.
    pub async fn nothing(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self {
                    url: format!("sqlite://{}/new.db", folder.path().display()),
                    name: String::new(),
                    folder: Some(folder),
                }
            }
            Engine::Postgres => {
                static NUMBER: AtomicUsize = AtomicUsize::new(0);
                let name = format!("{}_new_{}", postgres_template().await, NUMBER.fetch_add(1, Ordering::Relaxed));
                as_admin(&format!("CREATE DATABASE {name}")).await;
                Self { url: postgres_url(&name), name: String::new(), folder: None }
            }
        }
    }

    /// Which engine it is on.
    pub fn engine(&self) -> Engine {
        if self.folder.is_some() { Engine::Sqlite } else { Engine::Postgres }
    }

    /// Gives it back, so that another test can have it.
    pub fn give_back(self) {
        if self.folder.is_none() && !self.name.is_empty() {
            FREE.lock().unwrap_or_else(PoisonError::into_inner).push(self.name);
        }
    }
}

async fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(async || {
            let folder = tempfile::tempdir().unwrap();
            let path = |name| folder.path().join(name).display().to_string();
            let store = Store::connect(&format!("sqlite://{}", path("made.db")).into()).await.unwrap();
            store.migrate().await.unwrap();
            sample::seed(&store).await;
            // one complete file, whatever still stands in the write-ahead log
            store.read().execute_unprepared(&format!("VACUUM INTO '{}'", path("copy.db"))).await.unwrap();
            std::fs::read(folder.path().join("copy.db")).unwrap()
        })
        .await
}

/// Databases whose test has ended well.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

async fn postgres_database() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let template = postgres_template().await;
    let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let Some(name) = free else {
        let name = format!("{template}_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        as_admin(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        return name;
    };
    let store = Store::connect(&postgres_url(&name).into()).await.unwrap();
    store.read().execute_unprepared(EMPTY).await.unwrap();
    sample::seed(&store).await;
    store.read().close_by_ref().await.unwrap();
    name
}

/// Forgets every row and starts every number again, as if freshly migrated. As a replica, on which the triggers that
/// keep a ledger from being emptied do not fire.
const EMPTY: &str = "DO $$ BEGIN PERFORM set_config('session_replication_role', 'replica', true); EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY CASCADE'
    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'); END $$";

/// The template's name, which starts the name of every database of this process.
async fn postgres_template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(async || {
            let unique: String = api::random::bytes::<5>().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
            let name = format!("tachawor_it_{unique}");
            leave_to_janitor(&name);
            as_admin(&format!("CREATE DATABASE {name}")).await;
            let store = Store::connect(&postgres_url(&name).into()).await.unwrap();
            store.migrate().await.unwrap();
            sample::seed(&store).await;
            // a template must have no connection
            store.read().close_by_ref().await.unwrap();
            name
        })
        .await
}

fn server_url() -> String {
    api::config::variable("TACHAWOR_TEST_POSTGRES_URL")
        .unwrap_or_else(|| "postgres://postgres@127.0.0.1:5432/postgres".into())
}

fn postgres_url(database: &str) -> String {
    format!("{}/{database}", server_url().rsplit_once('/').expect("a PostgreSQL URL ends with /database").0)
}

async fn as_admin(sql: &str) {
    let admin =
        Connection::connect(server_url()).await.expect("PostgreSQL does not answer: set TACHAWOR_TEST_POSTGRES_URL");
    admin.execute_unprepared(sql).await.unwrap();
    admin.close().await.unwrap();
}

/// Starts a process that waits for this one to end, however it ends, and then drops its databases.
fn leave_to_janitor(prefix: &str) {
    let janitor = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "support::database::janitor", "--ignored"])
        .env("TACHAWOR_TEST_JANITOR", prefix)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // its end of the pipe must stay open as long as this process lives
    std::mem::forget(janitor);
}

#[actix_web::test]
#[ignore = "not a test: what cleans up after a run"]
async fn janitor() {
    let Some(prefix) = api::config::variable("TACHAWOR_TEST_JANITOR") else { return };
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    let admin = Connection::connect(server_url()).await.unwrap();
    let sql = format!("SELECT datname::text AS name FROM pg_database WHERE starts_with(datname, '{prefix}')");
    let rows = admin.query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await.unwrap();
    for row in rows {
        let name: String = row.try_get("", "name").unwrap();
        admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
}
