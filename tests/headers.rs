//! What every answer tells a browser to guard, whoever gives it: each operation, its errors, files, the description.

use api::http::guard::{DATA_POLICY, DOCS_POLICY, FILE_POLICY, HEADERS, PAGE_POLICY, TRANSPORT_SECURITY};
use reqwest::Method;

use crate::{
    on_both_engines,
    role_matrix::somebody_who_may,
    support::{contract::Contract, requests::Things, *},
};

#[track_caller]
fn guarded(answer: &Answer, policy: &str, https: bool) {
    let once = |name: &str| {
        let values: Vec<_> = answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        assert!(values.len() <= 1, "{} {}: {name} stands {} times", answer.call, answer.status, values.len());
        values.first().copied()
    };
    for (name, value) in HEADERS {
        assert_eq!(once(name), Some(value), "{} {}: {name}", answer.call, answer.status);
    }
    assert_eq!(once("content-security-policy"), Some(policy), "{} {}", answer.call, answer.status);
    assert_eq!(
        once("strict-transport-security"),
        https.then_some(TRANSPORT_SECURITY),
        "{} {}",
        answer.call,
        answer.status
    );
    for never in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert_eq!(once(never), None, "{}: {never}", answer.call);
    }
}

on_both_engines! {
    async fn every_operation_and_every_refusal(app: App) {
        let things = Things::make(&app).await;
        let mut statuses = std::collections::BTreeSet::new();
        for operation in Contract::get().operations() {
            let client = match somebody_who_may(&operation.id) {
                None => app.public(),
                Some(who) => app.signed_in(who).await,
            };
            let policy = DATA_POLICY;
            let body = things.body(operation);
            let mut answers = vec![
                things.call(&client, operation, body.clone()).await,
                things.call(&app.public(), operation, body).await,
                client.call(operation.method.parse().unwrap(), &format!("{}?nonsense=1", things.path(operation))).await,
                client.call(Method::from_bytes(b"BREW").unwrap(), &things.path(operation)).await,
            ];
            if operation.method != "GET" {
                answers.push(things.call(&client, operation, None).header("origin", "https://evil.example").await);
            }
            for answer in answers {
                let is_file = answer.header("content-type") == Some("image/jpeg");
                guarded(&answer, if is_file { FILE_POLICY } else { policy }, false);
                statuses.insert(answer.status);
                // ASVS 14.3.2: what may tell personal data stays in no cache
                if operation.path.starts_with("/api/v1") {
                    assert!(answer.header("cache-control").is_some(), "{} {}", answer.call, answer.status);
                }
            }
        }
        for status in [200, 201, 204, 400, 401, 403, 405] {
            assert!(statuses.contains(&status), "this test should have met a {status}: {statuses:?}");
        }
        let too_large = app.public().post("/receipts/lookup").body("application/json", "x".repeat(100_000)).await;
        too_large.clone().refused(413, "payload_too_large");
        guarded(&too_large, DATA_POLICY, false);
    }
}

#[actix_web::test]
async fn files_pages_and_the_description_too() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("200.html", "<!doctype html>"), ("index.html", "<!doctype html>"), ("a.js", "1")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let settings = [
        ("TACHAWOR_STATIC_DIR", folder.path().to_str().unwrap()),
        ("TACHAWOR_PUBLIC_URL", "https://ouvert.example.ma"),
    ];
    let app = App::start_with(Engine::Sqlite, &settings).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str, tag: Option<&str>| {
        let mut request = http.get(format!("http://{}{path}", app.address()));
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { call: path.into(), status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    };
    for (path, status, policy) in [
        ("/", 200, PAGE_POLICY),
        ("/a.js", 200, PAGE_POLICY),
        ("/ar/proposals/TTA-26-000001", 200, PAGE_POLICY),
        ("/nothing.js", 404, PAGE_POLICY),
        ("/api/docs/", 200, DOCS_POLICY),
        ("/api/docs/swagger-ui-bundle.js", 200, DOCS_POLICY),
        ("/api/openapi.json", 200, DATA_POLICY),
        ("/api/v1/about", 200, DATA_POLICY),
        ("/api/v1/nothing", 404, DATA_POLICY),
        ("/api/v9", 404, DATA_POLICY),
        ("/health/live", 200, DATA_POLICY),
        ("/metrics", 200, DATA_POLICY),
    ] {
        let answer = get(path, None).await;
        assert_eq!(answer.status, status, "{path}");
        guarded(&answer, policy, true);
        if let Some(tag) =
            answer.header("etag").filter(|_| path.ends_with(".js") && status == 200 && !path.contains("docs"))
        {
            let same = get(path, Some(tag)).await;
            assert_eq!(same.status, 304, "{path}");
            guarded(&same, policy, true);
        }
    }
    app.stop().await;
}

/// nginx says on the files it serves what the program says on those it serves, and adds nothing to the program's answers.
#[test]
fn nginx_says_the_same() {
    let read =
        |name: &str| std::fs::read_to_string(format!("{}/../frontend/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (headers, nginx) = (read("headers.conf"), read("nginx.conf"));
    let said: std::collections::BTreeMap<String, String> = headers
        .lines()
        .filter_map(|line| line.strip_prefix("add_header ")?.strip_suffix(" always;")?.split_once(' '))
        .map(|(name, value)| (name.to_lowercase(), value.trim_matches('"').to_owned()))
        .collect();
    for (name, value) in HEADERS
        .into_iter()
        .chain([("content-security-policy", PAGE_POLICY), ("strict-transport-security", "$strict_transport_security")])
    {
        assert_eq!(said.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(said.len(), HEADERS.len() + 2);
    assert!(nginx.contains(&format!("https \"{TRANSPORT_SECURITY}\";")));
    // a location with an `add_header` of its own inherits none, so each one includes them all
    for location in nginx.split("location ").skip(1) {
        let name = location.split('{').next().unwrap().trim();
        let own = location.split("location").next().unwrap();
        let proxies = own.contains("proxy_pass");
        assert_eq!(own.contains("include /etc/nginx/headers.conf;"), !proxies, "{name}");
        assert!(!proxies || !own.contains("add_header"), "{name} would say the program's headers twice");
    }
}

/// The pages' own policy, which knows the hashes: nothing inline but what was built.
#[test]
fn pages_allow_no_inline_script() {
    let config =
        std::fs::read_to_string(format!("{}/../frontend/svelte.config.js", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for needed in [
        "mode: 'hash'",
        "'default-src': ['none']",
        "'script-src': ['self']",
        "'style-src': ['self']",
        "'object-src': ['none']",
        "'base-uri': ['none']",
    ] {
        assert!(config.contains(needed), "{needed}");
    }
    assert_eq!(config.matches("unsafe").count(), 1, "measures in a style attribute, and nothing else");
    assert!(config.contains("'style-src-attr': ['unsafe-inline']"));
}
