//! `tachawor demo`: what it loads fits together, and it never touches a database that somebody works with.

use api::cli::demo::{ACCOUNTS, PASSWORD, notice, prepare};

use crate::{on_both_engines, support::*};

/// Empties the database, as if it had just been made.
async fn emptied(app: &App) {
    app.store().migrate_down(None).await.unwrap();
    app.store().migrate().await.unwrap();
}

async fn load(app: &App, reset: bool) -> anyhow::Result<()> {
    prepare(&app.state().config, reset, &app.state().clock).await
}

on_both_engines! {
    async fn it_loads_a_consultation_in_which_everything_adds_up(app: App) {
        emptied(&app).await;
        load(&app, false).await.unwrap();

        let public = app.public();
        let shown = public.get("/consultations/2024-2026").await.ok();
        assert_eq!((&shown["state"], &shown["accepts_proposals"], &shown["demo"]), (&json!("open"), &json!(true), &json!(true)));
        let counts = public.get("/consultations/2024-2026/counts").await.ok();
        assert_eq!(counts["base"], 71);
        let of = |list: &Value| -> Vec<(String, u64)> {
            let items = list.as_array().unwrap().iter();
            let count = |item: &Value| (item["code"].as_str().or(item["row"].as_str()).unwrap().to_owned(), item["count"].as_u64().unwrap());
            items.map(count).collect()
        };
        let states = of(&counts["state"]);
        assert_eq!(states.iter().map(|(_, count)| count).sum::<u64>(), 71);
        for state in ["submitted", "clarification_requested", "retained", "merged", "redirected", "not_retained", "drafted"] {
            assert!(states.iter().any(|(code, count)| code == state && *count > 0), "nothing is {state}");
        }
        // an edition is published already: the five axes, and the eight meetings next to the census
        let edition = public.get("/consultations/2024-2026/editions/latest").await.ok();
        let axes = edition["tables"].as_array().unwrap().iter().find(|table| table["rows"] == "axis").unwrap();
        assert_eq!(of(&axes["cells"]).iter().map(|(_, count)| count).sum::<u64>(), 71);
        let met = edition["attendance"]["comparisons"][0]["groups"].as_array().unwrap();
        let rate = |code: &str| met.iter().find(|group| group["code"] == code).unwrap()["per_100k"].as_f64();
        // 54 of 100,789 and 44 of 1,494,413
        assert_eq!((rate("MA-FAH"), rate("MA-TNG")), (Some(53.6), Some(2.9)));
        assert_eq!(public.all("/consultations/2024-2026/proposals").await.len() as u64, counts["public_proposals"].as_u64().unwrap());

        // every proposal stands where the last step of its path led, and nothing happens later than now
        let strays = "SELECT count(*) FROM proposal WHERE state <> (SELECT to_state FROM proposal_event
             WHERE proposal_id = proposal.id ORDER BY id DESC LIMIT 1)";
        assert_eq!(app.count(strays).await, 0);
        let coordinator = api::store::account::by_email(app.store().read(), "coordinator@example.org").await.unwrap();
        assert!(coordinator.is_some());
        for reference in ["TTA-23-000003", "TTA-23-000002"] {
            let path = public.get(&format!("/proposals/{reference}")).await.ok();
            let at: Vec<DateTime<Utc>> =
                path["history"].as_array().unwrap().iter().map(|step| step["at"].as_str().unwrap().parse().unwrap()).collect();
            assert!(at.len() > 1 && at.is_sorted() && at.last().is_some_and(|at| *at < app.now()), "{at:?}");
        }

        // the accounts open, and the drafts stand in different states
        for account in &ACCOUNTS {
            let client = app.public();
            client.post("/session").json(json!({"email": account.email, "password": PASSWORD})).await.ok();
            if account.email == "moderator@example.org" {
                let drafts = client.all("/drafts?consultation=2024-2026").await;
                let mut states: Vec<_> = drafts.iter().map(|draft| draft["state"].as_str().unwrap()).collect();
                states.sort_unstable();
                assert_eq!(states, ["drafting", "drafting", "in_review", "ratified"]);
            }
        }
        assert!(notice().0.contains_key("ar") && notice().0.contains_key("fr"));
    }

    async fn it_is_kept_until_it_is_reset(app: App) {
        emptied(&app).await;
        load(&app, false).await.unwrap();
        let steps = app.count("SELECT count(*) FROM proposal_event").await;
        app.execute("UPDATE proposal SET title = 'changed' WHERE id = 1").await;
        load(&app, false).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM proposal WHERE title = 'changed'").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM proposal_event").await, steps);

        load(&app, true).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM proposal WHERE title = 'changed'").await, 0);
        assert_eq!(app.count("SELECT count(*) FROM proposal_event").await, steps);

        // a loading that broke off is begun again
        app.execute("UPDATE consultation SET state = 'draft'").await;
        app.execute("DELETE FROM draft_event").await;
        load(&app, false).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM consultation WHERE state = 'open'").await, 1);
        assert!(app.count("SELECT count(*) FROM draft_event").await > 0);
    }

    async fn it_leaves_a_real_consultation_alone(app: App) {
        app.submit(json!({})).await;
        for reset in [false, true] {
            assert!(load(&app, reset).await.unwrap_err().to_string().contains("more than the demonstration"));
        }
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
        // an installation that is being set up has accounts and no consultation yet
        emptied(&app).await;
        app.execute(
            "INSERT INTO account (email, name, role, password_hash, created_at)
             VALUES ('a@example.org', 'A', 'administrator', '', '2026-11-10T09:00:00+00:00')",
        )
        .await;
        assert!(load(&app, true).await.is_err());
        assert_eq!(app.count("SELECT count(*) FROM account").await, 1);
    }
}
