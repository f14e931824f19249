//! The public ledger: that every step is in it, that nobody can change it, and that outsiders can check it.

use std::collections::BTreeSet;

use api::store;
use domain::ledger::{
    Hash, commitment, leaf_hash,
    note::{Checkpoint, PublicKey},
    tree::{grew, includes},
    unhex,
    verify::{LeafReceipt, check},
};
use sea_orm::ConnectionTrait as _;

use crate::{on_both_engines, support::*};

/// What everybody can fetch: the key, the log's text, the newest checkpoint as signed and as read.
async fn published(app: &App) -> (PublicKey, String, String, Checkpoint) {
    let ledger = app.public().get("/ledger").await.ok();
    let key: PublicKey = ledger["key"].as_str().unwrap().parse().unwrap();
    let note = ledger["checkpoint"]["note"].as_str().unwrap().to_owned();
    let log = app.public().get("/ledger/log").await.text();
    let checkpoint = key.open(&note).unwrap();
    (key, log, note, checkpoint)
}

fn hashes(path: &Value) -> Vec<Hash> {
    path.as_array().unwrap().iter().map(|hash| unhex(hash.as_str().unwrap()).unwrap()).collect()
}

async fn sign(app: &App) {
    app.signed_in(As::Coordinator).await.post("/ledger/checkpoints").await.created();
}

