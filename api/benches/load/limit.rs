//! The limit: what this machine and the driver reach without our program. Bare routes that run the product's
//! statements through sqlx and write the product's answers by hand. Nothing is validated, no middleware runs, and the
//! consultation, which the product reads with every request, is known from the start.

use std::{
    collections::BTreeMap,
    io,
    net::TcpListener,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use api::clock::Clock;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use domain::dataset::Dataset;
use futures_util::{StreamExt as _, stream};
use sea_orm::sqlx::{
    self, ConnectOptions as _, Executor as _, PgPool, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    types::Json,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::rows::{AXES, CONSENT, PREFIX, SLUG, TERRITORIES};

/// The password of the only account.
pub const PASSWORD: &str = "une phrase de passe 1";
/// The only consultation.
const CONSULTATION: i64 = 1;

#[derive(Clone)]
enum Db {
    Sqlite { read: SqlitePool, write: mpsc::Sender<Waiting> },
    Postgres(PgPool),
}

type Waiting = (Submission, oneshot::Sender<i64>);

/// Runs the same lines on either engine; the compiler writes them twice, as it does for the ORM.
macro_rules! on_either {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db.get_ref() {
            Db::Sqlite { read: $pool, .. } => $body,
            Db::Postgres($pool) => $body,
        }
    };
}

/// Serves on a free port, which it prints, until its standard input is closed.
pub async fn serve(url: &str) {
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    let db = web::Data::new(open(url).await);
    let argon = web::Data::new(Argon::new());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(db.clone())
            .app_data(argon.clone())
            .route("/list", web::get().to(first_page))
            .route("/list/{axis}", web::get().to(first_page_of))
            .route("/list/{axis}/{cursor}", web::get().to(page_of))
            .route("/search", web::get().to(search))
            .route("/proposal/{id}", web::get().to(show))
            .route("/queue/{cursor}", web::get().to(queue))
            .route("/statistics", web::get().to(statistics))
            .route("/submit", web::post().to(submit))
            .route("/sign-in", web::post().to(sign_in))
            .route("/export", web::get().to(export))
    });
    server.listen(listener).unwrap().run().await.unwrap();
}

/// The pools that the product has.
async fn open(url: &str) -> Db {
    let Some(path) = url.strip_prefix("sqlite://") else {
        let options: PgConnectOptions = url.parse().unwrap();
        let pool = PgPoolOptions::new().max_connections(16).min_connections(1).test_before_acquire(false);
        let pool = pool.after_connect(|connection, _| {
            Box::pin(async move { connection.execute("SET random_page_cost = 1.1").await.map(drop) })
        });
        return Db::Postgres(pool.connect_with(options.disable_statement_logging()).await.unwrap());
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .pragma("mmap_size", "268435456")
        .disable_statement_logging();
    let write = options.connect().await.unwrap();
    let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let read = SqlitePoolOptions::new().max_connections(readers as u32).min_connections(1);
    let read = read.connect_with(options).await.unwrap();
    let (sender, receiver) = mpsc::channel(256);
    actix_web::rt::spawn(write_in_groups(write, receiver));
    Db::Sqlite { read, write: sender }
}

// --- words -------------------------------------------------------------------------------------------------------

fn axis(id: i64) -> &'static str {
    AXES[id as usize - 1]
}

fn place(id: Option<i64>) -> &'static str {
    id.map_or("whole_region", |id| TERRITORIES[id as usize - 1])
}

fn reference(id: i64, at: DateTime<Utc>) -> String {
    format!("{PREFIX}-{:02}-{id:06}", at.year() % 100)
}

/// At most 220 characters of a text that stands on one line already.
fn excerpt(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().nth(220) else { return text.to_owned() };
    format!("{}…", &text[..text[..cut].rfind(' ').unwrap_or(cut)])
}

fn json(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(serde_json::to_vec(body).unwrap())
}

type Texts = Json<BTreeMap<String, String>>;

#[derive(Serialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> Page<T> {
    fn new<R>(mut rows: Vec<R>, id: impl Fn(&R) -> i64, item: impl Fn(R) -> T) -> Self {
        let more = rows.len() > 20;
        rows.truncate(20);
        let next = rows.last().filter(|_| more).map(|row| format!("c{}", id(row)));
        Self { items: rows.into_iter().map(item).collect(), next }
    }
}

