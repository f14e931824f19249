//! Invitations, second factors, sessions and devices (ASVS 5 V6 and V7; T-D17, T-V3).

use std::future::IntoFuture as _;

use api::{jobs::run_once, mail::SentMail};

use crate::{on_both_engines, support::*};

const NEW: &str = "le puits du douar est sec";

/// Sends what is due and answers all mail to an address, oldest first.
async fn mails(app: &App, email: &str) -> Vec<SentMail> {
    run_once(app.state()).await.unwrap();
    let memory = app.state().mailer.memory().unwrap();
    let sent = memory.sent.lock().unwrap();
    sent.iter().filter(|mail| mail.recipient == email).cloned().collect()
}

/// The token in the newest invitation to an address.
pub async fn invitation(app: &App, email: &str) -> String {
    let mail = mails(app, email).await.pop().unwrap().rendered.text;
    mail.split_once("/invitation/#").unwrap().1.lines().next().unwrap().to_owned()
}

async fn sign_in(client: &Client, who: As, password: &str) -> Answer {
    client.post("/session").json(json!({"email": who.email(), "password": password})).await
}

/// Every way an invitation could be used.
async fn dead(app: &App, token: &str) {
    let visitor = app.public();
    visitor.post("/invitations/lookup").json(json!({"token": token})).await.refused(404, "invitation_over");
    let accept = json!({"token": token, "password": NEW});
    visitor.post("/invitations/accept").json(accept).await.refused(404, "invitation_over");
}

async fn make(app: &App) -> (Client, String, Value) {
    let admin = app.signed_in(As::Administrator).await;
    let new = json!({"email": "hind@example.org", "name": "Hind", "role": "moderator", "axes": null, "territories": null, "language": "fr"});
    let made = admin.post("/admin/accounts").json(new).await.created();
    (admin, format!("/admin/accounts/{}", made["id"]), made)
}

