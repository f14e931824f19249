//! The audit log: nothing that somebody with an account does goes unwritten, nobody changes what is written, and the
//! coordinators find it.

use api::jobs::run_once;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    on_both_engines,
    role_matrix::{TABLE, somebody_who_may},
    support::{contract::Contract, requests::Things, sample, *},
};

/// Operations that leave no entry, and why.
const NO_ENTRY: &[(&str, &str)] = &[
    // nobody is signed in: what a participant does stands in the proposal's path
    ("submit_proposal", "a visitor's"),
    ("create_attachment", "a visitor's"),
    ("show_own_attachment", "a participant's own proposal"),
    ("look_up_receipt", "a participant's own proposal"),
    ("answer_clarification", "a participant's own proposal"),
    ("withdraw_proposal", "a participant's own proposal"),
    ("appeal_decision", "a participant's own proposal"),
    ("change_contact", "a participant's own proposal"),
    ("export_own_data", "a participant's own proposal"),
    ("erase_own_data", "a participant's own proposal"),
    ("unsubscribe_address", "a participant's own proposal"),
    ("unsubscribe_one_click", "a participant's own proposal"),
    ("check_texts", "a visitor's; keeps nothing"),
    ("show_form_token", "a visitor's; keeps nothing"),
    // what everybody may read
    ("show_live", "public"),
    ("show_ready", "public"),
    ("show_metrics", "public"),
    ("show_about", "public"),
    ("list_consultations", "public"),
    ("show_consultation", "public"),
    ("list_proposals", "public"),
    ("count_proposals", "public"),
    ("list_editions", "public"),
    ("show_edition", "public"),
    ("show_proposal", "public"),
    ("show_attachment", "public"),
    ("show_open_data", "public"),
    ("fetch_dataset", "public"),
    ("fetch_edition", "public"),
    ("fetch_package", "public"),
    ("show_catalogue", "public"),
    ("show_search_description", "public"),
    ("show_feed", "public"),
    ("show_ledger", "public"),
    ("list_ledger_entries", "public"),
    ("export_ledger", "public"),
    ("list_checkpoints", "public"),
    ("prove_inclusion", "public"),
    ("prove_consistency", "public"),
    ("create_checkpoint", "changes nothing but when the log is signed, and is public itself"),
    // reads without anybody's personal data
    ("show_session", "one's own account"),
    ("show_second_factor", "one's own account"),
    ("list_own_sessions", "one's own account"),
    ("begin_second_factor", "nothing is in force until it is confirmed"),
    ("look_up_invitation", "changes nothing"),
    ("request_password", "changes nothing before the link is used, which is an entry"),
    // these take a code, a link or a handle that only its owner has: `accounts` looks for their entries
    ("accept_invitation", "in `accounts`"),
    ("present_code", "in `accounts`"),
    ("confirm_second_factor", "in `accounts`"),
    ("end_session", "in `accounts`"),
    ("summarise_desk", "counts"),
    ("list_queue", "titles and beginnings, nothing about authors"),
    ("list_assignees", "names of colleagues, as the desk shows them everywhere"),
    ("list_drafts", "the committee's own words"),
    ("show_draft", "the committee's own words beside the proposals' texts"),
    ("show_draft_version", "the committee's own words"),
    ("check_draft", "changes nothing"),
    ("show_statistics", "counts"),
    ("preview_edition", "counts"),
    ("publish_edition", "in `editions`: it takes ten proposals"),
    ("list_all_consultations", "settings"),
    ("show_consultation_settings", "settings"),
    ("show_retention", "counts of what rules would take"),
    ("list_audit", "the log itself: its readers would fill it"),
    ("list_audit_actors", "names of colleagues"),
    ("list_prepared_exports", "which files there are, nothing of what is in them"),
    ("fetch_prepared_export", "in `export`: it takes the worker"),
    ("list_export_approvals", "who asked, who signed"),
    ("list_imports", "counts"),
    ("show_import", "counts, and words of the file that are on no list"),
    ("fetch_export", "in `approvals`: it takes three people"),
];

async fn log(app: &App, query: &str) -> Vec<Value> {
    app.signed_in(As::Coordinator).await.all(&format!("/audit{query}")).await
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

/// How the engine says it will answer.
async fn plan(app: &App, sql: &str) -> String {
    let db = app.store().read();
    let (start, column) = match app.engine() {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
        Engine::Postgres => ("EXPLAIN ", 0),
    };
    let rows =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), format!("{start}{sql}"))).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap()).collect::<Vec<_>>().join("\n")
}

