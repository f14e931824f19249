//! What the program leans on is full, slow or away: it says so in time, and goes on by itself afterwards.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use api::jobs::run_once;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

use super::{figure, is_long, size};
use crate::{
    mail::Server,
    support::{database::Database, *},
};

/// What a figure in milliseconds may be where other tests run at the same time.
fn within(milliseconds: u128) -> u128 {
    if is_long() { milliseconds } else { milliseconds * 3 }
}

/// No room for another page of the file: writing says so, reading goes on, and nothing needs a restart.
#[actix_web::test]
async fn f04_the_disk_is_full() {
    let app = App::start(Engine::Sqlite).await;
    let receipt = app.retained(json!({"title": "Une fontaine"})).await;
    let desk = app.signed_in(As::Moderator).await;
    // the one writing connection may not make the file larger
    let pages = app.count("PRAGMA page_count").await;
    limit(&app, pages).await;
    let mut refused = 0;
    for _ in 0..size(50, 500) {
        let answer = app.public().post("/consultations/2024-2026/proposals").json(proposal(json!({}))).await;
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), Some("5"));
            answer.refused(503, "unavailable");
            refused += 1;
        } else {
            assert_eq!(answer.status, 201, "there was room in pages that stood already: {}", answer.text());
        }
    }
    figure("F4", "submissions told to come back", refused, "> 0", refused > 0);
    // other writes too; a text long enough to need pages of its own
    let note = json!({"text": "م".repeat(4000)});
    let mut others = Vec::new();
    for _ in 0..10 {
        others.push(desk.post(&format!("/desk/proposals/{}/notes", receipt.reference)).json(note.clone()).await.status);
    }
    figure("F4", "another write", others.last().unwrap(), "503", others.last() == Some(&503));
    let read = app.public().get(&format!("/proposals/{}", receipt.reference)).await.status;
    figure("F4", "reading meanwhile", read, "200", read == 200);
    let ready = app.public().get("/health/ready").await.status;
    figure("F4", "ready meanwhile (it reads)", ready, "200", ready == 200);
    let check = app.texts("PRAGMA integrity_check").await;
    figure("F4", "integrity", &check[0], "ok", check == ["ok"]);
    limit(&app, 1_000_000).await;
    let start = Instant::now();
    app.submit(json!({"title": "De nouveau"})).await;
    figure(
        "F4",
        "goes on after there is room, ms",
        start.elapsed().as_millis(),
        "<= 10000",
        start.elapsed() < Duration::from_secs(10),
    );
    app.stop().await;
}

async fn limit(app: &App, pages: i64) {
    use sea_orm::ConnectionTrait as _;
    let tx = app.store().write().await.unwrap();
    tx.execute_unprepared(&format!("PRAGMA max_page_count = {pages}")).await.unwrap();
    tx.commit().await.unwrap();
}

const OPEN: u8 = 0;
const CUT: u8 = 1;
const SILENT: u8 = 2;
const SLOW: u8 = 3;

/// Stands between the program and its database.
#[derive(Clone)]
struct Proxy {
    state: Arc<AtomicU8>,
    running: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Proxy {
    /// Answers itself and the URL that leads through it.
    async fn before(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let proxy = Self { state: Arc::default(), running: Arc::default() };
        let own = proxy.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if own.state.load(Ordering::SeqCst) == CUT {
                    continue;
                }
                let far = TcpStream::connect(target.clone()).await.unwrap();
                let (near, far) = (near.into_split(), far.into_split());
                let ways =
                    [(near.0, far.1), (far.0, near.1)].map(|(from, to)| tokio::spawn(own.clone().carry(from, to)));
                own.running.lock().unwrap().extend(ways);
            }
        });
        (proxy, url.into())
    }

    async fn carry(self, mut from: tokio::net::tcp::OwnedReadHalf, mut to: tokio::net::tcp::OwnedWriteHalf) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            match self.state.load(Ordering::SeqCst) {
                SLOW => tokio::time::sleep(Duration::from_secs(1)).await,
                SILENT => {
                    while self.state.load(Ordering::SeqCst) == SILENT {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                _ => {}
            }
            if to.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    }

    fn set(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
        if state == CUT {
            self.running.lock().unwrap().drain(..).for_each(|one| one.abort());
        }
    }
}

/// How many milliseconds until the application answers this with one of these.
async fn until(app: &App, path: &str, statuses: &[u16]) -> u128 {
    let start = Instant::now();
    loop {
        let answer = app.public().get(path).await;
        if statuses.contains(&answer.status) {
            return start.elapsed().as_millis();
        }
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(start.elapsed() < Duration::from_secs(60), "{path} never answered {statuses:?}");
    }
}

