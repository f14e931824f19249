//! What an error looks like from outside: RFC 9457 `application/problem+json` with a closed set of codes.
//!
//! The codes are in the OpenAPI document and are the frontend's translation keys: a new one is a new
//! sentence in every language. A 4xx says which field and why; a 5xx says nothing and is logged once.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use chrono::TimeDelta;
use domain::{
    approval::ApprovalError, consultation::ConsultationError, draft::DraftError, proposal::TransitionError,
    text::TextProblem,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{self, Remedy, StoreError};

/// The closed set of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The body is not JSON.
    MalformedJson,
    /// A query parameter that does not exist.
    UnknownParameter,
    /// A query parameter or header with a value it cannot have.
    InvalidParameter,
    /// The fields under `errors` are wrong.
    ValidationFailed,
    /// The body is larger than 64 KiB, a photo larger than 5 MiB, or a file of rows larger than 64 MiB.
    PayloadTooLarge,
    /// The body is not `application/json`; what should be a photo is no JPEG, PNG or WebP, or a file of rows no
    /// `application/octet-stream`.
    UnsupportedMediaType,
    /// A photo that is damaged.
    UnreadablePicture,
    /// A photo of more than 40 million pixels.
    TooManyPixels,
    /// The file is no table that can be read; `detail` says why, as a code.
    UnreadableFile,
    /// The body did not arrive in time.
    RequestTimeout,
    /// Nothing there, or nothing the caller may know of.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// No session, or an expired one.
    Unauthenticated,
    /// Unknown address or wrong password; which of them is not said.
    BadCredentials,
    /// The session lacks its second factor; `GET /session` says what to do about it.
    SecondFactorRequired,
    /// The invitation was used, replaced, taken back or is over.
    InvitationOver,
    /// The role or its assignment does not allow this.
    Forbidden,
    /// The request came from another site's page.
    CrossSite,
    /// No proposal has this receipt code.
    ReceiptUnknown,
    /// The write needs an `If-Match` header.
    IfMatchRequired,
    /// Somebody changed it in the meantime: read again, decide again.
    VersionConflict,
    /// The workflow has no such step from here.
    IllegalTransition,
    /// The consultation does not take proposals now.
    ConsultationNotOpen,
    /// The consultation cannot be published while a proposal has no answer.
    UnansweredProposals,
    /// Another person than the first must confirm.
    SecondPersonRequired,
    /// The draft has findings that block.
    BlockingFindings,
    /// This person has signed already.
    AlreadySigned,
    /// Not all who must sign have signed; `detail` says how many are missing.
    SignaturesMissing,
    /// The approval is used, or its time has passed.
    ApprovalOver,
    /// Rows have mistakes, and nobody said that they are to be left out.
    ImportHasMistakes,
    /// The thirty days are over.
    AppealWindowOver,
    /// Fewer than ten participations came since the last edition.
    EditionTooFew,
    /// There was an edition today.
    EditionTooSoon,
    /// Another account has this address.
    EmailTaken,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// Too many of these from the caller: come back after `Retry-After` seconds.
    TooManyRequests,
    /// Too many of these at once: come back after `Retry-After` seconds.
    TooBusy,
    /// The database does not answer: come back after `Retry-After` seconds.
    Unavailable,
    /// Our mistake; it was logged.
    Internal,
}

