//! `POST /text-check`

use actix_web::{post, web};
use domain::{
    limit::Limited,
    personal::{self, PersonalKind},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::{
    application::State,
    http::{caller::Caller, extract::Body, problem::Problem},
};

/// Texts before they are sent.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextsToCheck {
    /// 1 to 8 texts of at most 4,000 characters.
    #[validate(length(min = 1, max = 8), custom(function = "short_enough"))]
    #[schema(min_items = 1, max_items = 8)]
    texts: Vec<String>,
}

/// As long as the longest text of a proposal.
const LONGEST: usize = domain::text::Problem::MAX;

fn short_enough(texts: &[String]) -> Result<(), ValidationError> {
    if texts.iter().any(|text| text.chars().count() > LONGEST) {
        let mut error = ValidationError::new("too_long");
        error.add_param("max".into(), &LONGEST);
        return Err(error);
    }
    Ok(())
}

/// What the texts hold that looks like personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedTexts {
    /// By text and place; empty if there is nothing to say.
    personal_data: Vec<FoundView>,
}

/// A place in one of the texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundView {
    /// Which text, from 0 in the order sent.
    text: usize,
    kind: PersonalKind,
    /// The first UTF-16 code unit, as the strings of a browser count.
    start: usize,
    /// The one after the last.
    end: usize,
}

/// Looks for personal data in texts before they are sent, so that their author can take it out. Nothing is kept.
#[utoipa::path(tag = "proposals", request_body = TextsToCheck, responses((status = 200, body = CheckedTexts)))]
#[post("/text-check")]
pub async fn check_texts(
    state: web::Data<State>,
    caller: Caller,
    input: Body<TextsToCheck>,
) -> Result<web::Json<CheckedTexts>, Problem> {
    caller.take(&state, Limited::Work).await?;
    let found = |(text, words): (usize, &String)| {
        let view = move |found: personal::PersonalData| FoundView {
            text,
            kind: found.kind,
            start: found.start,
            end: found.end,
        };
        personal::find(words).into_iter().map(view).collect::<Vec<_>>()
    };
    Ok(web::Json(CheckedTexts { personal_data: input.texts.iter().enumerate().flat_map(found).collect() }))
}
