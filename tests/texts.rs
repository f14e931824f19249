//! Personal data in texts, and groups of proposals that are nearly the same.

use domain::consultation::ModerationRule;

use crate::{on_both_engines, support::*};

const WITH_PHONE: &str = "Le puits du douar est sec, appelez le gardien au ٠٦ ١٢ ٣٤ ٥٦ ٧٨ en été.";

async fn shown_at_once(app: &App) {
    app.consultation("open", |new| new.moderation = ModerationRule::After).await;
}

async fn public(app: &App, receipt: &Receipt) -> bool {
    let status = app.public().get(&format!("/proposals/{}", receipt.reference)).await.status;
    let listed = app.public().all("/consultations/open/proposals?").await;
    let listed = listed.iter().any(|item| item["reference"] == json!(receipt.reference));
    assert_eq!(listed, status == 200, "the list and the page agree");
    listed
}

/// As a copy campaign sends them: a greeting, a word changed, the sentences turned round.
fn copy(number: usize) -> Value {
    let greeting = ["", "Bonjour, ", "Salam, je suis du même avis : ", "À vous de lire : "][number % 4];
    let word = ["sec", "à sec", "vide", "tari"][number / 4 % 4];
    json!({
        "title": format!("Un puits pour le douar {number}"),
        "problem": format!("{greeting}le puits du douar est {word} de juin à septembre et les familles marchent {number} minutes."),
        "solution": "Poser une pompe solaire gérée par l'association et creuser un puits plus profond.",
    })
}

fn another() -> Value {
    json!({
        "title": "مكتبة متنقلة للقرى",
        "problem": "لا يجد تلاميذ القرى كتبا يقرؤونها بعد المدرسة، وأقرب مكتبة بعيدة عنهم.",
        "solution": "تجهيز حافلة صغيرة تحمل الكتب وتزور كل قرية مرة في الأسبوع.",
        "expected_change": null, "language": "ar",
    })
}

async fn compare(app: &App) {
    api::jobs::run_once(app.state()).await.unwrap();
}

