//! What is personal: seen, corrected, taken away and erased by who holds the receipt code, and kept no longer than said.

use std::process::Command;

use api::{jobs::run_once, mail::SentMail};

use crate::{on_both_engines, support::{sample, *}};

fn sent(app: &App) -> Vec<SentMail> {
    app.state().mailer.memory().unwrap().sent.lock().unwrap().clone()
}

/// Words that stand nowhere else, in both scripts.
const TITLE: &str = "Fontaine zqtitre أحمدية";
const PROBLEM: &str = "Le puits zqprobleme est sec, والعين القسطلانية جافة منذ شهور";
const SOLUTION: &str = "Creuser avec zqsolution جنب المدرسة";
const CHANGE: &str = "zqchange مئة عائلة";
const ORGANISATION: &str = "Association zqorga الزيتونية";
const EMAIL: &str = "zqmail.amina@example.org";
const ANSWER: &str = "zqanswer عند باب السوق";
const APPEAL: &str = "zqappeal لأنكم لم تقرؤوا كل شيء";
const QUESTION: &str = "zqquestion à vous, Madame ?";
const RESPONSE: &str = "zqresponse vous écrivez : un puits.";
const NOTE: &str = "zqnote Mme Amina a appelé.";

/// What may be found nowhere once it is erased: whole words, as they were written and as they are searched for.
const TRACES: [&str; 21] = [
    "zqtitre", "zqprobleme", "zqproblem", "zqsolution", "zqsolut", "zqchange", "zqchang", "zqorga", "zqmail", "zqanswer", "zqappeal",
    "zqquestion", "zqresponse", "zqnote", "أحمدية", "القسطلانية", "قسطلاني", "المدرسة", "الزيتونية", "السوق", "تقرؤوا",
];

async fn telling(app: &App) -> Receipt {
    app.submit(json!({
        "title": TITLE, "problem": PROBLEM, "solution": SOLUTION, "expected_change": CHANGE, "email": EMAIL,
        "organisation": ORGANISATION, "name_organisation": true, "demographics": {"participant_type": "civil_society"},
    }))
    .await
}

/// A proposal with every kind of free text there is, refused in the end and appealed.
async fn with_everything(app: &App) -> Receipt {
    let receipt = telling(app).await;
    let desk = app.signed_in(As::Coordinator).await;
    let response = json!({"text": RESPONSE, "language": "fr"});
    desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": QUESTION, "language": "fr"})).await.ok();
    app.public().post("/receipts/answer").json(json!({"code": receipt.code, "answer": ANSWER})).await.ok();
    desk.post(&format!("/desk/proposals/{}/notes", receipt.reference)).if_match(3).json(json!({"text": NOTE})).await;
    desk.decide(&receipt.reference, json!({"edge": "refuse", "reason": "not_feasible", "response": response.clone()})).await.ok();
    app.public().post("/receipts/appeal").json(json!({"code": receipt.code, "reason": APPEAL})).await.ok();
    desk.decide(&receipt.reference, json!({"edge": "refuse", "reason": "outside_axes", "response": response})).await.ok();
    receipt
}

async fn erase(app: &App, receipt: &Receipt) -> Answer {
    app.public().post("/receipts/erase").json(json!({"code": receipt.code, "understood": true})).await
}

/// Everything a thief of the disk would have (SQLite), or of a backup (PostgreSQL).
fn dump(app: &App) -> Vec<u8> {
    if app.engine() == Engine::Postgres {
        let dumped = Command::new("sh")
            .arg("-c")
            .arg("PATH=\"$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' :)\" exec pg_dump --inserts \"$0\"")
            .arg(app.database_url())
            .output()
            .unwrap();
        assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
        return dumped.stdout;
    }
    let path = app.database_url().strip_prefix("sqlite://").unwrap();
    let files = ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")).unwrap_or_default());
    files.concat()
}

fn traces(bytes: &[u8]) -> Vec<&'static str> {
    let found = |needle: &&&str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    TRACES.iter().filter(found).copied().collect()
}

