//! Sending a proposal.

use std::{collections::BTreeSet, future::IntoFuture as _};

use domain::consultation::{ConsultationState, Window};
use futures_util::future::join_all;

use crate::{
    on_both_engines,
    support::{
        sample::{CONSENT, instant},
        *,
    },
};

const PROPOSALS: &str = "/consultations/2024-2026/proposals";

/// A code as printed: four groups of five letters and digits that cannot be confused.
fn is_code(text: &str) -> bool {
    let group =
        |group: &str| group.len() == 5 && group.bytes().all(|byte| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&byte));
    text.split('-').count() == 4 && text.split('-').all(group)
}

fn is_reference(text: &str) -> bool {
    text.strip_prefix("TTA-26-")
        .is_some_and(|number| number.len() == 6 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

on_both_engines! {
    async fn french_and_arabic_are_taken_as_written(app: App) {
        let arabic = proposal(json!({
            "axis": "environment-climate",
            "territory": "whole_region",
            "language": "ar",
            "title": "مرصد جهوي للمناخ",
            "problem": "لا توجد معطيات محلية حول الماء والغابات في أقاليم الجهة الثمانية.",
            "solution": "إحداث مرصد جهوي ينشر معطيات مفتوحة كل ثلاثة أشهر.\nمع الجامعة.",
            "expected_change": null,
            "demographics": {"participant_type": "academic", "residence": "outside_region"},
            "organisation": "جامعة عبد المالك السعدي",
            "name_organisation": true,
            "consent": {"language": "ar"},
        }));
        for body in [proposal(json!({})), arabic] {
            let receipt = app.public().post(PROPOSALS).json(body.clone()).await.created();
            assert!(is_reference(receipt["reference"].as_str().unwrap()), "{receipt}");
            assert!(is_code(receipt["code"].as_str().unwrap()), "{receipt}");
            assert_eq!(receipt["state"], "submitted");
            assert_eq!(receipt["submitted_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), app.now());
            assert_eq!(receipt["email_sent"], false);

            let follow_up = app.public().look_up(receipt["code"].as_str().unwrap()).await.ok();
            for field in ["axis", "territory", "language", "title", "problem", "solution", "expected_change", "populations"] {
                assert_eq!(follow_up["proposal"][field], body[field], "{field}");
            }
            let named = if body["name_organisation"] == true { body["organisation"].clone() } else { Value::Null };
            assert_eq!(follow_up["proposal"]["organisation"], named);
            assert_eq!(follow_up["proposal"]["channel"], "digital");
            assert_eq!(follow_up["public"], false);
        }
    }

    async fn what_the_author_said_of_themselves_is_copied_into_the_proposal(app: App) {
        let said = json!({"age_band": "65_plus", "gender": "male", "participant_type": "elected_official", "residence": "outside_region"});
        let receipt = app.submit(json!({"demographics": said, "organisation": "Commune de Bab Berred"})).await;
        let desk = app.signed_in(As::Moderator).await.desk(&receipt.reference).await;
        assert_eq!(desk["demographics"], said);
        assert_eq!(desk["organisation"], "Commune de Bab Berred");
        assert_eq!(desk["proposal"]["organisation"], Value::Null, "it did not ask to be named");

        let silent = app.submit(json!({"demographics": "absent", "populations": "absent", "organisation": "absent", "email": "absent", "name_organisation": "absent", "expected_change": "absent"})).await;
        let desk = app.signed_in(As::Moderator).await.desk(&silent.reference).await;
        let unsaid = json!({"age_band": "not_stated", "gender": "not_stated", "participant_type": "not_stated", "residence": "not_stated"});
        assert_eq!(desk["demographics"], unsaid);
    }

    async fn consent_is_kept_with_its_version_language_and_time(app: App) {
        app.submit(json!({"language": "fr", "consent": {"language": "ar"}})).await;
        let kept = format!("SELECT count(*) FROM proposal WHERE consent_version = '{CONSENT}' AND consent_language = 'ar' AND consent_at = submitted_at");
        assert_eq!(app.count(&kept).await, 1);
        app.public().post(PROPOSALS).json(proposal(json!({"consent": {"version": "2019-01"}}))).await
            .invalid(&[("consent.version", "unknown")]);
        app.public().post(PROPOSALS).json(proposal(json!({"consent": "absent"}))).await.invalid(&[("consent", "required")]);
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
    }

    async fn an_address_is_optional_and_gets_the_receipt(app: App) {
        let body = proposal(json!({"email": "amina@example.org", "language": "ar"}));
        let receipt = app.public().post(PROPOSALS).json(body).await.created();
        assert_eq!(receipt["email_sent"], true);
        let waiting = "SELECT count(*) FROM outbox WHERE kind = 'receipt' AND language = 'ar' AND recipient = 'amina@example.org'";
        assert_eq!(app.count(waiting).await, 1);
        app.submit(json!({"email": "   "})).await;
        assert_eq!(app.count("SELECT count(*) FROM outbox").await, 1, "blank is none");
        let follow_up = app.public().look_up(receipt["code"].as_str().unwrap()).await.ok();
        assert_eq!(follow_up["email_known"], true);
    }

    async fn the_code_is_in_nobodys_hands_but_the_authors(app: App) {
        let receipt = app.submit(json!({"email": "amina@example.org"})).await;
        let canonical = receipt.code.replace('-', "");
        let kept: Vec<Vec<u8>> = match app.engine() {
            Engine::Sqlite => {
                let path = app.database_url().trim_start_matches("sqlite://").to_owned();
                vec![std::fs::read(&path).unwrap(), std::fs::read(format!("{path}-wal")).unwrap()]
            }
            Engine::Postgres => {
                let sql = "SELECT proposal::text FROM proposal UNION ALL SELECT outbox::text FROM outbox UNION ALL SELECT proposal_event::text FROM proposal_event";
                app.texts(sql).await.into_iter().map(String::into_bytes).collect()
            }
        };
        let holds = |needle: &str| kept.iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle.as_bytes()));
        assert!(holds("amina@example.org"), "the search would find it");
        assert!(!holds(&receipt.code) && !holds(&canonical) && !holds(&canonical.to_lowercase()));
    }

    async fn the_same_request_two_hundred_times_at_once_makes_one_proposal(app: App) {
        let client = app.public();
        let body = proposal(json!({"email": "amina@example.org"}));
        let calls = (0..200).map(|_| {
            client.post(PROPOSALS).header("idempotency-key", "a-key-of-one-form-1").json(body.clone()).into_future()
        });
        let receipts: BTreeSet<String> =
            join_all(calls).await.into_iter().map(|answer| answer.created().to_string()).collect();
        assert_eq!(receipts.len(), 1, "{receipts:?}");
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM proposal_event").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM outbox").await, 1, "and one mail");
    }

    async fn different_requests_at_once_each_make_their_own(app: App) {
        let client = app.public();
        let calls = (0..64).map(|number| {
            client.post(PROPOSALS).json(proposal(json!({"title": format!("Proposition {number}")}))).into_future()
        });
        let receipts: Vec<_> = join_all(calls).await.into_iter().map(Answer::created).collect();
        let distinct = |field: &str| receipts.iter().map(|receipt| receipt[field].to_string()).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct("reference"), 64);
        assert_eq!(distinct("code"), 64);
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 64);
        assert_eq!(app.count("SELECT count(*) FROM proposal_search").await, 64);
    }

    async fn an_idempotency_key_names_one_request(app: App) {
        let send = async |key: &str, title: &str| {
            app.public().post(PROPOSALS).header("idempotency-key", key).json(proposal(json!({"title": title}))).await
        };
        let first = send("0123456789abcdef", "Un puits").await.created();
        assert_eq!(send("0123456789abcdef", "Un puits").await.created(), first);
        send("0123456789abcdef", "Un autre puits").await.refused(422, "idempotency_key_reused");
        assert_ne!(send("0123456789abcdeF", "Un puits").await.created(), first, "another key is another proposal");
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 2);
        for bad in ["too-short", &"x".repeat(65), "with a space in it 123", "ponctuation;;;;;;;;"] {
            send(bad, "Un puits").await.refused(400, "invalid_parameter");
        }
        let longest = "x".repeat(64);
        send(&longest, "Un puits").await.created();
    }

    async fn limits_are_characters_and_inclusive(app: App) {
        let sized = |length: usize| "م".repeat(length);
        for (field, min, max) in [("title", 5, 150), ("problem", 20, 4000), ("solution", 20, 4000)] {
            for right in [min, max] {
                app.submit(json!({field: sized(right)})).await;
            }
            for (wrong, code) in [(min - 1, "too_short"), (max + 1, "too_long")] {
                let problem = app.public().post(PROPOSALS).json(proposal(json!({field: sized(wrong)}))).await.invalid(&[(field, code)]);
                let limit = if code == "too_short" { ("min", min) } else { ("max", max) };
                assert_eq!(problem["errors"][0][limit.0], limit.1, "{problem}");
            }
            for blank in ["", "   \n ", "\u{200F}\u{FEFF}"] {
                app.public().post(PROPOSALS).json(proposal(json!({field: blank}))).await.invalid(&[(field, "required")]);
            }
        }
        for (field, max) in [("expected_change", 2000), ("organisation", 150)] {
            let association = json!({"demographics": {"participant_type": "civil_society"}, field: sized(max)});
            app.submit(association).await;
            let longer = json!({"demographics": {"participant_type": "civil_society"}, field: sized(max + 1)});
            app.public().post(PROPOSALS).json(proposal(longer)).await.invalid(&[(field, "too_long")]);
        }
    }

    async fn each_wrong_field_is_named(app: App) {
        for (changes, field, code) in [
            (json!({"axis": "absent"}), "axis", "required"),
            (json!({"axis": "water"}), "axis", "unknown"),
            (json!({"axis": 3}), "axis", "invalid"),
            (json!({"territory": "absent"}), "territory", "required"),
            (json!({"territory": "MA-CAS"}), "territory", "unknown"),
            (json!({"territory": null}), "territory", "invalid"),
            (json!({"language": "absent"}), "language", "required"),
            (json!({"language": "de"}), "language", "unknown"),
            (json!({"title": "absent"}), "title", "required"),
            (json!({"title": ["Un puits"]}), "title", "invalid"),
            (json!({"title": "Un\u{202E}stiup"}), "title", "control_character"),
            (json!({"title": "Un puits\nprofond"}), "title", "control_character"),
            (json!({"problem": "absent"}), "problem", "required"),
            (json!({"problem": null}), "problem", "invalid"),
            (json!({"problem": "Le puits est sec\u{7} en été."}), "problem", "control_character"),
            (json!({"solution": "absent"}), "solution", "required"),
            (json!({"expected_change": 5}), "expected_change", "invalid"),
            (json!({"populations": ["rural", "everybody"]}), "populations[1]", "unknown"),
            (json!({"populations": "rural"}), "populations", "invalid"),
            (json!({"populations": vec!["rural"; 9]}), "populations", "too_long"),
            (json!({"demographics": {"age_band": "18_25"}}), "demographics.age_band", "unknown"),
            (json!({"demographics": {"gender": 1}}), "demographics.gender", "invalid"),
            (json!({"demographics": {"participant_type": ""}}), "demographics.participant_type", "unknown"),
            (json!({"demographics": {"residence": "MA-CAS"}}), "demographics.residence", "unknown"),
            (json!({"demographics": {"birthday": "2001-01-01"}}), "demographics.birthday", "unknown"),
            (json!({"organisation": "Association"}), "organisation", "not_allowed"),
            (json!({"organisation": "A", "demographics": {"participant_type": "academic"}}), "organisation", "too_short"),
            (json!({"name_organisation": true}), "name_organisation", "not_allowed"),
            (json!({"name_organisation": "yes"}), "name_organisation", "invalid"),
            (json!({"email": "amina"}), "email", "invalid"),
            (json!({"email": "amina@example.org\r\nBcc: x@example.org"}), "email", "control_character"),
            (json!({"email": format!("{}@example.org", "a".repeat(250))}), "email", "too_long"),
            (json!({"consent": {"version": "absent"}}), "consent.version", "required"),
            (json!({"consent": {"language": "absent"}}), "consent.language", "required"),
            (json!({"consent": {"ip": "::1"}}), "consent.ip", "unknown"),
            (json!({"state": "retained"}), "state", "unknown"),
            (json!({"channel": "petition"}), "channel", "unknown"),
        ] {
            let answer = app.public().post(PROPOSALS).json(proposal(changes.clone())).await;
            eprintln!("{changes}");
            answer.invalid(&[(field, code)]);
        }
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 0);
    }

    async fn one_answer_names_every_wrong_field(app: App) {
        let body = proposal(json!({
            "axis": "water", "territory": "MA-CAS", "title": "Non", "problem": "Non", "solution": "م".repeat(4001),
            "demographics": {"residence": "MA-CAS"}, "email": "amina", "organisation": "Association",
            "consent": {"version": "2019-01"},
        }));
        app.public().post(PROPOSALS).json(body).await.invalid(&[
            ("axis", "unknown"),
            ("consent.version", "unknown"),
            ("demographics.residence", "unknown"),
            ("email", "invalid"),
            ("organisation", "not_allowed"),
            ("problem", "too_short"),
            ("solution", "too_long"),
            ("territory", "unknown"),
            ("title", "too_short"),
        ]);
    }

    async fn texts_are_kept_in_composed_form_without_what_nobody_sees(app: App) {
        let receipt = app.submit(json!({
            "title": "  Cafe\u{301} du quartier  ",
            "problem": "Première ligne du problème\r\n\u{202B}deuxième ligne\u{202C}",
        })).await;
        let kept = app.public().look_up(&receipt.code).await.ok();
        assert_eq!(kept["proposal"]["title"], "Café du quartier");
        assert_eq!(kept["proposal"]["problem"], "Première ligne du problème\ndeuxième ligne");
    }

    async fn the_window_opens_and_closes_by_the_clock(app: App) {
        let window = Window::new(instant("2026-11-20T00:00:00Z"), instant("2026-11-21T00:00:00Z")).unwrap();
        app.consultation("short", |new| new.window = window).await;
        let send = async || app.public().post("/consultations/short/proposals").json(proposal(json!({}))).await;
        let move_to = |at: &str| app.advance(instant(at) - app.now());
        for (at, open) in [
            ("2026-11-19T23:59:59.999Z", false),
            ("2026-11-20T00:00:00Z", true),
            ("2026-11-20T23:59:59.999Z", true),
            ("2026-11-21T00:00:00Z", false),
        ] {
            move_to(at);
            let shown = app.public().get("/consultations/short").await.ok();
            assert_eq!(shown["accepts_proposals"], open, "{at}");
            if open {
                send().await.created();
            } else {
                send().await.refused(409, "consultation_not_open");
            }
        }
    }

    async fn only_an_open_consultation_takes_proposals(app: App) {
        for state in [ConsultationState::Closed, ConsultationState::Published, ConsultationState::Archived] {
            let slug = state.to_string();
            app.consultation(&slug, |new| new.state = state).await;
            let path = format!("/consultations/{slug}/proposals");
            app.public().post(&path).json(proposal(json!({}))).await.refused(409, "consultation_not_open");
        }
        app.consultation("unannounced", |new| new.state = ConsultationState::Draft).await;
        for slug in ["unannounced", "never-was"] {
            let path = format!("/consultations/{slug}/proposals");
            app.public().post(&path).json(proposal(json!({}))).await.refused(404, "not_found");
            app.public().get(&format!("/consultations/{slug}")).await.refused(404, "not_found");
        }
    }

    /// The answer to the last submission of the day was lost; the proposal stands, so its receipt can be had.
    async fn a_repeated_request_has_its_receipt_after_closing(app: App) {
        let send = || app.public().post(PROPOSALS).header("idempotency-key", "the-last-minute-of-it").json(proposal(json!({})));
        let first = send().await.created();
        app.advance(TimeDelta::days(51)); // the window is over
        app.public().post(PROPOSALS).json(proposal(json!({}))).await.refused(409, "consultation_not_open");
        assert_eq!(send().await.created(), first);
        let other = app.public().post(PROPOSALS).header("idempotency-key", "the-last-minute-of-it").json(proposal(json!({"title": "Une autre idée"}))).await;
        other.refused(422, "idempotency_key_reused");
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
    }

    /// A submission that was on its way while the rule changed is shown, or not, by the rule that holds afterwards.
    async fn the_moderation_rule_may_change_at_any_moment(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let path = format!("/admin/consultations/{SLUG}");
        let flip = async {
            for round in 0..6 {
                let view = admin.get(&path).await;
                let version = view.version();
                let settings = crate::administration::settings(&view.ok());
                let rule = if round % 2 == 0 { "after" } else { "before" };
                let body = json!({"moderation": rule});
                let mut edit = settings;
                edit["moderation"] = body["moderation"].clone();
                admin.put(&path).if_match(version).json(edit).await.ok();
            }
        };
        let submit = async {
            for _ in 0..12 {
                let group = (0..8).map(|_| app.public().post(PROPOSALS).json(proposal(json!({}))).into_future());
                for answer in futures_util::future::join_all(group).await {
                    assert!([201, 503].contains(&answer.status), "{}", answer.text());
                }
            }
        };
        futures_util::future::join(flip, submit).await;
        assert_eq!(app.count("SELECT count(*) FROM proposal WHERE public").await, 0, "the last rule was: after a decision");
    }
}
