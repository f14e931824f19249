//! Accounts and the settings of a consultation.

use crate::{accounts::invitation, on_both_engines, support::*};

fn account(email: &str) -> Value {
    json!({"email": email, "name": "Hind", "role": "moderator", "axes": ["economic-empowerment"], "territories": null, "language": "fr"})
}

/// The settings of a consultation as the view shows them, to be sent back.
pub fn settings(view: &Value) -> Value {
    let pick = |list: &str, fields: &[&str]| -> Value {
        let items = view[list].as_array().unwrap().iter();
        items
            .map(|item| fields.iter().map(|field| ((*field).to_owned(), item[*field].clone())).collect::<Value>())
            .collect::<Vec<_>>()
            .into()
    };
    json!({
        "title": view["title"], "description": {"ar": "وصف", "fr": "Description"}, "opens_at": view["opens_at"], "closes_at": view["closes_at"],
        "moderation": view["moderation"], "consent": {"version": view["consent"]["version"], "text": view["consent"]["text"]},
        "axes": pick("axes", &["code", "label", "hint"]), "territories": pick("territories", &["code", "kind", "label"]), "competences": view["competences"],
    })
}

on_both_engines! {
    /// An account is made, signs in, is changed, is disabled; its password is never answered.
    async fn the_life_of_an_account(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let made = admin.post("/admin/accounts").json(account("Hind@Example.org")).await.created();
        assert_eq!((&made["email"], &made["axes"], &made["territories"]), (&json!("hind@example.org"), &json!(["economic-empowerment"]), &json!(null)));
        assert!(made.get("password").is_none() && made.get("password_hash").is_none());
        assert_eq!((&made["has_password"], &made["second_factor"]), (&json!(false), &json!(false)));
        admin.post("/admin/accounts").json(account("HIND@example.org")).await.refused(409, "email_taken");

        let hind = app.public();
        let sign_in = json!({"email": "hind@example.org", "password": "douze puits du douar"});
        let token = invitation(&app, "hind@example.org").await;
        hind.post("/invitations/accept").json(json!({"token": token, "password": "douze puits du douar"})).await.no_content();
        hind.post("/session").json(sign_in.clone()).await.ok();
        hind.get("/desk/assignees").await.ok();

        let path = format!("/admin/accounts/{}", made["id"]);
        let view = admin.patch(&path).if_match(1).json(json!({"role": "analyst", "axes": null})).await.ok();
        assert_eq!((&view["role"], &view["axes"], &view["name"]), (&json!("analyst"), &json!(null), &json!("Hind")));
        // the new role needs a second factor, which the session has not
        hind.get("/desk/assignees").await.refused(403, "second_factor_required");
        admin.patch(&path).if_match(1).json(json!({"name": "Hind B."})).await.refused(409, "version_conflict");
        admin.patch(&path).json(json!({"name": "Hind B."})).await.refused(428, "if_match_required");

        admin.patch(&path).if_match(2).json(json!({"disabled": true})).await.ok();
        hind.get("/session").await.refused(401, "unauthenticated");
        hind.post("/session").json(sign_in).await.refused(401, "bad_credentials");
        let listed = admin.all("/admin/accounts").await;
        assert!(listed.iter().any(|row| row["email"] == "hind@example.org" && row["disabled"] == true));
    }

    /// The last administrator cannot lock everybody out.
    async fn administrators_keep_their_own_role(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let path = format!("/admin/accounts/{}", app.account_id(As::Administrator).await);
        admin.patch(&path).if_match(1).json(json!({"disabled": true})).await.invalid(&[("disabled", "not_allowed")]);
        admin.patch(&path).if_match(1).json(json!({"role": "analyst"})).await.invalid(&[("role", "not_allowed")]);
    }

    /// Every wrong field is named at once.
    async fn a_wrong_account_names_its_fields(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let wrong = json!({"email": "no address", "name": "", "role": "moderator", "axes": null, "territories": null});
        admin.post("/admin/accounts").json(wrong).await.invalid(&[("email", "invalid"), ("name", "required")]);
        let mut typed = account("y@example.org");
        typed["password"] = json!("une autre phrase de passe");
        admin.post("/admin/accounts").json(typed).await.invalid(&[("password", "unknown")]);
        let mut odd = account("x@example.org");
        odd["axes"] = json!(["not a code"]);
        admin.post("/admin/accounts").json(odd).await.invalid(&[("axes[0]", "invalid")]);
    }

    /// A consultation is prepared unseen, opened by a coordinator, and closed; it is published when all is answered.
    async fn the_life_of_a_consultation(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let coordinator = app.signed_in(As::Coordinator).await;
        let model = admin.get(&format!("/admin/consultations/{SLUG}")).await.ok();
        let new = json!({"slug": "2027-2029", "prefix": "TTB", "settings": settings(&model)});
        let made = admin.post("/admin/consultations").json(new.clone()).await.created();
        assert_eq!(made["state"], "draft");
        admin.post("/admin/consultations").json(new).await.invalid(&[("slug", "duplicate")]);
        app.public().get("/consultations/2027-2029").await.refused(404, "not_found");
        let slugs = |list: &[Value]| list.iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(slugs(&app.public().all("/consultations").await), [SLUG]);
        assert_eq!(slugs(&admin.all("/admin/consultations").await), ["2027-2029", SLUG]);

        let go = |version: i64, edge: &str| coordinator.post("/admin/consultations/2027-2029/transition").if_match(version).json(json!({"edge": edge}));
        admin.post("/admin/consultations/2027-2029/transition").if_match(1).json(json!({"edge": "open"})).await.refused(403, "forbidden");
        go(1, "close").await.refused(409, "illegal_transition");
        go(1, "open").await.ok();
        app.public().get("/consultations/2027-2029").await.ok();
        let receipt = app.submit_to("2027-2029", json!({})).await;
        assert!(receipt.reference.starts_with("TTB-26-"));
        go(2, "close").await.ok();
        go(3, "publish").await.refused(409, "unanswered_proposals");
        coordinator.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        assert_eq!(go(3, "publish").await.ok()["state"], "published");
        assert_eq!(go(4, "archive").await.ok()["state"], "archived");
    }

    /// Settings change by version; what a proposal uses cannot be taken away; new consent words are a new version.
    async fn settings_are_edited(app: App) {
        app.submit(json!({"axis": "gender-inclusion"})).await;
        let admin = app.signed_in(As::Administrator).await;
        let path = format!("/admin/consultations/{SLUG}");
        let view = admin.get(&path).await.ok();
        let same = settings(&view);
        let put = |version: i64, body: Value| admin.put(&path).if_match(version).json(body);

        let mut edit = same.clone();
        edit["axes"].as_array_mut().unwrap().retain(|axis| axis["code"] != "gender-inclusion");
        put(1, edit).await.invalid(&[("axes", "not_allowed")]);
        let mut edit = same.clone();
        edit["consent"]["text"]["fr"] = json!("Un autre texte");
        put(1, edit).await.invalid(&[("consent.version", "not_allowed")]);
        let mut edit = same.clone();
        edit["title"] = json!({"ar": "عنوان", "fr": " "});
        edit["closes_at"] = same["opens_at"].clone();
        put(1, edit).await.invalid(&[("closes_at", "not_in_range"), ("title.fr", "required")]);

        let mut edit = same.clone();
        edit["opens_at"] = json!("0001-01-01T00:00:00Z");
        put(1, edit).await.invalid(&[("closes_at", "not_in_range")]);
        let mut edit = same.clone();
        edit["axes"][0]["hint"] = json!({"fr": "a\0b", "xx y": "?"});
        put(1, edit).await.invalid(&[("axes[0].hint", "unknown"), ("axes[0].hint.fr", "control_character")]);
        // a code in use is not kept by giving it to something else
        let mut edit = same.clone();
        let axes = edit["axes"].as_array_mut().unwrap();
        let moved = axes.iter().position(|axis| axis["code"] == "gender-inclusion").unwrap();
        let label = axes.remove(moved)["label"].clone();
        edit["territories"].as_array_mut().unwrap().push(json!({"code": "gender-inclusion", "kind": "province", "label": label}));
        put(1, edit).await.invalid(&[("axes", "not_allowed")]);

        let mut edit = same.clone();
        edit["title"]["fr"] = json!("Un titre neuf");
        let axes = edit["axes"].as_array_mut().unwrap();
        axes.reverse(); // the plan's own order is the reverse of the consultation's
        axes.push(json!({"code": "culture", "label": {"ar": "الثقافة", "fr": "Culture"}, "hint": {}}));
        let saved = put(1, edit).await.ok();
        assert_eq!(saved["title"]["fr"], "Un titre neuf");
        assert_eq!(saved["axes"][0]["code"], "openness-participation");
        assert_eq!(saved["axes"][5]["code"], "culture");
        put(1, same).await.refused(409, "version_conflict");
        assert_eq!(app.public().get(&format!("/consultations/{SLUG}/counts")).await.ok()["base"], 1);
    }

    /// What another process changed is seen with the next request, although this one has read the consultation before.
    async fn another_process_changes_the_settings(app: App) {
        let proposal = app.retained(json!({"axis": "gender-inclusion"})).await.reference;
        let (reader, analyst) = (app.public(), app.signed_in(As::Analyst).await);
        let list = format!("/consultations/{SLUG}/proposals");
        assert_eq!(reader.get(&list).await.ok()["items"][0]["axis"], "gender-inclusion");
        app.execute("UPDATE axis SET code = 'equality' WHERE code = 'gender-inclusion'").await;
        app.execute("UPDATE consultation SET version = version + 1").await;
        assert_eq!(reader.get(&list).await.ok()["items"][0]["axis"], "equality");
        assert_eq!(reader.get(&format!("{list}?axis=equality")).await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(reader.get(&format!("/proposals/{proposal}")).await.ok()["axis"], "equality");
        let counts = analyst.get(&format!("/statistics?consultation={SLUG}&rows=axis")).await.ok();
        assert!(counts["row_totals"].as_array().unwrap().iter().any(|row| *row == json!({"code": "equality", "count": 1})));
        app.submit(json!({"axis": "equality"})).await;
        app.execute("UPDATE consultation SET state = 'draft'").await;
        reader.get(&list).await.refused(404, "not_found");
    }

    /// Showing proposals before their first decision, or no longer, takes effect at once.
    async fn the_moderation_rule_changes_what_is_seen(app: App) {
        let waiting = app.submit(json!({})).await;
        let odd = app.submit(json!({"title": "Une autre fontaine"})).await;
        app.execute("UPDATE proposal SET suspicion = '[\"no_token\"]' WHERE title = 'Une autre fontaine'").await;
        let admin = app.signed_in(As::Administrator).await;
        let path = format!("/admin/consultations/{SLUG}");
        let shown = format!("/proposals/{}", waiting.reference);
        app.public().get(&shown).await.refused(404, "not_found");
        for (rule, status) in [("after", 200), ("before", 404)] {
            let view = admin.get(&path).await.ok();
            let mut edit = settings(&view);
            edit["moderation"] = json!(rule);
            admin.put(&path).if_match(view["version"].as_i64().unwrap()).json(edit).await.ok();
            assert_eq!(app.public().get(&shown).await.status, status, "{rule}");
            // what a program may have sent waits for somebody to look, whatever the rule
            app.public().get(&format!("/proposals/{}", odd.reference)).await.refused(404, "not_found");
        }
    }
}
