//! What the public reads: lists, search, counts, one proposal.

use std::collections::BTreeSet;

use domain::consultation::ModerationRule;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{on_both_engines, support::*};

const PROPOSALS: &str = "/consultations/2024-2026/proposals";
const COUNTS: &str = "/consultations/2024-2026/counts";

/// The references of a list, in its order.
async fn references(app: &App, path: &str) -> Vec<String> {
    app.public().all(path).await.iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect()
}

/// The references that a search finds.
async fn found(app: &App, text: &str) -> BTreeSet<String> {
    let page = app.public().get(PROPOSALS).query(&[("text", text), ("limit", "100")]).await.ok();
    page["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect()
}

/// The counts by state, as code and number, without the zeros.
fn counted(counts: &Value) -> Vec<(String, u64)> {
    let list = counts["state"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["code"].as_str().unwrap().to_owned(), one["count"].as_u64().unwrap()));
    list.filter(|(_, count)| *count > 0).collect()
}

/// That a proposal can be read by everybody, on every public route, or by nobody on any.
async fn assert_public(app: &App, receipt: &Receipt, word: &str, public: bool) {
    let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await;
    if public {
        assert_eq!(shown.ok()["reference"], receipt.reference);
    } else {
        shown.refused(404, "not_found");
    }
    assert_eq!(references(app, PROPOSALS).await.contains(&receipt.reference), public, "in the list");
    assert_eq!(found(app, word).await.contains(&receipt.reference), public, "in a search");
    assert_eq!(app.public().look_up(&receipt.code).await.ok()["public"], public, "for its author");
}

