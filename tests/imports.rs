//! Files of proposals over the API, on both engines: sent, mapped, checked, taken in, and gone afterwards.

use api::jobs;
use tokio::sync::watch;

use crate::{
    files::plan,
    on_both_engines,
    support::{requests::rows_file, *},
    workbooks::{HEADERS, workbook},
};

/// What the file of `workbooks` lacks: the same for the whole meeting.
fn mapping() -> Value {
    json!({
        "columns": {"external_id": HEADERS[0], "title": HEADERS[1], "problem": HEADERS[2], "solution": HEADERS[3],
            "territory": HEADERS[4], "axis": HEADERS[5], "gender": HEADERS[6], "submitted_on": HEADERS[7]},
        "values": {},
        "defaults": {"channel": "territorial_meeting", "language": "ar"},
    })
}

pub async fn work(app: &App) {
    jobs::import::work(app.state(), &watch::channel(false).1).await.unwrap();
}

async fn send(desk: &Client, consultation: &str, bytes: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/imports?consultation={consultation}");
    desk.post(&path).body("application/octet-stream", bytes.into()).await
}

/// Sends a workbook to `plan`, says how to read it, and has it checked; answers its path.
pub async fn checked(app: &App, desk: &Client, places: &[&str]) -> String {
    let sent = send(desk, "plan", workbook(places)).await.created();
    let path = format!("/imports/{}", sent["id"]);
    desk.put(&format!("{path}/mapping")).json(mapping()).await.ok();
    work(app).await;
    path
}

/// How many files there are; on PostgreSQL the folder may have some of earlier tests.
fn files(app: &App) -> usize {
    std::fs::read_dir(app.photos()).map_or(0, |folder| folder.count())
}

async fn proposals(app: &App) -> i64 {
    app.count("SELECT count(*) FROM proposal").await
}