// --- reading -----------------------------------------------------------------------------------------------------

type ListRow = (i64, i64, Option<i64>, String, String, String, DateTime<Utc>, Option<String>, String, Texts, String);

macro_rules! list_sql {
    (FROM $from_and_condition:literal) => {
        concat!(
            "SELECT id, axis_id, territory_id, state, channel, language, submitted_at, CASE WHEN name_organisation THEN organisation END, \
             title, title_translations, substr(problem, 1, 260) FROM ",
            $from_and_condition,
        )
    };
    ($condition:literal) => {
        concat!(
            list_sql!(FROM "proposal WHERE consultation_id = $1 AND public "),
            $condition,
            " ORDER BY id DESC LIMIT $2"
        )
    };
}

#[derive(Serialize)]
struct Item {
    reference: String,
    title: String,
    title_translations: BTreeMap<String, String>,
    excerpt: String,
    language: String,
    axis: &'static str,
    territory: &'static str,
    channel: String,
    state: String,
    submitted_at: DateTime<Utc>,
    organisation: Option<String>,
}

fn page(rows: Vec<ListRow>) -> HttpResponse {
    let item = |row: ListRow| Item {
        reference: reference(row.0, row.6),
        title: row.8,
        title_translations: row.9.0,
        excerpt: excerpt(&row.10),
        language: row.5,
        axis: axis(row.1),
        territory: place(row.2),
        channel: row.4,
        state: row.3,
        submitted_at: row.6,
        organisation: row.7,
    };
    json(&Page::new(rows, |row| row.0, item))
}

async fn first_page(db: web::Data<Db>) -> HttpResponse {
    let sql = list_sql!("");
    page(on_either!(db, pool => {
        sqlx::query_as(sql).bind(CONSULTATION).bind(21_i64).fetch_all(pool).await.unwrap()
    }))
}

async fn first_page_of(db: web::Data<Db>, axis: web::Path<i64>) -> HttpResponse {
    let sql = list_sql!("AND axis_id = $3");
    page(on_either!(db, pool => {
        sqlx::query_as(sql).bind(CONSULTATION).bind(21_i64).bind(*axis).fetch_all(pool).await.unwrap()
    }))
}

async fn page_of(db: web::Data<Db>, path: web::Path<(i64, i64)>) -> HttpResponse {
    let sql = list_sql!("AND axis_id = $3 AND id < $4");
    page(on_either!(db, pool => {
        sqlx::query_as(sql).bind(CONSULTATION).bind(21_i64).bind(path.0).bind(path.1).fetch_all(pool).await.unwrap()
    }))
}

/// A search as the engine reads it.
#[derive(Serialize, Deserialize)]
pub struct Search {
    /// The words, with their stems as alternatives.
    pub words: String,
}

async fn search(db: web::Data<Db>, search: web::Query<Search>) -> HttpResponse {
    let pool = match db.get_ref() {
        Db::Sqlite { read, .. } => {
            let sql = list_sql!(FROM "proposal_search CROSS JOIN proposal ON id = proposal_search.rowid \
                WHERE consultation_id = $1 AND public AND proposal_search MATCH $3 ORDER BY proposal_search.rowid DESC LIMIT $2");
            let query = sqlx::query_as(sql).bind(CONSULTATION).bind(21_i64).bind(&search.words);
            return page(query.fetch_all(read).await.unwrap());
        }
        Db::Postgres(pool) => pool,
    };
    // first the newest, one by one, then by the index, as the product does and says why
    let newest = list_sql!(FROM "proposal WHERE id IN (SELECT id FROM \
        (SELECT id FROM proposal WHERE consultation_id = $1 AND public ORDER BY id DESC LIMIT 4000) AS proposal \
        WHERE id IN (SELECT rowid FROM proposal_search WHERE terms @@ to_tsquery('simple', $3)) ORDER BY id DESC LIMIT $2) \
        ORDER BY id DESC");
    let all = list_sql!(FROM "proposal WHERE id IN (SELECT id FROM \
        (SELECT id FROM proposal WHERE consultation_id = $1 AND public \
         AND id IN (SELECT rowid FROM proposal_search WHERE terms @@ to_tsquery('simple', $3)) OFFSET 0) AS proposal \
        ORDER BY id DESC LIMIT $2) ORDER BY id DESC");
    let mut rows = Vec::new();
    for sql in [newest, all] {
        let query = sqlx::query_as(sql).bind(CONSULTATION).bind(21_i64).bind(&search.words);
        rows = query.fetch_all(pool).await.unwrap();
        if rows.len() == 21 {
            break;
        }
    }
    page(rows)
}