on_both_engines! {
    /// P08: the author is warned before anything is sent, and nothing of it is kept.
    async fn p08_texts_are_checked_before_they_are_sent(app: App) {
        let check = async |texts: Value| app.public().post("/text-check").json(json!({"texts": texts})).await;
        let found = check(json!(["Un puits", WITH_PHONE, "🌊 a@b.example.org"])).await.ok();
        assert_eq!(found["personal_data"], json!([
            {"text": 1, "kind": "phone", "start": 49, "end": 63}, // counted by hand
            {"text": 2, "kind": "email", "start": 3, "end": 18}, // the wave is two units of a browser's string
        ]));
        assert_eq!(check(json!(["1 500 000 درهم"])).await.ok()["personal_data"], json!([]));
        check(json!([])).await.invalid(&[("texts", "too_short")]);
        check(json!(vec!["a"; 9])).await.invalid(&[("texts", "too_long")]);
        check(json!(["ن".repeat(4000)])).await.ok();
        check(json!(["ن".repeat(4001)])).await.invalid(&[("texts", "too_long")]);
        check(json!([7])).await.invalid(&[("texts[0]", "invalid")]);
        app.public().post("/text-check").json(json!({"texts": ["a"], "keep": true})).await.invalid(&[("keep", "unknown")]);
    }

    /// P08: nothing with an unacknowledged hit is published, until a person has decided on it.
    async fn p08_what_nobody_acknowledged_waits_for_a_person(app: App) {
        shown_at_once(&app).await;
        let clean = app.submit_to("open", json!({})).await;
        let held = app.submit_to("open", json!({"problem": WITH_PHONE})).await;
        let told = app.submit_to("open", json!({"problem": WITH_PHONE, "acknowledged_personal_data": true})).await;
        assert!(public(&app, &clean).await && public(&app, &told).await);
        assert!(!public(&app, &held).await);
        for (field, text) in [
            ("title", "Écrire à puits@example.org"),
            ("solution", "Le compte de l'association : 011 519 0000012050005349 21"),
            ("expected_change", "La voiture 12345-أ-40 ne passe plus"),
        ] {
            let receipt = app.submit_to("open", json!({field: text})).await;
            assert!(!public(&app, &receipt).await, "{field}");
        }
        // an organisation that is not named is not read by all
        let named = |name: bool| json!({"organisation": "Puits, 0612345678", "name_organisation": name, "demographics": {"participant_type": "civil_society"}});
        assert!(public(&app, &app.submit_to("open", named(false)).await).await);
        assert!(!public(&app, &app.submit_to("open", named(true)).await).await);

        // its author sees it all the same, and a change of the rule does not let it out
        assert_eq!(app.public().look_up(&held.code).await.ok()["public"], false);
        let admin = app.signed_in(As::Administrator).await;
        for rule in ["before", "after"] {
            let view = admin.get("/admin/consultations/open").await;
            let version = view.version();
            let mut settings = crate::administration::settings(&view.ok());
            settings["moderation"] = json!(rule);
            admin.put("/admin/consultations/open").if_match(version).json(settings).await.ok();
            assert!(!public(&app, &held).await, "{rule}");
            assert_eq!(public(&app, &clean).await, rule == "after");
        }

        let desk = app.signed_in(As::Moderator).await;
        let ask = json!({"edge": "request_clarification", "question": "Est-ce votre numéro ?", "language": "fr"});
        desk.decide(&held.reference, ask).await.ok();
        assert!(!public(&app, &held).await, "a question is no decision");
        app.public().post("/receipts/answer").json(json!({"code": held.code, "answer": "Oui."})).await.ok();
        desk.decide(&held.reference, json!({"edge": "retain"})).await.ok();
        assert!(public(&app, &held).await);
    }

    async fn the_desk_sees_where_it_is(app: App) {
        let clean = app.submit(json!({})).await;
        let found = app.submit(json!({"problem": WITH_PHONE, "title": "Pour AB123456"})).await;
        let told = app.submit(json!({"problem": WITH_PHONE, "acknowledged_personal_data": true})).await;
        let desk = app.signed_in(As::Moderator).await;
        let view = desk.desk(&found.reference).await;
        assert_eq!(view["personal_data"], json!([
            {"field": "title", "kind": "national_id", "start": 5, "end": 13},
            {"field": "problem", "kind": "phone", "start": 49, "end": 63},
        ]));
        assert_eq!(view["personal_data_acknowledged"], false);
        assert_eq!(desk.desk(&told.reference).await["personal_data_acknowledged"], true);
        let view = desk.desk(&clean.reference).await;
        assert_eq!((&view["personal_data"], &view["personal_data_acknowledged"]), (&json!([]), &json!(false)));
        // acknowledging nothing is nothing
        let nothing = app.submit(json!({"acknowledged_personal_data": true})).await;
        assert_eq!(desk.desk(&nothing.reference).await["personal_data_acknowledged"], false);

        let queue = desk.all("/desk/queue?consultation=2024-2026&personal_data=true").await;
        let listed: Vec<_> = queue.iter().map(|item| item["reference"].as_str().unwrap()).collect();
        assert_eq!(listed, [&found.reference, &told.reference]);
        assert!(queue.iter().all(|item| item["personal_data"] == true));
        let all = desk.all("/desk/queue?consultation=2024-2026").await;
        assert_eq!(all.iter().filter(|item| item["personal_data"] == true).count(), 2);
    }

    /// Copies are counted, shown and listed like every other proposal: flagged, never dropped.
    async fn copies_are_flagged_and_a_burst_is_a_likely_campaign(app: App) {
        let stranger = app.submit(another()).await;
        let mut copies = vec![app.submit(copy(0)).await];
        app.advance(TimeDelta::hours(30));
        for number in 1..10 {
            copies.push(app.submit(copy(number)).await);
        }
        let desk = app.signed_in(As::Moderator).await;
        assert_eq!(desk.desk(&copies[0].reference).await["copies"], Value::Null, "not compared yet");
        compare(&app).await;
        let view = desk.desk(&copies[3].reference).await;
        assert_eq!((&view["copies"]["size"], &view["copies"]["campaign"]), (&json!(10), &json!(false)), "nine in a day");
        let others: Vec<_> = view["copies"]["others"].as_array().unwrap().iter().map(|other| other["reference"].as_str().unwrap()).collect();
        let expected: Vec<_> = copies.iter().map(|copy| copy.reference.as_str()).filter(|one| *one != copies[3].reference).collect();
        assert_eq!(others, expected);
        assert_eq!(desk.desk(&stranger.reference).await["copies"], Value::Null);

        copies.push(app.submit(copy(10)).await);
        compare(&app).await;
        let all = desk.all("/desk/queue?consultation=2024-2026").await;
        assert_eq!(all.len(), 12, "none is dropped");
        let flagged = desk.all("/desk/queue?consultation=2024-2026&copies=true").await;
        assert_eq!(flagged.len(), 11);
        assert!(flagged.iter().all(|item| item["copies"] == json!({"size": 11, "campaign": true})));
        assert_eq!(app.public().get("/consultations/2024-2026/counts").await.ok()["base"], 12);
        assert_eq!(app.count("SELECT count(*) FROM proposal_event WHERE edge <> 'submit'").await, 0, "nothing was decided");
    }

    async fn what_is_withdrawn_is_in_no_group(app: App) {
        let one = app.submit(copy(0)).await;
        let two = app.submit(copy(1)).await;
        let never = app.submit(copy(2)).await;
        app.public().post("/receipts/withdraw").json(json!({"code": never.code})).await.ok();
        compare(&app).await;
        let desk = app.signed_in(As::Moderator).await;
        assert_eq!(desk.desk(&one.reference).await["copies"]["size"], 2, "withdrawn before it was compared");
        app.public().post("/receipts/withdraw").json(json!({"code": two.code})).await.ok();
        assert_eq!(desk.desk(&one.reference).await["copies"], Value::Null, "one alone is no group");
        assert_eq!(app.count("SELECT count(*) FROM proposal_copy").await, 0);
        assert_eq!(app.count("SELECT count(DISTINCT proposal_id) FROM proposal_band").await, 1, "nothing is kept of the others");
        let three = app.submit(copy(3)).await;
        compare(&app).await;
        let view = desk.desk(&one.reference).await;
        assert_eq!((&view["copies"]["size"], &view["copies"]["others"][0]["reference"]), (&json!(2), &json!(three.reference)));
    }

    async fn copies_are_looked_for_in_one_consultation(app: App) {
        app.consultation("other", |_| {}).await;
        let here = app.submit(copy(0)).await;
        app.submit_to("other", copy(0)).await;
        compare(&app).await;
        let desk = app.signed_in(As::Moderator).await;
        assert_eq!(desk.desk(&here.reference).await["copies"], Value::Null);
    }

    /// Two workers at once see each other's: no copy is left out of the group.
    async fn several_workers_make_one_group(app: App) {
        let copies = futures_util::future::join_all((0..60).map(|number| app.submit(copy(number)))).await;
        futures_util::future::join_all((0..4).map(|_| api::jobs::run_once(app.state()))).await.into_iter().for_each(|done| {
            done.unwrap();
        });
        assert_eq!(app.count("SELECT count(*) FROM proposal_copy").await, i64::try_from(copies.len()).unwrap());
        assert_eq!(app.count("SELECT count(DISTINCT group_id) FROM proposal_copy").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM proposal WHERE NOT compared").await, 0);
    }
}