on_both_engines! {
    async fn a_workbook_goes_from_the_first_look_to_the_last_row(app: App) {
        plan(&app).await;
        let before = files(&app);
        let desk = app.signed_in(As::Coordinator).await;
        let sent = send(&desk, "plan", workbook(&["Tanger-Assilah", "Tetouan", "عاصمة البوغاز", "MA-CHE"])).await.created();
        // what it cannot guess, it does not: there is no channel and no language
        assert_eq!((&sent["state"], &sent["format"], &sent["consultation"]), (&json!("mapping"), &json!("xlsx"), &json!("plan")));
        assert_eq!(sent["mapping"]["columns"], mapping()["columns"]);
        let path = format!("/imports/{}", sent["id"]);
        let preview = desk.get(&format!("{path}/preview")).await.ok();
        assert_eq!(preview["headers"], json!(HEADERS));
        assert_eq!(preview["rows"][1]["row"], 3);
        assert_eq!(preview["rows"][1]["cells"][4], "Tetouan");
        assert_eq!(preview["rows"][1]["cells"][7], "2026-03-05");

        let mut wrong = mapping();
        wrong["columns"]["axis"] = json!("nothing");
        wrong["defaults"]["channel"] = json!("nothing");
        let refused = desk.put(&format!("{path}/mapping")).json(wrong).await;
        let fields: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
        assert_eq!((refused.status, fields), (422, vec![json!("columns.axis"), json!("defaults.channel")]));

        let told = desk.put(&format!("{path}/mapping")).json(mapping()).await.ok();
        assert_eq!(told["state"], "checking");
        work(&app).await;
        let shown = desk.get(&path).await.ok();
        let counts = |import: &Value| ["state", "rows", "new", "known", "wrong", "imported", "progress"].map(|name| import[name].clone());
        assert_eq!(counts(&shown["import"]), [json!("checked"), json!(4), json!(2), json!(0), json!(2), json!(0), json!(1000)]);
        assert_eq!(shown["mistakes"][0], json!({"row": 3, "column": "territory", "code": "unknown_code", "found": "Tetouan", "suggestion": null, "number": null}));
        assert_eq!(shown["unknown_words"][1], json!({"column": "territory", "word": "عاصمة البوغاز", "suggestion": null, "rows": 1}));
        let report = desk.get(&format!("{path}/report.csv?language=fr")).await;
        assert_eq!(report.header("content-disposition").unwrap(), format!("attachment; filename=\"import-{}.csv\"", sent["id"]));
        let lines: Vec<_> = report.text().trim_start_matches('\u{FEFF}').lines().map(str::to_owned).collect();
        assert_eq!(lines, [
            "ligne,colonne,code,valeur,que faire",
            "3,territory,unknown_code,Tetouan,\"Écrivez un des mots connus, ou dites ce que veut dire ce mot.\"",
            "4,territory,unknown_code,عاصمة البوغاز,\"Écrivez un des mots connus, ou dites ce que veut dire ce mot.\"",
        ]);

        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": false})).await.refused(409, "import_has_mistakes");
        let mut meant = mapping();
        meant["values"]["territory"] = json!({"عاصمة البوغاز": "MA-TNG"});
        desk.put(&format!("{path}/mapping")).json(meant).await.ok();
        work(&app).await;
        assert_eq!(proposals(&app).await, 0, "nothing is written before somebody says so");
        let started = desk.post(&format!("{path}/start")).json(json!({"skip_wrong": true})).await;
        assert_eq!((started.status, &started.json()["state"]), (202, &json!("importing")));
        work(&app).await;
        let done = desk.get(&path).await.ok();
        assert_eq!(counts(&done["import"]), [json!("done"), json!(4), json!(3), json!(0), json!(1), json!(3), json!(1000)]);
        assert_eq!(proposals(&app).await, 3);
        // the file is gone with the next round, and so is what was shown of it
        desk.get(&format!("{path}/preview")).await.refused(404, "not_found");
        jobs::run_once(app.state()).await.unwrap();
        assert_eq!((files(&app), app.count("SELECT count(*) FROM import WHERE object IS NOT NULL OR preview IS NOT NULL").await), (before, 0));
        // and cannot be taken in or read otherwise once more
        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": true})).await.refused(409, "illegal_transition");
        desk.put(&format!("{path}/mapping")).json(mapping()).await.refused(409, "illegal_transition");
        let listed = desk.get("/imports?consultation=plan").await.ok();
        assert_eq!((&listed["items"][0]["imported"], &listed["items"][0]["sent_by"]), (&json!(3), &json!(As::Coordinator.name())));
    }

    async fn a_file_in_our_own_words_is_checked_at_once(app: App) {
        let desk = app.signed_in(As::Coordinator).await;
        let sent = send(&desk, SLUG, rows_file()).await.created();
        assert_eq!((&sent["state"], &sent["format"]), (&json!("checking"), &json!("csv")));
        work(&app).await;
        let shown = desk.get(&format!("/imports/{}", sent["id"])).await.ok();
        assert_eq!((&shown["import"]["new"], &shown["import"]["wrong"]), (&json!(1), &json!(1)));
    }

    /// A worker dies between two batches. Whoever comes after goes on at the next row, and no row is there twice.
    async fn who_takes_over_goes_on_at_the_next_row(app: App) {
        plan(&app).await;
        let desk = app.signed_in(As::Coordinator).await;
        let path = checked(&app, &desk, &["MA-TNG"; 250]).await;
        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": false})).await;
        // what no check foresees stops the second batch of a hundred, at the file's row 152
        let trap = if app.store().is_postgres() {
            "ALTER TABLE proposal ADD CONSTRAINT trap CHECK (external_id <> '151')"
        } else {
            "CREATE TRIGGER trap BEFORE INSERT ON proposal WHEN NEW.external_id = '151' BEGIN SELECT RAISE(ABORT, 'trap'); END"
        };
        app.execute(trap).await;
        assert!(jobs::import::work(app.state(), &watch::channel(false).1).await.is_err());
        assert_eq!((proposals(&app).await, app.count("SELECT imported_count FROM import").await), (100, 100));
        app.execute(if app.store().is_postgres() { "ALTER TABLE proposal DROP CONSTRAINT trap" } else { "DROP TRIGGER trap" }).await;

        // as long as the first one may be alive, nobody else begins
        let second = App::beside(&app).await;
        work(&second).await;
        assert_eq!(proposals(&app).await, 100);
        second.advance(TimeDelta::minutes(2));
        // a row that was written and not counted would be known by its number
        work(&second).await;
        let shown = desk.get(&path).await.ok();
        assert_eq!((&shown["import"]["state"], &shown["import"]["imported"]), (&json!("done"), &json!(250)));
        assert_eq!(proposals(&app).await, 250);
        assert_eq!(app.count("SELECT count(DISTINCT external_id) FROM proposal").await, 250);
        second.leave().await;
    }

    /// A worker that was only slow wakes up after another took over: it finds that it is late, and writes nothing.
    async fn two_workers_write_no_row_twice(app: App) {
        plan(&app).await;
        let desk = app.signed_in(As::Coordinator).await;
        let path = checked(&app, &desk, &["MA-TNG"; 320]).await;
        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": false})).await;
        let second = App::beside(&app).await;
        second.advance(TimeDelta::minutes(2));
        tokio::join!(work(&app), work(&second));
        work(&second).await;
        assert_eq!((proposals(&app).await, app.count("SELECT imported_count FROM import").await), (320, 320));
        second.leave().await;
    }

    async fn what_cannot_be_read_is_refused_and_not_kept(app: App) {
        plan(&app).await;
        let before = files(&app);
        let desk = app.signed_in(As::Coordinator).await;
        for (bytes, code) in [
            (Vec::new(), "empty"),
            (b"axis\n\xC7\xE1".to_vec(), "not_utf8"),
            (b"PK\x03\x04 and nothing more than that".to_vec(), "not_a_workbook"),
        ] {
            let refused = send(&desk, "plan", bytes).await;
            assert_eq!((refused.status, &refused.json()["code"], &refused.json()["detail"]), (422, &json!("unreadable_file"), &json!(code)));
        }
        desk.post("/imports?consultation=plan").body("text/csv", b"axis".to_vec()).await.refused(415, "unsupported_media_type");
        send(&desk, "elsewhere", rows_file()).await.refused(404, "not_found");
        assert_eq!(files(&app), before);
        app.execute("UPDATE consultation SET state = 'published', version = version + 1 WHERE slug = 'plan'").await;
        send(&desk, "plan", rows_file()).await.refused(409, "consultation_not_open");
    }

    async fn a_file_that_breaks_off_fails_with_its_row(app: App) {
        plan(&app).await;
        let desk = app.signed_in(As::Coordinator).await;
        let mut text = rows_file();
        for row in 0..60 {
            text.push_str(&format!("\n{row},water"));
        }
        let sent = send(&desk, SLUG, [text.as_bytes(), b"\n\xC7\xE1"].concat()).await.created();
        work(&app).await;
        let shown = desk.get(&format!("/imports/{}", sent["id"])).await.ok();
        let import = &shown["import"];
        assert_eq!([&import["state"], &import["fault"], &import["fault_row"]], [&json!("failed"), &json!("not_utf8"), &json!(64)]);
    }

    async fn nothing_of_a_file_outlives_its_week(app: App) {
        plan(&app).await;
        let desk = app.signed_in(As::Coordinator).await;
        let before = files(&app);
        let done = checked(&app, &desk, &["MA-TNG", "nowhere"]).await;
        desk.post(&format!("{done}/start")).json(json!({"skip_wrong": true})).await;
        work(&app).await;
        let left = checked(&app, &desk, &["nowhere"]).await;
        app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        jobs::forget(app.state()).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM import_mistake").await, 2);
        app.advance(TimeDelta::seconds(1));
        jobs::forget(app.state()).await.unwrap();
        jobs::run_once(app.state()).await.unwrap();
        assert_eq!((app.count("SELECT count(*) FROM import_mistake").await, files(&app)), (0, before));
        // of what was taken in the counts stay; of what was not, nothing
        let desk = app.signed_in(As::Coordinator).await;
        assert_eq!(desk.get(&done).await.ok()["import"]["imported"], 1);
        desk.get(&left).await.refused(404, "not_found");
    }

    async fn a_file_is_forgotten_when_somebody_says_so(app: App) {
        plan(&app).await;
        let desk = app.signed_in(As::Coordinator).await;
        let before = files(&app);
        let path = checked(&app, &desk, &["MA-TNG", "nowhere"]).await;
        assert_eq!(files(&app), before + 1);
        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": true})).await;
        assert_eq!(desk.delete(&path).await.status, 204);
        work(&app).await;
        jobs::run_once(app.state()).await.unwrap();
        assert_eq!((proposals(&app).await, files(&app), app.count("SELECT count(*) FROM import").await), (0, before, 0));
        desk.delete(&path).await.refused(404, "not_found");
    }

    /// Nobody agreed to leave a row out. One that was right and is not any more is shown, and nothing is lost.
    async fn what_nobody_agreed_to_leave_out_is_asked_again(app: App) {
        plan(&app).await;
        let desk = app.signed_in(As::Coordinator).await;
        let path = checked(&app, &desk, &["MA-TNG", "MA-CHE"]).await;
        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": false})).await;
        app.execute("UPDATE territory SET code = 'MA-XXX' WHERE code = 'MA-CHE'").await;
        work(&app).await;
        let shown = desk.get(&path).await.ok();
        let counts = |import: &Value| ["state", "new", "wrong", "imported"].map(|name| import[name].clone());
        assert_eq!(counts(&shown["import"]), [json!("checked"), json!(1), json!(1), json!(0)]);
        assert_eq!((&shown["mistakes"][0]["row"], proposals(&app).await), (&json!(3), 0));
        // the file is still there
        desk.post(&format!("{path}/start")).json(json!({"skip_wrong": true})).await;
        work(&app).await;
        assert_eq!(counts(&desk.get(&path).await.ok()["import"]), [json!("done"), json!(1), json!(1), json!(1)]);
    }

    async fn a_machine_that_fails_is_not_the_files_fault(app: App) {
        let desk = app.signed_in(As::Coordinator).await;
        let sent = send(&desk, SLUG, rows_file()).await.created();
        let id = sent["id"].as_i64().unwrap();
        let row = api::store::import::by_id(app.store().read(), id).await.unwrap().unwrap();
        let file = app.photos().join(row.object.unwrap());
        // a folder can be opened and not be read
        let kept = file.with_extension("kept");
        std::fs::rename(&file, &kept).unwrap();
        std::fs::create_dir(&file).unwrap();
        work(&app).await;
        let import = desk.get(&format!("/imports/{id}")).await.ok()["import"].clone();
        assert_eq!((&import["state"], &import["fault"]), (&json!("checking"), &Value::Null));
        std::fs::remove_dir(&file).unwrap();
        std::fs::rename(&kept, &file).unwrap();
        app.advance(TimeDelta::seconds(2));
        work(&app).await;
        assert_eq!(desk.get(&format!("/imports/{id}")).await.ok()["import"]["state"], "checked");
    }
}
