//! Mail: what is told, and by which way it leaves. It is written to the outbox in the transaction of the
//! fact it tells; the worker in `jobs` sends it afterwards.

use chrono::{DateTime, Utc};
use domain::proposal::Edge;
use serde::{Deserialize, Serialize};

use crate::{config::Config, store::proposal::Referral};

/// What a mail tells, as kept in the outbox. No receipt code is ever kept: it is made again when the mail is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Your proposal arrived; here is how to follow it.
    Receipt {
        /// Its id, to make the code again.
        proposal: i64,
        /// Its public reference.
        reference: String,
        /// Its title.
        title: String,
    },
    /// The committee asks you something.
    ClarificationRequest {
        /// Its public reference.
        reference: String,
        /// Its title.
        title: String,
        /// The question.
        question: String,
        /// Until when an answer is awaited.
        due: DateTime<Utc>,
    },
    /// The committee decided.
    Decision {
        /// Its public reference.
        reference: String,
        /// Its title; `None` if the text is withheld.
        title: Option<String>,
        /// The decision.
        edge: Edge,
        /// Its reason code, or the words of a reopening.
        reason: Option<String>,
        /// The reasoned response.
        response: Option<String>,
        /// Where it was sent on to.
        referral: Option<Referral>,
        /// The reference of the proposal it was merged into.
        target: Option<String>,
    },
}

/// The kinds of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// [`Message::Receipt`]
    Receipt,
    /// [`Message::ClarificationRequest`]
    ClarificationRequest,
    /// [`Message::Decision`]
    Decision,
}

impl Message {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Receipt { .. } => MailKind::Receipt,
            Self::ClarificationRequest { .. } => MailKind::ClarificationRequest,
            Self::Decision { .. } => MailKind::Decision,
        }
    }
}

impl std::fmt::Display for MailKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Receipt => "receipt",
            Self::ClarificationRequest => "clarification_request",
            Self::Decision => "decision",
        })
    }
}

impl std::str::FromStr for MailKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        match code {
            "receipt" => Ok(Self::Receipt),
            "clarification_request" => Ok(Self::ClarificationRequest),
            "decision" => Ok(Self::Decision),
            _ => Err(()),
        }
    }
}

/// Sends mail.
#[derive(Clone, Debug)]
pub struct Mailer {}

impl Mailer {
    /// Sets the transport up; sends nothing.
    ///
    /// # Errors
    /// The transport's settings are unusable.
    pub fn new(_config: &Config) -> anyhow::Result<Self> {
        Ok(Self {})
    }
}
