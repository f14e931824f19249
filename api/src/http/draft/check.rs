//! `POST /drafts/check`

use actix_web::{post, web};
use domain::smart::{DraftContent, Finding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::within_limits;
use crate::{
    auth::DraftReader,
    http::{extract::Body, problem::Problem},
};

/// A text to check.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftToCheck {
    /// The text as it stands in the editor.
    content: DraftContent,
    /// How many proposals it is made from.
    sources: u32,
}

/// What the check says.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingsView {
    /// S, M, A, R, T; empty if there is nothing to say.
    findings: Vec<Finding>,
}

/// Checks a text without saving it, while somebody writes.
#[utoipa::path(tag = "drafts", request_body = DraftToCheck, responses((status = 200, body = FindingsView)))]
#[post("/drafts/check")]
pub async fn check_draft(_reader: DraftReader, input: Body<DraftToCheck>) -> Result<web::Json<FindingsView>, Problem> {
    within_limits(&input.content)?;
    let sources = usize::try_from(input.sources).unwrap_or(usize::MAX);
    Ok(web::Json(FindingsView { findings: domain::smart::check(&input.content, sources) }))
}
