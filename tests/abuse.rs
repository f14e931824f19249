//! What is limited, and what is marked and taken all the same.

use domain::form;
use futures_util::future::join_all;

use crate::{
    assure::{figure, size},
    on_both_engines,
    support::{client::Call, *},
};

const PROPOSALS: &str = "/consultations/2024-2026/proposals";
/// What the test server takes for a proxy of its own, so that a test can come from anywhere.
const PROXIES: (&str, &str) = ("TACHAWOR_TRUSTED_PROXIES", "127.0.0.0/8");

/// The application with its limits on.
async fn limited(app: &App) -> App {
    App::start_with(app.engine(), &[("TACHAWOR_LIMITS", "true"), PROXIES]).await
}

/// As if it came from an address.
fn from(call: Call, address: &str) -> Call {
    call.header("x-forwarded-for", address)
}

/// A token of the form and the answer that whoever looks for it finds.
async fn solved(app: &App) -> Value {
    let token = app.public().get("/form-token").await.ok();
    let (text, sum) = (token["token"].as_str().unwrap(), &token["challenge"]);
    let most = u32::try_from(token["most"].as_u64().unwrap()).unwrap();
    let answer = (0..most).find(|answer| form::challenge(text, *answer) == *sum).unwrap();
    json!({"token": text, "answer": answer})
}

/// The same at once, by the key that only the server has: where the sum is not what is tested.
async fn answered(app: &App) -> Value {
    let token = app.public().get("/form-token").await.ok()["token"].as_str().unwrap().to_owned();
    let answer = api::http::form::read(&app.state().config.secret_key, &token).unwrap().answer;
    json!({"token": token, "answer": answer})
}

/// What a person sends who took a minute.
async fn genuine(app: &App, changes: Value) -> Value {
    let proof = answered(app).await;
    app.advance(TimeDelta::minutes(1));
    let mut body = proposal(changes);
    body["proof"] = proof;
    body
}

/// What the desk says is odd about a proposal.
async fn suspicion(app: &App, receipt: &Value) -> Value {
    let desk = app.signed_in(As::Coordinator).await;
    desk.desk(receipt["reference"].as_str().unwrap()).await["suspicion"].clone()
}

/// How many mails have been sent.
fn mails(app: &App) -> usize {
    app.state().mailer.memory().unwrap().sent.lock().unwrap().len()
}

async fn try_password(client: &Client, address: &str, who: &str, password: &str) -> Answer {
    from(client.post("/session"), address).json(json!({"email": who, "password": password})).await
}

