//! Signing in and out, and what protects a session.

use futures_util::future::join_all;

use crate::{
    on_both_engines,
    support::{client::Call, *},
};

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

/// Signs in with an address and a password.
async fn sign_in(client: &Client, who: As, password: &str) -> Answer {
    client.post("/session").json(credentials(&who.email(), password)).await
}

on_both_engines! {
    async fn a_session_tells_who_one_is(app: App) {
        let client = app.public();
        client.get("/session").await.refused(401, "unauthenticated");
        let answer = client.post("/session").json(credentials("  Chaimae@Example.ORG ", PASSWORD)).await.ok();
        assert_eq!(client.get("/session").await.ok(), answer);
        let account = &answer["account"];
        assert_eq!((&account["name"], &account["role"], &account["email"]), (&json!("Chaimae"), &json!("moderator"), &json!("chaimae@example.org")));
        assert_eq!((&account["axes"], &account["territories"]), (&json!(["economic-empowerment"]), &json!(["MA-CHE"])));
        assert_eq!(answer["expires_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), app.now() + TimeDelta::hours(12));
        let coordinator = app.public();
        let answer = sign_in(&coordinator, As::Coordinator, PASSWORD).await.ok();
        assert_eq!((&answer["account"]["axes"], &answer["account"]["territories"]), (&Value::Null, &Value::Null));
    }

    async fn what_was_wrong_is_not_told(app: App) {
        app.execute("UPDATE account SET disabled = TRUE WHERE name = 'Hassan'").await;
        let mut bodies = Vec::new();
        for (email, password) in [
            (As::Moderator.email(), "une phrase de passe 2".to_owned()),
            (As::Administrator.email(), PASSWORD.to_owned()),
            ("nobody@example.org".to_owned(), PASSWORD.to_owned()),
            ("not an address".to_owned(), PASSWORD.to_owned()),
            ("' OR 1=1 --".to_owned(), PASSWORD.to_owned()),
        ] {
            let answer = app.public().post("/session").json(credentials(&email, &password)).await;
            assert_eq!(answer.header("set-cookie"), None);
            let text = answer.text();
            answer.refused(401, "bad_credentials");
            bodies.push(text);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
        app.public().post("/session").json(credentials("", PASSWORD)).await.invalid(&[("email", "required")]);
        app.public().post("/session").json(credentials("amina@example.org", &"x".repeat(129))).await.invalid(&[("password", "too_long")]);
    }

    async fn the_cookie_is_for_this_site_and_no_script(app: App) {
        let answer = sign_in(&app.public(), As::Moderator, PASSWORD).await;
        let cookie = answer.header("set-cookie").unwrap().to_owned();
        let parts: Vec<_> = cookie.split("; ").collect();
        assert!(parts[0].starts_with("tachawor=") && parts[0].len() == "tachawor=".len() + 64, "{cookie}");
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            assert!(parts.contains(&part), "{part}: {cookie}");
        }
        assert!(!cookie.contains("Domain"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));

        let secure = App::start_with(app.engine(), &[("TACHAWOR_PUBLIC_URL", "https://ouvert.example.ma")]).await;
        let cookie = sign_in(&secure.public(), As::Moderator, PASSWORD).await.header("set-cookie").unwrap().to_owned();
        let parts: Vec<_> = cookie.split("; ").collect();
        assert!(parts[0].starts_with("__Host-tachawor=") && parts.contains(&"Secure") && parts.contains(&"Path=/"), "{cookie}");
        secure.public().get("/session").header("cookie", parts[0]).await.ok();
        let plain = parts[0].trim_start_matches("__Host-");
        secure.public().get("/session").header("cookie", plain).await.refused(401, "unauthenticated");
        secure.stop().await;
    }

    async fn a_session_ends_after_twelve_hours(app: App) {
        let client = app.public();
        sign_in(&client, As::Moderator, PASSWORD).await.ok();
        app.advance(TimeDelta::hours(12) - TimeDelta::milliseconds(1));
        client.get("/session").await.ok();
        app.advance(TimeDelta::milliseconds(1));
        client.get("/session").await.refused(401, "unauthenticated");
        client.get("/desk/queue?consultation=2024-2026").await.refused(401, "unauthenticated");
    }

    async fn signing_out_kills_the_token_itself(app: App) {
        let client = app.public();
        let cookie = sign_in(&client, As::Moderator, PASSWORD).await.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let elsewhere = app.public();
        elsewhere.get("/session").header("cookie", &cookie).await.ok();
        let answer = client.delete("/session").await;
        let removal = answer.header("set-cookie").unwrap().to_owned();
        assert!(removal.starts_with("tachawor=;") && removal.contains("Max-Age=0"), "{removal}");
        answer.no_content();
        elsewhere.get("/session").header("cookie", &cookie).await.refused(401, "unauthenticated");
        client.get("/session").await.refused(401, "unauthenticated");
        client.delete("/session").await.refused(401, "unauthenticated");
        for forged in ["tachawor=", "tachawor=0", &format!("tachawor={}", "0".repeat(64)), "tachawor=\u{1F986}"] {
            let header = reqwest::header::HeaderValue::from_bytes(forged.as_bytes()).unwrap();
            let answer = elsewhere.get("/session").raw_header("cookie", header).await;
            answer.refused(401, "unauthenticated");
        }
    }

    async fn the_token_is_kept_as_a_hash(app: App) {
        let cookie = sign_in(&app.public(), As::Moderator, PASSWORD).await.header("set-cookie").unwrap().to_owned();
        let token = cookie.split(';').next().unwrap().trim_start_matches("tachawor=");
        let hex = match app.engine() {
            Engine::Sqlite => "SELECT lower(hex(token_hash)) FROM session",
            Engine::Postgres => "SELECT encode(token_hash, 'hex') FROM session",
        };
        let kept = app.texts(hex).await;
        let bytes: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(kept.len(), 1);
        assert!(kept[0] != token && kept[0] != bytes, "neither as text nor as bytes");
        let hash = blake3::hash(token.as_bytes()).to_hex().to_string();
        assert_eq!(kept, [hash]);
        let passwords = app.texts("SELECT password_hash FROM account").await;
        assert!(passwords.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")), "{passwords:?}");
    }

    async fn a_new_password_ends_the_other_sessions(app: App) {
        let (here, there, stranger) = (app.public(), app.public(), app.public());
        sign_in(&here, As::SecondModerator, PASSWORD).await.ok();
        sign_in(&there, As::SecondModerator, PASSWORD).await.ok();
        sign_in(&stranger, As::Moderator, PASSWORD).await.ok();
        let change = async |client: &Client, current: &str, new: &str| client.put("/session/password").json(json!({"current": current, "new": new})).await;
        change(&here, "not this one at all", "a new pass phrase").await.invalid(&[("current", "invalid")]);
        change(&here, PASSWORD, "elevenchars").await.invalid(&[("new", "too_short")]);
        change(&here, PASSWORD, &"x".repeat(129)).await.invalid(&[("new", "too_long")]);
        change(&app.public(), PASSWORD, "a new pass phrase").await.refused(401, "unauthenticated");
        there.get("/session").await.ok();

        change(&here, PASSWORD, "a new pass phrase").await.no_content();
        here.get("/session").await.ok();
        there.get("/session").await.refused(401, "unauthenticated");
        stranger.get("/session").await.ok();
        sign_in(&there, As::SecondModerator, PASSWORD).await.refused(401, "bad_credentials");
        sign_in(&there, As::SecondModerator, "a new pass phrase").await.ok();
    }

    async fn a_disabled_account_has_no_session(app: App) {
        let client = app.signed_in(As::Moderator).await;
        client.get("/session").await.ok();
        app.execute("UPDATE account SET disabled = TRUE WHERE name = 'Amina'").await;
        client.get("/session").await.refused(401, "unauthenticated");
        client.get("/desk/assignees").await.refused(401, "unauthenticated");
    }

    async fn another_sites_page_changes_nothing(app: App) {
        let client = app.signed_in(As::Moderator).await;
        let receipt = app.submit(json!({})).await;
        let note = async |change: fn(Call) -> Call| {
            let call = client.post(&format!("/desk/proposals/{}/notes", receipt.reference)).json(json!({"text": "Vu."}));
            change(call).await
        };
        for foreign in [
            (|call| call.header("origin", "https://evil.example").without("sec-fetch-site")) as fn(Call) -> Call,
            |call| call.header("origin", "null").without("sec-fetch-site"),
            |call| call.header("origin", "http://tachawor.test.evil.example").without("sec-fetch-site"),
            |call| call.header("origin", "https://tachawor.test").without("sec-fetch-site"),
            |call| call.header("origin", "http://tachawor.test:8080").without("sec-fetch-site"),
            |call| call.header("sec-fetch-site", "cross-site").without("origin"),
            |call| call.header("sec-fetch-site", "same-site"),
            |call| call.header("sec-fetch-site", "cross-site"),
        ] {
            note(foreign).await.refused(403, "cross_site");
        }
        for own in [
            (|call| call) as fn(Call) -> Call,
            |call| call.without("sec-fetch-site"),
            |call| call.without("origin"),
            |call| call.header("sec-fetch-site", "none").without("origin"),
            |call| call.without("origin").without("sec-fetch-site"),
        ] {
            note(own).await.created();
        }
        assert_eq!(app.count("SELECT count(*) FROM note").await, 5);
        client.get("/session").header("origin", "https://evil.example").header("sec-fetch-site", "cross-site").await.ok();
        for unsafe_call in [client.delete("/session"), client.post("/receipts/lookup").json(json!({"code": receipt.code}))] {
            unsafe_call.header("origin", "https://evil.example").await.refused(403, "cross_site");
        }
    }

    async fn a_form_of_another_site_is_no_json(app: App) {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let body = credentials(&As::Moderator.email(), PASSWORD).to_string();
            app.public().post("/session").body(content_type, body).await.refused(415, "unsupported_media_type");
        }
    }

    async fn many_sign_ins_at_once_are_answered_or_told_to_come_back(app: App) {
        let client = app.public();
        let calls = (0..30).map(|_| sign_in(&client, As::Moderator, "une phrase de passe 2"));
        for answer in join_all(calls).await {
            match answer.status {
                503 => assert!(answer.header("retry-after").is_some()),
                _ => drop(answer.refused(401, "bad_credentials")),
            }
        }
    }
}
