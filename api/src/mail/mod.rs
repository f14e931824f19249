//! Mail: what is told, and by which way it leaves. It is written to the outbox in the transaction of the
//! fact it tells; the worker in `jobs` sends it afterwards.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use domain::proposal::Edge;
use lettre::message::{
    Mailbox, MultiPart,
    header::{Header, HeaderName, HeaderValue},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;

pub mod render;
mod smtp;
pub mod unsubscribe;

pub use render::Rendered;

use crate::{
    config::{Config, MailTransport},
    store::proposal::Referral,
};

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
        /// The hash of its entry in the public ledger; mails written before there was one have none.
        #[serde(default)]
        leaf: Option<String>,
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
        /// Its reason code.
        reason: Option<String>,
        /// The reasoned response.
        response: Option<String>,
        /// Where it was sent on to.
        referral: Option<Referral>,
        /// The reference of the proposal it was merged into.
        target: Option<String>,
    },
    /// To a coordinator: somebody has read about very many people in a short time.
    MassRead {
        /// Whose account it is.
        account: i64,
        /// The name colleagues see.
        name: String,
        /// How many times they read.
        read: u64,
    },
    /// From now on news of your proposal come to this address. No code in it: the address may be mistyped.
    Contact {
        /// Its public reference.
        reference: String,
    },
    /// You have an account; choose its password.
    Invitation {
        /// Its id, to make the token again.
        invitation: i64,
        /// Its token, put in when the mail is sent.
        #[serde(skip)]
        token: String,
        /// Whose account it is.
        name: String,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Somebody asked for another password of your account. All of it is put in when the mail is sent; to an address that
    /// no account has, none is.
    NewPassword {
        /// The token of the link.
        #[serde(skip)]
        token: String,
        /// Whose account it is.
        #[serde(skip)]
        name: String,
        /// Until when.
        #[serde(skip)]
        until: DateTime<Utc>,
    },
    /// To a witness of the ledger: its newest checkpoint, to be kept.
    Checkpoint {
        /// How many entries it covers.
        size: i64,
        /// The signed note.
        note: String,
    },
    /// Somebody signed in to your account with a device not seen before.
    NewDevice {
        /// A coarse name of the device; may be empty.
        device: String,
        /// When.
        at: DateTime<Utc>,
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
    /// [`Message::MassRead`]
    MassRead,
    /// [`Message::Contact`]
    Contact,
    /// [`Message::Invitation`]
    Invitation,
    /// [`Message::NewPassword`]
    NewPassword,
    /// [`Message::Checkpoint`]
    Checkpoint,
    /// [`Message::NewDevice`]
    NewDevice,
}

impl Message {
    /// A mail to whoever forgot a password, as it is put in line.
    #[must_use]
    pub const fn new_password() -> Self {
        Self::NewPassword { token: String::new(), name: String::new(), until: DateTime::UNIX_EPOCH }
    }

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Receipt { .. } => MailKind::Receipt,
            Self::ClarificationRequest { .. } => MailKind::ClarificationRequest,
            Self::Decision { .. } => MailKind::Decision,
            Self::MassRead { .. } => MailKind::MassRead,
            Self::Contact { .. } => MailKind::Contact,
            Self::Invitation { .. } => MailKind::Invitation,
            Self::NewPassword { .. } => MailKind::NewPassword,
            Self::Checkpoint { .. } => MailKind::Checkpoint,
            Self::NewDevice { .. } => MailKind::NewDevice,
        }
    }
}

impl std::fmt::Display for MailKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Receipt => "receipt",
            Self::ClarificationRequest => "clarification_request",
            Self::Decision => "decision",
            Self::MassRead => "mass_read",
            Self::Contact => "contact",
            Self::Invitation => "invitation",
            Self::NewPassword => "new_password",
            Self::Checkpoint => "checkpoint",
            Self::NewDevice => "new_device",
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
            "mass_read" => Ok(Self::MassRead),
            "contact" => Ok(Self::Contact),
            "invitation" => Ok(Self::Invitation),
            "new_password" => Ok(Self::NewPassword),
            "checkpoint" => Ok(Self::Checkpoint),
            "new_device" => Ok(Self::NewDevice),
            _ => Err(()),
        }
    }
}

/// A mail as the memory transport keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    /// Its address.
    pub recipient: String,
    /// The same for every attempt at one mail.
    pub message_id: String,
    /// What it says.
    pub rendered: Rendered,
}

/// What tests see of mail, and how they make it fail.
#[derive(Debug, Default)]
pub struct Memory {
    /// What was sent, in order.
    pub sent: Mutex<Vec<SentMail>>,
    /// While true, every attempt fails.
    pub is_down: AtomicBool,
}

/// Sends mail.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

#[derive(Clone, Debug)]
enum Transport {
    Smtp(Box<smtp::Smtp>),
    File(PathBuf),
    Memory(Arc<Memory>),
}

