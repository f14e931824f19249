//! `POST /invitations/request`

use actix_web::{HttpResponse, post, web};
use domain::{limit::Limited, text::EmailAddress, vocabulary::Language};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    http::{
        caller::{self, Caller},
        extract::Body,
        problem::{FieldError, Problem},
    },
    mail::Message,
    store,
};

/// Whose password was forgotten.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// The account's address.
    #[validate(length(min = 1, max = 254))]
    #[schema(max_length = 254)]
    email: String,
}

/// Sends the owner of an account a link to choose another password, good once. The old one is good until then.
///
/// Whether there is such an account is not told: what happens here is the same, and only the worker that sends the mail
/// looks for it.
#[utoipa::path(tag = "sessions", request_body = ForgottenPassword, responses((status = 204)))]
#[post("/invitations/request")]
pub async fn request_password(
    state: web::Data<State>,
    caller: Caller,
    input: Body<ForgottenPassword>,
) -> Result<HttpResponse, Problem> {
    let email = EmailAddress::parse(&input.email)
        .map_err(|problem| Problem::fields(vec![FieldError::text("email", problem)]))?
        .folded();
    caller.take(&state, Limited::SignInFrom).await?;
    caller::take(&state, caller::of_address(&state, Limited::UnaskedMail, &email)).await?;
    let tx = state.store.write().await?;
    // its language is the account's, if there is one
    store::outbox::enqueue(&tx, &email, Language::Ar, &Message::new_password(), state.clock.now()).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
