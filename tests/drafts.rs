//! SMART drafts: from retained proposals to a ratified and adopted goal.

use crate::{on_both_engines, support::*};

/// A text without any finding.
fn complete() -> Value {
    json!({
        "objective": "فتح ثمانية مكاتب محلية للطاقة والمناخ",
        "problem": "لا تجد الجماعات من يواكب مشاريعها في الطاقة والمناخ",
        "beneficiaries": ["الجماعات الترابية"],
        "territories": ["MA-CHE", "MA-TET"],
        "indicators": [{
            "name": "عدد المكاتب المفتوحة", "kind": "quantitative", "unit": "مكتب",
            "baseline_value": 0, "baseline_year": 2024, "target": 8, "target_text": null, "source": "تقارير المجلس"
        }],
        "competence_class": "own", "competence_reason": "", "responsible": "مجلس الجهة", "partners": [],
        "budget_mad": 4_000_000, "budget_source": "", "principles": ["participation"], "planning_links": [], "sdgs": [13],
        "start": "2027-01", "end": "2027-12",
        "milestones": [{"title": "أول مكتب", "deliverable": "", "due": "2027-03"}]
    })
}

fn draft(references: &[&str]) -> Value {
    let sources: Vec<_> = references.iter().map(|reference| json!({"reference": reference, "link": "as_is"})).collect();
    json!({"consultation": SLUG, "axis": "environment-climate", "title": "مكاتب محلية للطاقة والمناخ", "sources": sources})
}

