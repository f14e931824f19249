//! Mail: written with the fact it tells, sent afterwards, at least once, to nobody else.

use std::sync::{Arc, Mutex, atomic::Ordering};

use api::{
    jobs::{Done, run_once},
    mail::{Memory, SentMail},
    store,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use crate::{on_both_engines, support::*};

fn memory(app: &App) -> Arc<Memory> {
    app.state().mailer.memory().unwrap()
}

fn sent(app: &App) -> Vec<SentMail> {
    memory(app).sent.lock().unwrap().clone()
}

async fn work(app: &App) -> Done {
    run_once(app.state()).await.unwrap()
}

on_both_engines! {
    /// The receipt reaches its author in their language, with the code that the answer carried.
    async fn a_receipt_is_sent_in_the_authors_language(app: App) {
        let receipt = app.submit(json!({"email": "amina@example.org", "language": "ar"})).await;
        assert_eq!(sent(&app), [], "nothing leaves before the worker does its round");
        assert_eq!(work(&app).await.sent, 1);
        let mails = sent(&app);
        assert_eq!(mails[0].recipient, "amina@example.org");
        assert!(mails[0].rendered.subject.contains(&receipt.reference));
        assert!(mails[0].rendered.text.contains(&receipt.code));
        assert!(mails[0].rendered.html.contains("<html lang=\"ar\" dir=\"rtl\">"));
        assert!(!mails[0].rendered.html.contains(&format!("/{}", receipt.code)), "no link carries the code");

        app.submit(json!({"email": "b@example.org", "language": "fr"})).await;
        work(&app).await;
        assert!(sent(&app)[1].rendered.html.contains("<html lang=\"fr\" dir=\"ltr\">"));
        assert_eq!(work(&app).await, Done::default(), "each mail is sent once");
    }

    /// Without an address there is no mail, and after sending neither address nor text stays.
    async fn nothing_personal_stays_in_the_outbox(app: App) {
        app.submit(json!({"email": null})).await;
        assert_eq!(app.count("SELECT count(*) FROM outbox").await, 0);
        app.submit(json!({"email": "amina@example.org"})).await;
        work(&app).await;
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE recipient = '' AND sent_at IS NOT NULL").await, 1);
        let payloads = app.texts("SELECT CAST(payload AS TEXT) FROM outbox").await;
        assert_eq!(payloads, ["{}"]);
    }

    /// Question and decision: what the committee wrote, and how to go on.
    async fn questions_and_decisions_are_told(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let receipt = app.submit(json!({"email": "a@example.org", "language": "fr"})).await;
        desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": "Quelle commune d'abord ?", "language": "fr"})).await.ok();
        work(&app).await;
        let question = sent(&app).pop().unwrap();
        assert!(question.rendered.text.contains("> Quelle commune d'abord ?"));
        // asked on 10 November, fourteen days
        assert!(question.rendered.text.contains("24 novembre 2026"), "{}", question.rendered.text);

        app.public().post("/receipts/answer").json(json!({"code": receipt.code, "answer": "Bab Taza"})).await.ok();
        desk.decide(&receipt.reference, json!({
            "edge": "refuse", "reason": "not_feasible",
            "response": {"text": "Merci. Cela ne peut pas se faire avant 2028.", "language": "fr"},
        })).await.ok();
        work(&app).await;
        let refusal = sent(&app).pop().unwrap();
        assert!(refusal.rendered.text.contains("> Merci. Cela ne peut pas se faire avant 2028."));
        assert!(refusal.rendered.text.contains("30 jours"), "a refusal says how to appeal");
    }

    /// A decision that was refused changed nothing and told nobody.
    async fn no_mail_for_what_did_not_happen(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let receipt = app.submit(json!({"email": "a@example.org"})).await;
        work(&app).await;
        desk.decide_on(&receipt.reference, 99, json!({"edge": "retain"})).await.refused(409, "version_conflict");
        let tx = app.store().write().await.unwrap();
        let message = api::mail::Message::Receipt { proposal: 1, reference: "TTA-26-000001".into(), title: "never".into(), leaf: None };
        store::outbox::enqueue(&tx, "a@example.org", domain::vocabulary::Language::Fr, &message, app.now()).await.unwrap();
        drop(tx);
        assert_eq!(work(&app).await, Done::default());
        assert_eq!(sent(&app).len(), 1);
    }

    /// While the server is away mails wait longer and longer, up to a quarter of an hour; none is lost.
    async fn a_mail_waits_for_its_server(app: App) {
        app.submit(json!({"email": "a@example.org"})).await;
        memory(&app).is_down.store(true, Ordering::SeqCst);
        let mut attempts = Vec::new();
        for minute in 0..60 {
            if work(&app).await.failed == 1 {
                attempts.push(minute);
            }
            app.advance(TimeDelta::minutes(1));
        }
        assert_eq!(attempts, [0, 1, 3, 7, 15, 30, 45]);
        memory(&app).is_down.store(false, Ordering::SeqCst);
        app.advance(TimeDelta::hours(6));
        assert_eq!(work(&app).await.sent, 1);
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE last_error IS NOT NULL").await, 0);
    }

    /// A worker that dies after taking a mail: it is due again, with the same Message-ID.
    async fn a_dead_workers_mail_is_sent_by_the_next(app: App) {
        app.submit(json!({"email": "a@example.org"})).await;
        let claimed = store::outbox::claim(app.store(), app.now()).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(work(&app).await, Done::default(), "it is taken");
        app.advance(TimeDelta::minutes(11));
        assert_eq!(work(&app).await.sent, 1);
        assert_eq!(sent(&app)[0].message_id, format!("<outbox-{}@localhost>", claimed[0].id));
    }

    /// Several workers at once: every mail is sent exactly once.
    async fn many_workers_send_each_mail_once(app: App) {
        for n in 0..30 {
            app.submit(json!({"email": format!("a{n}@example.org")})).await;
        }
        let rounds = futures_util::future::join_all((0..4).map(|_| run_once(app.state()))).await;
        assert_eq!(rounds.into_iter().map(|done| done.unwrap().sent).sum::<usize>(), 30);
        let mut recipients: Vec<_> = sent(&app).into_iter().map(|mail| mail.recipient).collect();
        recipients.sort_unstable();
        recipients.dedup();
        assert_eq!(recipients.len(), 30);
    }

    /// A question whose fourteen days are over goes back into the queue by itself.
    async fn an_unanswered_question_lapses(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let receipt = app.submit(json!({})).await;
        desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": "Which commune first?", "language": "fr"})).await.ok();
        app.advance(TimeDelta::days(14));
        assert_eq!(work(&app).await.lapsed, 0, "the fourteenth day is not over");
        app.advance(TimeDelta::days(1));
        assert_eq!(work(&app).await.lapsed, 1);
        assert_eq!(app.public().look_up(&receipt.code).await.ok()["proposal"]["state"], "submitted");
    }
}

on_both_engines! {
    /// A worker that comes back after its lease cannot undo what the next one did.
    async fn a_late_worker_changes_nothing(app: App) {
        app.submit(json!({"email": "a@example.org"})).await;
        let late = store::outbox::claim(app.store(), app.now()).await.unwrap();
        app.advance(TimeDelta::minutes(11));
        assert_eq!(work(&app).await.sent, 1);
        let tx = app.store().write().await.unwrap();
        store::outbox::mark_failed(&tx, &late[0], "too slow", Some(app.now())).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(work(&app).await, Done::default());
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL AND last_error IS NULL").await, 1);
    }

    /// A worker that is told to stop gives back what it had not tried: it is due at once, and as if never claimed.
    async fn a_stopping_worker_gives_back_what_it_holds(app: App) {
        for n in 0..3 {
            app.submit(json!({"email": format!("a{n}@example.org")})).await;
        }
        let held = store::outbox::claim(app.store(), app.now()).await.unwrap();
        assert_eq!((held.len(), work(&app).await.sent), (3, 0));
        let tx = app.store().write().await.unwrap();
        store::outbox::give_back(&tx, &held[1..], app.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM outbox WHERE attempts = 1").await, 1);
        assert_eq!(work(&app).await.sent, 2);
        // and one that has nothing to do ends when asked
        let (stop, stopped) = tokio::sync::watch::channel(false);
        stop.send_replace(true);
        api::jobs::run(app.shared(), stopped).await;
    }

    /// While the server is away, one mail a batch finds that out, and deadlines pass all the same.
    async fn a_server_that_is_away_holds_nothing_else_up(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let receipt = app.submit(json!({})).await;
        desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": "Which commune first?", "language": "fr"})).await.ok();
        app.advance(TimeDelta::days(15));
        for n in 0..25 {
            app.submit(json!({"email": format!("a{n}@example.org")})).await;
        }
        memory(&app).is_down.store(true, Ordering::SeqCst);
        assert_eq!(work(&app).await, Done { sent: 0, failed: 20, lapsed: 1 });
        assert_eq!(work(&app).await, Done { sent: 0, failed: 5, lapsed: 0 });
        memory(&app).is_down.store(false, Ordering::SeqCst);
        app.advance(TimeDelta::minutes(1));
        assert_eq!(work(&app).await.sent, 25);
    }

    /// What can never be sent is given up at once, and what it said is forgotten after a month.
    async fn a_hopeless_mail_is_given_up(app: App) {
        app.submit(json!({"email": "a@example.org"})).await;
        app.submit(json!({"email": "b@example.org"})).await;
        app.execute("UPDATE outbox SET recipient = 'nobody at all' WHERE recipient = 'a@example.org'").await;
        assert_eq!(work(&app).await, Done { sent: 1, failed: 1, lapsed: 0 });
        let given_up = "SELECT count(*) FROM outbox WHERE next_attempt_at IS NULL AND sent_at IS NULL AND recipient = 'nobody at all'";
        assert_eq!(app.count(given_up).await, 1);
        let purged = async |days| {
            let tx = app.store().write().await.unwrap();
            let rows = store::outbox::purge(&tx, app.now() + TimeDelta::days(days)).await.unwrap();
            tx.commit().await.unwrap();
            rows
        };
        assert_eq!((purged(29).await, purged(31).await, purged(31).await), (0, 1, 0));
        assert_eq!(app.texts("SELECT CAST(payload AS TEXT) FROM outbox").await, ["{}", "{}"]);
    }

    /// Several workers let a deadline pass once, and nobody hears of it twice.
    async fn a_deadline_passes_once(app: App) {
        let desk = app.signed_in(As::Moderator).await;
        let receipt = app.submit(json!({})).await;
        desk.decide(&receipt.reference, json!({"edge": "request_clarification", "question": "Which commune first?", "language": "fr"})).await.ok();
        app.advance(TimeDelta::days(15));
        let rounds = futures_util::future::join_all((0..4).map(|_| run_once(app.state()))).await;
        assert_eq!(rounds.into_iter().map(|done| done.unwrap().lapsed).sum::<usize>(), 1);
        assert_eq!(app.count("SELECT count(*) FROM proposal_event WHERE edge = 'clarification_lapsed'").await, 1);
    }
}

/// What a mail server that stands on a loopback port was told.
#[derive(Clone, Default)]
pub struct Server {
    pub refuse: Arc<Mutex<u32>>,
    /// How often it takes a letter and hangs up before it says so.
    pub hang_up: Arc<Mutex<u32>>,
    pub letters: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn listen(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                actix_web::rt::spawn(server.clone().talk(stream));
            }
        });
        port
    }

    /// RFC 5321, as far as a client needs it.
    async fn talk(self, stream: tokio::net::TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test ESMTP\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer: &[u8] = match verb.as_str() {
                "EHLO" => b"250-test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                "MAIL" if *self.refuse.lock().unwrap() > 0 => {
                    *self.refuse.lock().unwrap() -= 1;
                    b"451 try again later\r\n"
                }
                "MAIL" | "RCPT" | "RSET" | "NOOP" => b"250 ok\r\n",
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut letter = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        letter.push_str(&line);
                        letter.push('\n');
                    }
                    self.letters.lock().unwrap().push(letter);
                    if *self.hang_up.lock().unwrap() > 0 {
                        *self.hang_up.lock().unwrap() -= 1;
                        return Ok(());
                    }
                    b"250 taken\r\n"
                }
                "QUIT" => {
                    write.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => b"502 no\r\n",
            };
            write.write_all(answer).await?;
        }
        Ok(())
    }
}

/// A real conversation: refused once, then taken, with both parts and the headers a mail program needs.
#[actix_web::test]
async fn smtp_on_a_loopback_port() {
    let server = Server::default();
    *server.refuse.lock().unwrap() = 1;
    let url = format!("smtp://127.0.0.1:{}", server.listen().await);
    let app = App::start_with(
        Engine::Sqlite,
        &[("TACHAWOR_MAIL", &url), ("TACHAWOR_MAIL_FROM", "تشاور <no-reply@crtta.example>")],
    )
    .await;
    app.submit(json!({"email": "amina@example.org", "language": "ar"})).await;
    assert_eq!(work(&app).await.failed, 1);
    let error = app.texts("SELECT last_error FROM outbox").await;
    assert!(error[0].contains("451") && !error[0].contains("amina"), "{error:?}");
    app.advance(TimeDelta::minutes(1));
    assert_eq!(work(&app).await.sent, 1);
    let letters = server.letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    for part in [
        "Message-ID: <outbox-1@crtta.example>",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
        "To: amina@example.org",
    ] {
        assert!(letter.contains(part), "{part}\n{letter}");
    }
    app.stop().await;
}
