//! Who is calling. A handler names what the caller must be in its signature, and gets a domain [`Actor`].
//!
//! Which role may do what stands on one page, `domain::permission`; the extractors below only ask it.

use std::future::{Ready, ready};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use chrono::{DateTime, Utc};
use domain::permission::{AccountId, Actor};

use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
    store,
};

pub mod cookie;
pub mod password;

/// Somebody with a live session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account behind the session.
    pub account: store::account::Account,
    /// What the session is known by in the database.
    pub token_hash: [u8; 32],
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl SignedIn {
    /// The caller as the domain knows them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Account { id: AccountId(self.account.id), role: self.account.role, scope: self.account.scope.clone() }
    }
}

/// Finds out who is calling, before any extractor runs. Extractors run side by side, and one that first had to
/// ask the database would be overtaken by a complaint about the body: whoever may not call is told just that.
///
/// # Errors
/// Whatever the handler answers with.
pub async fn identify<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().filter(|_| request.path().starts_with("/api/v1/"));
    let token = state.and_then(|state| Some((state.clone(), cookie::token_hash(request.request(), &state.config)?)));
    if let Some((state, token_hash)) = token {
        match store::session::find(state.store.read(), &token_hash, state.clock.now()).await {
            Ok(Some((account, expires_at))) => {
                request.extensions_mut().insert(SignedIn { account, token_hash, expires_at });
            }
            Ok(None) => {}
            Err(error) => return Ok(request.into_response(Problem::from(error).answer())),
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = request.extensions().get::<Self>().cloned();
        ready(signed_in.ok_or_else(|| Problem::new(ProblemCode::Unauthenticated)))
    }
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
