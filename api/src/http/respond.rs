//! Answers with a version.

use actix_web::{
    HttpResponse,
    http::header::{ETag, EntityTag},
};
use serde::Serialize;

/// 200 with the version as `ETag`, for `If-Match`.
pub fn versioned(version: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(ETag(EntityTag::new_strong(version.to_string()))).json(body)
}

/// 201 with the version as `ETag`.
pub fn created(version: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header(ETag(EntityTag::new_strong(version.to_string()))).json(body)
}
