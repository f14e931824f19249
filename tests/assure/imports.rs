//! A worker is killed while it writes the rows of a file, and another one goes on.

use super::{
    figure,
    process::{Process, free_port, pause},
    size,
};
use crate::{
    files::plan,
    imports::{checked, work},
    support::*,
};

async fn kill_in_the_middle(engine: Engine, id: &str) {
    let rows = i64::try_from(size(1_500, 20_000)).unwrap();
    let app = App::start(engine).await;
    plan(&app).await;
    let desk = app.signed_in(As::Coordinator).await;
    let path = checked(&app, &desk, &vec!["MA-TNG"; usize::try_from(rows).unwrap()]).await;
    desk.post(&format!("{path}/start")).json(json!({"skip_wrong": false})).await;
    let mut written = 0;
    for _ in 0..size(3, 20) {
        // whoever died keeps its claim for a minute
        app.execute("UPDATE import SET claimed_until = NULL").await;
        let mut worker = Process::start("worker", app.database_url(), free_port(), &[]);
        while app.count("SELECT imported_count FROM import").await <= written {
            pause().await;
        }
        worker.kill();
        written = app.count("SELECT imported_count FROM import").await;
    }
    let there = app.count("SELECT count(*) FROM proposal").await;
    figure(
        id,
        "rows that are there when the last worker died",
        there,
        &format!("{written}, as counted"),
        there == written,
    );
    assert!(written < rows, "the workers were killed before they were done");
    app.execute("UPDATE import SET claimed_until = NULL").await;
    work(&app).await;
    let distinct = app.count("SELECT count(DISTINCT external_id) FROM proposal").await;
    let all = app.count("SELECT count(*) FROM proposal").await;
    figure(
        id,
        "rows in the end, and different ones",
        format!("{all}, {distinct}"),
        &format!("{rows}, {rows}"),
        (all, distinct) == (rows, rows),
    );
    // the worker knows that it is later, and ended the session
    let desk = app.signed_in(As::Coordinator).await;
    let shown = desk.get(&path).await.ok();
    assert_eq!((&shown["import"]["state"], &shown["import"]["imported"]), (&json!("done"), &json!(rows)));
    app.stop().await;
}

#[actix_web::test]
async fn f01_a_worker_is_killed_while_it_imports_on_sqlite() {
    kill_in_the_middle(Engine::Sqlite, "F1").await;
}

#[actix_web::test]
async fn f02_a_worker_is_killed_while_it_imports_on_postgres() {
    kill_in_the_middle(Engine::Postgres, "F2").await;
}
