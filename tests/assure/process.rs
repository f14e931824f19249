//! The program as an operator runs it, people who use it, and a journal of what it acknowledged to them.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::consultation::Window;
use tokio::sync::Notify;

use crate::support::{
    app::{SECRET_KEY, photos_of},
    database::Database,
    sample, *,
};

/// A process that is killed at the latest when it is dropped.
pub struct Process {
    pub child: Child,
    pub port: u16,
}

impl Process {
    /// Starts `tachawor COMMAND` and waits until it says that it works.
    pub fn start(command: &str, url: &str, port: u16, settings: &[(&str, &str)]) -> Self {
        Self::wrapped(Command::new(env!("CARGO_BIN_EXE_tachawor")).arg(command), url, port, settings)
    }

    /// The same by a command line that ends in it.
    pub fn wrapped(command: &mut Command, url: &str, port: u16, settings: &[(&str, &str)]) -> Self {
        let mut child = command
            .env("TACHAWOR_DATABASE_URL", url)
            .env("TACHAWOR_LISTEN", format!("127.0.0.1:{port}"))
            .env("TACHAWOR_SECRET_KEY", SECRET_KEY)
            .env("TACHAWOR_ATTACHMENTS", format!("file:{}", photos_of(url).display()))
            .env("TACHAWOR_MAIL", "memory")
            .env("TACHAWOR_WORKER", "false")
            .env("TACHAWOR_LIMITS", "false")
            .env("TACHAWOR_LOG", "off")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("Tachawor"), "{line}");
        Self { child, port }
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; answers how long it took to end.
    pub async fn stop(mut self) -> Duration {
        let start = Instant::now();
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        actix_web::web::block(move || self.child.wait()).await.unwrap().unwrap();
        start.elapsed()
    }

    /// Its own memory in MiB.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// How long until `/health/ready` says yes.
    pub async fn ready(&self) -> Duration {
        let (start, http) = (Instant::now(), client());
        let url = format!("http://127.0.0.1:{}/health/ready", self.port);
        while !http.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) {
            assert!(start.elapsed() < Duration::from_secs(30), "never ready");
            pause().await;
        }
        start.elapsed()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands between two looks at something that has no way to tell us.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A client without connections of old.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(40)).build().unwrap()
}

/// Opens the consultation `always`: the real program asks the real clock.
pub async fn open_always(url: &str) {
    let store = api::store::Store::connect(&url.into()).await.unwrap();
    let tx = store.write().await.unwrap();
    let year_ago = api::clock::Clock::System.now() - TimeDelta::days(365);
    let window = Window::new(year_ago, year_ago + TimeDelta::days(3650)).unwrap();
    let always = api::store::consultation::New { window, ..sample::consultation("always") };
    api::store::consultation::insert(&tx, always, sample::instant(START)).await.unwrap();
    tx.commit().await.unwrap();
    store.read().close_by_ref().await.unwrap();
}

/// A database with that consultation.
pub async fn always(engine: Engine) -> Database {
    let database = Database::take(engine).await;
    open_always(&database.url).await;
    database
}

/// What was sent, and what was acknowledged.
#[derive(Default)]
pub struct Journal {
    sent: AtomicUsize,
    receipts: Mutex<Vec<(String, usize)>>,
    news: Notify,
    over: AtomicBool,
}

impl Journal {
    pub fn count(&self) -> usize {
        self.receipts.lock().unwrap().len()
    }

    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Waits until so many are acknowledged.
    pub async fn reach(&self, enough: usize) {
        let reached = tokio::time::timeout(Duration::from_secs(60), async {
            while self.count() < enough {
                self.news.notified().await;
            }
        });
        reached.await.expect("submissions are acknowledged");
    }

