//! `POST /session`

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use domain::{
    audit::{AuditAction, AuditObject, AuditOutcome},
    limit::Limited,
    text::EmailAddress,
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::show::SessionView;
use crate::{
    application::State,
    auth::{self, cookie},
    http::{
        caller::{self, Caller},
        extract::Body,
        problem::{Problem, ProblemCode},
    },
    mail::Message,
    store::{self, audit::Entry},
};

/// An address and a password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The account's address.
    #[validate(length(min = 1, max = 254))]
    #[schema(max_length = 254)]
    email: String,
    /// The account's password.
    #[validate(length(min = 1, max = 128))]
    #[schema(max_length = 128, format = Password)]
    password: String,
}

/// Signs in: answers who one is and sets the session cookie. What the session lacks then stands in `missing`. A device
/// not seen before with this account is told to its owner by mail.
///
/// An unknown address, a wrong password and a disabled account get the same answer in the same time. Attempts are counted
/// by where they come from and by the address they are for, known or not; on a device that an account was signed in with
/// before, its owner has attempts of their own.
#[utoipa::path(tag = "sessions", request_body = NewSession, responses((status = 200, body = SessionView)))]
#[post("/session")]
pub async fn sign_in(
    state: web::Data<State>,
    request: HttpRequest,
    caller: Caller,
    input: Body<NewSession>,
) -> Result<HttpResponse, Problem> {
    let Body(NewSession { email, password }) = input;
    let folded = EmailAddress::parse(&email).map(|email| email.folded());
    let known = match &folded {
        Ok(email) => store::account::by_email(state.store.read(), email).await?,
        Err(_) => None,
    };
    let device = cookie::device_hash(&request, &state.config);
    let typed = folded.as_deref().unwrap_or(&email);
    take_an_attempt(&state, caller, known.as_ref().map(|(account, _)| account.id), typed, device).await?;
    let account = known.as_ref().map(|(account, _)| (account.id, account.role));
    let entry = Entry {
        at: state.clock.now(),
        account,
        action: AuditAction::SignIn,
        object: AuditObject::Account,
        key: account.map_or_else(|| "unknown".to_owned(), |(id, _)| id.to_string()),
        consultation_id: None,
        outcome: AuditOutcome::Done,
        request_id: auth::request_id(&request),
    };
    let known = known.filter(|(account, _)| !account.disabled);
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let right = state.passwords.verify(hash, SecretString::from(password)).await?;
    let bad = || Problem::new(ProblemCode::BadCredentials);
    let Some((account, hash)) = known.filter(|_| right) else {
        // an address that nobody has is written down as well: it takes as long
        store::audit::record_alone(&state.store, entry.refused()).await?;
        return Err(bad());
    };

    let now = state.clock.now();
    let (fresh, fresh_hash) = cookie::fresh_token().map_err(|_| Problem::new(ProblemCode::Internal))?;
    let tx = state.store.write().await?;
    // checking took a while, in which the password may have been reset and every session ended
    if !store::account::still_opens(&tx, account.id, &hash).await? {
        drop(tx);
        store::audit::record_alone(&state.store, entry.refused()).await?;
        return Err(bad());
    }
    let (expires_at, session) = auth::open_session(&state, &tx, &request, account.id, false).await?;
    if !store::device::see(&tx, account.id, &device.unwrap_or(fresh_hash), now).await? {
        let message = Message::NewDevice { device: auth::device_label(&request), at: now };
        store::outbox::enqueue(&tx, &account.email, account.language, &message, now).await?;
    }
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    let missing = account.role.missing(account.second_factor, false, state.config.demo);
    let mut response = HttpResponse::Ok();
    // as headers, whose order stays: the session first
    response.append_header((header::SET_COOKIE, session.to_string()));
    if device.is_none() {
        response.append_header((header::SET_COOKIE, cookie::device(fresh, &state.config).to_string()));
    }
    Ok(response.json(SessionView::new(account, expires_at, missing)))
}

/// Takes one of the attempts there are: of the account on a device it knows, else of the caller and of the address that
/// was typed.
async fn take_an_attempt(
    state: &State,
    caller: Caller,
    account: Option<i64>,
    typed: &str,
    device: Option<[u8; 32]>,
) -> Result<(), Problem> {
    if let (Some(account), Some(device)) = (account, device)
        && store::device::is_known(state.store.read(), account, &device, state.clock.now()).await?
    {
        let whose = [device.as_slice(), &account.to_be_bytes()].concat();
        return caller::take(state, caller::counter(state, Limited::SignInOn, &whose)).await;
    }
    caller.take(state, Limited::SignInFrom).await?;
    caller::take(state, caller::of_address(state, Limited::SignInTo, typed)).await
}
