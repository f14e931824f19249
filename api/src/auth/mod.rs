//! Who is calling. A handler names what the caller must be in its signature, and gets a domain [`Actor`].
//!
//! Which role may do what stands on one page, `domain::permission`; the extractors below only ask it.

use std::future::{Ready, ready};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    cookie::Cookie,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};
use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject, AuditOutcome},
    permission::{AccountId, Actor, Missing},
};
use tracing_actix_web::RequestId;

use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
    random,
    store::{self, audit::Entry, session::Session},
};

pub mod cookie;
pub mod password;
pub mod second_factor;

/// Somebody with a live session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account behind the session.
    pub account: store::account::Account,
    /// What the session is known by in the database.
    pub token_hash: [u8; 32],
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// This request, as the log and the answer name it.
    pub request_id: String,
    /// What it lacks before it may do anything but supply it.
    pub missing: Option<Missing>,
}

impl SignedIn {
    /// The caller as the domain knows them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Account { id: AccountId(self.account.id), role: self.account.role, scope: self.account.scope.clone() }
    }

    /// What the audit log is to say of this request. `key` is a reference, a number, a slug or a route of ours, never
    /// what somebody typed.
    #[must_use]
    pub fn did(&self, action: AuditAction, object: AuditObject, key: impl ToString, at: DateTime<Utc>) -> Entry {
        Entry {
            at,
            account: Some((self.account.id, self.account.role)),
            action,
            object,
            key: key.to_string(),
            consultation_id: None,
            outcome: AuditOutcome::Done,
            request_id: self.request_id.clone(),
        }
    }
}

/// What a request is called in the log and in its answer.
#[must_use]
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

/// Finds out who is calling, before any extractor runs. Extractors run side by side, and one that first had to
/// ask the database would be overtaken by a complaint about the body: whoever may not call is told just that, and
/// the audit log that they tried.
///
/// # Errors
/// Whatever the handler answers with.
pub async fn identify<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().filter(|_| request.path().starts_with("/api/v1/"));
    let token = state.and_then(|state| Some((state.clone(), cookie::token_hash(request.request(), &state.config)?)));
    let mut caller = None;
    if let Some((state, token_hash)) = token {
        match store::session::find(state.store.read(), &token_hash, state.clock.now()).await {
            Ok(Some(Session { account, expires_at, second_factor })) => {
                let request_id = request_id(request.request());
                let missing = account.role.missing(account.second_factor, second_factor, state.config.demo);
                let signed_in = SignedIn { account, token_hash, expires_at, request_id, missing };
                request.extensions_mut().insert(signed_in.clone());
                caller = Some((state, signed_in));
            }
            Ok(None) => {}
            Err(error) => return Ok(request.into_response(Problem::from(error).answer())),
        }
    }
    let response = next.call(request).await?.map_into_boxed_body();
    if let Some((state, signed_in)) = caller.filter(|_| response.status() == StatusCode::FORBIDDEN) {
        let route = response.request().match_pattern().unwrap_or_default();
        let entry =
            signed_in.did(AuditAction::BeTurnedAway, AuditObject::Operation, route, state.clock.now()).refused();
        if let Err(error) = store::audit::record_alone(&state.store, entry).await {
            return Ok(response.into_response(Problem::from(error).answer()));
        }
    }
    Ok(response)
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(HalfSignedIn::from_request(request, payload).into_inner().and_then(|HalfSignedIn(signed_in)| {
            match signed_in.missing {
                None => Ok(signed_in),
                Some(missing) => Err(Problem::new(ProblemCode::SecondFactorRequired).detail(missing.as_str())),
            }
        }))
    }
}

/// Somebody with a live session, whose second factor may be missing: for what supplies it, and for leaving.
#[derive(Clone, Debug)]
pub struct HalfSignedIn(pub SignedIn);

impl FromRequest for HalfSignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = request.extensions().get::<SignedIn>().cloned();
        ready(signed_in.map(Self).ok_or_else(|| Problem::new(ProblemCode::Unauthenticated)))
    }
}

/// Opens a session of an account on the caller's device; answers when it ends, and its cookie.
///
/// # Errors
/// The database failed.
pub async fn open_session(
    state: &State,
    tx: &store::WriteTx,
    request: &HttpRequest,
    account_id: i64,
    second_factor: bool,
) -> Result<(DateTime<Utc>, Cookie<'static>), Problem> {
    let internal = |_| Problem::new(ProblemCode::Internal);
    let (token, token_hash) = cookie::fresh_token().map_err(internal)?;
    let handle = u64::from_le_bytes(random::bytes().map_err(internal)?);
    let new = store::session::New {
        token_hash,
        account_id,
        handle: format!("{handle:016x}"),
        device: device_label(request),
        second_factor,
    };
    let expires_at = store::session::insert(tx, new, state.clock.now()).await?;
    Ok((expires_at, cookie::session(token, &state.config)))
}

/// A coarse name of the caller's device.
#[must_use]
pub fn device_label(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    domain::device::label(agent.unwrap_or_default())
}

/// Declares an extractor that lets pass those whom one line of `domain::permission` lets pass.
macro_rules! only {
    ($(#[$doc:meta])* $name:ident, $may:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The account and its session.
            pub signed_in: SignedIn,
            /// The caller as the domain knows them.
            pub actor: Actor,
        }

        impl $name {
            /// The caller's account.
            #[must_use]
            pub const fn id(&self) -> i64 {
                self.signed_in.account.id
            }
        }

        impl FromRequest for $name {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                ready(SignedIn::from_request(request, payload).into_inner().and_then(|signed_in| {
                    let actor = signed_in.actor();
                    if actor.$may() { Ok(Self { signed_in, actor }) } else { Err(Problem::new(ProblemCode::Forbidden)) }
                }))
            }
        }
    };
}

only!(
    /// Reads the desk and decides within their assignment: moderators and coordinators.
    Moderator, may_read_desk
);
only!(
    /// Opens, closes and publishes a consultation.
    Coordinator, may_move_consultation
);
only!(
    /// Reads SMART drafts.
    DraftReader, may_read_drafts
);
only!(
    /// Writes SMART drafts.
    DraftWriter, may_write_drafts
);
only!(
    /// Reads statistics with demographics.
    Analyst, may_read_statistics
);
only!(
    /// Publishes an edition of the counts.
    EditionPublisher, may_publish_edition
);
only!(
    /// Takes data away in files.
    Exporter, may_export
);
only!(
    /// Manages accounts and their roles.
    AccountManager, may_manage_accounts
);
only!(
    /// Reads the settings of a consultation in whatever state.
    SettingsReader, may_read_settings
);
only!(
    /// Edits the settings of a consultation.
    SettingsEditor, may_edit_settings
);
only!(
    /// Reads the audit log.
    AuditReader, may_read_audit
);
only!(
    /// Signs what needs both coordinators.
    Signer, may_sign
);
only!(
    /// Asks for an export, and takes it away once it is approved.
    ExportAsker, may_ask_for_export
);
only!(
    /// Reads requests for an export.
    ApprovalReader, may_read_approvals
);
only!(
    /// Takes proposals in from a file.
    Importer, may_import
);