on_both_engines! {
    async fn witnesses_are_sent_the_newest_checkpoint_once_a_day(app: App) {
        let app = App::start_with(app.engine(), &[("TACHAWOR_WITNESSES", "ar:Amina@example.net, fr:omar@example.net")]).await;
        let sent = || app.state().mailer.memory().unwrap().sent.lock().unwrap().clone();
        api::jobs::run_once(app.state()).await.unwrap();
        assert!(sent().is_empty(), "there is no checkpoint yet");
        app.submit(json!({})).await;
        api::jobs::run_once(app.state()).await.unwrap();
        api::jobs::run_once(app.state()).await.unwrap();
        let mails = sent();
        assert_eq!(mails.iter().map(|mail| mail.recipient.as_str()).collect::<Vec<_>>(), ["amina@example.net", "omar@example.net"]);
        let ledger = app.public().get("/ledger").await.ok();
        assert_eq!(ledger["witnesses"], 2);
        let note = ledger["checkpoint"]["note"].as_str().unwrap();
        for mail in &mails {
            // as it stands in the text, each line marked as quoted: what a witness keeps must verify
            let quoted: String = mail.rendered.text.lines().filter_map(|line| line.strip_prefix("> ")).map(|line| format!("{line}\n")).collect();
            assert_eq!(quoted, note);
        }
        app.submit(json!({})).await;
        app.advance(TimeDelta::hours(24) - TimeDelta::milliseconds(1));
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(sent().len(), 2);
        app.advance(TimeDelta::milliseconds(1));
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(sent().len(), 4);
        app.stop().await;
    }

    /// L01: the receipt of every submission opens its entry, is signed, and its entry is proven to be in the log.
    async fn a_receipt_carries_its_leaf_and_the_log_proves_it(app: App) {
        let path = format!("/consultations/{SLUG}/proposals");
        let mut receipts = Vec::new();
        for number in 0..9 {
            let answer = app.public().post(&path).json(proposal(json!({"title": format!("Puits n° {number}")}))).await.created();
            let receipt: LeafReceipt = serde_json::from_value(answer["ledger"].clone()).unwrap();
            assert!(receipt.content.contains(&format!("Puits n° {number}")));
            assert!(!receipt.entry.contains("Puits"), "an entry says nothing in words");
            receipts.push((receipt, answer["code"].as_str().unwrap().to_owned()));
        }
        let waits = app.public().get(&format!("/ledger/inclusion?leaf={}", receipts[0].0.leaf_hash)).await.ok();
        assert_eq!(waits, json!({"position": null, "path": [], "checkpoint": null}));
        sign(&app).await;

        let (key, log, note, checkpoint) = published(&app).await;
        let leaves: Vec<_> = receipts.iter().map(|(receipt, _)| receipt.clone()).collect();
        let report = check(&key, &log, &[&note], &leaves).unwrap();
        assert_eq!((report.entries, report.submitted), (9, 9));
        for (receipt, code) in &receipts {
            let proof = app.public().get(&format!("/ledger/inclusion?leaf={}", receipt.leaf_hash)).await.ok();
            let leaf = leaf_hash(receipt.entry.as_bytes());
            let position = proof["position"].as_u64().unwrap();
            assert!(includes(leaf, position, checkpoint.size, &hashes(&proof["path"]), &checkpoint.root));
            // who comes back with the code gets the same
            let again = app.public().post("/receipts/lookup").json(json!({"code": code})).await.ok();
            assert_eq!(serde_json::from_value::<LeafReceipt>(again["ledger"].clone()).unwrap(), *receipt);
        }
    }

    /// L03: what the log counts is what the public count says, after every kind of step.
    async fn submitted_is_the_sum_of_states(app: App) {
        let desk = app.signed_in(As::Coordinator).await;
        let text = json!({"text": "Merci, mais un programme le fait déjà.", "language": "fr"});
        for number in 0..6 {
            let receipt = app.submit(json!({"title": format!("Une idée n° {number}")})).await;
            match number {
                0 => drop(desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok()),
                1 => drop(desk.decide(&receipt.reference, json!({"edge": "refuse", "reason": "not_feasible", "response": text})).await.ok()),
                2 => drop(app.public().post("/receipts/withdraw").json(json!({"code": receipt.code})).await.ok()),
                _ => {}
            }
        }
        sign(&app).await;
        let (key, log, note, _) = published(&app).await;
        let report = check(&key, &log, &[&note], &[]).unwrap();
        let states: Vec<_> = report.states.iter().map(|(state, count)| (state.as_str(), *count)).collect();
        let mut expected = [("submitted", 3), ("retained", 1), ("not_retained", 1), ("withdrawn", 1)];
        let mut found = states.clone();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(report.submitted, 6);
        assert!(log.contains(r#""reason":"not_feasible""#));
        assert!(!log.contains("programme"), "responses stay out of the log");
        let (steps, wrong) = store::ledger::reconcile(app.store().read()).await.unwrap();
        assert_eq!((steps, wrong), (9, vec![]));
    }

    async fn nobody_can_change_it(app: App) {
        app.submit(json!({})).await;
        sign(&app).await;
        for change in [
            "UPDATE ledger SET entry = 'x'", "DELETE FROM ledger", "UPDATE ledger_node SET hash = leaf FROM ledger",
            "DELETE FROM ledger_node", "UPDATE ledger_checkpoint SET size = 0", "DELETE FROM ledger_checkpoint",
        ] {
            let tx = app.store().write().await.unwrap();
            let refused = tx.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{change}: {refused}");
        }
    }

    async fn older_checkpoints_are_proven_to_be_beginnings(app: App) {
        let mut known: Vec<Checkpoint> = Vec::new();
        for _ in 0..4 {
            for _ in 0..3 {
                app.submit(json!({})).await;
            }
            sign(&app).await;
            let (_, _, _, checkpoint) = published(&app).await;
            for old in &known {
                let path = format!("/ledger/consistency?from={}&to={}", old.size, checkpoint.size);
                let proof = app.public().get(&path).await.ok();
                assert!(grew(old.size, &old.root, checkpoint.size, &checkpoint.root, &hashes(&proof["path"])));
            }
            known.push(checkpoint);
        }
        let sizes: Vec<_> = known.iter().map(|checkpoint| checkpoint.size).collect();
        assert_eq!(sizes, [3, 6, 9, 12]);
        app.public().get("/ledger/consistency?from=3&to=99").await.invalid(&[("to", "invalid")]);
        app.public().get("/ledger/inclusion?leaf=12").await.invalid(&[("leaf", "invalid")]);
        let nobody = "0".repeat(64);
        app.public().get(&format!("/ledger/inclusion?leaf={nobody}")).await.refused(404, "not_found");
    }

    /// The worker places what waits at once, and signs a log that grows once a minute, one that does not once a day.
    async fn checkpoints_come_by_themselves(app: App) {
        let work = async || {
            api::jobs::run_once(app.state()).await.unwrap();
        };
        let placed = async || app.count("SELECT COUNT(*) FROM ledger").await;
        let signed = async || app.count("SELECT COUNT(*) FROM ledger_checkpoint").await;
        work().await;
        assert_eq!((placed().await, signed().await), (0, 0));
        app.submit(json!({})).await;
        work().await;
        assert_eq!((placed().await, signed().await), (1, 1));
        app.submit(json!({})).await;
        work().await;
        assert_eq!((placed().await, signed().await), (2, 1));
        app.advance(TimeDelta::seconds(59));
        work().await;
        assert_eq!((placed().await, signed().await), (2, 1));
        app.advance(TimeDelta::seconds(1));
        work().await;
        assert_eq!((placed().await, signed().await), (2, 2));
        app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
        work().await;
        assert_eq!((placed().await, signed().await), (2, 2));
        app.advance(TimeDelta::seconds(1));
        work().await;
        assert_eq!((placed().await, signed().await), (2, 3));
        let list = app.public().get("/ledger/checkpoints").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
        let entries = app.public().get("/ledger/entries?limit=1").await.ok();
        assert_eq!((&entries["items"][0]["position"], &entries["next"]), (&json!(0), &json!("c0")));
        let rest = app.public().get("/ledger/entries?limit=1&cursor=c0").await.ok();
        assert_eq!((&rest["items"][0]["position"], &rest["next"]), (&json!(1), &Value::Null));
    }

    /// Rows that somebody with the database changed behind the program's back do not agree with the ledger any more.
    async fn a_changed_row_is_found(app: App) {
        let desk = app.signed_in(As::Coordinator).await;
        let mut numbers = Vec::new();
        for title in ["Un", "Deux", "Trois", "Quatre"] {
            let receipt = app.submit(json!({"title": format!("Proposition {title}")})).await;
            numbers.push(receipt.reference.rsplit('-').next().unwrap().parse::<i64>().unwrap());
            desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        }
        sign(&app).await;
        app.execute(&format!("UPDATE proposal SET problem = 'autre chose' WHERE id = {}", numbers[0])).await;
        app.execute(&format!("UPDATE proposal SET age_band = '65_plus' WHERE id = {}", numbers[1])).await;
        app.execute(&format!("UPDATE proposal SET state = 'not_retained' WHERE id = {}", numbers[2])).await;
        app.execute(&format!("UPDATE proposal_event SET to_state = 'withdrawn' WHERE edge = 'retain' AND proposal_id = {}", numbers[3])).await;
        let (_, wrong) = store::ledger::reconcile(app.store().read()).await.unwrap();
        let found: BTreeSet<_> = wrong.iter().map(|disagreement| disagreement.proposal).collect();
        assert_eq!(found, numbers.into_iter().collect(), "{wrong:?}");
    }

    /// Without its salt an entry says nothing any more, and the log stands as it did.
    async fn erasing_the_salt_leaves_the_log_as_it_was(app: App) {
        let receipt = app.submit(json!({})).await;
        sign(&app).await;
        app.execute("UPDATE proposal SET title = '', problem = '', solution = '', expected_change = NULL").await;
        app.execute("UPDATE proposal_event SET salt = NULL").await;
        let (key, log, note, _) = published(&app).await;
        assert_eq!(check(&key, &log, &[&note], &[]).unwrap().submitted, 1);
        assert_eq!(store::ledger::reconcile(app.store().read()).await.unwrap().1, vec![]);
        let again = app.public().post("/receipts/lookup").json(json!({"code": receipt.code})).await.ok();
        assert_eq!(again["ledger"], Value::Null);
    }

    /// Steps that were taken before there was a ledger get their entries with the migration.
    async fn what_is_older_than_the_ledger_is_adopted(app: App) {
        let receipt = app.retained(json!({})).await;
        app.execute("UPDATE proposal_event SET salt = NULL, leaf = NULL").await;
        app.execute("DELETE FROM ledger_pending").await;
        app.store().migrate().await.unwrap();
        sign(&app).await;
        let (key, log, note, _) = published(&app).await;
        let again = app.public().post("/receipts/lookup").json(json!({"code": receipt.code})).await.ok();
        let leaf: LeafReceipt = serde_json::from_value(again["ledger"].clone()).unwrap();
        assert_eq!(leaf.entry.matches(&commitment(&unhex(&leaf.salt).unwrap(), &leaf.content)).count(), 1);
        assert_eq!(check(&key, &log, &[&note], &[leaf]).unwrap().entries, 2);
    }
}

/// `tachawor verify` needs nothing but the files, and says what is wrong with them.
#[actix_web::test]
async fn the_verifier_reads_files_and_nothing_else() {
    let app = App::start(Engine::Sqlite).await;
    let path = format!("/consultations/{SLUG}/proposals");
    let answer = app.public().post(&path).json(proposal(json!({}))).await.created();
    app.retained(json!({})).await;
    sign(&app).await;
    let (key, log, note, _) = published(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (checkpoint, receipt) = (write("checkpoint", &note), write("receipt.json", &answer["ledger"].to_string()));
    let verify = |log: &std::path::Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tachawor"));
        command.env_clear().current_dir(folder.path()).args(["verify", "--key", &key.to_string(), "--log"]).arg(log);
        command.arg("--checkpoint").arg(&checkpoint).arg("--receipt").arg(&receipt).output().unwrap()
    };
    let whole = verify(&write("log", &log));
    let told = String::from_utf8(whole.stdout).unwrap();
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    assert!(told.contains("entries: 3\n") && told.contains("submitted: 2 = sum of states: 2\n"), "{told}");
    let shorter = verify(&write("shorter", log.split_once('\n').unwrap().1));
    assert!(!shorter.status.success());
    assert!(String::from_utf8(shorter.stderr).unwrap().contains("the log has fewer"));
    app.stop().await;
}

/// Two API processes and two workers on one PostgreSQL: one order, without a gap, nothing twice.
#[actix_web::test]
async fn two_processes_make_one_order() {
    let first = App::start(Engine::Postgres).await;
    let second = App::beside(&first).await;
    let submit = async |app: &App| {
        for _ in 0..40 {
            app.submit(json!({})).await;
        }
    };
    let place = async |app: &App| {
        for _ in 0..40 {
            store::ledger::integrate(app.store(), &app.state().log_key, app.now(), true).await.unwrap();
        }
    };
    tokio::join!(submit(&first), submit(&second), place(&first), place(&second));
    sign(&second).await;
    let (key, log, note, checkpoint) = published(&first).await;
    assert_eq!(check(&key, &log, &[&note], &[]).unwrap().submitted, 80);
    assert_eq!(checkpoint.size, 80);
    assert_eq!(first.count("SELECT COUNT(*) FROM ledger").await, 80);
    assert_eq!(first.count("SELECT MAX(position) FROM ledger").await, 79);
    assert_eq!(first.count("SELECT COUNT(*) FROM ledger_pending").await, 0);
    second.leave().await;
    first.stop().await;
}