type ShowRow = (
    String,
    Texts,
    String,
    String,
    Option<String>,
    String,
    i64,
    Option<i64>,
    String,
    String,
    Json<Vec<String>>,
    DateTime<Utc>,
    Option<String>,
);
type EventRow = (String, Option<String>, String, DateTime<Utc>, Option<String>, Option<String>, Option<String>);

#[derive(Serialize)]
struct Shown {
    reference: String,
    consultation: &'static str,
    title: String,
    title_translations: BTreeMap<String, String>,
    problem: String,
    solution: String,
    expected_change: Option<String>,
    language: String,
    axis: &'static str,
    territory: &'static str,
    channel: String,
    state: String,
    populations: Vec<String>,
    submitted_at: DateTime<Utc>,
    organisation: Option<String>,
    history: Vec<Event>,
    merged_into: Option<i64>,
    merged_from: Vec<i64>,
    drafts: Vec<i64>,
}

#[derive(Serialize)]
struct Event {
    edge: String,
    from: Option<String>,
    to: String,
    at: DateTime<Utc>,
    reason: Option<String>,
    text: Option<String>,
    text_language: Option<String>,
    referral: Option<()>,
    target: Option<()>,
}

/// Four statements, as an answer has parts; the rows have neither merges nor drafts, which takes asking too.
async fn show(db: web::Data<Db>, id: web::Path<i64>) -> HttpResponse {
    let id = *id;
    let (row, events, merged_from, drafts): (ShowRow, Vec<EventRow>, Vec<i64>, Vec<i64>) = on_either!(db, pool => (
        sqlx::query_as(
            "SELECT title, title_translations, problem, solution, expected_change, language, axis_id, territory_id, channel, state, \
             populations, submitted_at, CASE WHEN name_organisation THEN organisation END \
             FROM proposal WHERE id = $1 AND public",
        ).bind(id).fetch_one(pool).await.unwrap(),
        sqlx::query_as(
            "SELECT edge, from_state, to_state, at, reason, text, text_language FROM proposal_event WHERE proposal_id = $1 ORDER BY id",
        ).bind(id).fetch_all(pool).await.unwrap(),
        sqlx::query_scalar("SELECT id FROM proposal WHERE merged_into = $1 ORDER BY id LIMIT 100").bind(id).fetch_all(pool).await.unwrap(),
        sqlx::query_scalar("SELECT draft_id FROM draft_source WHERE proposal_id = $1").bind(id).fetch_all(pool).await.unwrap(),
    ));
    let history = events.into_iter().map(|event| Event {
        edge: event.0,
        from: event.1,
        to: event.2,
        at: event.3,
        reason: event.4,
        text: event.5,
        text_language: event.6,
        referral: None,
        target: None,
    });
    json(&Shown {
        reference: reference(id, row.11),
        consultation: SLUG,
        title: row.0,
        title_translations: row.1.0,
        problem: row.2,
        solution: row.3,
        expected_change: row.4,
        language: row.5,
        axis: axis(row.6),
        territory: place(row.7),
        channel: row.8,
        state: row.9,
        populations: row.10.0,
        submitted_at: row.11,
        organisation: row.12,
        history: history.collect(),
        merged_into: None,
        merged_from,
        drafts,
    })
}

/// Whose session the cookie is of; only a live one answers.
async fn signed_in(db: &web::Data<Db>, request: &HttpRequest) -> i64 {
    let token = request.cookie("tachawor").unwrap();
    let hash = blake3::hash(token.value().as_bytes()).as_bytes().to_vec();
    let sql = "SELECT account.id FROM session JOIN account ON account.id = session.account_id \
               WHERE token_hash = $1 AND expires_at > $2 AND NOT disabled AND role = 'coordinator'";
    on_either!(db, pool => {
        sqlx::query_scalar(sql).bind(hash).bind(Clock::System.now()).fetch_one(pool).await.unwrap()
    })
}

