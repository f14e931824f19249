//! A killed process cannot tell a durable commit from one that the kernel still holds; counting waits for the disk can.

use std::{path::Path, process::Command, sync::Arc};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{
    figure,
    process::{Journal, Process, always, free_port},
};
use crate::support::Engine;

/// How many commits are counted, one after the other.
const COMMITS: usize = 25;

/// A command whose waits for the disk are written to `log`.
fn watched(log: &Path, program: &str) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"]).arg(log).arg(program);
    command
}

fn waits(log: &Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| line.contains("sync(")).count()
}

#[actix_web::test]
async fn f03_every_acknowledged_commit_waited_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("waits");
    let database = always(Engine::Sqlite).await;
    let mut command = watched(&log, env!("CARGO_BIN_EXE_tachawor"));
    let server = Process::wrapped(command.arg("serve"), &database.url, free_port(), &[]);
    server.ready().await;
    let before = waits(&log);
    let journal = Arc::new(Journal::default());
    // one person: each submission is a commit of its own
    let people = journal.people(1, &[server.port], true);
    journal.reach(COMMITS).await;
    let (acknowledged, got) = (journal.count(), waits(&log) - before);
    journal.end();
    for person in people {
        person.await.unwrap();
    }
    // strace keeps a signal to itself; what it watches is ended directly, and strace with it
    let strace = server.child.id();
    let traced = std::fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
    Command::new("kill").arg("-TERM").args(traced.split_whitespace()).status().unwrap();
    server.stop().await;
    figure(
        "F3",
        "waits for the disk, acknowledged",
        format!("{got} for {acknowledged}"),
        "one each",
        got >= acknowledged.min(COMMITS),
    );

    // the same count on the same file with the weaker setting: if it did not fall short, it would prove nothing
    let status = watched(&log, std::env::current_exe().unwrap().to_str().unwrap())
        .args(["--exact", "assure::fsync::commits_that_do_not_wait", "--ignored"])
        .env("TACHAWOR_TEST_UNSAFE_DATABASE", &database.url)
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let got = waits(&log);
    figure(
        "F3",
        "the same with synchronous=NORMAL",
        format!("{got} for {COMMITS}"),
        "fewer (the guard bites)",
        got < COMMITS,
    );
}

#[actix_web::test]
#[ignore = "not a test: what the guard must tell from the program"]
async fn commits_that_do_not_wait() {
    let Some(url) = api::config::variable("TACHAWOR_TEST_UNSAFE_DATABASE") else { return };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).map_sqlx_sqlite_opts(|sqlite| {
        sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal)
    });
    let db = Database::connect(options).await.unwrap();
    for _ in 0..COMMITS {
        db.execute_unprepared("UPDATE proposal SET version = version + 1 WHERE id = 1").await.unwrap();
    }
}
