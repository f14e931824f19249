//! What is kept comes back: migrations down and up, backups out and in.

use std::sync::Arc;

use api::store::{Store, backup};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Database as Connection, DatabaseConnection, DbBackend, Statement};

use super::{
    figure,
    process::{Journal, Process, always, free_port},
    size,
};
use crate::support::{app::SECRET_KEY, database::Database, *};

/// Everything an engine says about the schema, a line each.
async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT line FROM (
                SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, identity_generation) AS line
                  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'
                UNION ALL SELECT concat_ws(' ', 'index', indexdef) FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'
                UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass::text, pg_get_constraintdef(oid)) FROM pg_constraint
                  WHERE connamespace = 'public'::regnamespace AND conrelid <> 'seaql_migrations'::regclass
                UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             ) AS lines ORDER BY line"
        }
        _ => {
            "SELECT coalesce(sql, name) FROM sqlite_master
              WHERE tbl_name <> 'seaql_migrations' AND name <> 'sqlite_sequence' ORDER BY type, name"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn down_and_up(engine: Engine, name: &str) {
    // without data: each step down leads exactly to where its step up began
    let place = Database::nothing(engine).await;
    let db = Connection::connect(format!("{}{}", place.url, if engine == Engine::Sqlite { "?mode=rwc" } else { "" }))
        .await
        .unwrap();
    let steps = Migrator::migrations().len();
    let mut seen = Vec::new();
    Migrator::up(&db, Some(0)).await.unwrap();
    for _ in 0..steps {
        seen.push(schema(&db).await);
        Migrator::up(&db, Some(1)).await.unwrap();
    }
    let top = schema(&db).await;
    let mut different = 0;
    for earlier in seen.iter().rev() {
        Migrator::down(&db, Some(1)).await.unwrap();
        let now = schema(&db).await;
        if now != *earlier {
            different += 1;
            eprintln!(
                "{name}: a step down leaves\n{:#?}\ninstead of\n{:#?}",
                now.iter().filter(|line| !earlier.contains(line)).collect::<Vec<_>>(),
                earlier.iter().filter(|line| !now.contains(line)).collect::<Vec<_>>()
            );
        }
    }
    figure(
        "F13",
        &format!("steps down that leave another schema, {name}"),
        format!("{different} of {steps}"),
        "0",
        different == 0,
    );
    Migrator::up(&db, None).await.unwrap();
    figure(
        "F13",
        &format!("schema after up, down, up, {name}"),
        if schema(&db).await == top { "the same" } else { "another" },
        "the same",
        schema(&db).await == top,
    );
    db.close().await.unwrap();

    // with data: what the first step made survives every later one being taken back and made again
    let app = App::start(engine).await;
    for number in 0..size(20, 2000) {
        app.submit(json!({"title": format!("Proposition {number}"), "email": "amina@example.org"})).await;
    }
    let rows =
        async || app.texts("SELECT CAST(id AS TEXT) || title || problem || solution FROM proposal ORDER BY id").await;
    let before = (rows().await, backup::counts(app.store()).await.unwrap());
    app.store().migrate_down(Some(u32::try_from(steps).unwrap() - 1)).await.unwrap();
    app.store().migrate().await.unwrap();
    let after = (rows().await, backup::counts(app.store()).await.unwrap());
    let lost = before.0.iter().filter(|row| !after.0.contains(row)).count();
    figure(
        "F13",
        &format!("rows lost by down and up, {name}"),
        format!("{lost} of {}", before.0.len()),
        "0",
        before == after,
    );
    assert!(app.store().is_ready().await.unwrap());
    // and everything can be taken back with data in it
    app.store().migrate_down(None).await.unwrap();
    app.store().migrate().await.unwrap();
    figure(
        "F13",
        &format!("ready after everything was taken back, {name}"),
        app.store().is_ready().await.unwrap(),
        "true",
        app.store().is_ready().await.unwrap(),
    );
}