impl ProblemCode {
    const fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson | Self::UnknownParameter | Self::InvalidParameter => StatusCode::BAD_REQUEST,
            Self::ValidationFailed
            | Self::IdempotencyKeyReused
            | Self::UnreadablePicture
            | Self::TooManyPixels
            | Self::UnreadableFile => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound | Self::ReceiptUnknown | Self::InvitationOver => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthenticated | Self::BadCredentials => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::CrossSite | Self::SecondFactorRequired => StatusCode::FORBIDDEN,
            Self::IfMatchRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::VersionConflict
            | Self::IllegalTransition
            | Self::ConsultationNotOpen
            | Self::UnansweredProposals
            | Self::SecondPersonRequired
            | Self::BlockingFindings
            | Self::AlreadySigned
            | Self::SignaturesMissing
            | Self::ApprovalOver
            | Self::ImportHasMistakes
            | Self::AppealWindowOver
            | Self::EditionTooFew
            | Self::EditionTooSoon
            | Self::EmailTaken => StatusCode::CONFLICT,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::TooBusy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::MalformedJson => "The body is not valid JSON",
            Self::UnknownParameter => "Unknown query parameter",
            Self::InvalidParameter => "A parameter has an impossible value",
            Self::ValidationFailed => "Some fields are not right",
            Self::PayloadTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body is not of the kind that is taken here",
            Self::UnreadablePicture => "The picture cannot be read",
            Self::TooManyPixels => "The picture has too many pixels",
            Self::UnreadableFile => "The file cannot be read",
            Self::RequestTimeout => "The body did not arrive in time",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Unauthenticated => "Sign in first",
            Self::BadCredentials => "Unknown address or wrong password",
            Self::Forbidden => "Your role does not allow this",
            Self::CrossSite => "Request from another site",
            Self::SecondFactorRequired => "The second factor is missing",
            Self::InvitationOver => "The invitation is no longer good",
            Self::ReceiptUnknown => "No proposal has this receipt code",
            Self::IfMatchRequired => "If-Match is required",
            Self::VersionConflict => "It was changed in the meantime",
            Self::IllegalTransition => "The workflow has no such step",
            Self::ConsultationNotOpen => "The consultation does not take proposals now",
            Self::UnansweredProposals => "Some proposals have no answer yet",
            Self::SecondPersonRequired => "A second person must confirm",
            Self::BlockingFindings => "The draft has blocking findings",
            Self::AlreadySigned => "You have signed already",
            Self::SignaturesMissing => "Signatures are missing",
            Self::ApprovalOver => "The approval is used or its time has passed",
            Self::ImportHasMistakes => "Some rows have mistakes",
            Self::AppealWindowOver => "The time to appeal is over",
            Self::EditionTooFew => "Fewer than ten participations since the last edition",
            Self::EditionTooSoon => "There was an edition today",
            Self::EmailTaken => "Another account has this address",
            Self::IdempotencyKeyReused => "The idempotency key was used for another request",
            Self::TooManyRequests => "Too many requests from you",
            Self::TooBusy => "Too many requests of this kind at once",
            Self::Unavailable => "The service is not available right now",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(code)) => f.write_str(&code),
            _ => Err(fmt::Error),
        }
    }
}

/// The closed set of things that can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// Missing or blank.
    Required,
    /// Fewer than `min` characters.
    TooShort,
    /// More than `max` characters or items.
    TooLong,
    /// Not of the form this field has.
    Invalid,
    /// No such field, or no such code.
    Unknown,
    /// Not with the other answers given.
    NotAllowed,
    /// Holds characters that are invisible or change the reading direction.
    ControlCharacter,
    /// Outside `min`..`max`.
    NotInRange,
    /// Stands twice.
    Duplicate,
    /// A password that is among the first to be tried, or holds what everybody knows.
    TooCommon,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where, as a path: `title`, `demographics.age_band`, `indicators[0].target`.
    pub field: String,
    /// What.
    pub code: FieldCode,
    /// The smallest length or value allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// The largest length or value allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

impl FieldError {
    /// An error without limits.
    #[must_use]
    pub fn new(field: impl Into<String>, code: FieldCode) -> Self {
        Self { field: field.into(), code, min: None, max: None }
    }

    /// An error of one of the domain's texts.
    #[must_use]
    pub fn text(field: impl Into<String>, problem: TextProblem) -> Self {
        let (code, min, max) = match problem {
            TextProblem::Required => (FieldCode::Required, None, None),
            TextProblem::TooShort { min } => (FieldCode::TooShort, Some(min as u64), None),
            TextProblem::TooLong { max } => (FieldCode::TooLong, None, Some(max as u64)),
            TextProblem::ControlCharacter => (FieldCode::ControlCharacter, None, None),
            TextProblem::Invalid => (FieldCode::Invalid, None, None),
            TextProblem::TooCommon => (FieldCode::TooCommon, None, None),
        };
        Self { field: field.into(), code, min, max }
    }
}

/// An RFC 9457 problem.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A stable name of the problem, `urn:tachawor:problem:<code>`.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    kind: String,
    /// A short English sentence for developers; people read the translation of `code`.
    title: &'static str,
    /// The HTTP status, once more.
    status: u16,
    /// The closed code.
    pub code: ProblemCode,
    /// What was wrong in this very request, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// The seconds of `Retry-After`, if the caller is to come back.
    #[serde(skip)]
    retry_after: Option<i64>,
}

