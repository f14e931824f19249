//! What every request passes: the cross-site check, and the record of what was asked and how it ended.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tracing_actix_web::{RequestId, RootSpanBuilder};

use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
};

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
