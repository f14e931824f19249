//! `POST /receipts/contact`

use actix_web::{post, web};
use domain::{limit::Limited, text::EmailAddress};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{FollowUpView, find};
use crate::{
    application::State,
    http::{
        caller::{self, Caller},
        extract::Body,
        problem::{FieldError, Problem, ProblemCode},
        validate,
    },
    mail::Message,
    store,
};

/// Where news go from now on.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// The receipt code.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    code: String,
    /// The address; null or blank forgets it, and no more mails are sent.
    #[validate(custom(function = "validate::optional_email"))]
    #[schema(max_length = 254)]
    email: Option<String>,
}

/// Changes, sets or forgets the address that news go to. A new one is told so.
#[utoipa::path(tag = "receipts", request_body = NewContact, responses((status = 200, body = FollowUpView)))]
#[post("/receipts/contact")]
pub async fn change_contact(
    state: web::Data<State>,
    caller: Caller,
    input: Body<NewContact>,
) -> Result<web::Json<FollowUpView>, Problem> {
    let email = input.email.as_deref().filter(|email| !email.trim().is_empty());
    let email = email
        .map(EmailAddress::parse)
        .transpose()
        .map_err(|problem| Problem::fields(vec![FieldError::text("email", problem)]))?
        .map(|email| email.as_str().to_owned());
    let (consultation, row) = find(&state, caller, &input.code).await?;
    if let Some(email) = email.as_deref().filter(|email| row.email.as_deref() != Some(email)) {
        // it need not be the caller's own
        caller::take(&state, caller::of_address(&state, Limited::UnaskedMail, email)).await?;
    }
    let now = state.clock.now();
    let tx = state.store.write().await?;
    let row = store::proposal::lock(&tx, row.id).await?.ok_or_else(|| Problem::new(ProblemCode::ReceiptUnknown))?;
    if row.erased_at.is_some() {
        return Err(Problem::new(ProblemCode::IllegalTransition).detail("everything personal was erased"));
    }
    let row = if row.email == email {
        row
    } else {
        let reference = consultation.reference(row.id, row.submitted_at).to_string();
        let row = store::erasure::set_contact(&tx, row, &reference, email, now).await?;
        if let Some(email) = &row.email {
            store::outbox::enqueue_about(&tx, row.id, email, row.language.0, &Message::Contact { reference }, now)
                .await?;
        }
        row
    };
    tx.commit().await?;
    Ok(web::Json(FollowUpView::load(&state, &consultation, row).await?))
}