on_both_engines! {
    async fn an_invitation_is_good_once(app: App) {
        let (admin, path, made) = make(&app).await;
        assert_eq!(made["invited_until"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), app.now() + TimeDelta::hours(72));
        // without a password nobody signs in, whatever they type
        for typed in ["x", NEW] {
            let credentials = json!({"email": "hind@example.org", "password": typed});
            app.public().post("/session").json(credentials).await.refused(401, "bad_credentials");
        }
        let token = invitation(&app, "hind@example.org").await;
        assert_eq!(token.len(), 64, "256 bits");
        let mail = mails(&app, "hind@example.org").await.pop().unwrap().rendered;
        assert!(mail.html.contains(&format!("href=\"http://tachawor.test/fr/invitation/#{token}\"")), "{}", mail.html);
        assert!(mail.text.contains("13 novembre 2026 à 10:00"), "{}", mail.text);
        let kept = app.texts("SELECT CAST(payload AS TEXT) FROM outbox").await;
        assert!(kept.iter().all(|payload| !payload.contains(&token)));

        let visitor = app.public();
        let seen = visitor.post("/invitations/lookup").json(json!({"token": token})).await.ok();
        assert_eq!((&seen["name"], &seen["email"]), (&json!("Hind"), &json!("hind@example.org")));
        let accept = |password: &str| visitor.post("/invitations/accept").json(json!({"token": token, "password": password}));
        accept("court").await.invalid(&[("password", "too_short")]);
        accept("password1234").await.invalid(&[("password", "too_common")]);
        accept("hind au puits du douar").await.invalid(&[("password", "too_common")]);
        accept(NEW).await.no_content();
        dead(&app, &token).await;
        visitor.post("/session").json(json!({"email": "hind@example.org", "password": NEW})).await.ok();
        let listed = admin.all("/admin/accounts").await;
        let hind = listed.iter().find(|row| row["email"] == "hind@example.org").unwrap();
        assert_eq!((&hind["has_password"], &hind["invited_until"]), (&json!(true), &json!(null)));
        assert!(path.ends_with(&hind["id"].to_string()));
        assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'accept_invitation'").await, 1);
    }

    async fn who_forgot_their_password_gets_a_link(app: App) {
        let ask = async |email: &str| app.public().post("/invitations/request").json(json!({"email": email})).await.no_content();
        let moderator = As::Moderator.email();
        ask(&moderator.to_uppercase()).await;
        let token = invitation(&app, &moderator).await;
        // nothing has happened yet: whoever asked need not be the owner
        app.public().post("/session").json(json!({"email": moderator, "password": PASSWORD})).await.ok();
        let kept = app.texts("SELECT CAST(payload AS TEXT) FROM outbox").await;
        assert!(kept.iter().all(|payload| !payload.contains(&token)));
        app.advance(TimeDelta::hours(2));
        dead(&app, &token).await;
        ask(&moderator).await;
        let token = invitation(&app, &moderator).await;
        let elsewhere = app.signed_in(As::Moderator).await;
        app.public().post("/invitations/accept").json(json!({"token": token, "password": NEW})).await.no_content();
        elsewhere.get("/session").await.refused(401, "unauthenticated");
        app.public().post("/session").json(json!({"email": moderator, "password": PASSWORD})).await.refused(401, "bad_credentials");
        app.public().post("/session").json(json!({"email": moderator, "password": NEW})).await.ok();
        dead(&app, &token).await;
        app.public().post("/invitations/request").json(json!({"email": "nobody"})).await.invalid(&[("email", "invalid")]);
    }

    async fn a_forgotten_password_is_no_way_in_for_others(app: App) {
        let (admin, path, _) = make(&app).await;
        let hind = "hind@example.org";
        invitation(&app, hind).await;
        admin.delete(&format!("{path}/invitation")).await.no_content();
        app.execute("UPDATE account SET disabled = TRUE WHERE name = 'Ghita'").await;
        let before = mails(&app, hind).await.len();
        let stored = app.count("SELECT count(*) FROM outbox").await;
        // taken back, disabled, unknown: the same answer, the same row, and no mail
        for email in [hind, &As::Analyst.email(), "nobody@example.org"] {
            let answer = app.public().post("/invitations/request").json(json!({"email": email})).await;
            assert_eq!((answer.status, answer.text().as_str()), (204, ""));
        }
        assert_eq!(app.count("SELECT count(*) FROM outbox").await, stored + 3);
        assert_eq!(mails(&app, hind).await.len(), before);
        assert!(mails(&app, &As::Analyst.email()).await.is_empty() && mails(&app, "nobody@example.org").await.is_empty());
        assert_eq!(app.count("SELECT count(*) FROM invitation").await, 0);
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE recipient <> ''").await, 0, "nobody's address stays");
    }

    /// T-D17: expired, taken back, replaced, of a disabled account: dead through every path.
    async fn an_invitation_dies_for_every_reason(app: App) {
        let (admin, path, _) = make(&app).await;
        let token = invitation(&app, "hind@example.org").await;
        app.advance(TimeDelta::hours(72) - TimeDelta::milliseconds(1));
        app.public().post("/invitations/lookup").json(json!({"token": token})).await.ok();
        app.advance(TimeDelta::milliseconds(1));
        dead(&app, &token).await;
        app.advance(TimeDelta::days(15));
        dead(&app, &token).await;

        let admin_again = app.signed_in(As::Administrator).await;
        drop(admin);
        let invite = |version: i64| admin_again.post(&format!("{path}/invitation")).if_match(version);
        invite(7).await.refused(409, "version_conflict");
        let again = invite(1).await.ok();
        assert!(again["invited_until"].is_string());
        dead(&app, &token).await;
        let second = invitation(&app, "hind@example.org").await;
        assert_ne!(second, token);
        invite(1).await.ok();
        let third = invitation(&app, "hind@example.org").await;
        dead(&app, &second).await;
        admin_again.delete(&format!("{path}/invitation")).await.no_content();
        dead(&app, &third).await;

        invite(1).await.ok();
        let fourth = invitation(&app, "hind@example.org").await;
        admin_again.patch(&path).if_match(1).json(json!({"disabled": true})).await.ok();
        dead(&app, &fourth).await;
        invite(2).await.refused(409, "illegal_transition");
        admin_again.patch(&path).if_match(2).json(json!({"disabled": false})).await.ok();
        dead(&app, &fourth).await;
        for made_up in ["0", &"0".repeat(64), &token.to_uppercase()] {
            dead(&app, made_up).await;
        }
    }

    /// Of two who accept at once one is first; a mail that was overtaken is not sent.
    async fn an_invitation_is_used_by_one(app: App) {
        let (admin, path, _) = make(&app).await;
        let token = invitation(&app, "hind@example.org").await;
        let (first, second) = (app.public(), app.public());
        let accept = |client: &Client, password: &str| client.post("/invitations/accept").json(json!({"token": token, "password": password}));
        let (one, other) = futures_util::future::join(accept(&first, NEW).into_future(), accept(&second, "un autre puits du douar").into_future()).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);

        let before = mails(&app, "hind@example.org").await.len();
        admin.post(&format!("{path}/invitation")).if_match(1).await.ok();
        admin.delete(&format!("{path}/invitation")).await.no_content();
        assert_eq!(mails(&app, "hind@example.org").await.len(), before);
    }

    /// An administrator helps somebody who lost their password without ever knowing one.
    async fn a_password_is_replaced_by_invitation(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let (there, email) = (app.signed_in(As::Moderator).await, As::Moderator.email());
        let path = format!("/admin/accounts/{}/invitation", app.account_id(As::Moderator).await);
        admin.post(&path).if_match(1).await.ok();
        there.get("/session").await.refused(401, "unauthenticated");
        sign_in(&app.public(), As::Moderator, PASSWORD).await.refused(401, "bad_credentials");
        let token = invitation(&app, &email).await;
        app.public().post("/invitations/accept").json(json!({"token": token, "password": NEW})).await.no_content();
        sign_in(&app.public(), As::Moderator, PASSWORD).await.refused(401, "bad_credentials");
        sign_in(&app.public(), As::Moderator, NEW).await.ok();
    }

    async fn a_common_password_is_refused_everywhere(app: App) {
        let client = app.signed_in(As::Moderator).await;
        let change = |new: &str| client.put("/session/password").json(json!({"current": PASSWORD, "new": new}));
        for (new, code) in [("qwertyuiop123", "too_common"), ("amina et le puits", "too_common"), ("tachawor du douar", "too_common"), ("court", "too_short")] {
            change(new).await.invalid(&[("new", code)]);
        }
        change(NEW).await.no_content();
    }

    /// S17: until the second factor is given, nothing is open but the way to give it.
    async fn a_password_alone_opens_nothing(app: App) {
        for who in [As::Coordinator, As::Analyst, As::Administrator] {
            let client = app.public();
            let session = sign_in(&client, who, PASSWORD).await.ok();
            assert_eq!((&session["missing"], &session["account"]["second_factor"]), (&json!("code"), &json!(true)));
            for path in ["/desk/assignees", "/statistics?consultation=2024-2026&rows=axis", "/admin/accounts", "/session/all", "/session/second-factor"] {
                client.get(path).await.refused(403, "second_factor_required");
            }
            client.put("/session/password").json(json!({"current": PASSWORD, "new": NEW})).await.refused(403, "second_factor_required");
            // nobody puts another in the place of one they do not have
            client.post("/session/second-factor").await.refused(403, "second_factor_required");
            client.put("/session/second-factor").json(json!({"code": app.code(who)})).await.refused(403, "second_factor_required");

            let answer = client.post("/session/code").json(json!({"code": app.code(who)})).await.ok();
            assert_eq!(answer["missing"], json!(null));
            assert_eq!(client.get("/session").await.ok(), answer);
            client.get("/session/all").await.ok();
            app.advance(TimeDelta::seconds(30));
        }
        let moderator = app.public();
        assert_eq!(sign_in(&moderator, As::Moderator, PASSWORD).await.ok()["missing"], json!(null));
        moderator.get("/desk/assignees").await.ok();
    }

    async fn a_code_is_good_once_and_five_wrong_ones_end_the_session(app: App) {
        let present = async |client: &Client, code: &str| client.post("/session/code").json(json!({"code": code})).await;
        let (first, second) = (app.public(), app.public());
        let old = sign_in(&first, As::Analyst, PASSWORD).await.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        sign_in(&second, As::Analyst, PASSWORD).await.ok();
        let code = app.code(As::Analyst);
        present(&first, &code).await.ok();
        // the session went on under another token
        app.public().get("/session").header("cookie", &old).await.refused(401, "unauthenticated");
        present(&second, &code).await.invalid(&[("code", "invalid")]);
        app.advance(TimeDelta::seconds(30));
        present(&second, &code).await.invalid(&[("code", "invalid")]);
        present(&second, "12345").await.invalid(&[("code", "invalid")]);
        present(&second, "abcde-fghjk").await.invalid(&[("code", "invalid")]);
        present(&second, "").await.invalid(&[("code", "required")]);
        present(&second, "x").await.refused(401, "unauthenticated");
        present(&second, &app.code(As::Analyst)).await.refused(401, "unauthenticated");
        first.get("/session").await.ok();
        assert!(app.count("SELECT count(*) FROM audit WHERE action = 'present_code' AND outcome = 'refused'").await >= 5);
    }

    /// Enrolling: shown, confirmed with a code, recovery codes once; the other sessions end.
    async fn a_second_factor_is_set_up(app: App) {
        app.execute("UPDATE account SET totp_seed = NULL, totp_step = NULL WHERE name = 'Ghita'").await;
        let (client, there) = (app.public(), app.public());
        let session = sign_in(&client, As::Analyst, PASSWORD).await.ok();
        sign_in(&there, As::Analyst, PASSWORD).await.ok();
        assert_eq!((&session["missing"], &session["account"]["second_factor"]), (&json!("enrolment"), &json!(false)));
        let confirm = async |client: &Client, code: &str| client.put("/session/second-factor").json(json!({"code": code})).await;
        confirm(&client, "000000").await.refused(409, "illegal_transition");
        let setup = client.post("/session/second-factor").await.ok();
        let secret = setup["secret"].as_str().unwrap();
        let url = setup["url"].as_str().unwrap();
        assert_eq!(url, format!("otpauth://totp/Tachawor:ghita%40example.org?secret={secret}&issuer=Tachawor"));
        assert!(setup["qr"]["size"].as_i64().unwrap() >= 21 && setup["qr"]["path"].as_str().unwrap().starts_with("M0 0h1v1h-1z"));
        let app_on_a_phone = totp(secret);
        confirm(&client, "000000").await.invalid(&[("code", "invalid")]);
        let answer = confirm(&client, &app_on_a_phone(app.now())).await.ok();
        let codes: Vec<_> = answer["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        assert_eq!(codes.len(), 10);
        there.get("/session").await.refused(401, "unauthenticated");
        let view = client.get("/session/second-factor").await.ok();
        assert_eq!(view, json!({"enabled": true, "required": true, "recovery_codes_left": 10}));
        assert_eq!(app.count("SELECT count(*) FROM recovery_code").await, 10);

        // each recovery code opens once, however it is typed
        let again = app.public();
        let present = async |code: &str| {
            sign_in(&again, As::Analyst, PASSWORD).await.ok();
            again.post("/session/code").json(json!({"code": code})).await
        };
        present(&app_on_a_phone(app.now())).await.invalid(&[("code", "invalid")]);
        present(&codes[0].to_uppercase().replace('-', " ")).await.ok();
        present(&codes[0]).await.invalid(&[("code", "invalid")]);
        assert_eq!(client.get("/session/second-factor").await.ok()["recovery_codes_left"], 9);
        client.post("/session/recovery-codes").json(json!({"password": "not this one"})).await.invalid(&[("password", "invalid")]);
        let renewed = client.post("/session/recovery-codes").json(json!({"password": PASSWORD})).await.ok();
        present(&codes[1]).await.invalid(&[("code", "invalid")]);
        present(renewed["codes"][9].as_str().unwrap()).await.ok();

        // whoever is signed in with it may set up another, which is in force once confirmed
        let other = totp(client.post("/session/second-factor").await.ok()["secret"].as_str().unwrap());
        app.advance(TimeDelta::seconds(30));
        present(&app_on_a_phone(app.now())).await.ok();
        confirm(&client, &other(app.now())).await.ok();
        app.advance(TimeDelta::seconds(30));
        present(&app_on_a_phone(app.now())).await.invalid(&[("code", "invalid")]);
        present(&other(app.now())).await.ok();
        assert!(app.count("SELECT count(*) FROM audit WHERE action = 'set_up_second_factor' AND outcome = 'done'").await >= 1);
    }

    /// The dump of the database holds no secret of the second factor.
    async fn the_secret_is_not_in_the_database(app: App) {
        let moderator = app.signed_in(As::Moderator).await;
        let secret = moderator.post("/session/second-factor").await.ok()["secret"].as_str().unwrap().to_owned();
        let seed = match app.engine() {
            Engine::Sqlite => "SELECT hex(totp_pending) FROM account WHERE name = 'Amina'",
            Engine::Postgres => "SELECT encode(totp_pending, 'hex') FROM account WHERE name = 'Amina'",
        };
        let kept = app.texts(seed).await[0].to_lowercase();
        let raw: String = decode(&secret).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(kept.len() == 64 && !kept.contains(&raw));
    }

    /// An administrator helps somebody who lost the device; T-V3 for a reset factor.
    async fn a_second_factor_is_reset(app: App) {
        let (admin, analyst) = (app.signed_in(As::Administrator).await, app.signed_in(As::Analyst).await);
        let path = format!("/admin/accounts/{}/second-factor", app.account_id(As::Analyst).await);
        admin.delete(&path).await.no_content();
        analyst.get("/session").await.refused(401, "unauthenticated");
        let client = app.public();
        assert_eq!(sign_in(&client, As::Analyst, PASSWORD).await.ok()["missing"], "enrolment");
        client.get("/session/all").await.refused(403, "second_factor_required");
        client.post("/session/code").json(json!({"code": app.code(As::Analyst)})).await.invalid(&[("code", "invalid")]);
        admin.delete("/admin/accounts/999999/second-factor").await.refused(404, "not_found");
    }

    async fn sessions_are_listed_and_ended(app: App) {
        let (here, there, third) = (app.public(), app.public(), app.public());
        let agent = "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0";
        let open = |client: &Client| client.post("/session").json(json!({"email": As::Moderator.email(), "password": PASSWORD})).header("user-agent", agent);
        for client in [&third, &there, &here] {
            open(client).await.ok();
            app.advance(TimeDelta::minutes(1));
        }
        let stranger = app.signed_in(As::SecondModerator).await;
        let listed = here.get("/session/all").await.ok();
        let items = listed["items"].as_array().unwrap();
        assert_eq!(items.len(), 3);
        assert!(items.iter().all(|item| item["device"] == "Firefox, Android"));
        assert_eq!(items.iter().map(|item| item["current"].as_bool().unwrap()).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(items[0]["created_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), app.now() - TimeDelta::minutes(1));
        let one = format!("/session/all/{}", items[1]["handle"].as_str().unwrap());
        stranger.delete(&one).await.refused(404, "not_found");
        there.get("/session").await.ok();
        here.delete(&one).await.no_content();
        there.get("/session").await.refused(401, "unauthenticated");
        here.delete(&one).await.refused(404, "not_found");
        third.get("/session").await.ok();
        here.delete("/session/all").await.no_content();
        third.get("/session").await.refused(401, "unauthenticated");
        here.get("/session").await.ok();
        stranger.get("/session").await.ok();
        // no more than twenty, and a password alone does not end a session with a second factor
        let analyst = app.signed_in(As::Analyst).await;
        for _ in 0..21 {
            sign_in(&app.public(), As::Analyst, PASSWORD).await.ok();
        }
        assert_eq!(analyst.get("/session/all").await.ok()["items"].as_array().unwrap().len(), 20);
        assert!(app.count("SELECT count(*) FROM audit WHERE action = 'end_sessions'").await >= 2);
    }

    async fn a_new_device_is_told(app: App) {
        let email = As::Moderator.email();
        let (phone, laptop) = (app.public(), app.public());
        let agent = "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0";
        let cookie = phone.post("/session").json(json!({"email": email, "password": PASSWORD})).header("user-agent", agent).await;
        let cookies: Vec<_> = cookie.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
        let device = cookies.iter().find(|cookie| cookie.starts_with("tachawor-device=")).unwrap();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"] {
            assert!(device.contains(part), "{device}");
        }
        let told = mails(&app, &email).await;
        assert_eq!(told.len(), 1);
        assert!(told[0].rendered.text.contains("Firefox, Android") && told[0].rendered.text.contains("10 novembre 2026 à 10:00"), "{}", told[0].rendered.text);
        // the same device, the same account: nothing to tell; another account or device: told
        sign_in(&phone, As::Moderator, PASSWORD).await.ok();
        sign_in(&phone, As::Moderator, "une phrase de passe 2").await.refused(401, "bad_credentials");
        assert_eq!(mails(&app, &email).await.len(), 1);
        sign_in(&laptop, As::Moderator, PASSWORD).await.ok();
        assert_eq!(mails(&app, &email).await.len(), 2);
        sign_in(&phone, As::SecondModerator, PASSWORD).await.ok();
        assert_eq!(mails(&app, &As::SecondModerator.email()).await.len(), 1);
        app.advance(TimeDelta::days(366));
        sign_in(&phone, As::Moderator, PASSWORD).await.ok();
        assert_eq!(mails(&app, &email).await.len(), 3);
    }

    /// The passwords of a demonstration are public, so nobody is made to enrol; whoever did gives their code.
    async fn a_demonstration_makes_nobody_enrol(app: App) {
        let demo = App::start_with(app.engine(), &[("TACHAWOR_DEMO", "true")]).await;
        demo.execute("UPDATE account SET totp_seed = NULL WHERE name = 'Ghita'").await;
        assert_eq!(sign_in(&demo.public(), As::Analyst, PASSWORD).await.ok()["missing"], json!(null));
        assert_eq!(sign_in(&demo.public(), As::Coordinator, PASSWORD).await.ok()["missing"], "code");
        demo.stop().await;
    }

    /// The schema goes back to what it was, and forth again, with people in it.
    async fn the_step_goes_down_and_up(app: App) {
        app.signed_in(As::Moderator).await;
        let sql = "SELECT count(*) FROM seaql_migrations WHERE version >= 'm20261124_000003'";
        let later = u32::try_from(app.count(sql).await).unwrap();
        app.store().migrate_down(Some(later)).await.unwrap();
        app.count("SELECT count(*) FROM account").await;
        app.store().migrate().await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM account WHERE language = 'ar'").await, 7);
    }
}

/// Reads base32.
fn decode(secret: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in secret.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == letter).unwrap();
        bits = (bits << 5) | u32::try_from(value).unwrap();
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xFF).unwrap());
        }
    }
    bytes
}

/// An app that was given a secret: what it shows at an instant.
fn totp(secret: &str) -> impl Fn(DateTime<Utc>) -> String + use<> {
    let totp = totp_rs::Builder::new().with_secret(decode(secret)).build().unwrap();
    move |now| totp.generate(u64::try_from(now.timestamp()).unwrap()).to_string()
}