    /// Submits one proposal after the other until the server is gone, or, if `stubborn`, until the journal is ended:
    /// then each is repeated with its key, at one server after the other, until it is acknowledged.
    pub fn people(
        self: &Arc<Self>,
        number: usize,
        ports: &[u16],
        stubborn: bool,
    ) -> Vec<actix_web::rt::task::JoinHandle<()>> {
        let http = client();
        let person = || {
            let (journal, http, ports) = (self.clone(), http.clone(), ports.to_owned());
            actix_web::rt::spawn(journal.submit(http, ports, stubborn))
        };
        (0..number).map(|_| person()).collect()
    }

    async fn submit(self: Arc<Self>, http: reqwest::Client, ports: Vec<u16>, stubborn: bool) {
        while !self.over.load(Ordering::Relaxed) {
            let number = self.sent.fetch_add(1, Ordering::Relaxed);
            let body = proposal(json!({"title": format!("Proposition {number}"), "email": "amina@example.org"}));
            for attempt in number.. {
                let url =
                    format!("http://127.0.0.1:{}/api/v1/consultations/always/proposals", ports[attempt % ports.len()]);
                let request =
                    http.post(&url).header("idempotency-key", format!("a-key-for-request-{number}")).json(&body);
                let answer = match request.send().await {
                    // an answer that was cut off acknowledges nothing
                    Ok(answer) => Some((answer.status().as_u16(), answer.json::<Value>().await)),
                    Err(_) => None,
                };
                match answer {
                    Some((201 | 200, Ok(receipt))) => {
                        let reference = receipt["reference"].as_str().unwrap().to_owned();
                        self.receipts.lock().unwrap().push((reference, number));
                        self.news.notify_one();
                        break;
                    }
                    Some((status, Ok(problem))) if status != 503 => panic!("{status} {problem}"),
                    _ if stubborn => pause().await,
                    _ => return,
                }
            }
        }
    }

    /// Compares the journal with the database.
    pub async fn compare(&self, app: &App, id: &str) {
        if app.engine() == Engine::Sqlite {
            let check = app.texts("PRAGMA integrity_check").await;
            figure(id, "integrity", &check[0], "ok", check == ["ok"]);
            assert_eq!(app.count("SELECT count(*) FROM pragma_foreign_key_check").await, 0);
        }
        let ids = app.texts("SELECT CAST(id AS TEXT) || ' ' || title FROM proposal").await;
        let stored: std::collections::BTreeMap<usize, &str> = ids
            .iter()
            .map(|row| row.split_once(' ').unwrap())
            .map(|(id, title)| (id.parse().unwrap(), title))
            .collect();
        let receipts = self.receipts.lock().unwrap().clone();
        let lost = receipts.iter().filter(|(reference, number)| {
            let id: usize = reference.rsplit('-').next().unwrap().parse().unwrap();
            stored.get(&id).copied() != Some(format!("Proposition {number}").as_str())
        });
        let lost = lost.count();
        figure(id, "acknowledged and lost", format!("{lost} of {}", receipts.len()), "0", lost == 0);
        assert!(stored.len() <= self.sent.load(Ordering::Relaxed));
        let mut torn = vec![
            ("stored twice", "SELECT count(*) - count(DISTINCT title) FROM proposal"),
            (
                "without its step",
                "SELECT count(*) FROM proposal WHERE id NOT IN (SELECT proposal_id FROM proposal_event WHERE edge = 'submit')",
            ),
            ("without its mail", "SELECT (SELECT count(*) FROM proposal) - (SELECT count(*) FROM outbox)"),
            ("without its key", "SELECT count(*) FROM proposal WHERE id NOT IN (SELECT proposal_id FROM idempotency)"),
            ("a key without it", "SELECT count(*) FROM idempotency WHERE proposal_id IS NULL"),
        ];
        if app.engine() == Engine::Sqlite {
            torn.push((
                "that no search finds",
                "SELECT count(*) FROM proposal WHERE id NOT IN (SELECT rowid FROM proposal_search)",
            ));
        }
        for (what, sql) in torn {
            let count = app.count(sql).await;
            figure(id, what, count, "0", count == 0);
        }
    }
}

use super::figure;
