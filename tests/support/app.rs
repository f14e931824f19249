//! A running application.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_web::{dev::ServerHandle, web};
use api::{
    application::{Application, State},
    auth::{cookie, second_factor},
    clock::Clock,
    config::Config,
    store::{self, Store, consultation::New},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::{
    client::Client,
    database::{Database, Engine},
    sample::{self, As, SLUG},
};

/// The address people type; it need not be where the server listens.
pub const PUBLIC_URL: &str = "http://tachawor.test";
/// Keys the receipt codes of every test.
pub const SECRET_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A running application with its database; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    public_url: String,
    port: u16,
    state: web::Data<State>,
    server: ServerHandle,
    database: Database,
}

/// What the author of a proposal keeps.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The public half.
    pub reference: String,
    /// The secret half.
    pub code: String,
}

/// Runs one test on one engine and cleans up, whatever the outcome.
pub async fn run(engine: Engine, test: impl AsyncFnOnce(App)) {
    let app = App::start(engine).await;
    let outcome = AssertUnwindSafe(test(app.clone())).catch_unwind().await;
    app.0.server.stop(false).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    app.stop().await;
}

/// Where the photos of a database are in these tests.
pub fn photos_of(database_url: &str) -> PathBuf {
    match database_url.strip_prefix("sqlite://") {
        Some(file) => Path::new(file).with_file_name("attachments"),
        None => {
            let name = database_url.rsplit('/').next().unwrap_or_default();
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("attachments").join(name)
        }
    }
}

