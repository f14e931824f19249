//! `POST /receipts/attachment`

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::find;
use crate::{
    application::State,
    http::{
        attachment::{PictureFile, serve},
        caller::Caller,
        extract::Body,
        problem::Problem,
    },
};

/// One of one's own photos.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnAttachment {
    /// The receipt code.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    code: String,
    /// Its place, from 1.
    #[schema(minimum = 1, maximum = 3)]
    number: i64,
}

/// Shows a photo to the holder of the proposal's receipt, whether or not others may see it.
#[utoipa::path(
    tag = "receipts",
    request_body = OwnAttachment,
    responses((status = 200, body = PictureFile, content_type = "image/jpeg"))
)]
#[post("/receipts/attachment")]
pub async fn show_own_attachment(
    state: web::Data<State>,
    caller: Caller,
    input: Body<OwnAttachment>,
) -> Result<HttpResponse, Problem> {
    let (consultation, row) = find(&state, caller, &input.code).await?;
    serve(&state, &consultation, &row, input.number, None).await
}
