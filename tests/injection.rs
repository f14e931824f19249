//! SQL that takes long if anybody runs it, wherever an address takes a text (T-D8): no answer takes that long. What the answers say is
//! checked in `hostile`; a blind injection shows in nothing but the time.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::{
    assure::{figure, size},
    on_both_engines,
    role_matrix::somebody_who_may,
    support::{contract::Contract, requests::Things, *},
};

/// What the expression takes in the database itself, and the most that an answer may.
const SLOW: Duration = Duration::from_secs(2);
const QUICK: Duration = Duration::from_secs(1);

/// An expression that takes [`SLOW`] on this engine and this machine.
async fn slow(app: &App) -> String {
    let takes = async |expression: &str| {
        let start = Instant::now();
        app.count(&format!("SELECT CAST(CASE WHEN ({expression}) IS NULL THEN 0 ELSE 1 END AS BIGINT)")).await;
        start.elapsed()
    };
    if app.engine() == Engine::Postgres {
        let expression = "SELECT 1 FROM pg_sleep(2)".to_owned();
        assert!(takes(&expression).await >= SLOW);
        return expression;
    }
    let mut bytes = 1_000_000;
    loop {
        // the classic of its kind, in pieces: as long for the processor, without the memory
        let expression =
            format!("SELECT count(hex(randomblob({bytes}))) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10))");
        if takes(&expression).await >= SLOW {
            return expression;
        }
        bytes *= 2;
    }
}

/// The ways out of where a careless program would have put the text.
fn payloads(slow: &str) -> Vec<String> {
    vec![
        format!("({slow})"),
        format!("1 OR ({slow}) IS NOT NULL"),
        format!("'||({slow})||'"),
        format!("' OR ({slow}) IS NOT NULL --"),
        format!("eau' OR ({slow}) IS NOT NULL OR 'a'='b"),
        format!("'); {slow}; --"),
        format!("\" OR ({slow}) IS NOT NULL --"),
        format!("%') OR ({slow}) IS NOT NULL --"),
        format!("eau* OR ({slow})"),
        format!("newest, ({slow})"),
        format!("id DESC; {slow}; --"),
        format!("CASE WHEN ({slow}) IS NOT NULL THEN 1 ELSE 0 END"),
    ]
}

/// The same requests, with a text in the place of each parameter in turn.
async fn ask_everything(app: &App, things: &Things, texts: &[String]) -> Vec<Duration> {
    let mut times = Vec::new();
    for operation in Contract::get().operations().iter().filter(|operation| operation.method == "GET") {
        let client = match somebody_who_may(&operation.id) {
            None => app.public(),
            Some(who) => app.signed_in(who).await,
        };
        let needed = Things::query(operation);
        let mut places: Vec<_> = operation.object["parameters"].as_array().into_iter().flatten().collect();
        places.retain(|one| one["in"] == "path" || one["in"] == "query");
        for place in places {
            let name = place["name"].as_str().unwrap();
            for text in texts {
                let mut path = things.path(operation);
                let mut query: Vec<_> = needed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                if place["in"] == "path" {
                    let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
                    path = operation.path.replace(&format!("{{{name}}}"), &escaped.replace('+', "%20"));
                    path = path.replace("{version}", "1").replace("{id}", &things.draft.to_string());
                    path = path.replace("{slug}", SLUG).replace("{reference}", &things.reference);
                } else {
                    query.retain(|(other, _)| *other != name);
                    query.push((name, text));
                }
                let start = Instant::now();
                let answer = client.call(Method::GET, &path).query(&query).await;
                times.push(start.elapsed());
                assert!(answer.status < 500, "{} {name}={text}: {}", operation.id, answer.text());
            }
        }
    }
    times
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

on_both_engines! {
    async fn no_text_in_an_address_runs_in_the_database(app: App) {
        let things = Things::make(&app).await;
        let hostile = payloads(&slow(&app).await);
        // as long, and nothing but words
        let innocent: Vec<_> = hostile.iter().map(|text| "puits ".repeat(text.len() / 6)).collect();
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..size(1, 20) {
            with.extend(ask_everything(&app, &things, &hostile).await);
            without.extend(ask_everything(&app, &things, &innocent).await);
        }
        let asked = with.len();
        let longest = *with.iter().max().unwrap();
        figure("S03", &format!("the longest of {asked} answers, ms"), longest.as_millis(), "< 1000", longest < QUICK);
        let added = median(with).saturating_sub(median(without)).as_micros();
        let met = added < 50_000 || size(0, 1) == 0;
        figure("S03", "what the payloads add to the median, us", added, "< 50000", met);
    }
}