impl App {
    /// Starts one with the usual settings.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// Starts one with some settings of its own; whoever calls this calls [`App::stop`].
    pub async fn start_with(engine: Engine, settings: &[(&'static str, &str)]) -> Self {
        Self::build(Database::take(engine).await, settings).await
    }

    /// Starts one on a database that something else has written to.
    pub async fn start_on(database: Database) -> Self {
        Self::build(database, &[]).await
    }

    /// Starts another process beside one: another application on the same database.
    pub async fn beside(other: &Self) -> Self {
        Self::beside_with(other, &[]).await
    }

    /// The same with settings of its own.
    pub async fn beside_with(other: &Self, settings: &[(&'static str, &str)]) -> Self {
        Self::build(Database::at(other.database_url().to_owned()), settings).await
    }

    /// Stops one that was started beside another, which keeps the database.
    pub async fn leave(self) {
        self.0.server.stop(false).await;
        self.0.state.store.read().close_by_ref().await.unwrap();
    }

    /// Starts one on a database that something else has written to, with settings of its own.
    pub async fn build(database: Database, settings: &[(&'static str, &str)]) -> Self {
        let mut variables = BTreeMap::from([
            ("TACHAWOR_DATABASE_URL", database.url.as_str()),
            ("TACHAWOR_LISTEN", "127.0.0.1:0"),
            ("TACHAWOR_PUBLIC_URL", PUBLIC_URL),
            ("TACHAWOR_SECRET_KEY", SECRET_KEY),
            ("TACHAWOR_MAIL", "memory"),
            ("TACHAWOR_WORKER", "false"),
            // one address sends what thousands would; tests/abuse.rs turns them on
            ("TACHAWOR_LIMITS", "false"),
        ]);
        // SQLite's are beside the file; another process on the same database shares them
        let photos = format!("file:{}", photos_of(&database.url).display());
        variables.insert("TACHAWOR_ATTACHMENTS", &photos);
        variables.extend(settings.iter().copied());
        let config = Config::from_variables(|name| variables.get(name).map(ToString::to_string)).unwrap();
        let public_url = config.public_url.clone();
        let application = Application::build(config, Clock::manual(sample::instant(sample::START))).await.unwrap();
        let (port, state, server) = (application.port(), application.state(), application.handle());
        actix_web::rt::spawn(application.run());
        Self(Arc::new(Inner { public_url, port, state, server, database }))
    }

    /// Stops it and gives its database back.
    pub async fn stop(self) {
        self.0.server.stop(false).await;
        self.0.state.store.read().close_by_ref().await.unwrap();
        if let Some(inner) = Arc::into_inner(self.0) {
            inner.database.give_back();
        }
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        self.0.database.engine()
    }

    /// The folder of its photos.
    pub fn photos(&self) -> PathBuf {
        photos_of(self.database_url())
    }

    /// Sends a photo to the sample consultation; answers its token.
    pub async fn send_photo(&self, bytes: Vec<u8>) -> String {
        let path = format!("/consultations/{SLUG}/attachments");
        let sent = self.public().post(&path).body("image/jpeg", bytes).await.created();
        sent["token"].as_str().unwrap().to_owned()
    }

    /// How to connect to its database.
    pub fn database_url(&self) -> &str {
        &self.0.database.url
    }

    /// What its handlers share.
    pub fn state(&self) -> &State {
        &self.0.state
    }

    /// The same, for whoever works beside the handlers.
    pub fn shared(&self) -> Arc<State> {
        self.0.state.clone().into_inner()
    }

    /// Its store.
    pub fn store(&self) -> &Store {
        &self.0.state.store
    }

    /// What its clock says.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.state.clock.now()
    }

    /// Moves its clock.
    pub fn advance(&self, by: TimeDelta) {
        self.0.state.clock.advance(by);
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.0.port)
    }

    /// Somebody without an account.
    pub fn public(&self) -> Client {
        Client::new(&self.address(), &self.0.public_url, None)
    }

    /// Somebody with an account and a fresh session (12 hours by the manual clock), second factor included.
    pub async fn signed_in(&self, who: As) -> Client {
        let (account, _) = store::account::by_email(self.store().read(), &who.email()).await.unwrap().unwrap();
        let (token, hash) = cookie::fresh_token().unwrap();
        let tx = self.store().write().await.unwrap();
        let handle = token[..16].to_owned();
        let new = store::session::New {
            token_hash: hash,
            account_id: account.id,
            handle,
            device: String::new(),
            second_factor: true,
        };
        store::session::insert(&tx, new, self.now()).await.unwrap();
        tx.commit().await.unwrap();
        let cookie = cookie::session(token, &self.0.state.config).stripped().to_string();
        Client::new(&self.address(), &self.0.public_url, Some(cookie))
    }

    /// What the app of somebody's second factor shows now, for the seeded accounts that have one.
    pub fn code(&self, who: As) -> String {
        second_factor::code(&self.0.state.config.secret_key, who.name().as_bytes(), self.now()).unwrap()
    }

    /// The id of an account.
    pub async fn account_id(&self, who: As) -> i64 {
        store::account::by_email(self.store().read(), &who.email()).await.unwrap().unwrap().0.id
    }

    /// Makes another consultation: the sample one with another slug, changed by `edit`.
    pub async fn consultation(&self, slug: &str, edit: impl FnOnce(&mut New)) {
        let mut new = sample::consultation(slug);
        edit(&mut new);
        let tx = self.store().write().await.unwrap();
        store::consultation::insert(&tx, new, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Submits the sample proposal with changes (see [`sample::proposal`]).
    pub async fn submit(&self, changes: Value) -> Receipt {
        self.submit_to(SLUG, changes).await
    }

    /// Submits to another consultation.
    pub async fn submit_to(&self, slug: &str, changes: Value) -> Receipt {
        let path = format!("/consultations/{slug}/proposals");
        let answer = self.public().post(&path).json(sample::proposal(changes)).await.created();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Receipt { reference: text("reference"), code: text("code") }
    }

    /// Submits and retains.
    pub async fn retained(&self, changes: Value) -> Receipt {
        let receipt = self.submit(changes).await;
        let desk = self.signed_in(As::Coordinator).await;
        desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        receipt
    }

    /// The number a statement answers.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = self.store().read();
        let statement = Statement::from_string(db.get_database_backend(), sql);
        db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// The texts a statement answers, one a row.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let db = self.store().read();
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let rows = db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Runs a statement that no program would.
    pub async fn execute(&self, sql: &str) {
        let tx = self.store().write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }
}
