//! What the tests of imports, exports and statistics share: a small consultation, and the program as an operator runs it.

use std::process::Stdio;

use api::{
    cli::import::import,
    clock::Clock,
    import::{Summary, report::Report, table::Source},
    store::{
        self,
        consultation::{Consultation, TerritoryKind},
    },
    workflow::{self, Resolved},
};
use domain::{
    consultation::Window,
    permission::{AccountId, Actor, Scope},
    proposal::Step,
};
use indicatif::ProgressBar;

use crate::{
    import::plain,
    support::{
        App, As,
        app::SECRET_KEY,
        sample::{both, instant},
    },
};

/// An empty consultation called `plan`: March 2026, the axes `water` and `roads`, the territories `MA-TNG` and `MA-CHE`.
pub async fn plan(app: &App) -> Consultation {
    app.consultation("plan", |new| {
        new.window = Window::new(instant("2026-03-01T00:00:00Z"), instant("2026-04-01T00:00:00Z")).unwrap();
        new.axes = vec![
            ("water".into(), both("الماء", "L'eau"), both("", "")),
            ("roads".into(), both("الطرق", "Les routes"), both("", "")),
        ];
        new.territories = vec![
            ("MA-TNG".into(), TerritoryKind::Prefecture, both("طنجة-أصيلة", "Tanger-Assilah")),
            ("MA-CHE".into(), TerritoryKind::Province, both("شفشاون", "Chefchaouen")),
        ];
    })
    .await;
    store::consultation::by_slug(app.store().read(), "plan").await.unwrap().unwrap()
}

/// Imports a table that is known to be right, on 20 March.
pub async fn import_right(app: &App, consultation: &Consultation, text: &str) -> Summary {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let (source, clock) = (Source::File(file.path().to_owned()), Clock::manual(instant("2026-03-20T10:00:00Z")));
    let (mut report, progress) = (Report::default(), ProgressBar::hidden());
    let summary = import(app.store(), consultation, &source, plain(), &clock, &mut report, &progress).await.unwrap();
    assert_eq!(summary.wrong, 0, "{}", report.finish().unwrap());
    summary
}

/// Takes a step on an imported proposal on 22 March; nobody is its author. `target` is a row too.
pub async fn take(
    app: &App,
    consultation: &Consultation,
    row: &str,
    target: Option<&str>,
    by: Option<As>,
    step: impl FnOnce(i64) -> Step,
) {
    let ids = [Some(row), target];
    let found =
        store::import::existing(app.store().read(), consultation.row.id, ids.into_iter().flatten()).await.unwrap();
    let resolved = Resolved { target: target.map(|id| found[id].clone()), ..Default::default() };
    let step = step(resolved.target.as_ref().map_or(0, |row| row.id));
    let actor = match by {
        None => Actor::Participant,
        Some(who) => {
            Actor::Account { id: AccountId(app.account_id(who).await), role: who.role(), scope: Scope::default() }
        }
    };
    let tx = app.store().write().await.unwrap();
    let now = instant("2026-03-22T10:00:00Z");
    workflow::take(&tx, consultation, found[row].clone(), None, &step, resolved, &actor, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the program did: whether it succeeded, what it printed and what it complained about.
pub struct Ran {
    pub right: bool,
    pub bytes: Vec<u8>,
    pub complaint: String,
}

impl Ran {
    pub fn printed(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

/// Runs the program on the application's database, typing `input`.
pub async fn command(app: &App, arguments: &[&str], input: &str) -> Ran {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tachawor"))
        .args(arguments)
        .env("TACHAWOR_DATABASE_URL", app.database_url())
        .env("TACHAWOR_SECRET_KEY", SECRET_KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // a command that asks for nothing may be over before it was typed to
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
    let output = actix_web::web::block(move || child.wait_with_output()).await.unwrap().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Ran { right: output.status.success(), bytes: output.stdout, complaint }
}
