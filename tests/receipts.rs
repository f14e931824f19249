//! What the holder of a receipt can do.

use crate::{on_both_engines, support::*};

/// A refusal with a reasoned response.
fn refuse() -> Value {
    json!({"edge": "refuse", "reason": "not_feasible", "response": {"text": "Le budget ne le permet pas cette année.", "language": "fr"}})
}

/// Sends something with a code.
async fn send(app: &App, what: &str, code: &str, words: &str) -> Answer {
    let mut body = json!({"code": code});
    match what {
        "answer" => body["answer"] = words.into(),
        "appeal" => body["reason"] = words.into(),
        _ => {}
    }
    app.public().post(&format!("/receipts/{what}")).json(body).await
}

on_both_engines! {
    async fn a_code_opens_however_it_is_typed(app: App) {
        let receipt = app.submit(json!({})).await;
        let code = &receipt.code;
        let arabic: String = code.chars().map(|c| c.to_digit(10).map_or(c, |digit| char::from_u32(0x0660 + digit).unwrap())).collect();
        for typed in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', ""),
            code.replace('-', " "),
            format!("  {code}\n"),
            code.replace('0', "O").replace('1', "l"),
            code.replace('0', "o").replace('1', "I"),
            arabic,
        ] {
            assert_eq!(app.public().look_up(&typed).await.ok()["proposal"]["reference"], receipt.reference, "{typed}");
        }
    }

    async fn a_wrong_code_opens_nothing(app: App) {
        let receipt = app.submit(json!({})).await;
        let last = receipt.code.chars().last().unwrap();
        let near = format!("{}{}", &receipt.code[..22], if last == '7' { '8' } else { '7' });
        for wrong in ["", "x", "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ", &near, &receipt.reference, &receipt.code[..22], "' OR 1=1 --"] {
            for what in ["lookup", "answer", "withdraw", "appeal"] {
                send(&app, what, wrong, "une raison assez longue").await.refused(404, "receipt_unknown");
            }
        }
        app.public().look_up(&"x".repeat(101)).await.invalid(&[("code", "too_long")]);
        assert_eq!(app.public().look_up(&receipt.code).await.ok()["proposal"]["state"], "submitted");
    }

    async fn a_question_is_answered_beside_the_text(app: App) {
        let receipt = app.submit(json!({})).await;
        let before = app.public().look_up(&receipt.code).await.ok();
        assert_eq!((&before["question"], &before["answer_due"], &before["allowed"]), (&Value::Null, &Value::Null, &json!(["withdraw"])));
        send(&app, "answer", &receipt.code, "Deux mots").await.refused(409, "illegal_transition");

        let desk = app.signed_in(As::Moderator).await;
        let question = json!({"edge": "request_clarification", "question": "Combien de familles ?", "language": "fr"});
        desk.decide(&receipt.reference, question).await.ok();
        let asked = app.public().look_up(&receipt.code).await.ok();
        assert_eq!(asked["proposal"]["state"], "clarification_requested");
        assert_eq!(asked["question"], "Combien de familles ?");
        assert_eq!(asked["answer_due"], "2026-11-24T22:59:59Z", "the fourteenth day in Casablanca, to its end");
        assert_eq!(asked["allowed"], json!(["answer", "withdraw"]));

        app.advance(TimeDelta::days(3));
        send(&app, "answer", &receipt.code, "x").await.invalid(&[("answer", "too_short")]);
        let answered = send(&app, "answer", &receipt.code, "Quarante familles.").await.ok();
        assert_eq!(answered["proposal"]["state"], "submitted");
        assert_eq!((&answered["question"], &answered["answer_due"]), (&Value::Null, &Value::Null));
        for field in ["title", "problem", "solution", "expected_change"] {
            assert_eq!(answered["proposal"][field], before["proposal"][field], "never rewritten");
        }
        let path: Vec<_> = answered["proposal"]["history"].as_array().unwrap().iter()
            .map(|step| (step["edge"].as_str().unwrap(), step["text"].as_str().unwrap_or_default())).collect();
        assert_eq!(path, [("submit", ""), ("request_clarification", "Combien de familles ?"), ("answer", "Quarante familles.")]);
        send(&app, "answer", &receipt.code, "Encore un mot.").await.refused(409, "illegal_transition");
    }

    async fn the_author_reads_the_decision_and_its_reasons(app: App) {
        let receipt = app.submit(json!({})).await;
        app.signed_in(As::Moderator).await.decide(&receipt.reference, refuse()).await.ok();
        let told = app.public().look_up(&receipt.code).await.ok();
        let decision = told["proposal"]["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(decision["reason"], "not_feasible");
        assert_eq!(decision["text"], "Le budget ne le permet pas cette année.");
        assert_eq!(decision["text_language"], "fr");
        assert_eq!(told["allowed"], json!(["appeal"]));
        assert_eq!(told["appeal_until"], "2026-12-10T22:59:59Z");
    }

    async fn a_decision_can_be_appealed_for_thirty_days(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let (early, late) = (app.submit(json!({})).await, app.submit(json!({})).await);
        for receipt in [&early, &late] {
            desk.decide(&receipt.reference, refuse()).await.ok();
        }
        app.advance(TimeDelta::days(30));
        send(&app, "appeal", &early.code, "Trop peu").await.invalid(&[("reason", "too_short")]);
        let appealed = send(&app, "appeal", &early.code, "Une association finance le puits.").await.ok();
        assert_eq!(appealed["proposal"]["state"], "submitted");
        assert_eq!(appealed["appeal_until"], Value::Null);
        let desk = app.signed_in(As::Moderator).await;
        let queue = desk.get("/desk/queue?consultation=2024-2026").await.ok();
        assert_eq!(queue["items"][0]["reference"], early.reference);
        assert_eq!((&queue["items"][0]["appealed"], &queue["items"][0]["waiting_days"]), (&json!(true), &json!(0)));
        let seen = desk.desk(&early.reference).await;
        let step = seen["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&step["edge"], &step["actor"]["kind"], &step["reason"]), (&json!("appeal"), &json!("participant"), &json!("Une association finance le puits.")));
        assert!(!app.public().get(&format!("/proposals/{}", early.reference)).await.text().contains("finance le puits"), "between the author and the committee");

        app.advance(TimeDelta::hours(14)); // to midnight in Casablanca
        assert_eq!(app.public().look_up(&late.code).await.ok()["allowed"], json!([]));
        send(&app, "appeal", &late.code, "Une association finance le puits.").await.refused(409, "appeal_window_over");
        // the thirty days are those of the newest decision
        let desk = app.signed_in(As::Moderator).await;
        desk.decide(&early.reference, refuse()).await.ok();
        app.advance(TimeDelta::days(29));
        send(&app, "appeal", &early.code, "Une association finance le puits.").await.ok();
    }

    async fn only_what_closes_the_way_can_be_appealed(app: App) {
        let receipt = app.submit(json!({})).await;
        let reason = "Une raison assez longue.";
        send(&app, "appeal", &receipt.code, reason).await.refused(409, "illegal_transition");
        app.signed_in(As::Moderator).await.decide(&receipt.reference, json!({"edge": "retain"})).await.ok();
        send(&app, "appeal", &receipt.code, reason).await.refused(409, "illegal_transition");
    }

    async fn the_author_of_a_withheld_text_still_sees_it_and_may_appeal(app: App) {
        let receipt = app.submit(json!({})).await;
        let (first, second) = (app.signed_in(As::Moderator).await, app.signed_in(As::SecondModerator).await);
        first.decide(&receipt.reference, json!({"edge": "request_withhold", "reason": "defamation", "note": "Voir la ligne 2."})).await.ok();
        let unaware = app.public().look_up(&receipt.code).await.ok();
        assert_eq!(unaware["proposal"]["history"].as_array().unwrap().len(), 1, "a request is not a decision");
        second.decide(&receipt.reference, json!({"edge": "withhold"})).await.ok();
        let told = app.public().look_up(&receipt.code).await;
        assert!(!told.text().contains("ligne 2"));
        let told = told.ok();
        assert_eq!((&told["proposal"]["state"], &told["public"], &told["allowed"]), (&json!("withheld"), &json!(false), &json!(["appeal"])));
        assert_eq!(told["proposal"]["title"], "Un puits pour le douar");
        let step = told["proposal"]["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&step["edge"], &step["reason"]), (&json!("withhold"), &json!("defamation")), "with its reason");
        send(&app, "appeal", &receipt.code, "Tout est vrai et public.").await.ok();
    }

    async fn one_can_withdraw_until_it_is_drafted_or_closed(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let question = json!({"edge": "request_clarification", "question": "Combien de familles ?", "language": "fr"});
        for before in [None, Some(question), Some(json!({"edge": "retain"}))] {
            let receipt = app.submit(json!({})).await;
            if let Some(decision) = before {
                desk.decide(&receipt.reference, decision).await.ok();
            }
            assert!(app.public().look_up(&receipt.code).await.ok()["allowed"].as_array().unwrap().contains(&json!("withdraw")));
            let gone = send(&app, "withdraw", &receipt.code, "").await.ok();
            assert_eq!((&gone["proposal"]["state"], &gone["allowed"]), (&json!("withdrawn"), &json!([])));
            send(&app, "withdraw", &receipt.code, "").await.refused(409, "illegal_transition");
            desk.decide(&receipt.reference, json!({"edge": "retain"})).await.refused(409, "illegal_transition");
        }
        let receipt = app.submit(json!({})).await;
        desk.decide(&receipt.reference, refuse()).await.ok();
        send(&app, "withdraw", &receipt.code, "").await.refused(409, "illegal_transition");
    }

    async fn a_receipt_opens_one_proposal_only(app: App) {
        let (mine, theirs) = (app.submit(json!({"title": "La mienne"})).await, app.submit(json!({"title": "La leur"})).await);
        send(&app, "withdraw", &mine.code, "").await.ok();
        assert_eq!(app.public().look_up(&theirs.code).await.ok()["proposal"]["state"], "submitted");
    }
}
