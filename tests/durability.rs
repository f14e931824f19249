//! What was acknowledged survives a `kill -9`, whole.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::consultation::Window;
use tokio::sync::Notify;

use crate::support::{app::SECRET_KEY, database::Database, sample, *};

/// How often the program is killed.
const CYCLES: usize = 50;
/// How many people submit at the same time.
const PEOPLE: usize = 6;

fn serve(url: &str, port: u16) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tachawor"))
        .arg("serve")
        .env("TACHAWOR_DATABASE_URL", url)
        .env("TACHAWOR_LISTEN", format!("127.0.0.1:{port}"))
        .env("TACHAWOR_SECRET_KEY", SECRET_KEY)
        .env("TACHAWOR_MAIL", "memory")
        .env("TACHAWOR_WORKER", "false")
        .env("TACHAWOR_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // it says so once it listens
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("answers"), "{line}");
    child
}

/// Submits one proposal after the other until the server is gone; notes what was acknowledged.
async fn submit_until_it_dies(http: reqwest::Client, url: String, acknowledged: Arc<Acknowledged>) {
    loop {
        let number = acknowledged.sent.fetch_add(1, Ordering::Relaxed);
        let body = proposal(json!({"title": format!("Proposition {number}"), "email": "amina@example.org"}));
        let request = http.post(&url).header("idempotency-key", format!("a-key-for-request-{number}")).json(&body);
        let Ok(answer) = request.send().await else { return };
        let status = answer.status();
        // an answer that was cut off acknowledges nothing
        let Ok(receipt) = answer.json::<Value>().await else { return };
        assert_eq!(status, 201, "{receipt}");
        acknowledged.receipts.lock().unwrap().push((receipt["reference"].as_str().unwrap().to_owned(), number));
        acknowledged.news.notify_one();
    }
}

#[derive(Default)]
struct Acknowledged {
    sent: AtomicUsize,
    receipts: Mutex<Vec<(String, usize)>>,
    news: Notify,
}

impl Acknowledged {
    fn count(&self) -> usize {
        self.receipts.lock().unwrap().len()
    }
}

#[actix_web::test]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let database = Database::take(Engine::Sqlite).await;
    let store = api::store::Store::connect(&database.url.as_str().into()).await.unwrap();
    let tx = store.write().await.unwrap();
    // the real program asks the real clock
    let year_ago = api::clock::Clock::System.now() - TimeDelta::days(365);
    let window = Window::new(year_ago, year_ago + TimeDelta::days(3650)).unwrap();
    let always = api::store::consultation::New { window, ..sample::consultation("always") };
    api::store::consultation::insert(&tx, always, sample::instant(START)).await.unwrap();
    tx.commit().await.unwrap();
    store.read().close_by_ref().await.unwrap();
    drop(store);

    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/api/v1/consultations/always/proposals");
    let acknowledged = Arc::new(Acknowledged::default());
    for cycle in 0..CYCLES {
        let mut server = serve(&database.url, port);
        // a fresh client: connections of the killed server are dead
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let enough = acknowledged.count() + 1 + 3 * (cycle % 7);
        let people: Vec<_> = (0..PEOPLE)
            .map(|_| actix_web::rt::spawn(submit_until_it_dies(http.clone(), url.clone(), acknowledged.clone())))
            .collect();
        let killed = tokio::time::timeout(Duration::from_secs(30), async {
            while acknowledged.count() < enough {
                acknowledged.news.notified().await;
            }
        });
        killed.await.expect("submissions are acknowledged");
        server.kill().unwrap(); // SIGKILL, while the others are under way
        server.wait().unwrap();
        for person in people {
            person.await.unwrap();
        }
    }

    let app = App::start_on(database).await;
    assert_eq!(app.texts("PRAGMA integrity_check").await, ["ok"]);
    assert_eq!(app.count("SELECT count(*) FROM pragma_foreign_key_check").await, 0);
    let stored = app.texts("SELECT title FROM proposal ORDER BY id").await;
    let receipts = acknowledged.receipts.lock().unwrap().clone();
    assert!(receipts.len() >= CYCLES);
    for (reference, number) in &receipts {
        let id: usize = reference.rsplit('-').next().unwrap().parse().unwrap();
        let title = app.texts(&format!("SELECT title FROM proposal WHERE id = {id}")).await;
        assert_eq!(title, [format!("Proposition {number}")], "{reference} was acknowledged");
    }
    assert!(stored.len() <= acknowledged.sent.load(Ordering::Relaxed));
    for (torn, sql) in [
        (
            "without its step",
            "SELECT count(*) FROM proposal WHERE id NOT IN (SELECT proposal_id FROM proposal_event WHERE edge = 'submit')",
        ),
        ("that no search finds", "SELECT count(*) FROM proposal WHERE id NOT IN (SELECT rowid FROM proposal_search)"),
        ("without its mail", "SELECT (SELECT count(*) FROM proposal) - (SELECT count(*) FROM outbox)"),
        ("without its key", "SELECT count(*) FROM proposal WHERE id NOT IN (SELECT proposal_id FROM idempotency)"),
        ("twice", "SELECT count(*) - count(DISTINCT title) FROM proposal"),
    ] {
        assert_eq!(app.count(sql).await, 0, "a proposal {torn}");
    }
    assert_eq!(
        app.count("SELECT count(*) FROM idempotency WHERE proposal_id IS NULL").await,
        0,
        "a key without its proposal"
    );
    app.stop().await;
}
