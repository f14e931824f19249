//! A small consultation on either engine, for the tests of imports, exports and statistics.

use std::{collections::BTreeMap, process::Stdio};

use api::{
    application::Application,
    auth::password::Passwords,
    cli::import::{Options, Summary, import, reader::Source, report::Report},
    clock::Clock,
    config::Config,
    localised::Localised,
    store::{self, Store, consultation::Consultation},
};
use chrono::{DateTime, Utc};
use domain::{
    consultation::{ConsultationState, ModerationRule, Window},
    permission::{AccountId, Actor, Role, Scope},
    proposal::Step,
};
use indicatif::ProgressBar;
use sea_orm::ConnectionTrait as _;
use secrecy::{ExposeSecret as _, SecretString};

/// Reads an instant.
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A text in both languages.
fn both(ar: &str, fr: &str) -> Localised {
    Localised([("ar".to_owned(), ar.to_owned()), ("fr".to_owned(), fr.to_owned())].into())
}

/// An empty consultation called `plan`, with the axes `water` and `roads` and the territories `MA-TNG` and `MA-CHE`.
pub struct Database {
    pub url: SecretString,
    pub store: Store,
    pub consultation: Consultation,
    _folder: tempfile::TempDir,
}

/// Runs `test` on SQLite, and on PostgreSQL where there is one.
pub async fn each_engine(test: impl AsyncFn(Database)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("t.db").display());
    test(database(url.into(), folder).await).await;
    if let Ok(server) = std::env::var("TACHAWOR_TEST_POSTGRES_URL") {
        let name = format!("files_{}", uuid());
        let admin = sea_orm::Database::connect(&server).await.unwrap();
        sea_orm::ConnectionTrait::execute_unprepared(&admin, &format!("CREATE DATABASE {name}")).await.unwrap();
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        test(database(url.into(), tempfile::tempdir().unwrap()).await).await;
        sea_orm::ConnectionTrait::execute_unprepared(&admin, &format!("DROP DATABASE {name} WITH (FORCE)"))
            .await
            .unwrap();
    }
}

fn uuid() -> String {
    api::random::bytes::<8>().unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn database(url: SecretString, folder: tempfile::TempDir) -> Database {
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let tx = store.write().await.unwrap();
    let opens = instant("2026-03-01T00:00:00Z");
    store::consultation::insert(
        &tx,
        store::consultation::New {
            slug: "plan".into(),
            prefix: "TTA".into(),
            state: ConsultationState::Open,
            moderation: ModerationRule::Before,
            window: Window::new(opens, instant("2026-04-01T00:00:00Z")).unwrap(),
            title: both("الخطة", "Le plan"),
            description: Localised::default(),
            consent_version: "1".into(),
            consent_text: Localised::default(),
            competences: Vec::new(),
            axes: vec![
                ("water".into(), both("الماء", "L'eau"), Localised::default()),
                ("roads".into(), both("الطرق", "Les routes"), Localised::default()),
            ],
            territories: vec![
                ("MA-TNG".into(), store::consultation::TerritoryKind::Prefecture, both("طنجة-أصيلة", "Tanger-Assilah")),
                ("MA-CHE".into(), store::consultation::TerritoryKind::Province, both("شفشاون", "Chefchaouen")),
            ],
            demo: false,
        },
        opens,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let consultation = store::consultation::by_slug(store.read(), "plan").await.unwrap().unwrap();
    Database { url, store, consultation, _folder: folder }
}

/// The password of every account of a test.
pub const PASSWORD: &str = "a long password";
/// A key for tests.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

impl Database {
    /// Runs a statement that no program would.
    pub async fn execute(&self, sql: &str) {
        let tx = self.store.write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Imports a table that is known to be right.
    pub async fn import(&self, text: String, now: &str) -> Summary {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let source = Source::File(file.path().to_owned());
        let mut report = Report::default();
        let clock = Clock::manual(instant(now));
        let outcome = import(
            &self.store,
            &self.consultation,
            &source,
            Options::default(),
            &clock,
            &mut report,
            &ProgressBar::hidden(),
        )
        .await;
        let summary = outcome.unwrap();
        assert_eq!(summary.wrong, 0, "{}", report.finish().unwrap());
        summary
    }

    /// Makes an account, `<role>@example.org` or with a number, and answers it as the domain knows it.
    pub async fn account(&self, name: &str, role: Role) -> Actor {
        let hash = Passwords::default().hash(PASSWORD.into()).await.unwrap();
        let email = format!("{name}@example.org");
        let new = store::account::New { email, name: name.into(), role, scope: Scope::default(), password_hash: hash };
        let tx = self.store.write().await.unwrap();
        let account = store::account::insert(&tx, new, instant("2026-03-01T00:00:00Z")).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        Actor::Account { id: AccountId(account.id), role, scope: Scope::default() }
    }

    /// Takes a step of the workflow on an imported proposal; `target` is the external id of a merge's target.
    pub async fn take(&self, external_id: &str, target: Option<&str>, actor: &Actor, step: impl FnOnce(i64) -> Step) {
        let ids = [Some(external_id), target];
        let found = store::import::existing(self.store.read(), self.consultation.row.id, ids.into_iter().flatten())
            .await
            .unwrap();
        let target = target.map(|id| found[id].clone());
        let step = step(target.as_ref().map_or(0, |row| row.id));
        let tx = self.store.write().await.unwrap();
        let resolved = api::workflow::Resolved { target, ..Default::default() };
        let row = found[external_id].clone();
        api::workflow::take(
            &tx,
            &self.consultation,
            row,
            None,
            &step,
            resolved,
            actor,
            instant("2026-03-22T10:00:00Z"),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    fn variables(&self) -> BTreeMap<&'static str, String> {
        [
            ("TACHAWOR_DATABASE_URL", self.url.expose_secret().to_owned()),
            ("TACHAWOR_LISTEN", "127.0.0.1:0".into()),
            ("TACHAWOR_SECRET_KEY", KEY.into()),
            ("TACHAWOR_MAIL", "memory".into()),
            ("TACHAWOR_WORKER", "false".into()),
            ("TACHAWOR_LOG", "warn".into()),
        ]
        .into()
    }

    /// Serves the database at `now`; the answer is the address of the API.
    pub async fn serve(&self, now: &str) -> String {
        let variables = self.variables();
        let config = Config::from_variables(|name| variables.get(name).cloned()).unwrap();
        let application = Application::build(config, Clock::manual(instant(now))).await.unwrap();
        let address = format!("http://127.0.0.1:{}/api/v1", application.port());
        actix_web::rt::spawn(application.run());
        address
    }

    /// Runs the program as an operator does: whether it succeeded, what it printed and what it complained about.
    pub async fn command(&self, arguments: &[&str], input: &str) -> (bool, Vec<u8>, String) {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tachawor"))
            .args(arguments)
            .envs(self.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = actix_web::web::block(move || child.wait_with_output()).await.unwrap().unwrap();
        (output.status.success(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// A client that is signed in as one of the accounts.
pub async fn signed_in(api: &str, name: &str) -> reqwest::Client {
    let client = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let body = serde_json::json!({"email": format!("{name}@example.org"), "password": PASSWORD});
    let answer = client.post(format!("{api}/session")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    client
}
