//! What every request passes: the cross-site check, and the record of what was asked and how it ended.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use futures_util::FutureExt as _;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use crate::{
    application::State,
    http::{
        extract::{FILE_TIME, UPLOAD_TIME},
        problem::{Problem, ProblemCode},
    },
};

/// What every answer carries, whoever gives it. nginx says the same on the files it serves (`frontend/headers.conf`).
pub const HEADERS: [(&str, &str); 6] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];
/// The policy of data: a browser that is made to show it runs and loads nothing.
pub const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// The policy of what people sent: as data's, and opened by itself it is nobody's, not even this site's.
pub const FILE_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";
/// The policy of pages. Which scripts may run stands in the pages, which know the hashes; both must allow a thing.
pub const PAGE_POLICY: &str = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'";
/// The policy of the page that shows the API's description: all it needs are files beside it.
pub const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// A year; only where people come over TLS.
pub const TRANSPORT_SECURITY: &str = "max-age=31536000; includeSubDomains";

/// The last on every answer's way out: the headers that guard a browser, on errors too, and an answer even where
/// the program broke. A panic costs its own request and no other.
pub async fn doors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_https = request.app_data::<web::Data<State>>().is_some_and(|state| state.config.is_https());
    let policy = policy(request.path());
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    // The request went into `next` and is lost with it, so what comes back instead is an error that knows its answer.
    let mut answer = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(mut response)) => {
            guarded(response.headers_mut(), policy, is_https);
            return Ok(response);
        }
        Ok(Err(error)) => error.error_response(),
        Err(_) => {
            // where it was stands in the line of the panic itself
            tracing::error!("a handler panicked");
            metrics::counter!("panics_total").increment(1);
            Problem::new(ProblemCode::Internal).answer()
        }
    };
    guarded(answer.headers_mut(), policy, is_https);
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        answer.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    Err(InternalError::from_response("answered", answer).into())
}

fn policy(path: &str) -> &'static str {
    if path.starts_with("/api/docs") {
        DOCS_POLICY
    } else if ["/api", "/health", "/metrics"].iter().any(|start| path.starts_with(start)) {
        DATA_POLICY
    } else {
        PAGE_POLICY
    }
}

fn guarded(headers: &mut HeaderMap, policy: &'static str, is_https: bool) {
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // a handler that serves something of its own (a stored file) may be stricter
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT_SECURITY));
    }
}

/// How long reading may take, and everything else, which may have to wait for its body and its turn to write.
const READ_DEADLINE: Duration = Duration::from_secs(5);
const WRITE_DEADLINE: Duration = Duration::from_secs(15);

/// A photo may take a minute to arrive; a file of rows some minutes, and another one to be looked into.
const UPLOAD_DEADLINE: Duration = UPLOAD_TIME.saturating_add(WRITE_DEADLINE);
const FILE_DEADLINE: Duration = FILE_TIME.saturating_add(Duration::from_secs(60));

/// Gives a request up that a silent or slow database keeps waiting: whoever asked is told to come back, and the
/// connection is free for the next. What was being written is either whole or not there; a repeated submission
/// finds out which by its idempotency key. A file that is being sent has been answered already.
pub async fn deadline<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let limit = if request.method().is_safe() {
        READ_DEADLINE
    } else if request.path().ends_with("/attachments") {
        UPLOAD_DEADLINE
    } else if request.path().ends_with("/imports") {
        FILE_DEADLINE
    } else {
        WRITE_DEADLINE
    };
    match tokio::time::timeout(limit, next.call(request)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            tracing::error!(seconds = limit.as_secs(), "a request was given up");
            Err(Problem::new(ProblemCode::Unavailable).into())
        }
    }
}

/// Refuses a state-changing request that another site's page made (CSRF).
///
/// Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`; programs send neither and hold
/// no cookie a page could abuse. Together with the `SameSite=Strict` cookie and JSON-only bodies this needs
/// no token.
pub async fn same_origin<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.method().is_safe() && is_foreign(request.request()) {
        return Ok(request.into_response(Problem::new(ProblemCode::CrossSite).answer()));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_foreign(request: &HttpRequest) -> bool {
    let text = |name: &HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetch_site = HeaderName::from_static("sec-fetch-site");
    if text(&fetch_site).is_some_and(|site| site != "same-origin" && site != "none") {
        return true;
    }
    let Some(origin) = text(&header::ORIGIN) else { return false };
    let ours = request.app_data::<web::Data<State>>().is_some_and(|state| origin == state.config.public_url);
    // on one's own machine the page may be open under another name of the same server
    let same_host = origin.split_once("://").is_some_and(|(_, host)| text(&header::HOST) == Some(host));
    !(ours || same_host)
}

/// A method as a label: whoever makes up methods makes up no label.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Counts and times every request by route, and names it in the answer.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let start = Instant::now();
    let method = label(request.method());
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let mut response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "other".into());
    // answers of the API follow people's decisions and may tell personal data: no cache keeps them
    if response.request().path().starts_with("/api/v1") && !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let status = response.status().as_str().to_owned();
    metrics::counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route)
        .record(start.elapsed().as_secs_f64());
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// The span of a request: method, route and status. No path, query, address or agent: those hold what people
/// wrote or who they are.
#[derive(Debug)]
pub struct Span;

impl RootSpanBuilder for Span {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), route = tracing::field::Empty, status = tracing::field::Empty, id)
    }

    fn on_request_end<B: MessageBody>(span: tracing::Span, outcome: &Result<ServiceResponse<B>, Error>) {
        match outcome {
            Ok(response) => {
                span.record("route", response.request().match_pattern().unwrap_or_default());
                span.record("status", response.status().as_u16());
                if response.status().is_server_error() {
                    span.in_scope(|| tracing::error!("answered with a server error"));
                }
            }
            Err(error) => {
                span.record("status", error.as_response_error().status_code().as_u16());
            }
        }
    }
}