#[actix_web::test]
async fn f05_the_database_is_away_and_comes_back() {
    let database = Database::take(Engine::Postgres).await;
    let (proxy, url) = Proxy::before(&database.url).await;
    let app = App::build(database, &[("TACHAWOR_DATABASE_URL", &url)]).await;
    let list = "/consultations/2024-2026/proposals";
    app.public().get(list).await.ok();
    for (name, state, goal) in [("away", CUT, 2500), ("silent", SILENT, 5500)] {
        proxy.set(state);
        // more at once than there are connections
        let start = Instant::now();
        let many = futures_util::future::join_all((0..40).map(|_| async { app.public().get(list).await })).await;
        let took = start.elapsed().as_millis();
        assert!(
            many.iter().all(|answer| answer.status == 503),
            "{:?}",
            many.iter().map(|one| one.status).collect::<Vec<_>>()
        );
        many[0].clone().refused(503, "unavailable");
        figure(
            "F5",
            &format!("database {name}: the last of 40 at once is told after, ms"),
            took,
            &format!("<= {goal}"),
            took <= within(goal),
        );
        let start = Instant::now();
        let write = app.public().post(list).json(proposal(json!({}))).await;
        let took = start.elapsed().as_millis();
        figure(
            "F5",
            &format!("database {name}: a submission is told"),
            format!("{} after {took} ms", write.status),
            "503 <= 15500 ms",
            write.status == 503 && took <= within(15_500),
        );
        let red = until(&app, "/health/ready", &[503]).await;
        figure("F5", &format!("database {name}: ready is red after, ms"), red, "<= 5000", red <= within(5000));
        let live = app.public().get("/health/live").await.status;
        figure("F5", &format!("database {name}: live"), live, "200", live == 200);
        proxy.set(OPEN);
        let back = until(&app, list, &[200]).await;
        let ready = until(&app, "/health/ready", &[200]).await;
        figure(
            "F5",
            &format!("database {name}: answers after it is back, ms"),
            back + ready,
            "<= 5000",
            back + ready <= within(5000),
        );
    }
    proxy.set(SLOW);
    let start = Instant::now();
    let many = futures_util::future::join_all((0..40).map(|_| async { app.public().get(list).await.status })).await;
    let took = start.elapsed().as_millis();
    figure(
        "F5",
        "a second for each word of the database: the last of 40 is answered after, ms",
        took,
        "<= 5500",
        took <= within(5500),
    );
    figure(
        "F5",
        "with",
        format!(
            "{} answers that are neither 200 nor 503",
            many.iter().filter(|one| ![200, 503].contains(*one)).count()
        ),
        "0",
        many.iter().all(|one| [200, 503].contains(one)),
    );
    proxy.set(OPEN);
    until(&app, list, &[200]).await;
    app.stop().await;
}

/// The mail server is away for six hours, then refuses, then takes mails and hangs up before it says so.
#[actix_web::test]
async fn f06_the_mail_server_is_away() {
    let server = Server::default();
    let port = server.listen().await;
    let gone = super::process::free_port();
    for (engine, name) in [(Engine::Sqlite, "sqlite"), (Engine::Postgres, "postgres")] {
        server.letters.lock().unwrap().clear();
        let database = Database::take(engine).await;
        let url = database.url.clone();
        let away = App::build(database, &[("TACHAWOR_MAIL", &format!("smtp://127.0.0.1:{gone}"))]).await;
        let mails = size(40, 1000);
        for number in 0..mails {
            away.submit(json!({"email": format!("a{number}@example.org")})).await;
        }
        for _ in 0..24 {
            assert_eq!(run_once(away.state()).await.unwrap().sent, 0);
            away.advance(TimeDelta::minutes(15));
        }
        assert_eq!(
            away.count("SELECT count(*) FROM outbox WHERE next_attempt_at IS NULL").await,
            0,
            "none is given up"
        );

        // a worker whose mail server is back
        let settings = [("TACHAWOR_MAIL", format!("smtp://127.0.0.1:{port}"))];
        let back = App::build(Database::at(url), &[(settings[0].0, &settings[0].1)]).await;
        back.advance(TimeDelta::hours(6) + TimeDelta::minutes(15));
        *server.refuse.lock().unwrap() = 5;
        *server.hang_up.lock().unwrap() = 3;
        let start = Instant::now();
        let mut sent = 0;
        for _ in 0..24 {
            sent += run_once(back.state()).await.unwrap().sent;
            back.advance(TimeDelta::minutes(15));
        }
        let rate = mails as f64 / start.elapsed().as_secs_f64();
        let letters = server.letters.lock().unwrap().clone();
        let mut ids: Vec<_> =
            letters.iter().filter_map(|letter| letter.lines().find(|line| line.starts_with("Message-ID:"))).collect();
        let delivered = ids.len();
        ids.sort_unstable();
        ids.dedup();
        figure(
            "F6",
            &format!("mails after six hours, {name}"),
            format!("{} of {mails}", ids.len()),
            "all",
            ids.len() == mails && sent == mails,
        );
        figure(
            "F6",
            &format!("twice, with the same Message-ID, {name}"),
            delivered - ids.len(),
            "3 (hung up after taking it)",
            delivered - ids.len() == 3,
        );
        figure(
            "F6",
            &format!("drained, mails a second, {name}"),
            format!("{rate:.0}"),
            ">= 20",
            rate >= if is_long() { 20.0 } else { 1.0 },
        );
        back.stop().await;
        away.stop().await;
    }
}
