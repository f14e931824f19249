//! What nobody polite sends: refused as the caller's mistake or kept as plain text, never an error of ours.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use reqwest::Method;

use crate::{
    on_both_engines,
    role_matrix::somebody_who_may,
    support::{contract::Contract, requests::Things, *},
};

const PROPOSALS: &str = "/consultations/2024-2026/proposals";

/// Texts that have broken other people's programs.
fn hostile_texts() -> Vec<String> {
    vec![
        "nul\u{0}byte in a text that is long enough".into(),
        "'; DROP TABLE proposal; -- \" \\ %_ $1 ? :x ::text {{7*7}} ${7*7} %s %n".into(),
        "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt; javascript:alert(1)".into(),
        "safe\u{202E}txt.exe\u{2066}hidden\u{2069} \u{200B}\u{FEFF}\u{FFFE}\u{FFFF}\u{10FFFF} reversed".into(),
        "=HYPERLINK(\"http://evil.example\",\"x\")\r\nBcc: victim@example.org\r\n\r\n../../etc/passwd".into(),
        format!(
            "{}{}",
            "Z\u{0336}\u{0335}\u{0338}".repeat(40),
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}".repeat(10)
        ),
        "a🅰b Ⓐⓑ हिन्दी ไทย ꙮ \u{378} words that engines cut in other places".into(),
        "م".repeat(20_000),
        String::new(),
    ]
}

/// The paths of all texts in a JSON value.
fn text_places(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::String(_) => into.push(at.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| text_places(inner, &format!("{at}/{index}"), into))
        }
        Value::Object(object) => {
            object.iter().for_each(|(key, inner)| text_places(inner, &format!("{at}/{}", key.replace('/', "~1")), into))
        }
        _ => {}
    }
}

