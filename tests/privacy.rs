//! What is personal: seen, corrected, taken away and erased by who holds the receipt code, and kept no longer than said.

use std::process::Command;

use api::{jobs::run_once, mail::SentMail};

use sea_orm::ConnectionTrait as _;

use crate::{
    files::command,
    on_both_engines,
    support::{app, database::Database, sample, *},
};

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
    "zqtitre",
    "zqprobleme",
    "zqproblem",
    "zqsolution",
    "zqsolut",
    "zqchange",
    "zqchang",
    "zqorga",
    "zqmail",
    "zqanswer",
    "zqappeal",
    "zqquestion",
    "zqresponse",
    "zqnote",
    "أحمدية",
    "القسطلانية",
    "قسطلاني",
    "المدرسة",
    "الزيتونية",
    "السوق",
    "تقرؤوا",
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
    desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": QUESTION, "language": "fr"}))
        .await
        .ok();
    app.public().post("/receipts/answer").json(json!({"code": receipt.code, "answer": ANSWER})).await.ok();
    desk.post(&format!("/desk/proposals/{}/notes", receipt.reference)).if_match(3).json(json!({"text": NOTE})).await;
    desk.decide(&receipt.reference, json!({"edge": "refuse", "reason": "not_feasible", "response": response.clone()}))
        .await
        .ok();
    app.public().post("/receipts/appeal").json(json!({"code": receipt.code, "reason": APPEAL})).await.ok();
    desk.decide(&receipt.reference, json!({"edge": "refuse", "reason": "outside_axes", "response": response}))
        .await
        .ok();
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
        let found = public.all(&format!("/consultations/{SLUG}/proposals?text=zqtitre")).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let queue = desk.all(&format!("/desk/queue?consultation={SLUG}")).await;
        assert!(!queue.is_empty() && queue.iter().all(|item| item["reference"] != erased.reference.as_str()));
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

    /// P07: by the clock, nothing before its time, everything after, and the dry run told so.
    async fn nothing_is_kept_longer_than_the_rules_say(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let path = format!("/admin/consultations/{SLUG}");
        let due = async || {
            // a session lasts 12 hours
            let admin = app.signed_in(As::Administrator).await;
            let seen = admin.get(&format!("{path}/retention")).await.ok();
            let rules = seen["due"].as_array().unwrap().clone();
            assert_eq!(rules.len(), 7);
            rules.into_iter().map(|one| (one["rule"].as_str().unwrap().to_owned(), one["count"].as_i64().unwrap())).take(3).collect::<Vec<_>>()
        };
        let rules = |contacts, withdrawn, withheld| {
            vec![("contacts".to_owned(), contacts), ("withdrawn_texts".to_owned(), withdrawn), ("withheld_texts".to_owned(), withheld)]
        };
        let both = json!({"ar": "مجلس الجهة", "fr": "Conseil régional"});
        let settings = |contact, withdrawn, withheld| {
            json!({"controller": both, "contact": both, "cndp_receipt": null,
                "retention": {"contact_days": contact, "withdrawn_days": withdrawn, "withheld_days": withheld}})
        };
        let version = admin.get(&path).await.version();
        let edit = |version| admin.put(&format!("{path}/privacy")).if_match(version);
        edit(version).json(settings(5, 10, 30)).await.invalid(&[("retention.withheld_days", "not_in_range")]);
        edit(version).json(settings(3651, 10, 31)).await.invalid(&[("retention.contact_days", "not_in_range")]);
        edit(version + 1).json(settings(5, 10, 31)).await.refused(409, "version_conflict");
        edit(version).json(settings(5, 10, 31)).await.ok();
        let shown = app.public().get(&format!("/consultations/{SLUG}")).await.ok();
        assert_eq!(shown["privacy"]["retention"]["withdrawn_days"], 10, "the notice says what holds");

        let (kept, withdrawn, withheld) = (telling(&app).await, telling(&app).await, telling(&app).await);
        app.public().post("/receipts/withdraw").json(json!({"code": withdrawn.code})).await.ok();
        let (one, other) = (app.signed_in(As::Coordinator).await, app.signed_in(As::SecondCoordinator).await);
        one.decide(&withheld.reference, json!({"edge": "request_withhold", "reason": "hate"})).await.ok();
        other.decide(&withheld.reference, json!({"edge": "withhold"})).await.ok();
        one.decide(&kept.reference, json!({"edge": "refuse", "reason": "not_feasible", "response": {"text": "Merci pour cette proposition.", "language": "fr"}})).await.ok();
        run_once(app.state()).await.unwrap();
        for edge in ["close", "publish"] {
            let version = one.get(&path).await.version();
            one.post(&format!("{path}/transition")).if_match(version).json(json!({"edge": edge})).await.ok();
        }
        let state_of = async |receipt: &Receipt| {
            let seen = app.public().look_up(&receipt.code).await.ok();
            (seen["erased_at"].is_string(), seen["email_known"].as_bool().unwrap())
        };
        let count = app.count("SELECT count(*) FROM proposal").await;
        // what the sessions above left is of no matter here
        for (days, expected, erased) in [
            (4, rules(0, 0, 0), [(false, true), (false, true), (false, true)]),
            (1, rules(3, 0, 0), [(false, false), (false, false), (false, false)]),
            (4, rules(0, 0, 0), [(false, false), (false, false), (false, false)]),
            (1, rules(0, 1, 0), [(false, false), (true, false), (false, false)]),
            (20, rules(0, 0, 0), [(false, false), (true, false), (false, false)]),
            (1, rules(0, 0, 1), [(false, false), (true, false), (true, false)]),
        ] {
            app.advance(TimeDelta::days(days));
            assert_eq!(due().await, expected);
            assert_eq!(due().await, expected, "a dry run takes nothing");
            api::jobs::forget(app.state()).await.unwrap();
            assert_eq!(due().await, rules(0, 0, 0));
            assert_eq!([state_of(&kept).await, state_of(&withdrawn).await, state_of(&withheld).await], erased);
        }
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, count, "every row stays for the count");
        assert_eq!(app.count("SELECT count(*) FROM proposal WHERE state = 'withheld'").await, 1);
        run_once(app.state()).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM sweep").await, 0);

        let ran = command(&app, &["retention"], "").await;
        assert!(ran.right && ran.printed().contains("withdrawn_texts\t10\t0\t-") && ran.printed().contains("dry run"), "{}", ran.printed());
        app.execute("INSERT INTO idempotency (key_hash, fingerprint, created_at) SELECT code_hash, code_hash, state_since FROM proposal WHERE state = 'withdrawn'").await;
        app.execute("UPDATE idempotency SET created_at = '2020-01-01T00:00:00+00:00'").await;
        let keys = async || app.count("SELECT count(*) FROM idempotency").await;
        assert!(command(&app, &["retention", "--dry-run"], "").await.printed().contains("idempotency_keys\t7\t1\t2020-01-01"));
        assert_eq!(keys().await, 1);
        assert!(command(&app, &["retention", "--apply"], "").await.printed().contains(" are gone."));
        assert_eq!(keys().await, 0);
    }

    async fn each_proposal_keeps_which_consent_was_given(app: App) {
        let consents = "SELECT consent_version || ' ' || consent_language FROM proposal ORDER BY id";
        app.submit(json!({})).await;
        app.execute("UPDATE consultation SET consent_version = '2027-01', version = version + 1").await;
        app.submit(json!({"consent": {"version": "2027-01", "language": "ar"}})).await;
        assert_eq!(app.texts(consents).await, ["2026-10 fr", "2027-01 ar"]);
    }
}

