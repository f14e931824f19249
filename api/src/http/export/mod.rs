//! Files to take away, for analysts and coordinators. The command line writes the same ones.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;

pub mod counts;
pub mod proposals;

/// `/exports`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(proposals::export_proposals).service(counts::export_counts);
}

/// The head of an answer that a browser saves as a file named after what is in it. The name holds nothing but
/// letters, digits and dashes, so it needs no quoting anywhere.
pub fn attachment(slug: &str, what: &str, at: DateTime<Utc>) -> HttpResponseBuilder {
    let slug: String = slug.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let day = domain::calendar::day(at);
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{slug}-{what}-{day}.csv\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