type QueueRow = (
    i64,
    i64,
    Option<i64>,
    i64,
    String,
    String,
    String,
    bool,
    Option<i64>,
    Option<i64>,
    DateTime<Utc>,
    DateTime<Utc>,
    String,
    Texts,
    String,
);

#[derive(Serialize)]
struct Queued {
    reference: String,
    title: String,
    title_translations: BTreeMap<String, String>,
    excerpt: String,
    language: String,
    axis: &'static str,
    territory: &'static str,
    channel: String,
    state: String,
    submitted_at: DateTime<Utc>,
    waiting_days: i64,
    assigned_to: Option<i64>,
    remarks: [(); 0],
    appealed: bool,
    withhold_requested: bool,
    version: i64,
}

/// The rows have no remarks, so that asking for them can be left out here.
async fn queue(db: web::Data<Db>, request: HttpRequest, cursor: web::Path<i64>) -> HttpResponse {
    signed_in(&db, &request).await;
    let sql = "SELECT id, axis_id, territory_id, version, state, channel, language, appealed, assigned_to, withhold_requested_by, \
               submitted_at, state_since, title, title_translations, substr(problem, 1, 260) \
               FROM proposal WHERE consultation_id = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4";
    let rows: Vec<QueueRow> = on_either!(db, pool => {
        sqlx::query_as(sql).bind(CONSULTATION).bind("submitted").bind(*cursor).bind(21_i64).fetch_all(pool).await.unwrap()
    });
    let now = Clock::System.now();
    let item = |row: QueueRow| Queued {
        reference: reference(row.0, row.10),
        title: row.12,
        title_translations: row.13.0,
        excerpt: excerpt(&row.14),
        language: row.6,
        axis: axis(row.1),
        territory: place(row.2),
        channel: row.5,
        state: row.4,
        submitted_at: row.10,
        waiting_days: (now - row.11).num_days().max(0),
        assigned_to: row.8,
        remarks: [],
        appealed: row.7,
        withhold_requested: row.9.is_some(),
        version: row.3,
    };
    json(&Page::new(rows, |row| row.0, item))
}

/// The codes of an age band, in the order of a form.
static AGE_BANDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| domain::vocabulary::AgeBand::ALL.iter().map(|band| band.as_str()).collect());

async fn statistics(db: web::Data<Db>, request: HttpRequest) -> HttpResponse {
    signed_in(&db, &request).await;
    let sql = "SELECT axis_id, age_band, count(*) FROM proposal WHERE consultation_id = $1 AND state <> 'withdrawn' \
               GROUP BY axis_id, age_band";
    let rows: Vec<(i64, String, i64)> =
        on_either!(db, pool => sqlx::query_as(sql).bind(CONSULTATION).fetch_all(pool).await.unwrap());
    let mut table = vec![vec![0; AGE_BANDS.len()]; AXES.len()];
    for (axis, band, count) in rows {
        table[axis as usize - 1][AGE_BANDS.iter().position(|known| *known == band).unwrap()] = count;
    }
    let (mut cells, mut row_totals, mut column_totals) = (Vec::new(), Vec::new(), Vec::new());
    for (axis, counts) in AXES.iter().zip(&table) {
        for (band, count) in AGE_BANDS.iter().zip(counts) {
            cells.push(json!({"row": axis, "column": band, "count": count}));
        }
        row_totals.push(json!({"code": axis, "count": counts.iter().sum::<i64>()}));
    }
    for (place, band) in AGE_BANDS.iter().enumerate() {
        let sum: i64 = table.iter().map(|counts| counts[place]).sum();
        column_totals.push(json!({"code": band, "count": sum}));
    }
    let base: i64 = table.iter().flatten().sum();
    json(&json!({
        "unit": "participations", "base": base, "taken_at": Clock::System.now(), "rows": "axis", "columns": "age_band",
        "cells": cells, "row_totals": row_totals, "column_totals": column_totals,
    }))
}

// --- writing -----------------------------------------------------------------------------------------------------

