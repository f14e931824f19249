//! Editions on both engines: who publishes one and when, what it says, and that it stays what it is.

use chrono::TimeDelta;
use domain::ledger::hex;
use sea_orm::ConnectionTrait as _;
use sha2::{Digest as _, Sha256};

use crate::{
    files::{command, import_right, plan},
    on_both_engines,
    support::*,
};

/// So many people of a gender on an axis.
type Group = (&'static str, &'static str, usize);

/// 60 participations: 40 on water and 20 on roads, 30 women, 26 men, 4 who did not say.
const FIRST: [Group; 5] =
    [("water", "female", 20), ("water", "male", 16), ("water", "", 4), ("roads", "female", 10), ("roads", "male", 10)];

/// A file of these groups, numbered from `from`.
fn file(from: usize, groups: &[Group]) -> String {
    let people = groups.iter().flat_map(|(axis, gender, count)| std::iter::repeat_n((axis, gender), *count));
    let line = |(number, (axis, gender)): (usize, (&&str, &&str))| {
        format!(
            "{number},{axis},MA-CHE,territorial_meeting,fr,{gender},2026-03-05,Titre {number},Le puits du douar est sec en été,Creuser un nouveau puits collectif\n"
        )
    };
    let head = "external_id,axis,territory,channel,language,gender,submitted_on,title,problem,solution\n".to_owned();
    head + &(from..).zip(people).map(line).collect::<String>()
}

/// The cells of a table of an edition.
fn cells(edition: &Value, rows: &str, columns: Option<&str>) -> Vec<Value> {
    let tables = edition["tables"].as_array().unwrap();
    let table = tables.iter().find(|table| table["rows"] == rows && table["columns"] == json!(columns));
    table.unwrap_or_else(|| panic!("{rows} x {columns:?}"))["cells"].as_array().unwrap().clone()
}

/// What stands in a one-way table, in its order.
fn one_way(edition: &Value, rows: &str) -> Vec<Option<u64>> {
    cells(edition, rows, None).iter().map(|cell| cell["count"].as_u64()).collect()
}

const LATEST: &str = "/consultations/plan/editions/latest";