on_both_engines! {
    async fn who_fills_the_form_in_is_not_marked(app: App) {
        let app = limited(&app).await;
        let mut body = proposal(json!({}));
        body["proof"] = solved(&app).await;
        app.advance(TimeDelta::minutes(1));
        let receipt = app.public().post(PROPOSALS).json(body).await.created();
        assert_eq!(suspicion(&app, &receipt).await, json!([]));
        let desk = app.signed_in(As::Moderator).await;
        assert_eq!(desk.all("/desk/queue?consultation=2024-2026").await.len(), 1);
        app.stop().await;
    }

    async fn what_a_program_sends_is_taken_and_waits_apart(app: App) {
        let app = limited(&app).await;
        let send = async |body: Value| app.public().post(PROPOSALS).json(body).await.created();
        let with = |proof: Value, website: &str| {
            let mut body = proposal(json!({}));
            body["proof"] = proof;
            body["website"] = website.into();
            body
        };
        let bare = send(proposal(json!({}))).await;
        assert_eq!(suspicion(&app, &bare).await, json!(["no_token"]));
        let forged = send(with(json!({"token": "19a-0-0", "answer": 1}), "")).await;
        assert_eq!(suspicion(&app, &forged).await, json!(["no_token"]));
        let hasty = send(with(solved(&app).await, "")).await;
        assert_eq!(suspicion(&app, &hasty).await, json!(["too_fast"]));
        let mut lazy = solved(&app).await;
        lazy["answer"] = Value::Null;
        app.advance(TimeDelta::minutes(1));
        let lazy = send(with(lazy, "https://spam.example")).await;
        assert_eq!(suspicion(&app, &lazy).await, json!(["no_proof", "trap_filled"]));
        let body = genuine(&app, json!({})).await;
        let first = send(body.clone()).await;
        let second = send(body).await;
        assert_eq!(suspicion(&app, &first).await, json!([]));
        assert_eq!(suspicion(&app, &second).await, json!(["token_reused"]));
        let old = genuine(&app, json!({})).await;
        app.advance(TimeDelta::hours(24));
        let old = send(old).await;
        assert_eq!(suspicion(&app, &old).await, json!(["no_token"]));

        let desk = app.signed_in(As::Moderator).await;
        let listed = async |filter: &str| {
            let items = desk.all(&format!("/desk/queue?consultation=2024-2026{filter}")).await;
            items.into_iter().map(|item| item["reference"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(listed("").await, [first["reference"].clone()]);
        assert_eq!(listed("&state=submitted").await, [first["reference"].clone()]);
        assert_eq!(listed("&suspicious=true").await.len(), 6);
        let summary = desk.get("/desk/summary?consultation=2024-2026").await.ok();
        assert_eq!((&summary["waiting"], &summary["suspicious"]), (&json!(7), &json!(6)), "nothing is dropped");

        // somebody looks, and it takes its place
        let path = format!("/desk/proposals/{}", hasty["reference"].as_str().unwrap());
        let seen = desk.get(&path).await;
        let version = seen.version();
        let cleared = desk.delete(&format!("{path}/suspicion")).if_match(version).await.ok();
        assert_eq!(cleared["suspicion"], json!([]));
        desk.delete(&format!("{path}/suspicion")).if_match(version).await.refused(409, "version_conflict");
        assert_eq!(listed("").await, [hasty["reference"].clone(), first["reference"].clone()]);
        // and it can be decided on as it is
        desk.decide(bare["reference"].as_str().unwrap(), json!({"edge": "retain"})).await.ok();
        app.stop().await;
    }

    async fn what_may_be_a_programs_is_not_public_before_somebody_looked(app: App) {
        let app = limited(&app).await;
        app.consultation("after", |new| new.moderation = domain::consultation::ModerationRule::After).await;
        let path = "/consultations/after/proposals";
        let odd = app.public().post(path).json(proposal(json!({}))).await.created();
        let fine = genuine(&app, json!({})).await;
        let fine = app.public().post(path).json(fine).await.created();
        let shown = async |receipt: &Value| {
            app.public().get(&format!("/proposals/{}", receipt["reference"].as_str().unwrap())).await.status
        };
        assert_eq!((shown(&odd).await, shown(&fine).await), (404, 200));
        let desk = app.signed_in(As::Moderator).await;
        let path = format!("/desk/proposals/{}", odd["reference"].as_str().unwrap());
        let version = desk.get(&path).await.version();
        desk.delete(&format!("{path}/suspicion")).if_match(version).await.ok();
        assert_eq!(shown(&odd).await, 200);
        app.stop().await;
    }

    /// S10: scripted proposals from one address within ten minutes, which solve every sum, and genuine ones between them.
    async fn a_flood_from_one_address_does_not_bury_the_others(app: App) {
        let app = limited(&app).await;
        let (scripted, genuine) = (size(350, 10_000), size(10, 100));
        let (mut taken, mut refused, mut lost) = (0, 0, 0);
        let mut tokens = Vec::new();
        for _ in 0..40 {
            tokens.push(answered(&app).await);
        }
        app.advance(TimeDelta::seconds(5));
        for n in 0..scripted {
            let mut body = proposal(json!({"title": format!("Proposition numero {n}")}));
            // those that can get through; the rest need not bother
            body["proof"] = tokens.pop().unwrap_or_default();
            let answer = from(app.public().post(PROPOSALS), "203.0.113.9").json(body).await;
            if answer.status == 201 {
                taken += 1;
            } else {
                let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!((1..=3).contains(&wait), "{wait}");
                answer.refused(429, "too_many_requests");
                refused += 1;
                tokens.push(answered(&app).await);
            }
            if n % (scripted / genuine) == 0 {
                let mut person = proposal(json!({}));
                person["proof"] = answered(&app).await;
                app.advance(TimeDelta::seconds(5));
                let sent = from(app.public().post(PROPOSALS), &format!("198.51.{}.{}", n / 250, n % 250)).json(person).await;
                lost += usize::from(sent.status != 201 || suspicion(&app, &sent.created()).await != json!([]));
            }
            app.advance(TimeDelta::milliseconds(600_000 / i64::try_from(scripted).unwrap()) - TimeDelta::milliseconds(i64::try_from(5000 * genuine / scripted).unwrap()));
        }
        let desk = app.signed_in(As::Coordinator).await;
        let queue = desk.all("/desk/queue?consultation=2024-2026").await.len();
        let apart = desk.all("/desk/queue?consultation=2024-2026&suspicious=true").await.len();
        figure("S10", "scripted proposals in the queue", queue - genuine, "<= 20", queue - genuine <= 20);
        figure("S10", "genuine proposals lost or marked", lost, "0", lost == 0);
        figure("S10", "proposals taken and shown nowhere", taken + genuine - queue - apart, "0", queue + apart == taken + genuine);
        assert!(taken >= 100 && refused > 0, "{taken} {refused}");
        app.stop().await;
    }

    async fn the_same_request_again_costs_nothing(app: App) {
        let app = limited(&app).await;
        let body = genuine(&app, json!({"email": "ilham@example.org"})).await;
        let key = "0123456789abcdef";
        let first = app.public().post(PROPOSALS).header("idempotency-key", key).json(body.clone()).await.created();
        for _ in 0..120 {
            let mut again = body.clone();
            again["proof"] = Value::Null;
            let again = app.public().post(PROPOSALS).header("idempotency-key", key).json(again).await.created();
            assert_eq!(again, first);
        }
        assert_eq!(suspicion(&app, &first).await, json!([]));
        app.stop().await;
    }

    /// Guesses at one account, evenly over an hour and from as many addresses.
    async fn guesses_at_one_account_are_few(app: App) {
        let app = limited(&app).await;
        let moderator = As::Moderator.email();
        let mut looked_at = 0;
        let guesses = size(200, 10_000);
        for n in 0..guesses {
            let address = format!("203.0.{}.{}", n / 250, n % 250);
            let answer = try_password(&app.public(), &address, &moderator, "faux").await;
            match answer.status {
                401 => looked_at += 1,
                429 => {}
                other => panic!("{other}"),
            }
            app.advance(TimeDelta::milliseconds(3_600_000 / i64::try_from(guesses).unwrap()));
        }
        figure("S10", "guesses looked at in an hour", looked_at, "<= 40", (20..=40).contains(&looked_at));
        app.stop().await;
    }

    async fn nobody_locks_the_owner_out_of_a_device_they_use(app: App) {
        let app = limited(&app).await;
        let (home, moderator) = (app.public(), As::Moderator.email());
        try_password(&home, "198.51.100.1", &moderator, PASSWORD).await.ok();
        for n in 0..30 {
            try_password(&app.public(), &format!("203.0.113.{n}"), &moderator, "faux").await;
        }
        // from elsewhere even the right password is not looked at now, and does not say so
        let elsewhere = try_password(&app.public(), "203.0.113.200", &moderator, PASSWORD).await;
        let wait: i64 = elsewhere.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=180).contains(&wait), "{wait}");
        elsewhere.refused(429, "too_many_requests");
        try_password(&home, "203.0.113.201", &moderator, PASSWORD).await.ok();
        // the device has as many as the account, and no more
        for _ in 0..4 {
            try_password(&home, "198.51.100.1", &moderator, "faux").await.refused(401, "bad_credentials");
        }
        try_password(&home, "198.51.100.1", &moderator, PASSWORD).await.refused(429, "too_many_requests");
        // nobody is locked out for good
        app.advance(TimeDelta::minutes(3));
        try_password(&app.public(), "203.0.113.202", &moderator, PASSWORD).await.ok();
        app.stop().await;
    }

    async fn one_address_tries_ten_accounts_a_minute(app: App) {
        let app = limited(&app).await;
        for n in 0..12 {
            let answer = try_password(&app.public(), "203.0.113.9", &format!("u{n}@example.org"), "faux").await;
            answer.refused(if n < 10 { 401 } else { 429 }, if n < 10 { "bad_credentials" } else { "too_many_requests" });
        }
        // somebody else is not concerned; who claims to be somebody else is not believed
        try_password(&app.public(), "203.0.113.10", "u1@example.org", "faux").await.refused(401, "bad_credentials");
        try_password(&app.public(), "198.51.100.1, 203.0.113.9", "u2@example.org", "faux").await.refused(429, "too_many_requests");
        app.stop().await;
    }

    async fn an_unknown_address_is_limited_like_a_known_one(app: App) {
        let app = limited(&app).await;
        let tries = async |who: &str| {
            let mut statuses = Vec::new();
            for n in 0..8 {
                statuses.push(try_password(&app.public(), &format!("203.0.113.{n}"), who, "faux").await.status);
                app.advance(TimeDelta::minutes(1));
            }
            statuses
        };
        let known = tries(&As::Analyst.email()).await;
        assert!(known.contains(&401) && known.contains(&429), "{known:?}");
        app.advance(TimeDelta::hours(1));
        assert_eq!(tries("nobody@example.org").await, known);
        app.stop().await;
    }

    async fn codes_that_open_nothing_are_limited(app: App) {
        let app = limited(&app).await;
        let body = genuine(&app, json!({})).await;
        let receipt = app.public().post(PROPOSALS).json(body).await.created();
        let look = async |address: &str, code: &str| {
            from(app.public().post("/receipts/lookup"), address).json(json!({"code": code})).await
        };
        let right = receipt["code"].as_str().unwrap();
        for _ in 0..30 {
            look("203.0.113.9", "00000-00000-00000-00000").await.refused(404, "receipt_unknown");
        }
        look("203.0.113.9", "00000-00000-00000-00000").await.refused(429, "too_many_requests");
        look("203.0.113.9", right).await.refused(429, "too_many_requests");
        from(app.public().post("/invitations/lookup"), "203.0.113.9").json(json!({"token": "x"})).await.refused(429, "too_many_requests");
        look("203.0.113.10", right).await.ok();
        app.advance(TimeDelta::seconds(10));
        for _ in 0..3 {
            look("203.0.113.9", right).await.ok();
        }
        app.stop().await;
    }

    /// Requests that name one victim, from as many addresses.
    async fn nobody_is_buried_under_mails(app: App) {
        let app = limited(&app).await;
        let mut sent = 0;
        for n in 0..40 {
            let body = proposal(json!({"email": if n % 2 == 0 { "victim@example.org" } else { "Victim@Example.org" }}));
            let receipt = from(app.public().post(PROPOSALS), &format!("203.0.113.{n}")).json(body).await.created();
            sent += i32::from(receipt["email_sent"] == true);
        }
        figure("S10", "mails to one victim", sent, "<= 3", sent == 3);
        let receipt = genuine(&app, json!({})).await;
        let receipt = app.public().post(PROPOSALS).json(receipt).await.created();
        let contact = json!({"code": receipt["code"], "email": "victim@example.org"});
        app.public().post("/receipts/contact").json(contact).await.refused(429, "too_many_requests");
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(mails(&app), 3);

        // what a decision says is told, only later
        let desk = app.signed_in(As::Coordinator).await;
        for item in desk.all("/desk/queue?consultation=2024-2026&suspicious=true&state=submitted").await {
            desk.decide(item["reference"].as_str().unwrap(), json!({"edge": "retain"})).await.ok();
        }
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(mails(&app), 3 + 20);
        for _ in 0..19 {
            app.advance(TimeDelta::hours(1));
            api::jobs::run_once(app.state()).await.unwrap();
        }
        assert_eq!(mails(&app), 3 + 20 + 19);
        app.advance(TimeDelta::hours(24));
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(mails(&app), 3 + 40, "every decision is told in the end");
        app.stop().await;
    }

    async fn counters_are_shared_by_processes_and_tell_no_address(app: App) {
        let first = limited(&app).await;
        let second = App::beside_with(&first, &[("TACHAWOR_LIMITS", "true"), PROXIES]).await;
        let tries = (0..24).map(|n| {
            let app = if n % 2 == 0 { first.clone() } else { second.clone() };
            async move { try_password(&app.public(), "203.0.113.9", &format!("u{n}@example.org"), "faux").await.status }
        });
        let statuses = join_all(tries).await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10, "{statuses:?}");
        let column = if first.engine() == Engine::Sqlite { "hex(key)" } else { "encode(key, 'hex')" };
        let keys = first.texts(&format!("SELECT {column} FROM rate_limit")).await;
        assert!(keys.len() == 11 && keys.iter().all(|key| key.len() == 64), "{keys:?}");
        // what is whole again is forgotten
        first.advance(TimeDelta::hours(1));
        api::jobs::forget(first.state()).await.unwrap();
        assert_eq!(first.count("SELECT count(*) FROM rate_limit").await, 0);
        second.leave().await;
        first.stop().await;
    }

    async fn photos_are_taken_from_people_not_from_programs(app: App) {
        let app = limited(&app).await;
        let send = async || app.public().post("/consultations/2024-2026/attachments").body("image/jpeg", vec![0; 8]).await;
        for _ in 0..30 {
            assert_ne!(send().await.status, 429);
        }
        send().await.refused(429, "too_many_requests");
        app.stop().await;
    }

    async fn texts_are_checked_for_people_not_for_programs(app: App) {
        let app = limited(&app).await;
        let check = async || app.public().post("/text-check").json(json!({"texts": ["bonjour"]})).await.status;
        let statuses = join_all((0..61).map(|_| check())).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 60);
        app.stop().await;
    }
}
