//! Who asks without right learns nothing about whom or what there is (ASVS 6.3.8): not by the words of an answer, not by its headers, and
//! not by the time it takes.

use std::{collections::BTreeSet, time::Instant};

use crate::{
    assure::{figure, size},
    on_both_engines,
    support::*,
};

/// How many times a long run compares: nine questions on two engines. Each may err as seldom as lets all of them together
/// err once in a hundred runs (Bonferroni).
const TESTS: f64 = 18.0;

/// One question in two forms that must not be told apart.
struct Question {
    path: &'static str,
    status: u16,
    known: Value,
    unknown: Value,
}

/// The two-sided p of the test of Mann and Whitney, by the normal approximation. Times in nanoseconds hardly tie; those that do count half.
fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let mut sorted = other.to_vec();
    sorted.sort_by(f64::total_cmp);
    let u: f64 = one
        .iter()
        .map(|time| {
            let below = sorted.partition_point(|value| value < time);
            let ties = sorted.partition_point(|value| value <= time) - below;
            below as f64 + ties as f64 / 2.0
        })
        .sum();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let z = (u - n * m / 2.0).abs() / (n * m * (n + m + 1.0) / 12.0).sqrt();
    erfc(z / std::f64::consts::SQRT_2)
}

/// Abramowitz and Stegun, 7.1.26: right to 1.5e-7.
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    terms.iter().fold(0.0, |sum, term| (sum + term) * t) * (-x * x).exp()
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// By hand: three below three give U = 0, mean 4.5, deviation sqrt(5.25), z = 1.964, and z = 1.96 is the 5 % of every table.
#[test]
fn the_statistics_are_right() {
    assert!((mann_whitney(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]) - 0.0495).abs() < 0.0002);
    assert!((mann_whitney(&[1.0, 4.0], &[2.0, 3.0]) - 1.0).abs() < 1e-6);
    assert!((mann_whitney(&[1.0, 2.0], &[1.0, 2.0]) - 1.0).abs() < 1e-6);
    assert!((erfc(1.959_964 / std::f64::consts::SQRT_2) - 0.05).abs() < 1e-5);
    assert!(mann_whitney(&[1.0; 100], &[2.0; 100]) < 1e-20);
}

fn told(answer: &Answer) -> (u16, String, BTreeSet<String>) {
    // names and not values: each answer has its own number
    (answer.status, answer.text(), answer.headers.keys().map(ToString::to_string).collect())
}

on_both_engines! {
    async fn known_and_unknown_are_told_apart_by_nothing(app: App) {
        let receipt = app.submit(json!({})).await;
        let near = format!("{}{}", &receipt.code[..22], if receipt.code.ends_with('7') { '8' } else { '7' });
        let admin = app.signed_in(As::Administrator).await;
        let invitation = async |name: &str| {
            let new = json!({"email": format!("{name}@example.org"), "name": name, "role": "moderator", "axes": null, "territories": null, "language": "fr"});
            let account = admin.post("/admin/accounts").json(new).await.created();
            api::jobs::run_once(app.state()).await.unwrap();
            let sent = app.state().mailer.memory().unwrap().sent.lock().unwrap().clone();
            let text = format!("{:?}", sent.last().unwrap());
            let token: String = text.split("/invitation/#").nth(1).unwrap().chars().take(64).collect();
            app.public().post("/invitations/lookup").json(json!({"token": token})).await.ok();
            (account["id"].as_i64().unwrap(), token)
        };
        let (taken_back, token) = invitation("nadia").await;
        admin.delete(&format!("/admin/accounts/{taken_back}/invitation")).await.no_content();
        invitation("omar").await;
        app.execute("UPDATE account SET disabled = TRUE WHERE name = 'Brahim'").await;
        let wrong = |email: &str| json!({"email": email, "password": "une phrase de passe 2"});
        let session = |known: &str| Question { path: "/session", status: 401, known: wrong(known), unknown: wrong("nobody@example.org") };
        let forgotten = |known: &str| Question { path: "/invitations/request", status: 204, known: json!({"email": known}), unknown: json!({"email": "nobody@example.org"}) };
        let questions = [
            session(&As::Moderator.email()),
            session(&As::Coordinator.email()),
            // disabled, and invited without a password of its own yet
            session(&As::SecondModerator.email()),
            session("omar@example.org"),
            forgotten(&As::Moderator.email()),
            forgotten(&As::SecondModerator.email()),
            forgotten("omar@example.org"),
            // but for its last letter a code that opens
            Question { path: "/receipts/lookup", status: 404, known: json!({"code": near}), unknown: json!({"code": "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ"}) },
            Question { path: "/invitations/lookup", status: 404, known: json!({"token": token}), unknown: json!({"token": "0".repeat(64)}) },
        ];
        let client = app.public();
        for Question { path, status, known, unknown } in questions {
            let ask = async |body: &Value| {
                let call = client.post(path).json(body.clone());
                let start = Instant::now();
                let answer = call.await;
                (start.elapsed().as_nanos() as f64, answer)
            };
            let what = format!("{path} {}", known.as_object().unwrap().values().next().unwrap().as_str().unwrap().get(..5).unwrap());
            let (mut times, mut others) = (Vec::new(), Vec::new());
            for turn in 0..size(2, 2000) {
                // each as often first as second: what grows meanwhile grows for both
                let (first, second) = if turn % 2 == 0 { (&known, &unknown) } else { (&unknown, &known) };
                let (one, other) = (ask(first).await, ask(second).await);
                assert_eq!(one.1.status, status, "{}", one.1.text());
                assert_eq!(told(&one.1), told(&other.1), "{path} {known}");
                let ((known, _), (unknown, _)) = if turn % 2 == 0 { (one, other) } else { (other, one) };
                times.push(known);
                others.push(unknown);
            }
            if size(0, 1) == 1 {
                let delta = (median(&times) - median(&others)).abs() / 1e6;
                figure("S07", &format!("{what}, medians apart, ms"), format!("{delta:.3}"), "< 2", delta < 2.0);
                let p = mann_whitney(&times, &others);
                figure("S07", &format!("{what}, Mann-Whitney p"), format!("{p:.3}"), "> 0.01 for all together", p > 0.01 / TESTS);
            }
        }
    }
}