/// Sends bytes as they are and answers the head of the answer.
async fn raw(app: &App, request: Vec<u8>) -> String {
    let address = app.address();
    actix_web::web::block(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // the server may have answered and hung up before it read everything
        let _ = stream.write_all(&request);
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(length) => answer.extend_from_slice(&buffer[..length]),
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap()
}

fn head(method: &str, path: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: tachawor.test\r\nConnection: close\r\n{more}\r\n")
}

on_both_engines! {
    async fn no_text_in_any_field_breaks_anything(app: App) {
        let mut things = Things::make(&app).await;
        let mut number = 0;
        for operation in Contract::get().operations() {
            let Some(body) = things.body(operation) else { continue };
            let client = match somebody_who_may(&operation.id) {
                None => app.public(),
                Some(who) => app.signed_in(who).await,
            };
            let mut places = Vec::new();
            text_places(&body, "", &mut places);
            // of a list of alike things one is enough
            places.retain(|place| !place.split('/').any(|part| part.parse::<usize>().is_ok_and(|index| index > 0)));
            for place in places {
                for text in hostile_texts() {
                    // what is decided once cannot be decided again, and a name can be taken once
                    if operation.id.starts_with("decide_") {
                        things.reference = app.submit(json!({})).await.reference;
                    }
                    number += 1;
                    let mut body = if operation.id.starts_with("decide_") { things.body(operation).unwrap() } else { body.clone() };
                    if operation.id == "create_consultation" {
                        body["slug"] = format!("c-{number}").into();
                    }
                    *body.pointer_mut(&place).unwrap() = text.clone().into();
                    let version = things.version(&app, operation).await;
                    let answer = things.call(&client, operation, Some(body)).if_match(version).await;
                    assert!(answer.status < 500, "{} {place} {text:?}: {}", operation.id, answer.text());
                    // the server's own words must not carry the caller's back, where a page could show them
                    if answer.status >= 400 {
                        assert!(!answer.text().contains("<script>"), "{} {place}: {}", operation.id, answer.text());
                    }
                }
            }
        }
    }

    async fn no_path_or_query_breaks_anything(app: App) {
        let things = Things::make(&app).await;
        let hostile = ["%00", "%27%3B--", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%C3%28", "%F0%9F%A6%86", "9223372036854775808", "-1", "0", "1e9", "%E2%80%AE", "a%F0%9F%85%B0b", "null"];
        for operation in Contract::get().operations() {
            let client = match somebody_who_may(&operation.id) {
                None => app.public(),
                Some(who) => app.signed_in(who).await,
            };
            let method: Method = operation.method.parse().unwrap();
            let own_path = things.path(operation);
            let query = Things::query(operation);
            for text in hostile {
                if operation.path.contains('{') {
                    let start = operation.path.find('{').unwrap();
                    let end = operation.path.find('}').unwrap() + 1;
                    let path = format!("{}{text}{}", &operation.path[..start], operation.path[end..].replace("{version}", "1"));
                    let call = client.call(method.clone(), &path).if_match(1);
                    let answer = match things.body(operation) {
                        Some(body) => call.json(body).await,
                        None => call.await,
                    };
                    assert!((400..500).contains(&answer.status), "{} {path}: {} {}", operation.method, answer.status, answer.text());
                }
                let named = operation.object["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query");
                for name in named.map(|one| one["name"].as_str().unwrap()) {
                    let others = query.iter().filter(|(other, _)| other != name).map(|(other, value)| format!("&{other}={value}")).collect::<String>();
                    let answer = client.call(method.clone(), &format!("{own_path}?{name}={text}{others}")).await;
                    assert!(answer.status < 500, "{} {name}={text}: {}", operation.id, answer.text());
                }
            }
        }
    }

    async fn markup_is_kept_as_the_text_it_is(app: App) {
        let title = "<script>alert('1')</script> & <b>\"x\"</b>";
        let problem = "'; DROP TABLE proposal; -- {{7*7}} <img src=x onerror=alert(1)>";
        let receipt = app.retained(json!({"title": title, "problem": problem})).await;
        let answer = app.public().get(&format!("/proposals/{}", receipt.reference)).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let shown = answer.ok();
        assert_eq!((&shown["title"], &shown["problem"]), (&json!(title), &json!(problem)));
    }

    async fn a_body_that_is_too_large_is_not_read(app: App) {
        let head = |more: &str| head("POST", "/api/v1/consultations/2024-2026/proposals", &format!("Content-Type: application/json\r\n{more}"));
        let announced = raw(&app, head("Content-Length: 10485760\r\n").into_bytes()).await;
        assert!(announced.starts_with("HTTP/1.1 413"), "before the first byte of it: {announced}");
        let mut chunked = head("Transfer-Encoding: chunked\r\n").into_bytes();
        for _ in 0..17 {
            chunked.extend(format!("1000\r\n{}\r\n", " ".repeat(4096)).into_bytes());
        }
        let unannounced = raw(&app, chunked).await;
        assert!(unannounced.starts_with("HTTP/1.1 413"), "{unannounced}");
        let padded = |length: usize| {
            let body = proposal(json!({})).to_string();
            format!("{body}{}", " ".repeat(length - body.len()))
        };
        app.public().post(PROPOSALS).body("application/json", padded(64 * 1024)).await.created();
        app.public().post(PROPOSALS).body("application/json", padded(64 * 1024 + 1)).await.refused(413, "payload_too_large");
    }

    async fn what_is_no_json_is_refused(app: App) {
        let send = async |body: Vec<u8>| app.public().post(PROPOSALS).body("application/json", body).await;
        let with = |title: &str| proposal(json!({"title": "@"})).to_string().replace("\"@\"", title).into_bytes();
        for body in [
            b"".to_vec(),
            b"{".to_vec(),
            b"{}}".to_vec(),
            b"\xEF\xBB\xBF{}".to_vec(),
            b"NaN".to_vec(),
            b"{'title': 'x'}".to_vec(),
            "[".repeat(60_000).into_bytes(),
            "{\"title\":".repeat(7_000).into_bytes(),
            with("\"\\ud800 lone surrogate\""),
            with("\"\\udc00\\ud800 reversed\""),
            with("\"raw\u{1}control\""),
            [&with("\"@\"")[..40], &b"\xC3\x28\xFF\xFE"[..], &with("\"@\"")[40..]].concat(),
        ] {
            send(body).await.refused(400, "malformed_json");
        }
        for body in ["null", "[]", "7", "\"text\"", "true"] {
            let answer = send(body.into()).await;
            assert!((400..500).contains(&answer.status), "{body}: {}", answer.text());
        }
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let answer = send(with(&deep)).await;
        answer.invalid(&[("title", "invalid")]);
        send(with("\"Un puits\", \"title\": \"Deux puits\"")).await.invalid(&[("title", "duplicate")]);
        send(with("\"Un \\u0000 puits\"")).await.invalid(&[("title", "control_character")]);
    }

    async fn only_json_is_taken(app: App) {
        let body = proposal(json!({})).to_string();
        for content_type in ["text/plain", "application/xml", "application/jsonx", "text/json", "application/octet-stream"] {
            app.public().post(PROPOSALS).body(content_type, body.clone()).await.refused(415, "unsupported_media_type");
        }
        for content_type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
            app.public().post(PROPOSALS).body(content_type, body.clone()).await.created();
        }
        let answer = app.public().post(PROPOSALS).await;
        answer.refused(415, "unsupported_media_type");
    }

    async fn heads_beyond_reason_are_refused(app: App) {
        let huge = raw(&app, head("GET", "/api/v1/about", &format!("X-Huge: {}\r\n", "x".repeat(1_000_000))).into_bytes()).await;
        assert!(huge.starts_with("HTTP/1.1 4"), "{huge}");
        let many = raw(&app, head("GET", "/api/v1/about", &"X-Many: x\r\n".repeat(1000)).into_bytes()).await;
        assert!(many.starts_with("HTTP/1.1 4"), "{many}");
        for garbage in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"] {
            let answer = raw(&app, garbage.as_bytes().to_vec()).await;
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{garbage:?}: {answer}");
        }
        app.public().get("/about").await.ok();
    }

    async fn a_wrong_method_is_told_the_right_ones(app: App) {
        let things = Things::make(&app).await;
        let operations = Contract::get().operations();
        for operation in operations {
            let path = things.path(operation);
            let right: Vec<_> = operations.iter().filter(|other| other.path == operation.path).map(|other| other.method.as_str()).collect();
            for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"] {
                if right.contains(&method) {
                    continue;
                }
                let answer = app.public().call(Method::from_bytes(method.as_bytes()).unwrap(), &path).await;
                assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
                let mut allowed: Vec<_> = answer.header("allow").unwrap().split(", ").collect();
                let mut right = right.clone();
                allowed.sort_unstable();
                right.sort_unstable();
                assert_eq!(allowed, right, "{method} {path}");
            }
        }
    }

    /// With the pages served from the same port too.
    async fn what_does_not_exist_is_a_problem_too(app: App) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("200.html"), "<!doctype html>").unwrap();
        let pages = App::start_with(app.engine(), &[("TACHAWOR_STATIC_DIR", folder.path().to_str().unwrap())]).await;
        for app in [&app, &pages] {
            for path in ["/api/v1/", "/api/v1/nothing", "/api/v2/about", "/api/", "/health/", "/health/dead", "/api/v1/about/", "/api/v1//about"] {
                let answer = app.public().get(path).await;
                assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
                answer.refused(404, "not_found");
            }
            let wrong = app.public().delete("/about").await;
            assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET")));
        }
        pages.stop().await;
    }
}
