//! Files to take away, for analysts and coordinators. The command line writes the same ones.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header, web::Bytes};
use chrono::{DateTime, Utc};
use domain::dataset::Format;
use futures_util::{Stream, TryStreamExt as _};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    dataset::{FileError, file_name},
    http::open_data::file::content_type,
};

pub mod counts;
pub mod dataset;
pub mod prepared;
pub mod proposals;

/// `/exports`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(proposals::export_proposals)
        .service(counts::export_counts)
        .service(prepared::prepare_export)
        .service(prepared::list_prepared_exports)
        .service(prepared::fetch_prepared_export)
        .service(dataset::export_dataset);
}

/// The head of an answer that a browser saves as a file named after what is in it, and the day.
pub fn attachment(slug: &str, what: &str, format: Format, at: DateTime<Utc>) -> HttpResponseBuilder {
    let name = file_name(slug, &format!("{what}-{}", domain::calendar::day(at)), format.as_str());
    let mut response = HttpResponse::Ok();
    response
        .content_type(content_type(format))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// A file as a body. Why one breaks off goes to the log: whoever reads it sees no more than its end.
pub fn body(
    file: impl Stream<Item = Result<Vec<u8>, FileError>> + 'static,
) -> impl Stream<Item = Result<Bytes, FileError>> + 'static {
    file.map_ok(Bytes::from).inspect_err(|error| tracing::error!(%error, "a file broke off"))
}
