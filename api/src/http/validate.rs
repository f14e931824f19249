//! Bridges between `validator`, which collects every mistake of a body, and the domain, which knows what one is.

use domain::text::{self, TextProblem};
use validator::ValidationError;

fn outcome(outcome: Result<(), TextProblem>) -> Result<(), ValidationError> {
    let Err(problem) = outcome else { return Ok(()) };
    let mut error = ValidationError::new(problem.code());
    match problem {
        TextProblem::TooShort { min } => error.add_param("min".into(), &min),
        TextProblem::TooLong { max } => error.add_param("max".into(), &max),
        _ => {}
    }
    Err(error)
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident: $type:ident),* $(,)?) => { $(
        $(#[$doc])*
        ///
        /// # Errors
        /// What [`text`] finds wrong.
        pub fn $name(value: &str) -> Result<(), ValidationError> {
            outcome(text::$type::check(value))
        }
    )* };
}

checks! {
    /// The title of a proposal.
    title: Title,
    /// What is wrong.
    problem: Problem,
    /// What to do about it.
    solution: Solution,
    /// A question of the committee.
    question: Question,
    /// The author's answer.
    answer: Answer,
    /// A reasoned response.
    response: Response,
    /// Why a decision should be looked at again.
    appeal_reason: AppealReason,
    /// An internal note.
    note: NoteText,
    /// A remark on a draft.
    remark: RemarkText,
    /// Why a draft is set aside.
    set_aside_reason: SetAsideReason,
    /// What an administrator's export is for.
    export_reason: ExportReason,
    /// The name of a competent body.
    competent_body: CompetentBody,
    /// The name of a person with an account.
    display_name: DisplayName,
    /// The title of a draft.
    draft_title: DraftTitle,
    /// An e-mail address.
    email: EmailAddress,
}

/// An optional text: blank is absent.
///
/// # Errors
/// What [`text`] finds wrong.
pub fn expected_change(value: &str) -> Result<(), ValidationError> {
    if value.trim().is_empty() { Ok(()) } else { outcome(text::ExpectedChange::check(value)) }
}

/// An optional name: blank is absent.
///
/// # Errors
/// What [`text`] finds wrong.
pub fn organisation(value: &str) -> Result<(), ValidationError> {
    if value.trim().is_empty() { Ok(()) } else { outcome(text::OrganisationName::check(value)) }
}

/// An optional address: blank is absent.
///
/// # Errors
/// What [`text`] finds wrong.
pub fn optional_email(value: &str) -> Result<(), ValidationError> {
    if value.trim().is_empty() { Ok(()) } else { email(value) }
}

/// An optional note: blank is absent.
///
/// # Errors
/// What [`text`] finds wrong.
pub fn optional_note(value: &str) -> Result<(), ValidationError> {
    if value.trim().is_empty() { Ok(()) } else { note(value) }
}

/// A new password.
///
/// # Errors
/// What [`text`] finds wrong.
pub fn new_password(value: &str) -> Result<(), ValidationError> {
    outcome(text::check_password(value))
}