/// What the product makes of a submission before it stores it.
#[derive(Serialize, Deserialize)]
pub struct Submission {
    #[serde(default)]
    pub key: String,
    pub axis_id: i64,
    pub territory_id: Option<i64>,
    pub language: String,
    pub age_band: String,
    pub gender: String,
    pub participant_type: String,
    pub residence: String,
    pub populations: Vec<String>,
    pub email: String,
    pub title: String,
    pub problem: String,
    pub solution: String,
    pub terms: String,
}

/// Inserts the five rows of a submission; answers its id.
macro_rules! insert {
    ($connection:expr, $submission:expr, $search:expr) => {{
        let (submission, now) = (&$submission, Clock::System.now());
        let key = blake3::hash(submission.key.as_bytes());
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO proposal (consultation_id, axis_id, territory_id, version, state, channel, language, age_band, gender, \
             participant_type, residence, public, submitted_at, state_since, code_seed, code_hash, name_organisation, email, \
             consent_version, consent_language, consent_at, populations, title, title_translations, problem, solution) \
             VALUES ($1, $2, $3, 1, 'submitted', 'digital', $4, $5, $6, $7, $8, FALSE, $9, $9, $10, $11, FALSE, $12, $13, $4, $9, $14, $15, $16, \
             $17, $18) RETURNING id",
        )
        .bind(CONSULTATION)
        .bind(submission.axis_id)
        .bind(submission.territory_id)
        .bind(&submission.language)
        .bind(&submission.age_band)
        .bind(&submission.gender)
        .bind(&submission.participant_type)
        .bind(&submission.residence)
        .bind(now)
        .bind(&key.as_bytes()[..16])
        .bind(&key.as_bytes()[..])
        .bind(&submission.email)
        .bind(CONSENT)
        .bind(Json(&submission.populations))
        .bind(&submission.title)
        .bind(Json(json!({})))
        .bind(&submission.problem)
        .bind(&submission.solution)
        .fetch_one(&mut *$connection)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO proposal_event (proposal_id, edge, to_state, actor, at) VALUES ($1, 'submit', 'submitted', 'participant', $2)",
        )
        .bind(id)
        .bind(now)
        .execute(&mut *$connection)
        .await
        .unwrap();
        sqlx::query($search).bind(id).bind(&submission.terms).execute(&mut *$connection).await.unwrap();
        sqlx::query("INSERT INTO idempotency (key_hash, fingerprint, proposal_id, created_at) VALUES ($1, $2, $3, $4)")
            .bind(&key.as_bytes()[..])
            .bind(&key.as_bytes()[..])
            .bind(id)
            .bind(now)
            .execute(&mut *$connection)
            .await
            .unwrap();
        let payload = json!({"kind": "receipt", "proposal": id, "reference": reference(id, now), "title": submission.title});
        sqlx::query(
            "INSERT INTO outbox (kind, language, created_at, next_attempt_at, recipient, payload) VALUES ('receipt', $1, $2, $2, $3, $4)",
        )
        .bind(&submission.language)
        .bind(now)
        .bind(&submission.email)
        .bind(Json(payload))
        .execute(&mut *$connection)
        .await
        .unwrap();
        id
    }};
}

/// The most submissions in one commit, as in the product.
const GROUP: usize = 64;

async fn write_in_groups(mut connection: SqliteConnection, mut waiting: mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let mut answers = Vec::with_capacity(group.len());
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        for (submission, answer) in group.drain(..) {
            let search = "INSERT INTO proposal_search (rowid, terms) VALUES ($1, $2)";
            answers.push((answer, insert!(&mut connection, submission, search)));
        }
        sqlx::query("COMMIT").execute(&mut connection).await.unwrap();
        for (answer, id) in answers {
            let _ = answer.send(id);
        }
    }
}

