//! What an operator does without the web.

use domain::permission::Role;

use crate::files::{PASSWORD, each_engine, signed_in};

#[actix_web::test]
async fn accounts_are_made_and_let_in_again() {
    each_engine(async |db| {
        let api = db.serve("2026-03-27T10:00:00Z").await;
        let create = |email: &'static str, more: &'static [&'static str]| {
            [&["admin", "create-account", "--email", email, "--name", "Amina"], more].concat()
        };
        let typed = format!("{PASSWORD}\n");
        let (right, _, complaint) =
            db.command(&create("Amina@Example.org", &["--role", "moderator", "--axes", "water,roads"]), &typed).await;
        assert!(right, "{complaint}");
        let client = signed_in(&api, "amina").await;
        let session: serde_json::Value =
            client.get(format!("{api}/session")).send().await.unwrap().json().await.unwrap();
        assert_eq!(session["account"]["axes"], serde_json::json!(["roads", "water"]));
        assert_eq!(session["account"]["role"], "moderator");

        for (arguments, typed, said) in [
            (create("amina@example.org", &["--role", "analyst"]), PASSWORD, "has an account already"),
            (create("other@example.org", &["--role", "analyst"]), "short", "shorter than 12 characters"),
            (create("other@example.org", &["--role", "analyst", "--axes", "water"]), PASSWORD, "only moderators"),
            (create("other", &["--role", "analyst"]), PASSWORD, "not an e-mail address"),
            (create("other@example.org", &["--role", "king"]), PASSWORD, "king"),
        ] {
            let (right, _, complaint) = db.command(&arguments, typed).await;
            assert!(!right && complaint.contains(said), "{complaint}");
            assert!(!complaint.contains(PASSWORD));
        }

        let (right, _, complaint) =
            db.command(&["admin", "reset-password", "--email", "amina@example.org"], "another long password").await;
        assert!(right, "{complaint}");
        assert_eq!(client.get(format!("{api}/session")).send().await.unwrap().status(), 401, "its sessions have ended");
        let body = serde_json::json!({"email": "amina@example.org", "password": "another long password"});
        assert_eq!(client.post(format!("{api}/session")).json(&body).send().await.unwrap().status(), 200);
        assert!(!db.command(&["admin", "reset-password", "--email", "nobody@example.org"], PASSWORD).await.0);
    })
    .await;
}

#[actix_web::test]
async fn an_import_with_a_mistake_fails_and_says_where() {
    each_engine(async |db| {
        db.account("analyst", Role::Analyst).await;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let head = "external_id,axis,territory,channel,language,title,problem,solution,submitted_on\n";
        let line = |id: u8, axis: &str| {
            format!(
                "{id},{axis},MA-CHE,petition,fr,Un titre,Le puits est sec en été,Creuser un autre puits,2026-03-05\n"
            )
        };
        std::fs::write(path("in.csv"), head.to_owned() + &line(1, "water") + &line(2, "watr")).unwrap();
        let import = |more: &[&str]| {
            let base = ["import".to_owned(), path("in.csv"), "--consultation".into(), "plan".into()];
            base.into_iter().chain(more.iter().map(|word| (*word).to_owned())).collect::<Vec<_>>()
        };
        let run = async |more: &[&str]| {
            let arguments = import(more);
            db.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), "").await
        };
        let (right, printed, complaint) = run(&["--report", &path("report.csv")]).await;
        let printed = String::from_utf8(printed).unwrap();
        assert!(!right && complaint.contains("1 rows have mistakes"), "{complaint}");
        assert!(
            printed.contains("3    axis    unknown code  water") && printed.contains("Nothing was written"),
            "{printed}"
        );
        assert!(std::fs::read_to_string(path("report.csv")).unwrap().contains("3,axis,unknown code,water"));
        let (right, printed, _) = run(&["--skip-invalid"]).await;
        let printed = String::from_utf8(printed).unwrap();
        assert!(
            !right && printed.contains("2 rows: 1 new, 0 imported earlier, 1 with mistakes. 1 imported."),
            "{printed}"
        );

        let (right, _, complaint) = run(&["--report", &path("in.csv")]).await;
        assert!(!right && complaint.contains("overwrite"), "{complaint}");
        std::fs::write(path("in.csv"), head.to_owned() + &line(1, "water")).unwrap();
        let (right, printed, complaint) = run(&["--dry-run"]).await;
        assert!(right && String::from_utf8(printed).unwrap().contains("1 imported earlier"), "{complaint}");
        std::fs::remove_file(path("in.csv")).unwrap();
        assert!(!run(&[]).await.0);
    })
    .await;
}
