//! The committee's desk.

use std::collections::BTreeSet;

use futures_util::future::join;

use crate::{on_both_engines, support::*};

const QUEUE: &str = "/desk/queue?consultation=2024-2026";

fn response() -> Value {
    json!({"text": "Merci. Voici pourquoi le comité a décidé ainsi.", "language": "fr"})
}

fn refuse() -> Value {
    json!({"edge": "refuse", "reason": "not_feasible", "response": response()})
}

fn ask() -> Value {
    json!({"edge": "request_clarification", "question": "Combien de familles ?", "language": "fr"})
}

fn redirect() -> Value {
    json!({"edge": "redirect", "competence": "primary-schools", "body": "Ministère de l'Éducation", "forwarded_on": "2026-11-09", "response": response()})
}

async fn queue(client: &Client, filter: &str) -> Vec<String> {
    client
        .all(&format!("{QUEUE}{filter}"))
        .await
        .iter()
        .map(|item| item["reference"].as_str().unwrap().to_owned())
        .collect()
}

fn last(view: &Value) -> &Value {
    view["history"].as_array().unwrap().last().unwrap()
}

on_both_engines! {
    async fn to_retain_is_the_default_and_tells_the_public(app: App) {
        let receipt = app.submit(json!({"email": "amina@example.org"})).await;
        let desk = app.signed_in(As::Moderator).await;
        assert_eq!(desk.desk(&receipt.reference).await["allowed"],
            json!(["request_clarification", "retain", "merge", "redirect", "refuse", "request_withhold"]));
        let decision = json!({"edge": "retain", "remarks": ["no_indicator", "original"], "response": response()});
        let view = desk.decide(&receipt.reference, decision).await.ok();
        assert_eq!((&view["proposal"]["state"], &view["version"], &view["public"]), (&json!("retained"), &json!(2), &json!(true)));
        assert_eq!(view["remarks"], json!(["no_indicator", "original"]));
        assert_eq!((&last(&view)["actor"]["kind"], &last(&view)["actor"]["name"]), (&json!("account"), &json!("Amina")));
        let public = app.public().get(&format!("/proposals/{}", receipt.reference)).await;
        assert!(!public.text().contains("Amina") && !public.text().contains("no_indicator"));
        let public = public.ok();
        assert_eq!((&last(&public)["edge"], &last(&public)["text"]), (&json!("retain"), &response()["text"]));
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'decision'").await, 1, "in the same transaction");
        app.retained(json!({})).await; // needs neither remarks nor words
    }

    async fn to_merge_destroys_nothing(app: App) {
        let target = app.retained(json!({"title": "Un puits au village"})).await;
        let merged = app.submit(json!({"title": "Encore un puits"})).await;
        let desk = app.signed_in(As::Moderator).await;
        let merge = |target: &str| json!({"edge": "merge", "target": target});
        desk.decide(&merged.reference, merge("TTA-26-999999")).await.invalid(&[("target", "unknown")]);
        desk.decide(&merged.reference, merge("nonsense")).await.invalid(&[("target", "unknown")]);
        desk.decide(&merged.reference, merge(&merged.reference)).await.invalid(&[("target", "not_allowed")]);
        let closed = app.submit(json!({})).await;
        desk.decide(&closed.reference, refuse()).await.ok();
        desk.decide(&merged.reference, merge(&closed.reference)).await.invalid(&[("target", "not_allowed")]);
        app.consultation("other", |_| {}).await;
        let elsewhere = app.submit_to("other", json!({})).await;
        desk.decide(&merged.reference, merge(&elsewhere.reference)).await.invalid(&[("target", "not_allowed")]);

        let view = desk.decide(&merged.reference, merge(&target.reference)).await.ok();
        assert_eq!(view["proposal"]["state"], "merged");
        let link = |reference: &str, title: &str| json!({"reference": reference, "title": title});
        let shown = app.public().get(&format!("/proposals/{}", merged.reference)).await.ok();
        assert_eq!(shown["merged_into"], link(&target.reference, "Un puits au village"));
        assert_eq!((&shown["problem"], &last(&shown)["target"]), (&proposal(json!({}))["problem"], &json!(target.reference)));
        let shown = app.public().get(&format!("/proposals/{}", target.reference)).await.ok();
        assert_eq!(shown["merged_from"], json!([link(&merged.reference, "Encore un puits")]));
        assert_eq!(app.public().get("/consultations/2024-2026/counts").await.ok()["base"], 3, "it counts for both");

        let coordinator = app.signed_in(As::Coordinator).await;
        let reopen = json!({"edge": "reopen", "reason": "Ce ne sont pas les mêmes idées."});
        coordinator.decide(&merged.reference, reopen).await.ok();
        let shown = app.public().get(&format!("/proposals/{}", target.reference)).await.ok();
        assert_eq!(shown["merged_from"], json!([]), "and is undone");
    }

    async fn to_redirect_names_who_is_competent(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let with = |field: &str, value: Value| {
            let mut decision = redirect();
            decision[field] = value;
            decision
        };
        let refused = async |decision: Value| desk.decide(&receipt.reference, decision).await;
        refused(with("competence", "fishing".into())).await.invalid(&[("competence", "unknown")]);
        refused(with("body", "M".into())).await.invalid(&[("body", "too_short")]);
        refused(with("forwarded_on", "2026-11-11".into())).await.invalid(&[("forwarded_on", "not_in_range")]);
        refused(with("response", json!({"text": "Non.", "language": "fr"}))).await.invalid(&[("response.text", "too_short")]);
        let view = refused(redirect()).await.ok();
        assert_eq!(view["proposal"]["state"], "redirected");
        let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
        let referral = json!({"code": "primary-schools", "class": "outside", "body": "Ministère de l'Éducation", "forwarded_on": "2026-11-09"});
        assert_eq!(last(&shown)["referral"], referral);
    }

    async fn to_refuse_needs_a_reason_and_a_response(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let try_with = async |decision: Value| desk.decide(&receipt.reference, decision).await;
        try_with(json!({"edge": "refuse", "response": response()})).await.invalid(&[("reason", "required")]);
        try_with(json!({"edge": "refuse", "reason": "not_feasible"})).await.invalid(&[("response", "required")]);
        try_with(json!({"edge": "refuse", "reason": "not_feasible", "response": {"text": "Non.", "language": "fr"}})).await
            .invalid(&[("response.text", "too_short")]);
        assert_eq!(desk.desk(&receipt.reference).await["version"], 1, "nothing happened");
        let view = try_with(refuse()).await.ok();
        assert_eq!((&view["proposal"]["state"], &last(&view)["reason"]), (&json!("not_retained"), &json!("not_feasible")));
    }

    async fn a_wrong_decision_names_the_field(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        for (decision, field, code) in [
            (json!({}), "edge", "required"),
            (json!({"edge": "delete"}), "edge", "unknown"),
            (json!({"edge": ""}), "edge", "unknown"),
            (json!({"edge": 7}), "edge", "invalid"),
            (json!({"edge": "submit"}), "edge", "unknown"),
            (json!({"edge": "refuse", "reason": "ugly", "response": response()}), "reason", "unknown"),
            (json!({"edge": "refuse", "reason": "not_feasible", "response": {"language": "fr"}}), "response.text", "required"),
            (json!({"edge": "refuse", "reason": "not_feasible", "response": {"text": "Une réponse assez longue.", "language": "de"}}), "response.language", "unknown"),
            (json!({"edge": "retain", "remarks": "original"}), "remarks", "invalid"),
            (json!({"edge": "retain", "remarks": ["original", "dull"]}), "remarks[1]", "unknown"),
            (json!({"edge": "retain", "reason": "original"}), "reason", "unknown"),
            (json!({"edge": "request_clarification", "question": 7, "language": "fr"}), "question", "invalid"),
            (json!({"edge": "request_clarification", "question": "Où ?", "language": "fr"}), "question", "too_short"),
            (json!({"edge": "redirect", "competence": "primary-schools", "body": "Ministère", "forwarded_on": "hier", "response": response()}), "forwarded_on", "invalid"),
            (json!({"edge": "request_withhold", "reason": "rude"}), "reason", "unknown"),
        ] {
            eprintln!("{decision}");
            desk.decide(&receipt.reference, decision).await.invalid(&[(field, code)]);
        }
    }

    async fn to_withhold_needs_two_people(app: App) {
        let receipt = app.submit(json!({})).await;
        let (first, second) = (app.signed_in(As::Moderator).await, app.signed_in(As::SecondModerator).await);
        let request = json!({"edge": "request_withhold", "reason": "threat", "note": "Troisième phrase."});
        let (withhold, cancel) = (json!({"edge": "withhold"}), json!({"edge": "cancel_withhold"}));
        second.decide(&receipt.reference, withhold.clone()).await.refused(409, "illegal_transition");
        second.decide(&receipt.reference, cancel.clone()).await.refused(409, "illegal_transition");

        let view = first.decide(&receipt.reference, request.clone()).await.ok();
        assert_eq!(view["proposal"]["state"], "submitted", "no change of state");
        assert_eq!((&view["withhold_request"]["reason"], &view["withhold_request"]["mine"]), (&json!("threat"), &json!(true)));
        assert_eq!(view["withhold_request"]["by"]["name"], "Amina");
        first.decide(&receipt.reference, withhold.clone()).await.refused(409, "second_person_required");
        assert!(!view["allowed"].as_array().unwrap().contains(&json!("withhold")));
        let seen = second.desk(&receipt.reference).await;
        assert_eq!(seen["withhold_request"]["mine"], false);
        assert!(seen["allowed"].as_array().unwrap().contains(&json!("withhold")));

        first.decide(&receipt.reference, cancel).await.ok();
        second.decide(&receipt.reference, withhold.clone()).await.refused(409, "illegal_transition");
        first.decide(&receipt.reference, request).await.ok();
        let view = second.decide(&receipt.reference, withhold).await.ok();
        assert_eq!((&view["proposal"]["state"], &view["public"], &view["withhold_request"]), (&json!("withheld"), &json!(false), &Value::Null));
        assert_eq!(last(&view)["actor"]["name"], "Brahim");
    }

    async fn what_is_published_can_be_withheld_too(app: App) {
        let (first, second) = (app.signed_in(As::Coordinator).await, app.signed_in(As::SecondCoordinator).await);
        for decision in [json!({"edge": "retain"}), refuse(), redirect()] {
            let receipt = app.submit(json!({})).await;
            first.decide(&receipt.reference, decision).await.ok();
            first.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "hate"})).await.ok();
            second.decide(&receipt.reference, json!({"edge": "withhold"})).await.ok();
            app.public().get(&format!("/proposals/{}", receipt.reference)).await.refused(404, "not_found");
        }
    }

    async fn coordinators_reopen_and_moderators_do_not(app: App) {
        let receipt = app.submit(json!({})).await;
        let (moderator, coordinator) = (app.signed_in(As::Moderator).await, app.signed_in(As::Coordinator).await);
        let reopen = json!({"edge": "reopen", "reason": "Un élément nouveau est arrivé."});
        coordinator.decide(&receipt.reference, reopen.clone()).await.refused(409, "illegal_transition");
        moderator.decide(&receipt.reference, refuse()).await.ok();
        moderator.decide(&receipt.reference, reopen.clone()).await.refused(403, "forbidden");
        let view = coordinator.decide(&receipt.reference, reopen).await.ok();
        assert_eq!(view["proposal"]["state"], "submitted");
        assert!(!app.public().get(&format!("/proposals/{}", receipt.reference)).await.text().contains("élément nouveau"));
    }

    async fn the_workflow_has_no_other_steps(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Coordinator).await;
        desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        let other = app.submit(json!({})).await;
        for decision in [json!({"edge": "retain"}), ask(), refuse(), redirect(), json!({"edge": "merge", "target": other.reference}), json!({"edge": "reopen", "reason": "Une raison assez longue."})] {
            let problem = desk.decide(&receipt.reference, decision.clone()).await.refused(409, "illegal_transition");
            assert!(problem["detail"].as_str().unwrap().contains("retained"), "names where it stands: {problem}");
        }
        assert_eq!(desk.desk(&receipt.reference).await["version"], 2);
    }

    async fn two_people_deciding_at_once_do_not_overwrite_each_other(app: App) {
        let (one, two) = (app.signed_in(As::Moderator).await, app.signed_in(As::Coordinator).await);
        for _ in 0..12 {
            let receipt = app.submit(json!({})).await;
            let (a, b) = join(
                one.decide_on(&receipt.reference, 1, json!({"edge": "retain"})),
                two.decide_on(&receipt.reference, 1, refuse()),
            ).await;
            let won = if a.status == 200 { "retained" } else { "not_retained" };
            let (winner, loser) = if a.status == 200 { (a, b) } else { (b, a) };
            winner.ok();
            loser.refused(409, "version_conflict");
            let view = one.desk(&receipt.reference).await;
            assert_eq!((&view["proposal"]["state"], &view["version"]), (&json!(won), &json!(2)));
            assert_eq!(view["history"].as_array().unwrap().len(), 2);
        }
    }

    async fn a_write_says_on_which_version(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let account = app.account_id(As::Moderator).await;
        let path = format!("/desk/proposals/{}", receipt.reference);
        assert_eq!(desk.get(&path).await.version(), 1);
        let writes = || [
            desk.post(&format!("{path}/decision")).json(json!({"edge": "retain"})),
            desk.put(&format!("{path}/remarks")).json(json!({"remarks": ["original"]})),
            desk.put(&format!("{path}/assignment")).json(json!({"account": account})),
        ];
        for write in writes() {
            write.await.refused(428, "if_match_required");
        }
        for write in writes() {
            write.header("if-match", "seven").await.refused(400, "invalid_parameter");
        }
        for write in writes() {
            write.if_match(2).await.refused(409, "version_conflict");
        }
        let [decision, remarks, assignment] = writes();
        assert_eq!(remarks.if_match(1).await.version(), 2);
        assert_eq!(assignment.header("if-match", "W/\"2\"").await.version(), 3);
        assert_eq!(decision.if_match(3).await.version(), 4);
    }

    async fn a_moderator_stays_within_the_assignment(app: App) {
        let inside = app.submit(json!({})).await;
        let region = app.submit(json!({"territory": "whole_region"})).await;
        let outside = [app.submit(json!({"territory": "MA-TET"})).await, app.submit(json!({"axis": "gender-inclusion"})).await];
        let scoped = app.signed_in(As::ScopedModerator).await;
        assert_eq!(queue(&scoped, "").await, [inside.reference.clone(), region.reference.clone()]);
        assert_eq!(queue(&scoped, "&territory=MA-TET").await, [""; 0]);
        assert_eq!(queue(&app.signed_in(As::Moderator).await, "").await.len(), 4);
        for receipt in &outside {
            let path = format!("/desk/proposals/{}", receipt.reference);
            scoped.get(&path).await.refused(403, "forbidden");
            scoped.decide_on(&receipt.reference, 1, json!({"edge": "retain"})).await.refused(403, "forbidden");
            scoped.put(&format!("{path}/remarks")).if_match(1).json(json!({"remarks": []})).await.refused(403, "forbidden");
            scoped.put(&format!("{path}/assignment")).if_match(1).json(json!({"account": null})).await.refused(403, "forbidden");
            scoped.post(&format!("{path}/notes")).json(json!({"text": "Vu."})).await.refused(403, "forbidden");
        }
        for receipt in [&inside, &region] {
            scoped.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        }
        scoped.get("/desk/proposals/TTA-26-999999").await.refused(404, "not_found");
    }

    async fn one_decision_for_many_answers_item_by_item(app: App) {
        let scoped = app.signed_in(As::ScopedModerator).await;
        let good = [app.submit(json!({})).await, app.submit(json!({})).await];
        let stale = app.submit(json!({})).await;
        scoped.decide(&stale.reference, json!({"edge": "request_withhold", "reason": "hate"})).await.ok();
        let decided = app.retained(json!({})).await;
        let outside = app.submit(json!({"territory": "MA-TET"})).await;
        let item = |reference: &str, version: i64| json!({"reference": reference, "version": version});
        let body = json!({"decision": {"edge": "retain", "remarks": ["original"]}, "items": [
            item(&good[0].reference, 1), item(&stale.reference, 1), item(&decided.reference, 2), item(&outside.reference, 1),
            item("TTA-26-999999", 1), item(&good[1].reference, 1),
        ]});
        let answer = scoped.post("/desk/decisions").json(body).await.ok();
        let told: Vec<_> = answer["items"].as_array().unwrap().iter()
            .map(|item| (item["outcome"].as_str().unwrap(), item["version"].as_i64(), item["problem"]["code"].as_str())).collect();
        assert_eq!(told, [
            ("done", Some(2), None),
            ("refused", None, Some("version_conflict")),
            ("refused", None, Some("illegal_transition")),
            ("refused", None, Some("forbidden")),
            ("refused", None, Some("not_found")),
            ("done", Some(2), None),
        ]);
        assert_eq!(app.count("SELECT count(*) FROM proposal WHERE state = 'retained'").await, 3);
        let many = |count: usize| json!({"decision": {"edge": "retain"}, "items": vec![item("TTA-26-999999", 1); count]});
        scoped.post("/desk/decisions").json(many(0)).await.invalid(&[("items", "too_short")]);
        scoped.post("/desk/decisions").json(many(51)).await.invalid(&[("items", "too_long")]);
        scoped.post("/desk/decisions").json(many(50)).await.ok();
        let wrong = json!({"decision": {"edge": "retain"}, "items": [item("x", 1), {"reference": "x", "version": "1"}]});
        scoped.post("/desk/decisions").json(wrong).await.invalid(&[("items[1].version", "invalid")]);
    }

    async fn likely_duplicates_stand_side_by_side(app: App) {
        let first = app.submit(json!({"title": "Un puits pour le douar"})).await;
        let stranger = app.submit(json!({
            "title": "Une maison des jeunes", "problem": "Les adolescents de la ville n'ont aucun lieu de rencontre.",
            "solution": "Ouvrir une maison des jeunes avec une salle de musique.", "expected_change": null,
        })).await;
        let again = app.submit(json!({"title": "Puits pour notre douar !", "territory": "MA-TET"})).await;
        let gone = app.submit(json!({"title": "Un puits pour le douar"})).await;
        app.public().post("/receipts/withdraw").json(json!({"code": gone.code})).await.ok();
        let desk = app.signed_in(As::Moderator).await;
        let view = desk.desk(&again.reference).await;
        let likely: Vec<_> = view["duplicates"].as_array().unwrap().iter().map(|other| other["reference"].as_str().unwrap()).collect();
        assert_eq!(likely, [first.reference.as_str()]);
        assert!(view["duplicates"][0]["similarity"].as_f64().unwrap() > 0.5, "{}", view["duplicates"]);
        assert_eq!(desk.desk(&stranger.reference).await["duplicates"], json!([]));
    }

    async fn notes_never_leave_the_desk(app: App) {
        let receipt = app.retained(json!({"email": "amina@example.org"})).await;
        let desk = app.signed_in(As::Moderator).await;
        let path = format!("/desk/proposals/{}/notes", receipt.reference);
        for (wrong, code) in [("", "required"), (&*"x".repeat(4001), "too_long")] {
            desk.post(&path).json(json!({"text": wrong})).await.invalid(&[("text", code)]);
        }
        let view = desk.post(&path).json(json!({"text": "Appeler Rachid d'abord"})).await.created();
        assert_eq!((&view["notes"][0]["text"], &view["notes"][0]["author"]), (&json!("Appeler Rachid d'abord"), &json!("Amina")));
        let (public, analyst) = (app.public(), app.signed_in(As::Analyst).await);
        for answer in [
            public.get(&format!("/proposals/{}", receipt.reference)).await,
            public.get("/consultations/2024-2026/proposals?text=Rachid").await,
            public.look_up(&receipt.code).await,
            analyst.get("/exports/proposals.csv?consultation=2024-2026").await,
        ] {
            assert_eq!(answer.status, 200, "{}", answer.call);
            assert!(!answer.text().contains("Rachid"), "{}", answer.call);
        }
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE CAST(payload AS TEXT) LIKE '%Rachid%'").await, 0);
    }

    async fn a_proposal_is_given_to_a_colleague_and_back(app: App) {
        let (mine, free) = (app.submit(json!({})).await.reference, app.submit(json!({})).await.reference);
        let (desk, other) = (app.signed_in(As::Moderator).await, app.signed_in(As::Coordinator).await);
        let colleagues = desk.get("/desk/assignees").await.ok();
        let names: BTreeSet<_> = colleagues["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Amina", "Brahim", "Chaimae", "Driss", "Fatima"].into());
        let assign = async |account: Value| desk.put(&format!("/desk/proposals/{mine}/assignment")).if_match(desk.desk(&mine).await["version"].as_i64().unwrap()).json(json!({"account": account})).await;
        for nobody in [json!(app.account_id(As::Analyst).await), json!(999), json!(-1)] {
            assign(nobody).await.invalid(&[("account", "unknown")]);
        }
        let view = assign(json!(app.account_id(As::Moderator).await)).await.ok();
        assert_eq!(view["assigned_to"]["name"], "Amina");
        assert_eq!(queue(&desk, "&assigned=me").await, std::slice::from_ref(&mine));
        assert_eq!(queue(&other, "&assigned=me").await, [""; 0]);
        assert_eq!(queue(&other, "&assigned=none").await, std::slice::from_ref(&free));
        assert_eq!(assign(Value::Null).await.ok()["assigned_to"], Value::Null);
        assert_eq!(queue(&other, "&assigned=none").await, [mine.clone(), free]);
        let unsaid = desk.put(&format!("/desk/proposals/{mine}/assignment")).if_match(3).json(json!({})).await;
        unsaid.invalid(&[("account", "required")]);
    }

    async fn remarks_are_replaced_as_a_whole(app: App) {
        let receipt = app.submit(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let path = format!("/desk/proposals/{}/remarks", receipt.reference);
        let set = async |version: i64, remarks: Value| desk.put(&path).if_match(version).json(json!({"remarks": remarks})).await;
        assert_eq!(set(1, json!(["original", "problem_unclear"])).await.ok()["remarks"], json!(["problem_unclear", "original"]));
        assert_eq!(set(2, json!(["original", "no_indicator"])).await.ok()["remarks"], json!(["no_indicator", "original"]));
        // whoever retains without a word about them leaves them
        desk.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        assert_eq!(desk.desk(&receipt.reference).await["remarks"], json!(["no_indicator", "original"]));
        let other = app.submit(json!({})).await.reference;
        desk.decide(&other, json!({"edge": "retain", "remarks": ["original", "original", "original", "original", "original"]})).await.invalid(&[("remarks", "too_long")]);
        set(4, json!(["dull"])).await.invalid(&[("remarks[0]", "unknown")]);
        assert_eq!(set(4, json!([])).await.ok()["remarks"], json!([]));
    }

    async fn the_head_line_tells_n_of_m(app: App) {
        let desk = app.signed_in(As::Coordinator).await;
        let summary = async || desk.get("/desk/summary?consultation=2024-2026").await.ok();
        let empty = summary().await;
        assert_eq!((&empty["total"], &empty["reviewed"], &empty["oldest_waiting_days"]), (&json!(0), &json!(0), &Value::Null));

        app.submit(json!({})).await;
        app.advance(TimeDelta::hours(7));
        let asked = app.submit(json!({"axis": "gender-inclusion"})).await;
        let gone = app.submit(json!({})).await;
        let doubtful = app.submit(json!({"axis": "gender-inclusion"})).await;
        app.retained(json!({})).await;
        let refused = app.submit(json!({})).await;
        desk.decide(&asked.reference, ask()).await.ok();
        desk.decide(&doubtful.reference, json!({"edge": "request_withhold", "reason": "hate"})).await.ok();
        desk.decide(&refused.reference, refuse()).await.ok();
        app.public().post("/receipts/withdraw").json(json!({"code": gone.code})).await.ok();
        let told = summary().await;
        for (field, expected) in [("total", 5), ("reviewed", 2), ("waiting", 2), ("clarification", 1), ("withhold_requests", 1), ("oldest_waiting_days", 0)] {
            assert_eq!(told[field], expected, "{field}: {told}");
        }
        let axes = told["by_axis"].as_array().unwrap();
        assert_eq!(axes.len(), 5, "every axis, in order");
        assert_eq!(axes[0], json!({"axis": "economic-empowerment", "waiting": 1, "total": 3}));
        assert_eq!(axes[3], json!({"axis": "gender-inclusion", "waiting": 1, "total": 2}));

        app.advance(TimeDelta::hours(17));
        let desk = app.signed_in(As::Coordinator).await;
        let told = desk.get("/desk/summary?consultation=2024-2026").await.ok();
        assert_eq!(told["oldest_waiting_days"], 1, "24 hours after the first");
        desk.get("/desk/summary?consultation=never-was").await.refused(404, "not_found");
        desk.get("/desk/summary").await.refused(400, "invalid_parameter");
    }

    async fn the_queue_is_oldest_first_and_filterable(app: App) {
        let a = app.submit(json!({"title": "Une fontaine publique"})).await.reference;
        let b = app.submit(json!({"axis": "gender-inclusion", "territory": "MA-TET"})).await.reference;
        let c = app.submit(json!({"territory": "whole_region"})).await.reference;
        let d = app.retained(json!({})).await.reference;
        let desk = app.signed_in(As::Moderator).await;
        for (filter, expected) in [
            ("", vec![&a, &b, &c]),
            ("&order=newest", vec![&c, &b, &a]),
            ("&state=retained", vec![&d]),
            ("&state=withdrawn", vec![]),
            ("&axis=gender-inclusion", vec![&b]),
            ("&territory=whole_region", vec![&c]),
            ("&territory=MA-TET&axis=economic-empowerment", vec![]),
            ("&channel=digital", vec![&a, &b, &c]),
            ("&channel=petition", vec![]),
            ("&text=fontaines", vec![&a]),
        ] {
            assert_eq!(queue(&desk, filter).await.iter().collect::<Vec<_>>(), expected, "{filter}");
        }
        // what a second person must look at is found in whatever state it is
        for reference in [&b, &d] {
            desk.decide(reference, json!({"edge": "request_withhold", "reason": "personal_data"})).await.ok();
        }
        assert_eq!(queue(&desk, "&withhold_requested=true").await, [b.clone(), d.clone()]);
        assert_eq!(queue(&desk, "&withhold_requested=true&state=retained").await, std::slice::from_ref(&d));
        assert_eq!(queue(&desk, "&appealed=true").await, Vec::<String>::new());
        for wrong in ["&axis=water", "&withhold_requested=perhaps", "&territory=MA-CAS", "&assigned=you", "&state=lost", "&limit=0"] {
            desk.get(&format!("{QUEUE}{wrong}")).await.refused(400, "invalid_parameter");
        }
        desk.get(&format!("{QUEUE}&gender=female")).await.refused(400, "unknown_parameter");
        app.advance(TimeDelta::hours(11));
        let page = desk.get(&format!("{QUEUE}&limit=2")).await.ok();
        let cursor = page["next"].as_str().unwrap();
        let rest = desk.get(&format!("{QUEUE}&limit=2&cursor={cursor}")).await.ok();
        assert_eq!(rest["items"][0]["reference"], c);
        assert_eq!(rest["next"], Value::Null);
    }

    /// A title that the two engines would cut into words in their own ways is read like any other.
    async fn odd_letters_in_a_title_break_nothing(app: App) {
        let odd = "Le puits a🅰b Ⓐⓑ हिन्दी du douar";
        let receipt = app.submit(json!({"title": odd})).await;
        let twin = app.submit(json!({"title": odd, "solution": "Creuser un second puits, plus profond que le premier."})).await;
        let desk = app.signed_in(As::Moderator).await;
        let seen = desk.desk(&receipt.reference).await;
        assert_eq!(seen["duplicates"][0]["reference"], twin.reference);
        for words in ["a🅰b", "Ⓐⓑ puits", "हिन्दी"] {
            let found = desk.get(QUEUE).query(&[("text", words)]).await.ok();
            assert_eq!(found["items"].as_array().unwrap().len(), 2, "{words}");
        }
    }
}
