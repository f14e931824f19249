//! The ledger: an append-only public log of every step of every proposal, built as RFC 6962 builds one.
//!
//! An [`Entry`] says what happened to which proposal and commits to the words with a salted hash, so that erasing
//! words and salt leaves the log as it was. Entries are the leaves of one Merkle tree ([`tree`]); its root is signed
//! now and then ([`note`]); [`verify`] checks an exported log without a network or a database.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::proposal::{Edge, ProposalState};

pub mod note;
pub mod tree;
pub mod verify;

/// A SHA-256.
pub type Hash = [u8; 32];

/// One step of one proposal, as everybody may read it: codes, a reference, an instant. No text and no name.
///
/// The leaf of the tree is the exact line [`Entry::line`] makes, so a reader hashes what was published and needs
/// no rule about how JSON is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// `participant`, `committee`, `clock` or `import`.
    pub by: By,
    /// `H(salt ‖ content)` in hexadecimal: see [`commitment`].
    pub commitment: String,
    /// The state before; none for a submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<ProposalState>,
    /// The public reference of the proposal.
    pub proposal: String,
    /// The reason code of a refusal or of a withheld text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was done.
    pub step: Edge,
    /// The reference it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The state after.
    pub to: ProposalState,
}

codes! {
    /// Who took a step, as the public may know it.
    By {
        /// Its author.
        Participant = "participant",
        /// A member of the committee.
        Committee = "committee",
        /// A deadline.
        Clock = "clock",
        /// An import or assisted entry.
        Import = "import",
    }
}

impl Entry {
    /// The line whose bytes are the leaf.
    #[must_use]
    pub fn line(&self) -> String {
        // strings, codes and nothing else: this has a JSON form whatever the values are
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// An instant as entries have it.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What an entry says about words without saying them: SHA-256 over a salt of 32 random bytes and the content.
/// Without the salt nobody can try words out against it.
#[must_use]
pub fn commitment(salt: &[u8], content: &str) -> String {
    hex(&Sha256::new().chain_update(salt).chain_update(content).finalize().into())
}

/// The hash of a leaf (RFC 6962, section 2.1).
#[must_use]
pub fn leaf_hash(line: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(line).finalize().into()
}

/// Sixty-four hexadecimal digits.
#[must_use]
pub fn hex(hash: &Hash) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    hash.iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// Reads what [`hex`] writes.
#[must_use]
pub fn unhex(text: &str) -> Option<Hash> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default()).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}