on_both_engines! {
    async fn an_analyst_publishes_what_protects_everybody(app: App) {
        let plan = plan(&app).await;
        import_right(&app, &plan, &file(1, &FIRST)).await;
        let analyst = app.signed_in(As::Analyst).await;
        app.public().get(LATEST).await.refused(404, "not_found");

        let preview = analyst.get("/editions/preview?consultation=plan").await.ok();
        assert_eq!((&preview["may_publish"], &preview["refused"]), (&json!(true), &json!([])));
        assert_eq!((&preview["new_participations"], &preview["next_at"]), (&json!(60), &json!(null)));
        let hidden: Vec<_> = preview["hidden"].as_array().unwrap().iter().filter(|cell| cell["rows"] == "gender").collect();
        // 30 + 26 + 4 = 60: the four would be the rest of what is shown
        let told: Vec<_> = hidden.iter().map(|cell| (&cell["row"], &cell["count"], &cell["why"])).collect();
        assert_eq!(told, [
            (&json!("male"), &json!(26), &json!("protects_another")),
            (&json!("not_stated"), &json!(4), &json!("below_threshold")),
        ]);
        app.public().get(LATEST).await.refused(404, "not_found");

        let answer = analyst.post("/editions").json(json!({"consultation": "plan", "number": 1})).await;
        let published = app.public().get(LATEST).await;
        assert_eq!(published.bytes, answer.bytes, "what was answered is what everybody reads");
        let edition = answer.created();
        assert_eq!(edition, preview["edition"], "what was previewed is what is published");
        assert_eq!((&edition["number"], &edition["base"], &edition["taken_at"]), (&json!(1), &json!(60), &json!(START)));
        assert_eq!(one_way(&edition, "axis"), [Some(40), Some(20)]);
        assert_eq!(one_way(&edition, "gender"), [Some(30), None, None]);
        // whoever did not say where they live would be 60 of 60, and the rest nobody
        assert_eq!(one_way(&edition, "residence"), [None; 4]);
        // the ledger tells where each of them stands
        assert_eq!(one_way(&edition, "state")[0], Some(60));
        // of the 20 on roads, two tens shown (nothing under ten is) would leave nobody who did not say; one of them hidden
        // leaves four at most, as 30 women less the 16 to 24 on water are six at least
        let crossed = cells(&edition, "axis", Some("gender"));
        for (cell, (count, shown)) in crossed.iter().zip([(20, true), (16, true), (4, false), (10, false), (10, false), (0, false)]) {
            match cell["count"].as_u64() {
                Some(rounded) => assert!(shown && rounded % 5 == 0 && rounded.abs_diff(count) < 5, "{cell}"),
                None => assert!(!shown, "{cell}"),
            }
        }

        // the checksum is that of the answer
        let list = app.public().get("/consultations/plan/editions").await.ok();
        let checksum = hex(&Sha256::digest(&published.bytes).into());
        assert_eq!(list["items"], json!([{"number": 1, "taken_at": START, "base": 60, "checksum": checksum}]));
        assert_eq!(published.header("etag"), Some(format!("\"{checksum}\"").as_str()));
        for unknown in ["2", "0", "-1", "first", "99999999999999999999"] {
            app.public().get(&format!("/consultations/plan/editions/{unknown}")).await.refused(404, "not_found");
        }
    }

    async fn ten_new_ones_and_another_day(app: App) {
        let plan = plan(&app).await;
        let analyst = app.signed_in(As::Analyst).await;
        let publish = async |number: u64| {
            analyst.post("/editions").json(json!({"consultation": "plan", "number": number})).await
        };
        import_right(&app, &plan, &file(1, &[("water", "female", 9)])).await;
        publish(1).await.refused(409, "edition_too_few");
        import_right(&app, &plan, &file(10, &[("roads", "male", 1)])).await;
        publish(2).await.refused(409, "version_conflict");
        publish(1).await.created();
        let first = app.public().get(LATEST).await.bytes;

        import_right(&app, &plan, &file(11, &[("roads", "male", 9)])).await;
        publish(2).await.refused(409, "edition_too_few");
        import_right(&app, &plan, &file(20, &[("water", "female", 1)])).await;
        publish(2).await.refused(409, "edition_too_soon");
        let preview = analyst.get("/editions/preview?consultation=plan").await.ok();
        // 11 November begins at 23:00 UTC in Casablanca
        assert_eq!((&preview["refused"], &preview["next_at"]), (&json!(["too_soon"]), &json!("2026-11-10T23:00:00Z")));
        app.advance(TimeDelta::hours(14));
        let analyst = app.signed_in(As::Analyst).await; // the session is over
        let publish = async |number: u64| {
            analyst.post("/editions").json(json!({"consultation": "plan", "number": number})).await
        };
        // of two who press at once, one publishes
        let (one, other) = tokio::join!(publish(2), publish(2));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text(), other.text());
        assert_eq!(app.public().get(LATEST).await.ok()["previous_base"], 10);
        assert_eq!(app.public().get("/consultations/plan/editions/1").await.bytes, first);

        let entries = app.signed_in(As::Coordinator).await.all("/audit?action=publish_edition").await;
        let keys: Vec<_> = entries.iter().map(|entry| entry["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["plan 2", "plan 1"]);
    }

    async fn an_edition_is_never_changed(app: App) {
        let plan = plan(&app).await;
        import_right(&app, &plan, &file(1, &FIRST)).await;
        let analyst = app.signed_in(As::Analyst).await;
        analyst.post("/editions").json(json!({"consultation": "plan", "number": 1})).await.created();
        let before = app.public().get(LATEST).await.bytes;
        for sql in [
            "UPDATE edition SET content = '{}'",
            "DELETE FROM edition",
            "INSERT INTO edition SELECT * FROM edition",
            "DELETE FROM consultation",
        ] {
            assert!(app.store().write().await.unwrap().execute_unprepared(sql).await.is_err(), "{sql}");
        }
        if app.engine() == Engine::Sqlite {
            let sql = "INSERT OR REPLACE INTO edition SELECT * FROM edition";
            assert!(app.store().write().await.unwrap().execute_unprepared(sql).await.is_err(), "{sql}");
        }
        // what comes after does not change it, nor does what was counted
        import_right(&app, &plan, &file(100, &[("roads", "female", 30)])).await;
        app.execute("UPDATE proposal SET gender = 'male'").await;
        assert_eq!(app.public().get(LATEST).await.bytes, before);
        let reconciled = command(&app, &["reconcile"], "").await;
        assert!(!reconciled.printed().contains(": kept "), "the counts follow what is stored");
    }

    async fn nobody_reads_true_counts_but_analysts(app: App) {
        let plan = plan(&app).await;
        import_right(&app, &plan, &file(1, &FIRST)).await;
        let analyst = app.signed_in(As::Analyst).await;
        analyst.post("/editions").json(json!({"consultation": "plan", "number": 1})).await.created();
        // the live counts tell what the ledger tells, and no more
        let live = app.public().get("/consultations/plan/counts").await.ok();
        let mut keys: Vec<_> = live.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["answered", "base", "public_proposals", "state", "taken_at", "unit"]);
        // a coordinator looks at the preview, an analyst publishes
        let coordinator = app.signed_in(As::Coordinator).await;
        coordinator.get("/editions/preview?consultation=plan").await.ok();
        coordinator.post("/editions").json(json!({"consultation": "plan", "number": 2})).await.refused(403, "forbidden");
        analyst.get("/editions/preview?consultation=none").await.refused(404, "not_found");
        analyst.post("/editions").json(json!({"consultation": "none", "number": 1})).await.invalid(&[("consultation", "unknown")]);
        analyst.post("/editions").json(json!({"consultation": "plan", "number": 1, "force": true})).await.invalid(&[("force", "unknown")]);
    }
}