async fn submit(db: web::Data<Db>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let mut submission: Submission = serde_json::from_slice(&body).unwrap();
    submission.key = request.headers().get("idempotency-key").unwrap().to_str().unwrap().to_owned();
    let id = match db.get_ref() {
        Db::Sqlite { write, .. } => {
            let (sender, id) = oneshot::channel();
            write.send((submission, sender)).await.unwrap();
            id.await.unwrap()
        }
        Db::Postgres(pool) => {
            let mut tx = pool.begin().await.unwrap();
            let search = "INSERT INTO proposal_search (rowid, terms) VALUES ($1, to_tsvector('simple', $2))";
            let id = insert!(tx, submission, search);
            tx.commit().await.unwrap();
            id
        }
    };
    let now = Clock::System.now();
    HttpResponse::Created().json(json!({
        "reference": reference(id, now), "code": "7F3K9-QX2MB-0R8TD-VW5HE", "submitted_at": now, "state": "submitted", "email_sent": true,
    }))
}

// --- passwords ---------------------------------------------------------------------------------------------------

struct Argon {
    hash: Arc<str>,
    cores: Semaphore,
}

impl Argon {
    fn new() -> Self {
        let hash = Argon2::default().hash_password(PASSWORD.as_bytes()).unwrap().to_string();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { hash: hash.into(), cores: Semaphore::new(cores) }
    }
}

#[derive(Deserialize)]
struct Credentials {
    password: String,
}

/// One hash, as many at once as there are cores; no account is read and no session written.
async fn sign_in(argon: web::Data<Argon>, body: web::Json<Credentials>) -> HttpResponse {
    let _turn = argon.cores.acquire().await.unwrap();
    let hash = argon.hash.clone();
    let right = move || Argon2::default().verify_password(body.password.as_bytes(), &*hash).is_ok();
    assert!(tokio::task::spawn_blocking(right).await.unwrap());
    json(&json!({}))
}

// --- files -------------------------------------------------------------------------------------------------------

type FileRow = (
    i64,
    i64,
    Option<i64>,
    String,
    String,
    String,
    Json<Vec<String>>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// How much of a file is written at once, in bytes.
const PIECE: usize = 256 * 1024;

/// Every public row as CSV, as the driver delivers it. The rows have no organisation, merge or remark to write.
async fn export(db: web::Data<Db>) -> HttpResponse {
    let (sender, receiver) = mpsc::channel::<web::Bytes>(2);
    actix_web::rt::spawn(async move {
        let sql = "SELECT proposal.id, axis_id, territory_id, state, channel, language, populations, submitted_at, decided_at, \
                   title, problem, solution, expected_change, reason, text, text_language \
                   FROM proposal LEFT JOIN proposal_event ON proposal_id = proposal.id AND edge IN ('retain', 'merge', 'redirect', 'refuse') \
                   WHERE consultation_id = $1 AND public ORDER BY proposal.id";
        let mut rows = on_either!(db, pool => sqlx::query_as::<_, FileRow>(sql).bind(CONSULTATION).fetch(pool));
        let mut file =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::with_capacity(PIECE));
        file.write_record(Dataset::Proposals.columns().iter().map(|column| column.name)).unwrap();
        let mut line = csv::StringRecord::new();
        while let Some(row) = rows.next().await {
            let row = row.unwrap();
            let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            line.clear();
            line.push_field(&reference(row.0, row.7));
            line.push_field(SLUG);
            line.push_field(&row.3);
            line.push_field(&row.4);
            line.push_field(&row.5);
            line.push_field(axis(row.1));
            line.push_field(place(row.2));
            line.push_field(&row.6.join(" "));
            line.push_field(&instant(row.7));
            line.push_field(&row.8.map(instant).unwrap_or_default());
            line.push_field(&row.9);
            line.push_field(&row.10);
            line.push_field(&row.11);
            line.push_field(&text(&row.12));
            line.push_field("");
            line.push_field("");
            line.push_field("");
            line.push_field(&text(&row.13));
            line.push_field(&text(&row.14));
            line.push_field(&text(&row.15));
            file.write_record(&line).unwrap();
            if file.get_ref().len() > PIECE - 16 * 1024 {
                let piece = file.into_inner().unwrap();
                file =
                    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::with_capacity(PIECE));
                if sender.send(piece.into()).await.is_err() {
                    return;
                }
            }
        }
        let _ = sender.send(file.into_inner().unwrap().into()).await;
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (Ok::<_, actix_web::Error>(piece), receiver))
    });
    HttpResponse::Ok().content_type("text/csv").streaming(Box::pin(pieces))
}
