//! A browser at the public address, and the answers it gets.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
};

use reqwest::{
    Method,
    cookie::Jar,
    header::{HeaderMap, HeaderValue},
};
use serde_json::{Value, json};

use super::contract::Contract;

/// Keeps cookies, sends `Origin` with what changes something, and checks every answer against the document.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    origin: String,
}

impl Client {
    /// Somebody at `origin`, whose requests reach the server at `address`.
    pub fn new(address: &str, origin: &str, cookie: Option<String>) -> Self {
        let base = format!("http://{address}");
        let jar = Jar::default();
        if let Some(cookie) = cookie {
            jar.add_cookie_str(&cookie, &base.parse().unwrap());
        }
        let http = reqwest::Client::builder().cookie_provider(Arc::new(jar)).no_proxy().build().unwrap();
        Self { http, base, origin: origin.into() }
    }

    /// Any request.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let outside = ["/api/", "/health", "/metrics"].iter().any(|start| path.starts_with(start));
        let path = if outside { path.to_owned() } else { format!("/api/v1{path}") };
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if !method.is_safe() {
            request = request.header("origin", &self.origin).header("sec-fetch-site", "same-origin");
        }
        Call { request, body: None, without: Vec::new() }
    }

    /// GET
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// POST
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// PUT
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// PATCH
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// DELETE
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// A proposal as the desk shows it.
    pub async fn desk(&self, reference: &str) -> Value {
        self.get(&format!("/desk/proposals/{reference}")).await.ok()
    }

    /// Decides on the newest version of a proposal.
    pub async fn decide(&self, reference: &str, decision: Value) -> Answer {
        let seen = self.get(&format!("/desk/proposals/{reference}")).await;
        if seen.status != 200 {
            return seen;
        }
        self.decide_on(reference, seen.version(), decision).await
    }

    /// Decides on a version of a proposal.
    pub async fn decide_on(&self, reference: &str, version: i64, decision: Value) -> Answer {
        self.post(&format!("/desk/proposals/{reference}/decision")).if_match(version).json(decision).await
    }

    /// Looks a receipt up.
    pub async fn look_up(&self, code: &str) -> Answer {
        self.post("/receipts/lookup").json(json!({"code": code})).await
    }

    /// All items of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        let separator = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page = self.get(&format!("{path}{separator}limit=100{cursor}")).await.ok();
            items.append(page["items"].as_array_mut().unwrap());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

/// A request that is sent by `.await`.
#[must_use = "a call is sent by .await"]
pub struct Call {
    request: reqwest::RequestBuilder,
    body: Option<Value>,
    without: Vec<&'static str>,
}

impl Call {
    /// With a JSON body.
    pub fn json(mut self, body: Value) -> Self {
        self.request = self.request.json(&body);
        self.body = Some(body);
        self
    }

    /// With any body.
    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// With query parameters, which are escaped.
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.request = self.request.query(pairs);
        self
    }

    /// With a header; one of the same name that stood already is replaced.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        self.request = self.request.headers(headers);
        self
    }

    /// With a header that need not be text.
    pub fn raw_header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.request = self.request.headers(HeaderMap::from_iter([(name.parse().unwrap(), value)]));
        self
    }

    /// Without a header that a browser would send.
    pub fn without(mut self, name: &'static str) -> Self {
        self.without.push(name);
        self
    }

    /// On this version.
    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (http, request) = self.request.build_split();
            let mut request = request.unwrap();
            for name in self.without {
                request.headers_mut().remove(name);
            }
            let (method, path) = (request.method().clone(), request.url().path().to_owned());
            let response = http.execute(request).await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let answer = Answer {
                call: format!("{method} {path}"),
                status,
                headers,
                bytes: response.bytes().await.unwrap().to_vec(),
            };
            Contract::get().check(method.as_str(), &path, self.body.as_ref(), &answer);
            answer
        })
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub call: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}: not JSON: {}", self.call, self.text()))
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The version in `ETag`.
    pub fn version(&self) -> i64 {
        self.header("etag").expect("a version").trim_matches('"').parse().unwrap()
    }

    #[track_caller]
    fn expect(&self, status: u16) {
        assert_eq!(self.status, status, "{}: {}", self.call, String::from_utf8_lossy(&self.bytes));
    }

    /// The JSON of a 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect(200);
        self.json()
    }

    /// The JSON of a 201.
    #[track_caller]
    pub fn created(self) -> Value {
        self.expect(201);
        self.json()
    }

    /// A 204.
    #[track_caller]
    pub fn no_content(self) {
        self.expect(204);
        assert!(self.bytes.is_empty());
    }

    /// A problem with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        self.expect(status);
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}: {problem}", self.call);
        problem
    }

    /// `validation_failed` with exactly these fields and codes, in any order.
    #[track_caller]
    pub fn invalid(self, fields: &[(&str, &str)]) -> Value {
        let call = self.call.clone();
        let problem = self.refused(422, "validation_failed");
        let mut found: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect();
        let mut expected = fields.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{call}");
        problem
    }
}