impl Problem {
    /// A problem with nothing more to say than its code.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: format!("urn:tachawor:problem:{code}"),
            title: code.title(),
            status: code.status().as_u16(),
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: matches!(code, ProblemCode::TooBusy | ProblemCode::Unavailable).then_some(5),
        }
    }

    /// The caller has used up what is allowed, and has some again after `wait`.
    #[must_use]
    pub fn too_many(wait: TimeDelta) -> Self {
        let seconds = (wait.num_milliseconds() + 999) / 1000;
        Self { retry_after: Some(seconds.max(1)), ..Self::new(ProblemCode::TooManyRequests) }
    }

    /// Adds what was wrong in this request. Never put a person's words or data here.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// `validation_failed` with these fields.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(ProblemCode::ValidationFailed) }
    }

    /// `validation_failed` with one field.
    #[must_use]
    pub fn field(field: impl Into<String>, code: FieldCode) -> Self {
        Self::fields(vec![FieldError::new(field, code)])
    }

    /// Nothing there, or nothing the caller may know of: the two must look the same.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemCode::NotFound)
    }

    /// The answer. Public, because middleware answers problems too.
    #[must_use]
    pub fn answer(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        response.insert_header((header::CACHE_CONTROL, "no-store")).content_type("application/problem+json");
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.code == ProblemCode::RequestTimeout {
            // the rest of the body would be read as the next request
            response.force_close();
        }
        response.body(serde_json::to_string(self).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.answer()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // Nothing of it reaches the caller: a database error may quote a row.
        let code = match store::remedy(&error) {
            Remedy::TryAgain => ProblemCode::Unavailable,
            Remedy::Reload => ProblemCode::VersionConflict,
            Remedy::Report => ProblemCode::Internal,
        };
        if code != ProblemCode::VersionConflict {
            tracing::error!(error = %error, "store");
        }
        Self::new(code)
    }
}

impl From<TransitionError> for Problem {
    fn from(error: TransitionError) -> Self {
        let code = match &error {
            TransitionError::NotAllowed { .. } => ProblemCode::Forbidden,
            TransitionError::SecondPersonRequired => ProblemCode::SecondPersonRequired,
            TransitionError::AppealWindowOver { .. } => ProblemCode::AppealWindowOver,
            TransitionError::SelfMerge | TransitionError::BadMergeTarget { .. } => {
                return Self::field("target", FieldCode::NotAllowed).detail(error.to_string());
            }
            TransitionError::Illegal { .. }
            | TransitionError::NoWithholdRequest
            | TransitionError::ClarificationNotDue { .. }
            | TransitionError::Erased { .. } => ProblemCode::IllegalTransition,
        };
        Self::new(code).detail(error.to_string())
    }
}

impl From<ConsultationError> for Problem {
    fn from(error: ConsultationError) -> Self {
        let code = match &error {
            ConsultationError::IllegalTransition { .. } => ProblemCode::IllegalTransition,
            ConsultationError::Unanswered { .. } => ProblemCode::UnansweredProposals,
        };
        Self::new(code).detail(error.to_string())
    }
}

impl From<DraftError> for Problem {
    fn from(error: DraftError) -> Self {
        let code = match &error {
            DraftError::Illegal { .. } => ProblemCode::IllegalTransition,
            DraftError::NotAllowed { .. } => ProblemCode::Forbidden,
            DraftError::AlreadySigned => ProblemCode::AlreadySigned,
            DraftError::BlockingFindings { .. } => ProblemCode::BlockingFindings,
        };
        Self::new(code).detail(error.to_string())
    }
}

impl From<ApprovalError> for Problem {
    fn from(error: ApprovalError) -> Self {
        let code = match &error {
            ApprovalError::NotAllowed => ProblemCode::Forbidden,
            ApprovalError::OwnRequest => ProblemCode::SecondPersonRequired,
            ApprovalError::AlreadySigned => ProblemCode::AlreadySigned,
            ApprovalError::Complete => ProblemCode::IllegalTransition,
            ApprovalError::SignaturesMissing { .. } => ProblemCode::SignaturesMissing,
            ApprovalError::Over { .. } | ApprovalError::Used => ProblemCode::ApprovalOver,
        };
        Self::new(code).detail(error.to_string())
    }
}