on_both_engines! {
    /// Whatever changes something as staff is written down once, with who, and with the request's own name. An
    /// operation that is new must say here why it need not be.
    async fn every_operation_of_staff_leaves_its_entry(app: App) {
        for (id, _) in TABLE.iter().filter(|(id, _)| !NO_ENTRY.iter().any(|(exempt, _)| exempt == id)) {
            let things = Things::make(&app).await;
            let operation = Contract::get().operations().iter().find(|operation| operation.id == *id).unwrap();
            let who = match *id {
                "sign_in" => As::SecondModerator,
                id => somebody_who_may(id).unwrap(),
            };
            let client = if *id == "sign_in" { app.public() } else { app.signed_in(who).await };
            let version = things.version(&app, operation).await;
            let body = match *id {
                "renew_recovery_codes" => Some(json!({"password": PASSWORD})),
                "change_password" => Some(json!({"current": PASSWORD, "new": PASSWORD})),
                "edit_consultation" => {
                    let mut body = things.body(operation).unwrap();
                    // other words would need another version, and then a new consent with every proposal
                    let own = sample::consultation(SLUG).consent_text;
                    body["consent"]["text"] = serde_json::to_value(own).unwrap();
                    Some(body)
                }
                "move_consultation" => Some(json!({"edge": "close"})),
                "decide_proposals" => {
                    let mut body = things.body(operation).unwrap();
                    body["items"][0]["version"] = json!(version.max(1));
                    Some(body)
                }
                _ => things.body(operation),
            };
            let answer = things.call(&client, operation, body).if_match(version).await;
            assert!(answer.status < 300, "{id}: {}", answer.text());
            let request = answer.header("x-request-id").unwrap();
            let account = app.account_id(who).await;
            let rows = app.count(&format!("SELECT count(*) FROM audit WHERE request_id = '{request}' AND account_id = {account} AND outcome = 'done'")).await;
            assert_eq!(rows, 1, "{id} is not in the audit log");
            if *id == "move_consultation" {
                app.execute("UPDATE consultation SET state = 'open', version = version + 1").await;
            }
        }
    }

    /// What was refused or undone is not in the log as done.
    async fn what_did_not_happen_is_not_written_down(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        desk.decide_on(&receipt.reference, 99, json!({"edge": "retain"})).await.refused(409, "version_conflict");
        assert_eq!(app.count("SELECT count(*) FROM audit").await, 0);
    }

    /// The path of one proposal through the desk, as its entries tell it: newest first, with nothing but codes.
    async fn the_log_tells_who_did_what_to_a_proposal(app: App) {
        let receipt = app.submit(json!({"title": "<script>alert(1)</script>", "email": "amina@example.org"})).await;
        let (first, second) = (app.signed_in(As::Moderator).await, app.signed_in(As::SecondModerator).await);
        first.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "threat", "note": "Un secret"})).await.ok();
        app.advance(TimeDelta::hours(1));
        second.decide(&receipt.reference, json!({"edge": "withhold"})).await.ok();
        let entries = log(&app, &format!("?key={}", receipt.reference)).await;
        assert_eq!(actions(&entries), ["withhold", "open_proposal", "request_withhold", "open_proposal"]);
        assert_eq!((&entries[0]["actor"]["name"], &entries[0]["role"], &entries[0]["object"]), (&json!("Brahim"), &json!("moderator"), &json!("proposal")));
        assert_eq!((&entries[0]["at"], &entries[0]["outcome"]), (&json!("2026-11-10T10:00:00Z"), &json!("done")));
        let columns = "CAST(id AS TEXT) || action || object || object_key || outcome || request_id";
        let all = app.texts(&format!("SELECT {columns} FROM audit")).await.join("\n");
        for never in ["script", "amina", "@", "secret"] {
            assert!(!all.contains(never), "{never} in {all}");
        }
    }

    /// Filters narrow, alone and together; pages neither skip nor repeat; what is no filter is refused.
    async fn the_log_is_searched(app: App) {
        let receipts = [app.submit(json!({})).await, app.submit(json!({})).await];
        let moderator = app.signed_in(As::Moderator).await;
        for receipt in &receipts {
            moderator.desk(&receipt.reference).await;
        }
        app.advance(TimeDelta::days(1));
        let (moderator, analyst) = (app.signed_in(As::Moderator).await, app.signed_in(As::Analyst).await);
        analyst.get(&format!("/exports/counts.csv?consultation={SLUG}&rows=axis")).await;
        moderator.decide(&receipts[1].reference, json!({"edge": "retain"})).await.ok();
        let id = app.account_id(As::Moderator).await;
        for (query, expected) in [
            (String::new(), &["retain", "open_proposal", "export_counts", "open_proposal", "open_proposal"][..]),
            (format!("?actor={id}"), &["retain", "open_proposal", "open_proposal", "open_proposal"]),
            (format!("?actor={id}&action=retain"), &["retain"]),
            ("?action=open_proposal".into(), &["open_proposal"; 3]),
            ("?object=export".into(), &["export_counts"]),
            (format!("?object=proposal&key={}", receipts[0].reference), &["open_proposal"]),
            ("?from=2026-11-11T00:00:00Z".into(), &["retain", "open_proposal", "export_counts"]),
            ("?to=2026-11-11T00:00:00Z".into(), &["open_proposal"; 2]),
            ("?from=2026-11-10T09:00:00Z&to=2026-11-10T09:00:01Z".into(), &["open_proposal"; 2]),
            ("?key=TTA-26-999999".into(), &[]),
        ] {
            assert_eq!(actions(&log(&app, &query).await), expected, "{query}");
        }
        // one a page: entries of the same instant are neither skipped nor repeated
        let coordinator = app.signed_in(As::Coordinator).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = coordinator.get(&format!("/audit?limit=1{cursor}")).await.ok();
            seen.push(page["items"][0]["id"].as_i64().unwrap());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, [5, 4, 3, 2, 1]);
        for (query, code) in [
            ("?action=dance", "invalid_parameter"),
            ("?object=proposal;", "invalid_parameter"),
            ("?actor=1%20OR%201=1", "invalid_parameter"),
            ("?from=yesterday", "invalid_parameter"),
            ("?key=a%00b", "invalid_parameter"),
            ("?order=at", "unknown_parameter"),
        ] {
            coordinator.get(&format!("/audit{query}")).await.refused(400, code);
        }
        let hostile = log(&app, "?key=%27%20OR%20%271%27=%271").await;
        assert!(hostile.is_empty(), "a key is a value, never a piece of SQL");
    }

    /// Nobody changes or forgets an entry, whatever statement they try.
    async fn the_database_refuses_to_change_the_log(app: App) {
        let receipt = app.submit(json!({})).await;
        app.signed_in(As::Moderator).await.desk(&receipt.reference).await;
        let mut attempts = vec![
            "UPDATE audit SET account_id = NULL",
            "UPDATE audit SET at = at WHERE id = 1",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE id = 1",
            "INSERT INTO audit SELECT * FROM audit WHERE id = 1 ON CONFLICT (id) DO UPDATE SET action = 'merge'",
        ];
        match app.engine() {
            Engine::Sqlite => attempts.push("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 1"),
            Engine::Postgres => attempts.push("TRUNCATE audit"),
        }
        for attempt in attempts {
            let tx = app.store().write().await.unwrap();
            let error = tx.execute_unprepared(attempt).await.expect_err(attempt).to_string();
            assert!(error.contains("append-only"), "{attempt}: {error}");
            drop(tx);
        }
        assert_eq!(app.texts("SELECT action FROM audit").await, ["open_proposal"]);
    }

    /// Every filter finds its page by an index, in the order of the page.
    async fn a_search_walks_an_index(app: App) {
        let insert = "INSERT INTO audit (at, account_id, role, action, object, object_key, outcome, request_id)
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
            SELECT AT, 1 + n % 7, 'moderator', CASE n % 20 WHEN 0 THEN 'retain' ELSE 'open_proposal' END, CASE n % 20 WHEN 0 THEN 'draft' ELSE 'proposal' END, 'TTA-26-' || n, 'done', 'x' FROM n";
        match app.engine() {
            // nothing of the program collects statistics there
            Engine::Sqlite => {
                let at = "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-11-10 09:00:00', n || ' seconds')";
                app.execute(&insert.replace("AT,", &format!("{at},"))).await;
            }
            Engine::Postgres => {
                app.execute(&insert.replace("AT,", "timestamptz '2026-11-10T09:00:00Z' + n * interval '1 s',")).await;
                app.execute("ANALYZE audit").await;
            }
        }
        for (condition, index) in [
            ("account_id = 3", "audit_account"),
            ("action = 'retain'", "audit_action"),
            ("object = 'draft'", "audit_object"),
            ("object_key = 'TTA-26-77'", "audit_key"),
            ("at >= '2026-11-10T09:00:00+00:00' AND at < '2026-11-12T09:00:00+00:00'", "audit_at"),
            ("(at, id) < ('2026-11-12T09:00:00+00:00', 4000)", "audit_at"),
            ("account_id = 3 AND (at, id) < ('2026-11-12T09:00:00+00:00', 4000)", "audit_account"),
        ] {
            let plan = plan(&app, &format!("SELECT * FROM audit WHERE {condition} ORDER BY at DESC, id DESC LIMIT 21")).await;
            eprintln!("{condition}\n{plan}\n");
            assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{condition}: {plan}");
            let sorts = plan.contains("Sort") || plan.contains("TEMP B-TREE");
            assert!(!sorts || condition.contains("object_key"), "{condition}: {plan}");
        }
    }

    /// Signing in, failing to, and out: by account where there is one, never by address.
    async fn sessions_are_written_down(app: App) {
        let sign_in = async |email: &str, password: &str| {
            app.public().post("/session").json(json!({"email": email, "password": password})).await.status
        };
        assert_eq!(sign_in(&As::Analyst.email(), PASSWORD).await, 200);
        assert_eq!(sign_in(&As::Analyst.email(), "not this one").await, 401);
        assert_eq!(sign_in("nobody@example.org", PASSWORD).await, 401);
        let entries = log(&app, "?action=sign_in").await;
        let told: Vec<_> = entries.iter().map(|entry| (&entry["outcome"], &entry["actor"]["name"], &entry["key"])).collect();
        let id = json!(app.account_id(As::Analyst).await.to_string());
        assert_eq!(told, [
            (&json!("refused"), &Value::Null, &json!("unknown")),
            (&json!("refused"), &json!("Ghita"), &id),
            (&json!("done"), &json!("Ghita"), &id),
        ]);
        let client = app.signed_in(As::Analyst).await;
        client.put("/session/password").json(json!({"current": "wrong wrong wrong", "new": PASSWORD})).await.invalid(&[("current", "invalid")]);
        client.delete("/session").await.no_content();
        let entries = log(&app, &format!("?actor={id}").replace('"', "")).await;
        assert_eq!(actions(&entries)[..2], ["sign_out", "change_password"]);
        assert_eq!(entries[1]["outcome"], "refused");
    }

    /// Whoever tries what is not theirs is turned away, and the coordinators can see it.
    async fn being_turned_away_is_written_down(app: App) {
        let receipt = app.submit(json!({"territory": "MA-TET"})).await;
        app.signed_in(As::ScopedModerator).await.get(&format!("/desk/proposals/{}", receipt.reference)).await.refused(403, "forbidden");
        app.signed_in(As::Administrator).await.get(&format!("/exports/proposals.csv?consultation={SLUG}")).await.refused(403, "forbidden");
        let entries = log(&app, "?action=be_turned_away").await;
        let told: Vec<_> = entries.iter().map(|entry| (entry["actor"]["name"].as_str().unwrap(), entry["key"].as_str().unwrap(), entry["outcome"].as_str().unwrap())).collect();
        assert_eq!(told, [
            ("Hassan", "/api/v1/exports/proposals.csv", "refused"),
            ("Chaimae", "/api/v1/desk/proposals/{reference}", "refused"),
        ]);
        let reads = app.count("SELECT count(*) FROM audit WHERE action IN ('open_proposal', 'export_proposals')").await;
        assert_eq!(reads, 0, "what was refused was not read");
    }

    /// A hundred reads in ten minutes are told to both coordinators, once an hour; ninety-nine are not.
    async fn very_many_reads_raise_an_alarm(app: App) {
        let receipt = app.submit(json!({})).await;
        let reader = app.signed_in(As::Moderator).await;
        let read = async |times: usize| {
            for _ in 0..times {
                reader.desk(&receipt.reference).await;
            }
        };
        let alarms = async || app.count("SELECT count(*) FROM audit WHERE action = 'mass_read'").await;
        read(60).await;
        app.advance(TimeDelta::minutes(11));
        read(99).await;
        // a colleague's reads are the colleague's
        app.signed_in(As::SecondModerator).await.desk(&receipt.reference).await;
        assert_eq!(alarms().await, 0, "no ten minutes hold a hundred");
        read(1).await;
        assert_eq!(alarms().await, 1);
        read(20).await;
        assert_eq!(alarms().await, 1, "once an hour");
        run_once(app.state()).await.unwrap();
        let mails = app.state().mailer.memory().unwrap().sent.lock().unwrap().clone();
        let mut to: Vec<_> = mails.iter().map(|mail| mail.recipient.clone()).collect();
        to.sort_unstable();
        assert_eq!(to, [As::Coordinator.email(), As::SecondCoordinator.email()]);
        let id = app.account_id(As::Moderator).await;
        for mail in &mails {
            assert!(mail.rendered.text.contains("> Amina") && mail.rendered.text.contains(&format!("/ar/administration/audit/?actor={id}")), "{}", mail.rendered.text);
        }
        app.advance(TimeDelta::minutes(61));
        read(100).await;
        assert_eq!(alarms().await, 2, "an hour later it is news again");
        let entries = log(&app, "?action=mass_read").await;
        assert_eq!((&entries[0]["actor"]["name"], &entries[0]["object"]), (&json!("Amina"), &json!("account")));
    }
}
