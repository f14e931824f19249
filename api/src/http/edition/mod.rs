//! Editions: the counts that everybody may read, published by an analyst after a look at what is hidden.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{ETag, EntityTag},
};
use utoipa_actix_web::service_config::ServiceConfig;

pub mod list;
pub mod preview;
pub mod publish;
pub mod show;

/// `/consultations/{slug}/editions`, `/editions`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_editions)
        .service(show::show_edition)
        .service(preview::preview_edition)
        .service(publish::publish_edition);
}

/// An edition's text, word for word: whoever keeps it can compare its SHA-256 with the checksum in the list.
fn verbatim(mut response: HttpResponseBuilder, content: String, checksum: &str) -> HttpResponse {
    response
        .content_type("application/json")
        .insert_header(ETag(EntityTag::new_strong(checksum.to_owned())))
        .body(content)
}