/// S16: the real program, told to log everything it can, through what works and what does not.
async fn a_log_holds_nobodys_words(engine: Engine) {
    use std::process::Stdio;
    let database = Database::take(engine).await;
    let store = api::store::Store::connect(&database.url.as_str().into()).await.unwrap();
    let tx = store.write().await.unwrap();
    // the real program asks the real clock
    let year_ago = api::clock::Clock::System.now() - TimeDelta::days(365);
    let window = domain::consultation::Window::new(year_ago, year_ago + TimeDelta::days(3650)).unwrap();
    let always = api::store::consultation::New { window, ..sample::consultation("always") };
    api::store::consultation::insert(&tx, always, sample::instant(START)).await.unwrap();
    tx.commit().await.unwrap();
    store.read().close_by_ref().await.unwrap();

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new(env!("CARGO_BIN_EXE_tachawor"))
        .arg("serve")
        .env("TACHAWOR_DATABASE_URL", &database.url)
        .env("TACHAWOR_LISTEN", format!("127.0.0.1:{port}"))
        .env("TACHAWOR_SECRET_KEY", app::SECRET_KEY)
        .env("TACHAWOR_ATTACHMENTS", format!("file:{}", app::photos_of(&database.url).display()))
        .env("TACHAWOR_MAIL", "smtp://127.0.0.1:9") // nobody listens there: every mail fails
        .env("TACHAWOR_LOG", "trace")
        .env("TACHAWOR_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (told, mut mail_failed) = tokio::sync::mpsc::unbounded_channel();
    let stderr = std::io::BufReader::new(server.stderr.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut log = String::new();
        for line in std::io::BufRead::lines(stderr).map_while(Result::ok) {
            if line.contains("mail not sent") {
                let _ = told.send(());
            }
            log += &line;
            log.push('\n');
        }
        log
    });
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.as_mut().unwrap()), &mut line).unwrap();

    let http = reqwest::Client::builder().no_proxy().cookie_store(true).build().unwrap();
    let api = |path: &str| format!("http://127.0.0.1:{port}/api/v1{path}");
    let post = async |path: &str, body: Value| {
        let answer = http.post(api(path)).header("user-agent", "zqagent").json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let body = proposal(
        json!({"title": TITLE, "problem": PROBLEM, "email": EMAIL, "organisation": ORGANISATION, "demographics": {"participant_type": "academic"}}),
    );
    let (status, answer) = post("/consultations/always/proposals", body.clone()).await;
    assert_eq!(status, 201, "{answer}");
    let receipt: Value = serde_json::from_str(&answer).unwrap();
    let code = receipt["code"].as_str().unwrap().to_owned();
    let wrong = "zqwrong passphrase 12";
    for (path, body, status) in [
        ("/receipts/lookup", json!({"code": code}), 200),
        ("/receipts/lookup", json!({"code": "7F3K9-QX2MB-0R8TD-VW5HE"}), 404),
        ("/receipts/contact", json!({"code": code, "email": "zqother@example.org"}), 200),
        ("/receipts/contact", json!({"code": code, "email": "zqbad address"}), 422),
        ("/receipts/answer", json!({"code": code, "answer": ANSWER}), 409),
        ("/receipts/answer", json!({"code": code, "zqfield": ANSWER}), 422),
        ("/receipts/export", json!({"code": code}), 200),
        ("/mail/unsubscribe/1-zqtoken", json!({}), 404),
        ("/session", json!({"email": "zqnobody@example.org", "password": wrong}), 401),
        ("/session", json!({"email": As::Moderator.email(), "password": PASSWORD}), 200),
    ] {
        let (met, said) = post(path, body).await;
        assert_eq!(met, status, "{path}: {said}");
    }
    let listed = http
        .get(api("/consultations/always/proposals"))
        .query(&[("text", "zqsearch"), ("zqparameter", "1")])
        .send()
        .await
        .unwrap();
    assert_eq!(listed.status().as_u16(), 400);
    http.get(api("/consultations/always/proposals?text=zqsearch")).send().await.unwrap();
    http.get(api("/zqpath/zqmail@example.org")).send().await.unwrap();
    http.post(api("/session")).header("content-type", "application/json").body("{\"zqbroken").send().await.unwrap();
    let reference = receipt["reference"].as_str().unwrap();
    let note = http
        .post(api(&format!("/desk/proposals/{reference}/notes")))
        .header("if-match", "\"1\"")
        .json(&json!({"text": NOTE}))
        .send()
        .await
        .unwrap();
    assert!(note.status().is_success(), "{}", note.status());
    // a fault of ours: a statement fails whose values are people's
    let db = api::store::Store::connect(&database.url.as_str().into()).await.unwrap();
    let tx = db.write().await.unwrap();
    tx.execute_unprepared("ALTER TABLE proposal_event RENAME COLUMN text TO gone").await.unwrap();
    tx.commit().await.unwrap();
    let (status, _) = post("/consultations/always/proposals", body).await;
    assert_eq!(status, 500);
    let (status, _) = post("/receipts/erase", json!({"code": code, "understood": true})).await;
    assert_eq!(status, 500);
    let cookie = db_tokens(&http, port).await;
    // the worker looks every second
    tokio::time::timeout(std::time::Duration::from_secs(30), mail_failed.recv()).await.expect("a mail fails");
    db.read().close_by_ref().await.unwrap();
    Command::new("kill").arg(server.id().to_string()).status().unwrap();
    server.wait().unwrap();

    let log = reader.join().unwrap();
    assert!(log.lines().count() > 20 && log.contains("mail not sent") && log.contains("server error"), "{log}");
    let whole = code.replace('-', "");
    let secrets = [&code, &code[..11], &whole, &cookie, "@example", "zq", PASSWORD, "127.0.0.1:9/"];
    let words = TRACES.into_iter().chain(secrets);
    let found: Vec<_> = words.filter(|word| log.contains(word)).collect();
    let lines: Vec<_> = log.lines().filter(|line| found.iter().any(|word| line.contains(word))).take(5).collect();
    assert!(found.is_empty(), "{found:?} in {lines:#?}");
}

/// The token of the session that is open.
async fn db_tokens(http: &reqwest::Client, port: u16) -> String {
    let url = format!("http://127.0.0.1:{port}/api/v1/session");
    let answer =
        http.post(url).json(&json!({"email": As::Analyst.email(), "password": PASSWORD})).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    cookie.split(['=', ';']).nth(1).unwrap().to_owned()
}

#[actix_web::test]
async fn a_log_holds_nobodys_words_sqlite() {
    a_log_holds_nobodys_words(Engine::Sqlite).await;
}

#[actix_web::test]
async fn a_log_holds_nobodys_words_postgres() {
    a_log_holds_nobodys_words(Engine::Postgres).await;
}