impl Mailer {
    /// Sets the transport up; sends nothing.
    ///
    /// # Errors
    /// The transport's settings are unusable.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let from = config.mail_from.parse().context("TACHAWOR_MAIL_FROM")?;
        let transport = match &config.mail {
            MailTransport::Smtp(url) => {
                let server = smtp::Smtp::new(url.expose_secret()).context(
                    "TACHAWOR_MAIL: expected smtp://user:password@host:587?tls=required or smtps://user:password@host",
                )?;
                Transport::Smtp(Box::new(server))
            }
            MailTransport::File(folder) => {
                std::fs::create_dir_all(folder).with_context(|| format!("TACHAWOR_MAIL: {}", folder.display()))?;
                Transport::File(folder.clone())
            }
            MailTransport::Memory => Transport::Memory(Arc::default()),
        };
        Ok(Self { from, transport })
    }

    /// The mails kept in memory, if that is where they go.
    #[must_use]
    pub fn memory(&self) -> Option<Arc<Memory>> {
        match &self.transport {
            Transport::Memory(memory) => Some(memory.clone()),
            _ => None,
        }
    }

    /// Sends one mail. `number` is its place in the outbox, from which the Message-ID is made: a mail that is
    /// sent again after a crash carries the same one, so mail programs can tell.
    ///
    /// # Errors
    /// Why it could not be sent, without the address.
    pub async fn send(&self, number: i64, recipient: &str, rendered: Rendered) -> Result<(), SendError> {
        let name = format!("outbox-{number}");
        let message_id = format!("<{name}@{}>", self.from.email.domain());
        let to: Mailbox = recipient.parse().map_err(|_| SendError::Unusable("the address cannot be written to"))?;
        if let Transport::Memory(memory) = &self.transport {
            if memory.is_down.load(Ordering::SeqCst) {
                return Err(SendError::Unreachable("the mail server is down".into()));
            }
            let mail = SentMail { recipient: recipient.to_owned(), message_id, rendered };
            memory.sent.lock().map_err(|_| SendError::Unreachable("poisoned".into()))?.push(mail);
            return Ok(());
        }
        let mut message = lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(rendered.subject)
            .message_id(Some(message_id))
            .header(AutoSubmitted);
        if let Some(url) = rendered.one_click {
            message = message.header(unsubscribe::ListUnsubscribe(url)).header(unsubscribe::ListUnsubscribePost);
        }
        let message = message
            .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))
            .map_err(|_| SendError::Unusable("the mail could not be put together"))?;
        match &self.transport {
            Transport::Smtp(server) => server.send(&message).await,
            Transport::File(folder) => write(folder, &name, &message.formatted())
                .await
                .map_err(|error| SendError::Unreachable(format!("the mail could not be written: {}", error.kind()))),
            Transport::Memory(_) => Ok(()),
        }
    }
}

/// Writes `name.eml` whole or not at all; the same mail once more replaces it. It holds an address and perhaps a
/// receipt code, so it is for its owner's eyes only.
async fn write(folder: &Path, name: &str, mail: &[u8]) -> io::Result<()> {
    // somebody may have tidied up since the start
    tokio::fs::create_dir_all(folder).await?;
    let unfinished = folder.join(format!(".{name}.part"));
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&unfinished).await?;
    file.write_all(mail).await?;
    file.sync_all().await?;
    tokio::fs::rename(unfinished, folder.join(format!("{name}.eml"))).await
}

/// Why a mail could not be sent. Never holds an address, a text or what a server said about them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It can never be sent.
    #[error("{0}")]
    Unusable(&'static str),
    /// The server answered this mail with a refusal: for now (4xx) or for good (5xx).
    #[error("the mail server said {0}")]
    Refused(u16),
    /// It did not get as far as an answer; the next mail would not either.
    #[error("{0}")]
    Unreachable(String),
}

/// `Auto-Submitted: auto-generated` (RFC 3834): out-of-office replies stay away.
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn mailer(folder: &Path) -> Mailer {
        let from = "تشاور <no-reply@example.ma>".parse().unwrap();
        Mailer { from, transport: Transport::File(folder.join("made/when/needed")) }
    }

    fn letter(subject: &str) -> Rendered {
        Rendered {
            subject: subject.into(), text: "سلام\n.\nوداعا".into(), html: "<p>سلام</p>".into(), one_click: None
        }
    }

    #[tokio::test]
    async fn a_file_holds_one_whole_mail_and_the_same_mail_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = mailer(folder.path());
        for _ in 0..2 {
            mailer.send(7, "amina@example.org", letter("وصل")).await.unwrap();
        }
        let made = folder.path().join("made/when/needed");
        let names: Vec<_> = std::fs::read_dir(&made).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["outbox-7.eml"]);
        let mail = std::fs::read_to_string(made.join("outbox-7.eml")).unwrap();
        for part in [
            "Message-ID: <outbox-7@example.ma>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "To: amina@example.org\r\n",
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
        ] {
            assert!(mail.contains(part), "{part} in {mail}");
        }
        assert!(mail.is_ascii(), "any mail server can carry it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(made.join("outbox-7.eml")).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "it may hold a receipt code");
        }
    }

    #[tokio::test]
    async fn no_words_become_a_header_and_no_address_becomes_two() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = mailer(folder.path());
        let subject = letter("Bonjour\r\nBcc: thief@example.org\r\n\r\n<b>");
        mailer.send(1, "amina@example.org", subject).await.unwrap();
        let mail = std::fs::read_to_string(folder.path().join("made/when/needed/outbox-1.eml")).unwrap();
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.contains("Content-Type: multipart/alternative"), "the head did not end early: {head}");

        for bad in
            ["", "amina", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org", "a b@example.org"]
        {
            let error = mailer.send(2, bad, letter("Bonjour")).await.unwrap_err();
            assert!(matches!(error, SendError::Unusable(_)), "{bad}");
            assert!(bad.is_empty() || !error.to_string().contains(bad));
        }
    }

    #[test]
    fn a_wrong_address_of_the_server_is_not_repeated() {
        let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let mut config = Config::from_variables(|name| match name {
            "TACHAWOR_SECRET_KEY" => Some(key.into()),
            "TACHAWOR_MAIL" => Some("memory".into()),
            _ => None,
        })
        .unwrap();
        assert!(Mailer::new(&config).unwrap().memory().is_some());
        config.mail = MailTransport::Smtp(SecretString::from("smtp://user:hunter2@mail?tls=maybe"));
        let error = format!("{:#}", Mailer::new(&config).unwrap_err());
        assert!(error.contains("TACHAWOR_MAIL") && !error.contains("hunter2"), "{error}");
    }
}