fn codes(view: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    view["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (text(&finding["code"]), text(&finding["field"])))
        .collect()
}

async fn state(app: &App, reference: &str) -> Value {
    app.signed_in(As::Coordinator).await.desk(reference).await["proposal"]["state"].clone()
}

on_both_engines! {
    /// Creating a draft takes its proposals in; every save is a version; the findings follow the text.
    async fn from_proposals_to_a_complete_draft(app: App) {
        let (one, two) = (app.retained(json!({})).await, app.retained(json!({})).await);
        let desk = app.signed_in(As::Moderator).await;
        let made = desk.post("/drafts").json(draft(&[&one.reference, &two.reference])).await.created();
        let id = made["id"].as_i64().unwrap();
        assert_eq!(made["state"], "drafting");
        assert_eq!(made["sources"].as_array().unwrap().len(), 2);
        assert!(codes(&made).contains(&("milestone_missing".into(), "milestones".into())));
        for receipt in [&one, &two] {
            assert_eq!(state(&app, &receipt.reference).await, "drafted");
            let public = app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
            assert_eq!(public["drafts"][0]["id"], id);
        }

        let version = made["version"].as_i64().unwrap();
        let edit = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": complete()});
        let saved = desk.put(&format!("/drafts/{id}")).if_match(version).json(edit.clone()).await.ok();
        assert_eq!(codes(&saved), []);
        assert_eq!(saved["versions"].as_array().unwrap().len(), 2);
        desk.put(&format!("/drafts/{id}")).if_match(version).json(edit.clone()).await.refused(409, "version_conflict");
        desk.put(&format!("/drafts/{id}")).json(edit).await.refused(428, "if_match_required");
        let first = desk.get(&format!("/drafts/{id}/versions/1")).await.ok();
        assert_eq!((&first["title"], &first["content"]["objective"]), (&made["title"], &json!("")));
        desk.get(&format!("/drafts/{id}/versions/9")).await.refused(404, "not_found");

        let listed = desk.get("/drafts").query(&[("consultation", SLUG)]).await.ok();
        assert_eq!((&listed["items"][0]["sources"], &listed["items"][0]["blocking"]), (&json!(2), &json!(0)));
    }

    /// Only what was retained becomes a source, and each mistake names its place.
    async fn only_retained_proposals_are_sources(app: App) {
        let (waiting, retained) = (app.submit(json!({})).await, app.retained(json!({})).await);
        let desk = app.signed_in(As::Moderator).await;
        let answer = desk.post("/drafts").json(draft(&[&waiting.reference, &retained.reference, &retained.reference, "TTA-26-999999"])).await;
        answer.invalid(&[("sources[0].reference", "not_allowed"), ("sources[2].reference", "duplicate"), ("sources[3].reference", "unknown")]);
        assert_eq!(state(&app, &retained.reference).await, "retained", "nothing was half done");
        desk.post("/drafts").json(draft(&[])).await.invalid(&[("sources", "too_short")]);
        let mut other = draft(&[&retained.reference]);
        other["axis"] = json!("nowhere");
        desk.post("/drafts").json(other).await.invalid(&[("axis", "unknown")]);
    }

    /// The check says what is missing without saving anything.
    async fn the_check_is_live(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let check = |content: Value, sources: u32| {
            let desk = desk.clone();
            async move { desk.post("/drafts/check").json(json!({"content": content, "sources": sources})).await }
        };
        assert_eq!(codes(&check(complete(), 1).await.ok()), []);
        let mut content = complete();
        content["milestones"][0]["due"] = json!(null);
        assert_eq!(codes(&check(content.clone(), 1).await.ok()), [("milestone_month_missing".into(), "milestones[0].due".into())]);
        content["milestones"][0]["due"] = json!("2027-13");
        check(content, 1).await.invalid(&[("content.milestones[0].due", "unknown")]);
        let mut content = complete();
        content["indicators"][0]["name"] = json!("م".repeat(301));
        check(content, 1).await.invalid(&[("content.indicators[0].name", "too_long")]);
        assert_eq!(codes(&check(complete(), 0).await.ok()), [("proposal_link_missing".into(), "sources".into())]);
        assert_eq!(app.count("SELECT count(*) FROM draft").await, 0);
    }

    /// Two coordinators sign the same version; then the council adopts, and the proposals follow.
    async fn both_coordinators_sign_and_the_council_adopts(app: App) {
        let receipt = app.retained(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let (first, second) = (app.signed_in(As::Coordinator).await, app.signed_in(As::SecondCoordinator).await);
        let made = desk.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let path = format!("/drafts/{}", made["id"]);
        let go = |who: &Client, view: &Value, body: Value| who.post(&format!("{path}/transition")).if_match(view["version"].as_i64().unwrap()).json(body);

        let view = go(&desk, &made, json!({"edge": "submit_for_review"})).await.ok();
        assert_eq!(view["state"], "in_review");
        go(&first, &view, json!({"edge": "ratify"})).await.refused(409, "blocking_findings");
        let edit = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": complete()});
        let view = desk.put(&path).if_match(view["version"].as_i64().unwrap()).json(edit.clone()).await.ok();
        go(&desk, &view, json!({"edge": "ratify"})).await.refused(403, "forbidden");
        let view = go(&first, &view, json!({"edge": "ratify"})).await.ok();
        assert_eq!(view["state"], "in_review", "one signature is not enough");
        go(&first, &view, json!({"edge": "ratify"})).await.refused(409, "already_signed");
        // a new version does not inherit the signature
        let view = desk.put(&path).if_match(view["version"].as_i64().unwrap()).json(edit).await.ok();
        let view = go(&second, &view, json!({"edge": "ratify"})).await.ok();
        assert_eq!(view["state"], "in_review");
        let view = go(&first, &view, json!({"edge": "ratify"})).await.ok();
        assert_eq!(view["state"], "ratified");
        assert_eq!(view["editable"], false);
        go(&first, &view, json!({"edge": "adopt"})).await.invalid(&[("session_on", "required")]);
        let view = go(&first, &view, json!({"edge": "adopt", "session_on": "2027-03-01"})).await.ok();
        assert_eq!((&view["state"], &view["adopted_session"]), (&json!("adopted"), &json!("2027-03-01")));
        assert_eq!(state(&app, &receipt.reference).await, "adopted");
        go(&first, &view, json!({"edge": "set_aside", "reason": "changed our mind"})).await.refused(409, "illegal_transition");
    }

    /// A proposal goes back to retained when the last draft lets it go, not before.
    async fn setting_a_draft_aside_gives_its_proposals_back(app: App) {
        let (shared, own) = (app.retained(json!({})).await, app.retained(json!({})).await);
        let desk = app.signed_in(As::Moderator).await;
        let one = desk.post("/drafts").json(draft(&[&shared.reference, &own.reference])).await.created();
        let two = desk.post("/drafts").json(draft(&[&shared.reference])).await.created();
        let aside = |view: &Value, reason: Value| {
            desk.post(&format!("/drafts/{}/transition", view["id"])).if_match(view["version"].as_i64().unwrap()).json(json!({"edge": "set_aside", "reason": reason}))
        };
        aside(&one, json!(null)).await.invalid(&[("reason", "required")]);
        aside(&one, json!("short")).await.invalid(&[("reason", "too_short")]);
        aside(&one, json!("The same goal stands in another draft")).await.ok();
        assert_eq!(state(&app, &own.reference).await, "retained");
        assert_eq!(state(&app, &shared.reference).await, "drafted");
        aside(&two, json!("The council has no means for it")).await.ok();
        assert_eq!(state(&app, &shared.reference).await, "retained");
    }

    /// Sources can be exchanged; what is dropped is retained again.
    async fn sources_are_exchanged(app: App) {
        let (one, two) = (app.retained(json!({})).await, app.retained(json!({})).await);
        let desk = app.signed_in(As::Moderator).await;
        let made = desk.post("/drafts").json(draft(&[&one.reference])).await.created();
        let sources = json!({"sources": [{"reference": two.reference, "link": "inspired"}]});
        let view = desk.put(&format!("/drafts/{}/sources", made["id"])).if_match(made["version"].as_i64().unwrap()).json(sources).await.ok();
        assert_eq!((&view["sources"][0]["reference"], &view["sources"][0]["link"]), (&json!(two.reference), &json!("inspired")));
        assert_eq!(state(&app, &one.reference).await, "retained");
        assert_eq!(state(&app, &two.reference).await, "drafted");
    }

    /// A remark stands at a field until a version answers it.
    async fn remarks_are_closed_by_the_version_that_answers_them(app: App) {
        let receipt = app.retained(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let made = desk.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let path = format!("/drafts/{}", made["id"]);
        let view = desk.post(&format!("{path}/remarks")).json(json!({"field": "indicators[0].target", "text": "ثمانية أم عشرة؟"})).await.created();
        let remark = &view["remarks"][0];
        assert_eq!((&remark["author"], &remark["closed_by_version"]), (&json!("Amina"), &json!(null)));
        let edit = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": complete(), "closes_remarks": [remark["id"]]});
        let view = desk.put(&path).if_match(view["version"].as_i64().unwrap()).json(edit).await.ok();
        assert_eq!(view["remarks"][0]["closed_by_version"], 2);
    }

    /// An analyst reads and changes nothing; a moderator of another axis reads only.
    async fn who_may_write(app: App) {
        let receipt = app.retained(json!({})).await;
        let made = app.signed_in(As::Moderator).await.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let path = format!("/drafts/{}", made["id"]);
        let edit = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": complete()});
        for (who, editable) in [(As::Analyst, false), (As::ScopedModerator, false), (As::Coordinator, true)] {
            let client = app.signed_in(who).await;
            assert_eq!(client.get(&path).await.ok()["editable"], editable, "{who:?}");
            if !editable {
                client.put(&path).if_match(2).json(edit.clone()).await.refused(403, "forbidden");
            }
        }
        app.signed_in(As::Administrator).await.get(&path).await.refused(403, "forbidden");
    }

    /// What two people sealed is not read in a draft either, and the draft does not stand on it.
    async fn a_withheld_source_gives_a_draft_nothing(app: App) {
        let receipt = app.retained(json!({"problem": "Le voisin Untel vole l'eau du village depuis un an."})).await;
        let (desk, second) = (app.signed_in(As::Moderator).await, app.signed_in(As::SecondModerator).await);
        let made = desk.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let path = format!("/drafts/{}", made["id"]);
        assert_eq!(made["sources"][0]["words"]["problem"], "Le voisin Untel vole l'eau du village depuis un an.");
        desk.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "defamation"})).await.ok();
        second.decide(&receipt.reference, json!({"edge": "withhold"})).await.ok();
        for who in [As::Moderator, As::Analyst] {
            let answer = app.signed_in(who).await.get(&path).await;
            assert!(!answer.text().contains("Untel"), "{}", answer.text());
            let view = answer.ok();
            assert_eq!((&view["sources"][0]["words"], &view["sources"][0]["state"]), (&Value::Null, &json!("withheld")));
            assert!(codes(&view).contains(&("proposal_link_missing".into(), "sources".into())), "{view}");
        }
        // not even when its author contests it
        let appeal = json!({"code": receipt.code, "reason": "Tout le village le sait."});
        app.public().post("/receipts/appeal").json(appeal).await.ok();
        assert_eq!(desk.get(&path).await.ok()["sources"][0]["words"], Value::Null);
        // and giving the draft up does not bring it back
        let aside = json!({"edge": "set_aside", "reason": "Il ne reste rien de ce projet."});
        desk.post(&format!("{path}/transition")).if_match(made["version"].as_i64().unwrap()).json(aside).await.ok();
        assert_eq!(state(&app, &receipt.reference).await, "submitted");
        app.public().get(&format!("/proposals/{}", receipt.reference)).await.refused(404, "not_found");
    }

    /// Whoever signs, signs a text that stands on these proposals and no others.
    async fn a_signature_does_not_outlive_an_exchange_of_sources(app: App) {
        let (one, two) = (app.retained(json!({})).await, app.retained(json!({})).await);
        let desk = app.signed_in(As::Moderator).await;
        let (first, second) = (app.signed_in(As::Coordinator).await, app.signed_in(As::SecondCoordinator).await);
        let made = desk.post("/drafts").json(draft(&[&one.reference])).await.created();
        let path = format!("/drafts/{}", made["id"]);
        let go = |who: &Client, view: &Value, edge: &str| {
            who.post(&format!("{path}/transition")).if_match(view["version"].as_i64().unwrap()).json(json!({"edge": edge}))
        };
        let edit = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": complete()});
        let view = desk.put(&path).if_match(made["version"].as_i64().unwrap()).json(edit).await.ok();
        let view = go(&desk, &view, "submit_for_review").await.ok();
        let view = go(&first, &view, "ratify").await.ok();
        let sources = json!({"sources": [{"reference": two.reference, "link": "as_is"}]});
        let view = desk.put(&format!("{path}/sources")).if_match(view["version"].as_i64().unwrap()).json(sources).await.ok();
        assert_eq!(view["text_version"], 3, "an exchange is a version of its own, with its author");
        let view = go(&second, &view, "ratify").await.ok();
        assert_eq!(view["state"], "in_review", "the first signature was for other proposals");
        assert_eq!(go(&first, &view, "ratify").await.ok()["state"], "ratified");
    }

    /// An assignment holds for the proposals of a draft as it does at the desk.
    async fn a_draft_takes_in_what_its_writer_may_decide_on(app: App) {
        let axis = crate::support::sample::AXES;
        let (own, foreign) = (app.retained(json!({"axis": axis[0]})).await, app.retained(json!({"axis": axis[1]})).await);
        let scoped = app.signed_in(As::ScopedModerator).await;
        let mut body = draft(&[&own.reference, &foreign.reference]);
        body["axis"] = json!(axis[0]);
        scoped.post("/drafts").json(body.clone()).await.invalid(&[("sources[1].reference", "not_allowed")]);
        body["sources"].as_array_mut().unwrap().pop();
        let made = scoped.post("/drafts").json(body).await.created();
        let path = format!("/drafts/{}/sources", made["id"]);
        let both = json!({"sources": [{"reference": own.reference, "link": "as_is"}, {"reference": foreign.reference, "link": "as_is"}]});
        let wide = app.signed_in(As::Coordinator).await.put(&path).if_match(1).json(both).await.ok();
        // what a colleague took in may stay, and is not the writer's to throw out
        let mine = json!({"sources": [{"reference": own.reference, "link": "as_is"}]});
        scoped.put(&path).if_match(wide["version"].as_i64().unwrap()).json(mine).await.refused(403, "forbidden");
    }

    /// Remarks name a field that exists, and end with the writing.
    async fn a_remark_has_a_place_and_a_time(app: App) {
        let receipt = app.retained(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let made = desk.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let path = format!("/drafts/{}", made["id"]);
        let remark = |field: &str| desk.post(&format!("{path}/remarks")).json(json!({"field": field, "text": "Pour qui ?"}));
        remark("objectif").await.invalid(&[("field", "unknown")]);
        remark("beneficiaries").await.created();
        let aside = json!({"edge": "set_aside", "reason": "Une autre fiche le dit déjà."});
        desk.post(&format!("{path}/transition")).if_match(1).json(aside).await.ok();
        remark("beneficiaries").await.refused(409, "illegal_transition");
        let outside = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": {"territories": ["MA-CAS"]}});
        desk.put(&path).if_match(2).json(outside).await.refused(409, "illegal_transition");
    }

    async fn a_draft_is_about_territories_of_its_consultation(app: App) {
        let receipt = app.retained(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let made = desk.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let outside = json!({"title": "مكاتب محلية", "axis": "environment-climate", "content": {"territories": ["MA-CAS"]}});
        desk.put(&format!("/drafts/{}", made["id"])).if_match(1).json(outside).await.invalid(&[("content.territories", "unknown")]);
    }

    /// A goal that nobody has signed is a working paper: the public learns that there is one, not its name.
    async fn the_public_reads_the_name_of_a_signed_draft(app: App) {
        let receipt = app.retained(json!({})).await;
        let desk = app.signed_in(As::Moderator).await;
        let made = desk.post("/drafts").json(draft(&[&receipt.reference])).await.created();
        let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
        assert_eq!((&shown["drafts"][0]["state"], &shown["drafts"][0]["title"]), (&json!("drafting"), &Value::Null));
        app.execute(&format!("UPDATE draft SET state = 'ratified' WHERE id = {}", made["id"])).await;
        let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
        assert_eq!(shown["drafts"][0]["title"], "مكاتب محلية للطاقة والمناخ");
    }
}