on_both_engines! {
    /// L05, and the words of the issue: a dump of the whole database holds no trace.
    async fn what_is_erased_leaves_no_trace_in_the_database(app: App) {
        // others around it, so that pages and index segments are shared
        for n in 0..30 {
            app.submit(json!({"title": format!("Un autre puits numéro {n}")})).await;
        }
        let first = with_everything(&app).await;
        run_once(app.state()).await.unwrap();
        let second = telling(&app).await; // its mail still waits
        for n in 0..30 {
            app.submit(json!({"title": format!("Encore un puits numéro {n}")})).await;
        }
        let before = traces(&dump(&app));
        for word in ["zqtitre", "zqmail", "zqanswer", "zqappeal", "zqnote", "القسطلانية"] {
            assert!(before.contains(&word), "the test can see what it looks for: {word} in {before:?}");
        }
        erase(&app, &first).await.ok();
        erase(&app, &second).await.ok();
        run_once(app.state()).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM sweep").await, 0, "the worker has swept");
        assert_eq!(traces(&dump(&app)), Vec::<&str>::new());
        assert_eq!(sent(&app).iter().filter(|mail| mail.rendered.text.contains(&second.reference)).count(), 0);
    }

    /// The rule for every place that shows or counts.
    async fn an_erased_proposal_is_counted_and_shown_nowhere(app: App) {
        let kept = app.retained(json!({})).await;
        let receipt = app.retained(json!({"title": TITLE})).await;
        let merged = app.submit(json!({})).await;
        let analyst = app.signed_in(As::Analyst).await;
        let desk = app.signed_in(As::Coordinator).await;
        let response = json!({"text": "Deux fois la même idée.", "language": "fr"});
        let counted = format!("/statistics?consultation={SLUG}&rows=age_band");
        let erased = app.submit(json!({"title": TITLE, "demographics": {"age_band": "65_plus"}})).await;
        desk.decide(&erased.reference, json!({"edge": "refuse", "reason": "not_feasible", "response": response.clone()})).await.ok();
        let before = analyst.get(&counted).await.ok();
        let told = erase(&app, &erased).await.ok();
        assert_eq!(told["proposal"]["state"], "not_retained");
        assert_eq!((&told["proposal"]["title"], &told["public"], &told["allowed"], &told["email_known"]), (&json!(""), &json!(false), &json!([]), &json!(false)));
        assert_eq!(told["erased_at"], told["erased_at"].as_str().map(Value::from).unwrap());
        let after = analyst.get(&counted).await.ok();
        assert_eq!(before["cells"], after["cells"], "it counts as before, under what its author answered");

        let public = app.public();
        public.get(&format!("/proposals/{}", erased.reference)).await.refused(404, "not_found");
        let listed = public.all(&format!("/consultations/{SLUG}/proposals")).await;
        assert!(listed.iter().all(|item| item["reference"] != erased.reference.as_str()));
        assert_eq!(listed.len(), 2, "the two that are retained");
        let found = public.all(&format!("/consultations/{SLUG}/proposals?q=zqtitre")).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let queue = desk.all(&format!("/desk/proposals?consultation={SLUG}")).await;
        assert!(queue.iter().all(|item| item["reference"] != erased.reference.as_str()));
        let csv = analyst.get(&format!("/exports/proposals.csv?consultation={SLUG}")).await;
        assert_eq!(csv.status, 200, "{}", csv.text());
        assert!(csv.text().contains(&kept.reference) && !csv.text().contains(&erased.reference));
        let seen = desk.desk(&erased.reference).await;
        assert_eq!((&seen["allowed"], &seen["duplicates"], &seen["notes"]), (&json!([]), &json!([]), &json!([])));
        assert!(seen["erased_at"].is_string());
        assert!(!desk.desk(&receipt.reference).await.to_string().contains(&erased.reference), "no duplicate of anything");

        // nobody decides about what nobody can read, nor merges into it
        desk.decide(&erased.reference, json!({"edge": "reopen", "reason": "Regardons encore une fois."})).await.refused(409, "illegal_transition");
        erase(&app, &receipt).await.ok();
        desk.decide(&merged.reference, json!({"edge": "merge", "target": receipt.reference, "response": response})).await.refused(409, "illegal_transition");
        // another rule of moderation brings nothing back
        app.execute("UPDATE consultation SET version = version + 1").await;
        erase(&app, &erased).await.ok();
    }

    async fn erasing_withdraws_where_one_can_withdraw_and_must_be_meant(app: App) {
        let receipt = telling(&app).await;
        let send = |body: Value| app.public().post("/receipts/erase").json(body);
        send(json!({"code": receipt.code, "understood": false})).await.invalid(&[("understood", "required")]);
        assert_eq!(app.public().look_up(&receipt.code).await.ok()["erased_at"], json!(null));
        send(json!({"code": "7F3K9-QX2MB-0R8TD-VW5HE", "understood": true})).await.refused(404, "receipt_unknown");
        let told = erase(&app, &receipt).await.ok();
        let path: Vec<_> = told["proposal"]["history"].as_array().unwrap().iter().map(|step| step["edge"].as_str().unwrap()).collect();
        assert_eq!(path, ["submit", "withdraw"]);
        assert_eq!(told["proposal"]["state"], "withdrawn");
        let change = json!({"code": receipt.code, "email": "b@example.org"});
        app.public().post("/receipts/contact").json(change).await.refused(409, "illegal_transition");
        // the code still tells that it is done, and what is left
        let own = app.public().post("/receipts/export").json(json!({"code": receipt.code})).await.ok();
        assert_eq!((&own["title"], &own["email"], &own["organisation"]), (&json!(""), &json!(null), &json!(null)));
        assert_eq!(own["demographics"]["age_band"], "25_34", "the count stands on it, and the notice says so");
        app.advance(chrono::TimeDelta::days(1));
        assert_eq!(erase(&app, &receipt).await.ok()["erased_at"], told["erased_at"], "once");
    }

    async fn a_drafts_source_keeps_its_place_without_its_words(app: App) {
        let receipt = app.retained(json!({"title": TITLE})).await;
        let desk = app.signed_in(As::Coordinator).await;
        let new = json!({"consultation": SLUG, "axis": sample::AXES[0], "title": "L'eau pour tous", "sources": [{"reference": receipt.reference, "link": "as_is"}]});
        let draft = desk.post("/drafts").json(new).await.created();
        let told = erase(&app, &receipt).await.ok();
        assert_eq!(told["proposal"]["state"], "drafted", "what goes on in a draft is not withdrawn any more");
        let seen = desk.get(&format!("/drafts/{}", draft["id"])).await.ok();
        assert_eq!(seen["sources"][0]["words"], json!(null));
        assert_eq!(seen["findings"], draft["findings"], "the draft stands on it as before");
        let other = json!({"consultation": SLUG, "axis": sample::AXES[0], "title": "Autre fiche", "sources": [{"reference": receipt.reference, "link": "as_is"}]});
        assert_eq!(desk.post("/drafts").json(other).await.status, 422, "no other draft is made from it");
    }

    async fn an_address_is_set_changed_and_forgotten(app: App) {
        let receipt = app.submit(json!({"email": "wrong@example.org"})).await;
        let change = async |email: Value| app.public().post("/receipts/contact").json(json!({"code": receipt.code, "email": email})).await;
        change(json!("not an address")).await.invalid(&[("email", "invalid")]);
        assert_eq!(change(json!("right@example.org")).await.ok()["email_known"], true);
        run_once(app.state()).await.unwrap();
        let to: Vec<_> = sent(&app).into_iter().map(|mail| mail.recipient).collect();
        assert_eq!(to, ["right@example.org", "right@example.org"], "the receipt that waited, and the news of the change");
        assert!(!sent(&app)[1].rendered.text.contains(&receipt.code) && sent(&app)[1].rendered.text.contains(&receipt.reference));
        change(json!("right@example.org")).await.ok();
        run_once(app.state()).await.unwrap();
        assert_eq!(sent(&app).len(), 2, "the same once more is no news");

        let desk = app.signed_in(As::Moderator).await;
        desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": "Combien de familles ?", "language": "fr"})).await.ok();
        assert_eq!(change(json!(null)).await.ok()["email_known"], false);
        run_once(app.state()).await.unwrap();
        assert_eq!(sent(&app).len(), 2, "nothing more, not even what waited");
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE recipient <> ''").await, 0);
    }

    /// RFC 8058: one POST, no session, no code, whatever the mail program sends along.
    async fn a_mail_can_be_the_last_one(app: App) {
        let receipt = app.submit(json!({"email": "amina@example.org", "language": "fr"})).await;
        run_once(app.state()).await.unwrap();
        let mail = sent(&app)[0].rendered.clone();
        let one_click = mail.one_click.unwrap();
        let token = one_click.rsplit('/').next().unwrap().to_owned();
        assert!(mail.text.contains(&format!("http://tachawor.test/fr/unsubscribe/#{token}")), "{}", mail.text);
        assert!(!one_click.contains("amina") && !one_click.contains(&receipt.reference));
        let path = one_click.strip_prefix("http://tachawor.test/api/v1").unwrap();

        let client = app.public();
        let forged = format!("{}{}", &path[..path.len() - 1], if path.ends_with('0') { '1' } else { '0' });
        let form = ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        client.post(&forged).body(form.0, form.1).without("origin").without("sec-fetch-site").await.no_content();
        assert_eq!(client.look_up(&receipt.code).await.ok()["email_known"], true, "nobody can make a token");
        client.post("/mail/unsubscribe/nothing").await.refused(404, "not_found");
        // an address that came later is not touched by an old mail
        client.post("/receipts/contact").json(json!({"code": receipt.code, "email": "new@example.org"})).await.ok();
        client.post(path).body(form.0, form.1).await.no_content();
        assert_eq!(client.look_up(&receipt.code).await.ok()["email_known"], true);
        client.post("/receipts/contact").json(json!({"code": receipt.code, "email": "amina@example.org"})).await.ok();
        client.post(path).body(form.0, form.1).without("origin").without("sec-fetch-site").await.no_content();
        assert_eq!(client.look_up(&receipt.code).await.ok()["email_known"], false);
        client.post("/mail/unsubscribe").json(json!({"token": token})).await.no_content();
        run_once(app.state()).await.unwrap();
        assert_eq!(sent(&app).len(), 1);
    }

    /// P06: everything that is stored, and nobody's name.
    async fn what_is_stored_is_handed_over(app: App) {
        let receipt = with_everything(&app).await;
        let own = app.public().post("/receipts/export").json(json!({"code": receipt.code})).await.ok();
        let text = own.to_string();
        for word in [TITLE, PROBLEM, SOLUTION, CHANGE, ORGANISATION, EMAIL, ANSWER, APPEAL, QUESTION, RESPONSE] {
            assert!(text.contains(word), "{word}");
        }
        assert_eq!(own["demographics"], json!({"age_band": "25_34", "gender": "female", "participant_type": "civil_society", "residence": "MA-CHE"}));
        assert_eq!(own["consent"], json!({"version": "2026-10", "language": "fr", "at": "2026-11-10T09:00:00Z"}));
        assert_eq!(own["mails"].as_array().unwrap().len(), 4);
        assert!(own["mails"].as_array().unwrap().iter().all(|mail| mail["pending"] == true));
        for never in ["Driss", "driss@", "zqnote", &receipt.code] {
            assert!(!text.contains(never), "{never}");
        }
        app.public().post("/receipts/export").json(json!({"code": "7F3K9"})).await.refused(404, "receipt_unknown");
    }
}
