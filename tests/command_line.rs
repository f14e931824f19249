//! What an operator does without the web.

use crate::{
    files::{command, plan},
    on_both_engines,
    support::*,
};

on_both_engines! {
    async fn accounts_are_made_and_let_in_again(app: App) {
        let create = |email: &'static str, more: &'static [&'static str]| {
            [&["admin", "create-account", "--email", email, "--name", "Imane"], more].concat()
        };
        let axes = &["--role", "moderator", "--axes", "environment-climate,transparency-digital"];
        let ran = command(&app, &create("Imane@Example.org", axes), "a long password\n").await;
        assert!(ran.right, "{}", ran.complaint);
        let sign_in = async |password: &str| {
            let client = app.public();
            client.post("/session").json(json!({"email": "imane@example.org", "password": password})).await.ok();
            client
        };
        let imane = sign_in("a long password").await;
        let session = imane.get("/session").await.ok();
        assert_eq!(session["account"]["axes"], json!(["environment-climate", "transparency-digital"]));
        assert_eq!(session["account"]["role"], "moderator");

        for (arguments, typed, said) in [
            (create("imane@example.org", &["--role", "analyst"]), "a long password", "has an account already"),
            (create("other@example.org", &["--role", "analyst"]), "too short", "shorter than 12 characters"),
            (create("other@example.org", &["--role", "analyst"]), "", "required"),
            (create("other@example.org", &["--role", "analyst"]), "password1234", "too easy to guess"),
            (create("other@example.org", &["--role", "analyst", "--axes", "water"]), "a long password", "only moderators"),
            (create("other", &["--role", "analyst"]), "a long password", "not an e-mail address"),
            (create("other@example.org", &["--role", "king"]), "a long password", "king"),
        ] {
            let ran = command(&app, &arguments, typed).await;
            assert!(!ran.right && ran.complaint.contains(said), "{}", ran.complaint);
            assert!(!ran.complaint.contains("a long password"), "{}", ran.complaint);
        }

        let ran = command(&app, &["admin", "reset-password", "--email", "imane@example.org"], "another password").await;
        assert!(ran.right, "{}", ran.complaint);
        imane.get("/session").await.refused(401, "unauthenticated");
        sign_in("another password").await.get("/session").await.ok();
        let analyst = app.signed_in(As::Analyst).await;
        let ran = command(&app, &["admin", "reset-second-factor", "--email", &As::Analyst.email()], "").await;
        assert!(ran.right, "{}", ran.complaint);
        analyst.get("/session").await.refused(401, "unauthenticated");
        assert_eq!(app.count("SELECT count(*) FROM account WHERE name = 'Ghita' AND totp_seed IS NULL").await, 1);
        assert!(!command(&app, &["admin", "reset-password", "--email", "nobody@example.org"], "another password").await.right);
    }

    async fn an_import_with_a_mistake_fails_and_says_where(app: App) {
        plan(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let head = "external_id,axis,territory,channel,language,title,problem,solution,submitted_on\n";
        let line = |id: u8, axis: &str| {
            format!("{id},{axis},MA-CHE,petition,fr,Un titre,Le puits est sec en été,Creuser un autre puits,2026-03-05\n")
        };
        std::fs::write(path("in.csv"), head.to_owned() + &line(1, "water") + &line(2, "watr")).unwrap();
        let (input, report) = (path("in.csv"), path("report.csv"));
        let run = async |more: &[&str]| {
            let arguments = [&["import", &input, "--consultation", "plan"], more].concat();
            command(&app, &arguments, "").await
        };
        let ran = run(&["--report", &report]).await;
        assert!(!ran.right && ran.complaint.contains("1 rows have mistakes"), "{}", ran.complaint);
        let printed = ran.printed();
        assert!(printed.contains("3    axis    unknown_code  watr   is it water?") && printed.contains("Nothing was written"), "{printed}");
        assert!(std::fs::read_to_string(&report).unwrap().contains("3,axis,unknown_code,watr,\"is it water?"));
        let ran = run(&["--skip-invalid"]).await;
        assert!(!ran.right && ran.printed().contains("2 rows: 1 new, 0 imported earlier, 1 with mistakes. 1 imported."), "{}", ran.printed());

        let ran = run(&["--report", &input]).await;
        assert!(!ran.right && ran.complaint.contains("overwrite"), "{}", ran.complaint);
        std::fs::write(&input, head.to_owned() + &line(1, "water")).unwrap();
        let ran = run(&["--dry-run"]).await;
        assert!(ran.right && ran.printed().contains("1 imported earlier"), "{}", ran.complaint);
        std::fs::remove_file(&input).unwrap();
        assert!(!run(&[]).await.right);
    }
}

/// The worker listens nowhere, so that it can stand beside a server with the same settings, and goes when asked to.
#[test]
fn a_worker_takes_no_port_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let program = |argument: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_tachawor"));
        program
            .arg(argument)
            .env("TACHAWOR_DATABASE_URL", format!("sqlite://{}", folder.path().join("tachawor.db").display()))
            .env("TACHAWOR_LISTEN", taken.local_addr().unwrap().to_string())
            .env("TACHAWOR_SECRET_KEY", crate::support::app::SECRET_KEY)
            .env("TACHAWOR_MAIL", format!("file:{}", folder.path().join("mail").display()))
            .stdout(std::process::Stdio::piped());
        program
    };
    assert!(program("migrate").status().unwrap().success());
    let mut worker = program("worker").spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(worker.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.contains("works"), "{line}");
    let asked = std::process::Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert!(worker.wait().unwrap().success(), "it ends in order");
}
