//! An administrator's export: nobody takes the proposals away alone.

use crate::{on_both_engines, support::*};

async fn ask(app: &App) -> (Client, String) {
    let admin = app.signed_in(As::Administrator).await;
    let wanted = json!({"consultation": SLUG, "reason": "Pour le rapport annuel du conseil."});
    let view = admin.post("/export-approvals").json(wanted).await.created();
    assert_eq!(
        (&view["state"], &view["may_fetch"], &view["asked_by"]["name"]),
        (&json!("waiting"), &json!(false), &json!("Hassan"))
    );
    (admin, format!("/export-approvals/{}", view["id"]))
}

async fn sign(app: &App, who: As, path: &str) -> Answer {
    app.signed_in(who).await.post(&format!("{path}/signature")).await
}

fn detail(problem: &Value) -> &str {
    problem["detail"].as_str().unwrap()
}

on_both_engines! {
    /// Two signatures, one file; what is missing is said before, and that it is over afterwards.
    async fn an_export_needs_both_coordinators_and_is_fetched_once(app: App) {
        let retained = app.retained(json!({"title": "Une fontaine"})).await;
        let (admin, path) = ask(&app).await;
        let file = || admin.post(&format!("{path}/file"));
        let problem = file().await.refused(409, "signatures_missing");
        assert!(detail(&problem).starts_with("2 of 2"), "{problem}");
        let view = sign(&app, As::Coordinator, &path).await.ok();
        assert_eq!((&view["state"], &view["may_sign"]), (&json!("waiting"), &json!(false)));
        sign(&app, As::Coordinator, &path).await.refused(409, "already_signed");
        let problem = file().await.refused(409, "signatures_missing");
        assert!(detail(&problem).starts_with("1 of 2"), "{problem}");
        app.advance(TimeDelta::minutes(30));
        let view = sign(&app, As::SecondCoordinator, &path).await.ok();
        assert_eq!((&view["state"], &view["until"]), (&json!("ready"), &json!("2026-11-10T09:45:00Z")));
        // of the one who asked, and of nobody else
        app.execute("UPDATE account SET role = 'administrator' WHERE email = 'ghita@example.org'").await;
        app.signed_in(As::Analyst).await.post(&format!("{path}/file")).await.refused(403, "forbidden");
        app.advance(TimeDelta::minutes(15));
        let answer = file().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8; header=present")));
        assert!(answer.text().contains(&retained.reference) && answer.text().contains("Une fontaine"));
        file().await.refused(409, "approval_over");
        let listed = admin.all("/export-approvals").await;
        assert_eq!((&listed[0]["state"], &listed[0]["signatures"][1]["by"]["name"]), (&json!("used"), &json!("Fatima")));

        let log = app.signed_in(As::Coordinator).await.all("/audit?object=export_approval").await;
        let told: Vec<_> = log.iter().map(|entry| (entry["action"].as_str().unwrap(), entry["outcome"].as_str().unwrap(), entry["actor"]["name"].as_str().unwrap())).collect();
        assert_eq!(told, [
            ("export_proposals", "refused", "Hassan"),
            ("export_proposals", "done", "Hassan"),
            ("export_proposals", "refused", "Ghita"),
            ("sign_export", "done", "Fatima"),
            ("export_proposals", "refused", "Hassan"),
            ("sign_export", "done", "Driss"),
            ("export_proposals", "refused", "Hassan"),
            ("request_export", "done", "Hassan"),
        ]);
    }

    /// A quarter of an hour after the second signature it is over, to the second.
    async fn an_approval_passes(app: App) {
        let (admin, path) = ask(&app).await;
        sign(&app, As::Coordinator, &path).await.ok();
        sign(&app, As::SecondCoordinator, &path).await.ok();
        app.advance(TimeDelta::minutes(15) + TimeDelta::seconds(1));
        admin.post(&format!("{path}/file")).await.refused(409, "approval_over");
        assert_eq!(admin.all("/export-approvals").await[0]["state"], "over");
        sign(&app, As::Coordinator, &path).await.refused(409, "already_signed");
    }

    /// Whoever asked does not sign, not even as a coordinator; a third signature has no place.
    async fn whoever_asked_never_signs(app: App) {
        let (admin, path) = ask(&app).await;
        admin.post(&format!("{path}/signature")).await.refused(403, "forbidden");
        app.execute("UPDATE account SET role = 'coordinator' WHERE email = 'hassan@example.org'").await;
        admin.post(&format!("{path}/signature")).await.refused(409, "second_person_required");
        sign(&app, As::Coordinator, &path).await.ok();
        sign(&app, As::SecondCoordinator, &path).await.ok();
        // as a coordinator the asker has the ordinary way to the file, and not this one
        admin.post(&format!("{path}/file")).await.refused(403, "forbidden");
        app.execute("UPDATE account SET role = 'coordinator' WHERE email = 'ghita@example.org'").await;
        sign(&app, As::Analyst, &path).await.refused(409, "illegal_transition");
    }

    /// Fetched many times at once, the file leaves once.
    async fn of_many_at_once_one_gets_the_file(app: App) {
        let (admin, path) = ask(&app).await;
        sign(&app, As::Coordinator, &path).await.ok();
        sign(&app, As::SecondCoordinator, &path).await.ok();
        let file = format!("{path}/file");
        let calls = (0..8).map(|_| async { admin.post(&file).await.status });
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 409).count(), 7, "{answers:?}");
    }

    /// A request names a consultation there is, and a reason that says something.
    async fn a_request_says_what_and_why(app: App) {
        let admin = app.signed_in(As::Administrator).await;
        let ask = |consultation: &str, reason: &str| admin.post("/export-approvals").json(json!({"consultation": consultation, "reason": reason}));
        ask(SLUG, "court").await.invalid(&[("reason", "too_short")]);
        ask("1999-2000", "Pour le rapport annuel du conseil.").await.invalid(&[("consultation", "unknown")]);
        admin.post("/export-approvals/77/file").await.refused(404, "not_found");
        assert_eq!(app.count("SELECT count(*) FROM export_approval").await, 0);
    }
}
