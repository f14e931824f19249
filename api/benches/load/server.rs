//! What is measured: a database with rows, the product and the limit, each in a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use api::{
    auth::{cookie, password::Passwords},
    clock::Clock,
    store::{self, Store},
};
use domain::permission::{Role, Scope};
use sea_orm::{ConnectionTrait as _, Database as Driver, Statement};
use tempfile::{NamedTempFile, TempDir};

use crate::{client::Connection, limit::PASSWORD, rows};

/// The address of the only account.
pub const EMAIL: &str = "amina@example.org";
/// Keys the receipt codes.
const SECRET_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Where the data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What a filled database holds.
pub struct Filled {
    /// Of a coordinator, who may do everything that is measured.
    pub cookie: String,
    /// The numbers of some public proposals.
    pub public: Vec<i64>,
}

/// A database of our own.
pub struct Database {
    /// How to connect.
    pub url: String,
    /// What to drop.
    name: String,
    /// Removed when dropped.
    _folder: TempDir,
}

fn postgres_url() -> String {
    api::config::variable("TACHAWOR_TEST_POSTGRES_URL")
        .expect("TACHAWOR_TEST_POSTGRES_URL is not set; `make bench` sets it")
}

async fn as_admin(sql: &str) {
    let admin = Driver::connect(postgres_url()).await.unwrap();
    admin.execute_unprepared(sql).await.unwrap();
    admin.close().await.unwrap();
}

impl Database {
    /// Makes an empty one.
    pub async fn make(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (url, name) = match engine {
            Engine::Sqlite => (format!("sqlite://{}", folder.path().join("bench.db").display()), String::new()),
            Engine::Postgres => {
                let name = format!("tachawor_bench_{}", std::process::id());
                as_admin(&format!("CREATE DATABASE {name}")).await;
                let server = postgres_url();
                (format!("{}/{name}", server.rsplit_once('/').expect("a PostgreSQL URL ends with /database").0), name)
            }
        };
        Self { url, name, _folder: folder }
    }

    /// Migrates and fills it.
    pub async fn fill(&self, rows: i64) -> Filled {
        let store = Store::connect(&self.url.as_str().into()).await.unwrap();
        store.migrate().await.unwrap();
        let now = Clock::System.now();
        let (token, token_hash) = cookie::fresh_token().unwrap();
        let account = store::account::New {
            email: EMAIL.into(),
            name: "Amina".into(),
            role: Role::Coordinator,
            scope: Scope::default(),
            password_hash: Passwords::default().hash(PASSWORD.into()).await.unwrap(),
            language: domain::vocabulary::Language::Ar,
        };
        let tx = store.write().await.unwrap();
        store::consultation::insert(&tx, rows::consultation(now), now).await.unwrap();
        let account = store::account::insert(&tx, account, now).await.unwrap().unwrap();
        store::second_factor::enrol(&tx, account.id, b"load".to_vec(), 0).await.unwrap();
        let session = store::session::New {
            token_hash,
            account_id: account.id,
            handle: "load".into(),
            device: String::new(),
            second_factor: true,
        };
        store::session::insert(&tx, session, now).await.unwrap();
        tx.commit().await.unwrap();
        rows::fill(&store, rows).await;
        let some = Statement::from_string(
            store.read().get_database_backend(),
            "SELECT id FROM proposal WHERE public AND id % 7 = 0 ORDER BY id LIMIT 5000",
        );
        let public = store.read().query_all_raw(some).await.unwrap();
        let public = public.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        store.read().close_by_ref().await.unwrap();
        Filled { cookie: format!("tachawor={token}"), public }
    }

    /// Leaves nothing behind.
    pub async fn remove(self) {
        if !self.name.is_empty() {
            as_admin(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        }
    }
}

/// A process that ends with this value.
pub struct Server {
    process: Child,
    /// Where it answers, on this machine.
    pub port: u16,
    /// What it said, told if something goes wrong.
    log: Option<NamedTempFile>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking()
            && let Some(log) = &self.log
        {
            eprintln!("{}", std::fs::read_to_string(log).unwrap_or_default());
        }
    }
}

impl Server {
    /// Starts the product as an installation runs it, but for the mail: nobody works the outbox meanwhile.
    pub fn product(url: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = NamedTempFile::new().unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_tachawor"))
            .arg("serve")
            .env("TACHAWOR_DATABASE_URL", url)
            .env("TACHAWOR_LISTEN", format!("127.0.0.1:{port}"))
            .env("TACHAWOR_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
            .env("TACHAWOR_SECRET_KEY", SECRET_KEY)
            .env("TACHAWOR_MAIL", "memory")
            .env("TACHAWOR_WORKER", "false")
            // all of the load comes from one address
            .env("TACHAWOR_LIMITS", "false")
            .stdout(Stdio::null())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        Self { process, port, log: Some(log) }
    }

    /// Starts the limit: this program with another first argument.
    pub fn limit(url: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--serve-limit", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the limit says its port");
        Self { process, port, log: None }
    }

    /// Waits until it answers a request with 200; answers how long that took.
    pub async fn first_answer(&self, request: &[u8]) -> Duration {
        let start = Instant::now();
        loop {
            if let Ok(mut connection) = Connection::open(self.port).await
                && matches!(connection.exchange(request).await, Ok(200))
            {
                return start.elapsed();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "the server does not answer");
            actix_web::rt::time::sleep(Duration::from_micros(500)).await;
        }
    }

    /// The memory that is its own and no file's, in MiB. Pages of a mapped database are the kernel's to take back.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kib.map_or(f64::NAN, |kib: f64| kib / 1024.0)
    }
}