on_both_engines! {
    async fn with_moderation_before_publication_a_proposal_is_public_from_its_first_decision_on(app: App) {
        let receipt = app.submit(json!({"title": "Une bibliothèque mobile"})).await;
        assert_public(&app, &receipt, "bibliothèque", false).await;
        let desk = app.signed_in(As::Coordinator).await;
        let question = json!({"edge": "request_clarification", "question": "Dans quelles communes ?", "language": "fr"});
        desk.decide(&receipt.reference, question).await.ok();
        assert_public(&app, &receipt, "bibliothèque", false).await;
        app.public().post("/receipts/answer").json(json!({"code": receipt.code, "answer": "À Chefchaouen."})).await.ok();
        let refusal = json!({"edge": "refuse", "reason": "not_feasible", "response": {"text": "Le budget ne le permet pas cette année.", "language": "fr"}});
        desk.decide(&receipt.reference, refusal).await.ok();
        assert_public(&app, &receipt, "bibliothèque", true).await;
        // back in the queue, but decided once: it stays
        app.public().post("/receipts/appeal").json(json!({"code": receipt.code, "reason": "Une association la finance."})).await.ok();
        assert_public(&app, &receipt, "bibliothèque", true).await;
    }

    async fn with_moderation_after_publication_a_proposal_is_public_at_once(app: App) {
        app.consultation("after", |new| new.moderation = ModerationRule::After).await;
        let receipt = app.submit_to("after", json!({})).await;
        app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
        assert_eq!(references(&app, "/consultations/after/proposals").await, std::slice::from_ref(&receipt.reference));
        assert!(references(&app, PROPOSALS).await.is_empty(), "and in its own consultation only");
        app.public().post("/receipts/withdraw").json(json!({"code": receipt.code})).await.ok();
        app.public().get(&format!("/proposals/{}", receipt.reference)).await.refused(404, "not_found");
    }

    async fn what_is_withheld_is_nowhere_but_in_the_count(app: App) {
        let receipt = app.retained(json!({"title": "Numéro de Monsieur Untel", "organisation": null})).await;
        let other = app.retained(json!({"title": "Une fontaine"})).await;
        let merged = app.submit(json!({"title": "Un abreuvoir public"})).await;
        let (first, second) = (app.signed_in(As::Moderator).await, app.signed_in(As::Coordinator).await);
        first.decide(&merged.reference, json!({"edge": "merge", "target": receipt.reference})).await.ok();
        first.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "personal_data"})).await.ok();
        assert_public(&app, &receipt, "numéro", true).await;
        second.decide(&receipt.reference, json!({"edge": "withhold"})).await.ok();
        assert_public(&app, &receipt, "numéro", false).await;

        let merged = app.public().get(&format!("/proposals/{}", merged.reference)).await.ok();
        assert_eq!(merged["merged_into"], Value::Null, "no title of it anywhere");
        let counts = app.public().get(COUNTS).await.ok();
        assert_eq!(counts["base"], 3, "it counts");
        assert_eq!(counted(&counts), [("retained".into(), 1), ("merged".into(), 1), ("withheld".into(), 1)]);
        assert_eq!(counts["public_proposals"], 2);
        assert_eq!(references(&app, PROPOSALS).await.len(), 2);
        for path in [PROPOSALS, COUNTS, "/consultations", &format!("/proposals/{}", other.reference)] {
            assert!(!app.public().get(path).await.text().contains("Untel"), "{path}");
        }
    }

    async fn an_appeal_does_not_unseal_what_was_withheld(app: App) {
        for rule in [ModerationRule::Before, ModerationRule::After] {
            let slug = format!("appeal-{rule}");
            app.consultation(&slug, |new| new.moderation = rule).await;
            let receipt = app.submit_to(&slug, json!({"title": "Numéro de Monsieur Untel"})).await;
            let (first, second) = (app.signed_in(As::Moderator).await, app.signed_in(As::Coordinator).await);
            first.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "personal_data"})).await.ok();
            second.decide(&receipt.reference, json!({"edge": "withhold"})).await.ok();
            app.public().post("/receipts/appeal").json(json!({"code": receipt.code, "reason": "Ce numéro est public."})).await.ok();
            let sealed = async |when: &str| {
                let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await;
                assert_eq!(shown.status, 404, "{rule}: {when}");
                let listed = app.public().get(&format!("/consultations/{slug}/proposals")).await.ok();
                assert_eq!(listed["items"], json!([]), "{rule}: {when}");
            };
            sealed("its author alone cannot publish it").await;
            first.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "hate"})).await.ok();
            second.decide(&receipt.reference, json!({"edge": "cancel_withhold"})).await.ok();
            sealed("nor does a request that is taken back").await;
            first.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
            app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
        }
    }

    async fn what_is_withdrawn_is_neither_shown_nor_counted(app: App) {
        let receipt = app.retained(json!({"title": "Une piste cyclable"})).await;
        assert_public(&app, &receipt, "cyclable", true).await;
        app.public().post("/receipts/withdraw").json(json!({"code": receipt.code})).await.ok();
        assert_public(&app, &receipt, "cyclable", false).await;
        let counts = app.public().get(COUNTS).await.ok();
        assert_eq!((&counts["base"], &counts["public_proposals"], &counts["answered"]), (&json!(0), &json!(0), &json!(0)));
        assert_eq!(counted(&counts), []);
    }

    async fn counts_add_up_to_their_base(app: App) {
        app.submit(json!({})).await;
        app.submit(json!({"axis": "gender-inclusion", "territory": "whole_region"})).await;
        app.retained(json!({"axis": "gender-inclusion", "territory": "MA-TET"})).await;
        let counts = app.public().get(COUNTS).await.ok();
        assert_eq!((&counts["unit"], &counts["base"], &counts["answered"]), (&json!("participations"), &json!(3), &json!(1)));
        assert_eq!(counted(&counts), [("submitted".into(), 2), ("retained".into(), 1)]);
        let listed = app.public().get("/consultations").await.ok();
        assert_eq!(listed["items"][0]["proposals"], 3, "the same definition in the list of consultations");
    }

    async fn filters_narrow_the_list(app: App) {
        let a = app.retained(json!({})).await.reference;
        let b = app.retained(json!({"axis": "gender-inclusion", "territory": "whole_region"})).await.reference;
        let c = app.retained(json!({"axis": "gender-inclusion", "territory": "MA-TET"})).await.reference;
        app.signed_in(As::Moderator).await
            .decide(&app.submit(json!({})).await.reference, json!({"edge": "merge", "target": a})).await.ok();
        for (filter, expected) in [
            ("axis=gender-inclusion", vec![&c, &b]),
            ("axis=gender-inclusion&order=oldest", vec![&b, &c]),
            ("territory=MA-CHE&state=retained", vec![&a]),
            ("territory=whole_region", vec![&b]),
            ("axis=gender-inclusion&territory=MA-TET", vec![&c]),
            ("axis=economic-empowerment&territory=MA-TET", vec![]),
            ("state=retained", vec![&c, &b, &a]),
            ("state=not_retained", vec![]),
            ("channel=digital&state=retained&order=newest", vec![&c, &b, &a]),
            ("channel=petition", vec![]),
            ("state=submitted", vec![]),
        ] {
            let path = format!("{PROPOSALS}?{filter}");
            assert_eq!(references(&app, &path).await.iter().collect::<Vec<_>>(), expected, "{filter}");
        }
    }

    async fn an_unknown_filter_or_value_is_refused_by_name(app: App) {
        let client = app.public();
        for filter in ["gender=female", "age_band=15_24", "residence=MA-CHE", "participant_type=citizen", "sort=title", "page=2", "x="] {
            let problem = client.get(&format!("{PROPOSALS}?{filter}")).await.refused(400, "unknown_parameter");
            assert_eq!(problem["errors"][0]["field"], filter.split('=').next().unwrap(), "{problem}");
        }
        for filter in [
            "axis=water", "territory=MA-CAS", "channel=fax", "state=lost", "order=best", "limit=0", "limit=101", "limit=ten",
            "limit=-1", "cursor=7", "cursor=", "cursor=c9999999999999999999",
        ] {
            let problem = client.get(&format!("{PROPOSALS}?{filter}")).await.refused(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["field"], filter.split('=').next().unwrap(), "{problem}");
        }
        let long = "م".repeat(201);
        client.get(PROPOSALS).query(&[("text", &long)]).await.refused(400, "invalid_parameter");
        client.get(PROPOSALS).query(&[("text", &long[..400])]).await.ok();
        for slug in ["never-was", "2024-2026%00", "%27"] {
            client.get(&format!("/consultations/{slug}/proposals")).await.refused(404, "not_found");
        }
        for reference in ["TTA-26-000001", "TTA-26-1", "nonsense", "TTA-26-999999999999999999", "%F0%9F%A6%86"] {
            client.get(&format!("/proposals/{reference}")).await.refused(404, "not_found");
        }
    }

    async fn the_whole_reference_must_be_right(app: App) {
        let reference = app.retained(json!({})).await.reference;
        app.public().get(&format!("/proposals/{}", reference.to_lowercase())).await.ok();
        for wrong in [reference.replace("-26-", "-25-"), reference.replace("TTA", "XXX")] {
            app.public().get(&format!("/proposals/{wrong}")).await.refused(404, "not_found");
        }
    }

    async fn arabic_is_found_however_it_is_written(app: App) {
        let school = app.retained(json!({
            "language": "ar",
            "title": "إنشاء مَدْرَسَة جماعاتية بشفشاون",
            "problem": "الأطفال يقطعون مسافات طويلة إلى المدرسة كل صباح في الشتاء.",
            "solution": "نطالب ببناء مدرسة جديدة سنة ٢٠٢٧ قرب المستشفى المحلي.",
            "expected_change": null,
        })).await.reference;
        let road = app.retained(json!({
            "language": "ar",
            "title": "طريق العيون القروية",
            "problem": "الطريق مقطوعة في فصل الشتاء بسبب الثلوج والسيول.",
            "solution": "تعبيد الطريق وإصلاح القناطر الموجودة عليها.",
            "expected_change": null,
        })).await.reference;
        for (text, expected) in [
            ("مدرسة", vec![&school]),
            ("مَدْرَسَة", vec![&school]),
            ("مدرسه", vec![&school]),
            ("المدرسة", vec![&school]),
            ("بالمدرسة", vec![&school]),
            ("مـــدرسة", vec![&school]),
            ("انشاء", vec![&school]),
            ("إنشاء", vec![&school]),
            ("شفشاون", vec![&school]),
            ("مستشفي", vec![&school]),
            ("2027", vec![&school]),
            ("٢٠٢٧", vec![&school]),
            ("۲۰۲۷", vec![&school]),
            ("بالعيون", vec![&road]),
            ("عيون", vec![&road]),
            ("الطريق", vec![&road]),
            ("الشتاء", vec![&school, &road]),
            ("الشتاء الطريق", vec![&road]),
            ("مدرسة الطريق", vec![]),
            ("سفينة", vec![]),
        ] {
            assert_eq!(found(&app, text).await, expected.into_iter().cloned().collect(), "{text}");
        }
    }

    async fn french_is_found_however_it_is_written(app: App) {
        let forest = app.retained(json!({
            "title": "Protéger les forêts de chênes-lièges",
            "problem": "Des incendies détruisent la forêt chaque été depuis dix ans.",
            "solution": "Créer des écoles de garde forestière et un cœur protégé.",
            "expected_change": null,
        })).await.reference;
        let water = app.retained(json!({
            "title": "L’eau potable pour tous",
            "problem": "Les familles marchent une heure pour trouver une source propre.",
            "solution": "Raccorder chaque douar au réseau d'alimentation régional.",
            "expected_change": null,
        })).await.reference;
        for (text, expected) in [
            ("forêt", vec![&forest]),
            ("FORETS", vec![&forest]),
            ("proteger", vec![&forest]),
            ("école", vec![&forest]),
            ("coeur", vec![&forest]),
            ("chenes lieges", vec![&forest]),
            ("incendie", vec![&forest]),
            ("eau", vec![&water]),
            ("l'eau", vec![&water]),
            ("famille", vec![&water]),
            ("réseaux", vec![&water]),
            ("chaque", vec![&forest, &water]),
            ("chaque douar", vec![&water]),
            ("hôpital", vec![]),
        ] {
            assert_eq!(found(&app, text).await, expected.into_iter().cloned().collect(), "{text}");
        }
    }

    /// A word that few hold is found below thousands that do not hold it, and pages of a search follow one another.
    async fn a_search_finds_what_lies_below_thousands(app: App) {
        let deep = app.retained(json!({"title": "Un hammam pour le douar"})).await.reference;
        app.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4200)
             INSERT INTO proposal (consultation_id, axis_id, state, channel, language, age_band, gender, participant_type,
                 residence, public, submitted_at, state_since, populations, title, title_translations, problem, solution)
             SELECT consultation_id, axis_id, state, channel, language, age_band, gender, participant_type,
                 residence, public, submitted_at, state_since, populations, title, title_translations, problem, solution
             FROM proposal, n",
        )
        .await;
        let high = app.retained(json!({"title": "Un hammam pour la ville"})).await.reference;
        let client = app.public();
        for (order, expected) in [("newest", [&high, &deep]), ("oldest", [&deep, &high])] {
            let search = format!("{PROPOSALS}?text=hammam&order={order}");
            assert_eq!(references(&app, &search).await, expected.map(String::clone));
            let first = client.get(&format!("{search}&limit=1")).await.ok();
            let next = first["next"].as_str().unwrap();
            assert_eq!(first["items"][0]["reference"], *expected[0]);
            let second = client.get(&format!("{search}&limit=1&cursor={next}")).await.ok();
            assert_eq!((&second["items"][0]["reference"], &second["next"]), (&json!(expected[1]), &Value::Null));
        }
    }


    async fn a_search_is_words_and_never_a_query_language(app: App) {
        let one = app.retained(json!({"title": "Énergie solaire"})).await.reference;
        let everything: BTreeSet<String> = [one.clone()].into();
        assert_eq!(found(&app, "solaire OR").await, BTreeSet::new());
        for (text, expected) in [
            ("\"solaire\"", &everything),
            ("solaire*", &everything),
            ("(solaire)", &everything),
            ("solaire'); DROP TABLE proposal; --", &BTreeSet::new()),
            ("NOT lunaire", &BTreeSet::new()),
            ("* : & | ! ( ) ' \" ^ ~", &BTreeSet::new()),
            ("…", &BTreeSet::new()),
            ("%", &BTreeSet::new()),
        ] {
            assert_eq!(found(&app, text).await, *expected, "{text}");
        }
        assert_eq!(found(&app, "   ").await, everything, "blank is no search");
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
    }

    async fn pages_neither_skip_nor_repeat_while_the_list_grows(app: App) {
        app.consultation("after", |new| new.moderation = ModerationRule::After).await;
        let submit = async |number: usize| app.submit_to("after", json!({"title": format!("Proposition {number}")})).await.reference;
        for order in ["newest", "oldest"] {
            let mut all = references(&app, "/consultations/after/proposals?order=oldest").await;
            for number in 0..7 {
                all.push(submit(number).await);
            }
            let before = all.clone();
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app.public().get(&format!("/consultations/after/proposals?order={order}&limit=3{cursor}")).await.ok();
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= 3);
                seen.extend(items.iter().map(|item| item["reference"].as_str().unwrap().to_owned()));
                if all.len() < before.len() + 4 {
                    all.push(submit(all.len()).await);
                }
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let expected: Vec<_> = if order == "newest" { before.into_iter().rev().collect() } else { all };
            assert_eq!(seen, expected, "{order}");
        }
    }

    async fn a_page_holds_twenty_and_never_more_than_a_hundred(app: App) {
        app.consultation("after", |new| new.moderation = ModerationRule::After).await;
        for number in 0..21 {
            app.submit_to("after", json!({"title": format!("Proposition {number}")})).await;
        }
        let page = app.public().get("/consultations/after/proposals").await.ok();
        assert_eq!(page["items"].as_array().unwrap().len(), 20);
        let next = page["next"].as_str().unwrap();
        let rest = app.public().get(&format!("/consultations/after/proposals?cursor={next}")).await.ok();
        assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
        let exact = app.public().get("/consultations/after/proposals?limit=21").await.ok();
        assert_eq!((exact["items"].as_array().unwrap().len(), &exact["next"]), (21, &Value::Null));
    }

    async fn nothing_public_tells_who_wrote(app: App) {
        let changes = json!({
            "demographics": {"age_band": "50_64", "gender": "female", "participant_type": "civil_society", "residence": "MA-OUZ"},
            "organisation": "Association Discrète",
            "email": "secret.person@example.org",
        });
        let receipt = app.retained(changes.clone()).await;
        app.retained(json!({"organisation": "Association Nommée", "name_organisation": true, "demographics": {"participant_type": "civil_society"}})).await;
        let client = app.public();
        let answers = [
            client.get(PROPOSALS).await,
            client.get(&format!("{PROPOSALS}?text=puits")).await,
            client.get(&format!("/proposals/{}", receipt.reference)).await,
            client.get(COUNTS).await,
            client.get("/consultations").await,
            client.get("/consultations/2024-2026").await,
            client.get("/about").await,
            client.look_up(&receipt.code).await,
        ];
        for answer in answers {
            // whoever holds the code reads what they sent, as the ledger commits to it
            let mut json = answer.json();
            json.as_object_mut().map(|answer| answer.remove("ledger"));
            let text = json.to_string();
            for told in ["secret.person", "Discrète", "50_64\"", "Driss"] {
                // the vocabulary of the form is public, what one person chose is not
                let vocabulary = answer.call.ends_with("/2024-2026") && told == "50_64\"";
                assert!(vocabulary || !text.contains(told), "{}: {told}", answer.call);
            }
            for key in keys(&json) {
                let private = ["demographics", "age_band", "gender", "participant_type", "residence", "email", "code_seed",
                    "notes", "assigned_to", "actor", "by", "remarks"];
                assert!(!private.contains(&key.as_str()), "{}: {key}", answer.call);
            }
        }
        let listed = client.get(PROPOSALS).await.ok();
        let named: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| &item["organisation"]).collect();
        assert_eq!(named, [&json!("Association Nommée"), &Value::Null]);
    }
}

/// Every key of a JSON value, at any depth.
fn keys(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(key, inner)| keys(inner).into_iter().chain([key.clone()])).collect()
        }
        Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => BTreeSet::new(),
    }
}

/// What the planner is told about the disk it is told on every connection, not only on the first.
#[actix_web::test]
async fn every_connection_to_postgresql_plans_alike() {
    crate::support::app::run(Engine::Postgres, async |app: App| {
        let mut held = Vec::new();
        for _ in 0..3 {
            let tx = app.store().write().await.unwrap();
            let sql = "SELECT current_setting('random_page_cost')";
            let row = tx.query_one_raw(Statement::from_string(tx.get_database_backend(), sql)).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "1.1");
            held.push(tx);
        }
    })
    .await;
}