#[actix_web::test]
async fn f13_migrations_on_sqlite() {
    down_and_up(Engine::Sqlite, "sqlite").await;
}

#[actix_web::test]
async fn f13_migrations_on_postgres() {
    down_and_up(Engine::Postgres, "postgres").await;
}

/// Runs the program; answers whether it went well, and what it said.
async fn run(url: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tachawor"));
    command.args(arguments).env("TACHAWOR_DATABASE_URL", url).env("TACHAWOR_SECRET_KEY", SECRET_KEY);
    let output = actix_web::web::block(move || command.output()).await.unwrap().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

async fn out_and_in(engine: Engine, name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.backup");
    let file = file.to_str().unwrap();
    let database = always(engine).await;
    let server = Process::start("serve", &database.url, free_port(), &[]);
    let journal = Arc::new(Journal::default());
    let people = journal.people(6, &[server.port], true);
    journal.reach(size(30, 2000)).await;
    let before = journal.count();
    let (made, said) = run(&database.url, &["backup", file]).await;
    assert!(made, "{said}");
    journal.reach(journal.count() + 10).await;
    let after = journal.count() + 6;
    journal.end();
    for person in people {
        person.await.unwrap();
    }
    drop(server);

    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
    figure("F14", &format!("who may read the backup, {name}"), format!("{mode:o}"), "600", mode == 0o600);
    let (again, said) = run(&database.url, &["backup", file]).await;
    assert!(!again && said.contains("not overwritten"), "{said}");
    let (over, said) = run(&database.url, &["restore", file]).await;
    assert!(!over && said.contains("not overwritten"), "{said}");

    let empty = Database::nothing(engine).await;
    let start = std::time::Instant::now();
    let (restored, said) = run(&empty.url, &["restore", file]).await;
    assert!(restored, "{said}");
    let store = Store::connect(&empty.url.as_str().into()).await.unwrap();
    let counts = backup::counts(&store).await.unwrap();
    assert!(said.contains(&counts.to_string()), "{said}");
    store.read().close_by_ref().await.unwrap();
    let got = usize::try_from(counts.proposals).unwrap();
    figure(
        "F14",
        &format!("proposals in a backup taken under load, {name}"),
        got,
        &format!("{before} ..= {after}"),
        (before..=after).contains(&got),
    );
    figure(
        "F14",
        &format!("steps and mails that fit them, {name}"),
        format!("{} and {}", counts.steps, counts.mails),
        "as many each",
        counts.steps == counts.proposals && counts.mails == counts.proposals,
    );
    let app = App::start_on(empty).await;
    let ready = app.public().get("/health/ready").await.status;
    figure(
        "F14",
        &format!("ready after restore, {name}"),
        format!("{ready} after {} ms", start.elapsed().as_millis()),
        "200 <= 15 min",
        ready == 200,
    );
    app.submit(json!({"title": "Après"})).await;
    app.stop().await;

    // a file that is damaged or none makes no database
    let bad = folder.path().join("bad");
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    std::fs::write(&bad, bytes).unwrap();
    let other = Database::nothing(engine).await;
    for wrong in [bad.to_str().unwrap(), "/nowhere/at/all"] {
        let (restored, said) = run(&other.url, &["restore", wrong]).await;
        assert!(!restored, "{said}");
    }
    if engine == Engine::Sqlite {
        assert!(!std::path::Path::new(other.url.trim_start_matches("sqlite://")).exists());
    } else {
        let store = Store::connect(&other.url.as_str().into()).await.unwrap();
        assert!(backup::is_empty(&store).await.unwrap());
        store.read().close_by_ref().await.unwrap();
    }
}

#[actix_web::test]
async fn f14_backup_and_restore_on_sqlite() {
    out_and_in(Engine::Sqlite, "sqlite").await;
}

#[actix_web::test]
async fn f14_backup_and_restore_on_postgres() {
    out_and_in(Engine::Postgres, "postgres").await;
}
