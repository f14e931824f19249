//! "No more of these mails", by a link that needs no code.
//!
//! The token is the proposal's number, which its reference tells anyway, and a keyed hash of it and the address: nothing
//! can be read from it, nobody without the key can make one, and it does nothing to an address that came later.

use lettre::message::header::{Header, HeaderName, HeaderValue};

use crate::config::SecretKey;

/// Between the number and the hash.
const DASH: char = '-';

/// What the link in a mail to `email` about a proposal carries.
#[must_use]
pub fn token(secret: &SecretKey, proposal: i64, email: &str) -> String {
    format!("{proposal}{DASH}{}", mac(secret, proposal, email))
}

/// The proposal a token is about and its hash; `None` if it cannot be one.
#[must_use]
pub fn read(token: &str) -> Option<(i64, blake3::Hash)> {
    let (number, hash) = token.trim().split_once(DASH)?;
    let number = number.parse().ok().filter(|number| *number > 0)?;
    Some((number, blake3::Hash::from_hex(hash).ok()?))
}

/// Whether the hash of a token is for this address; takes as long for a wrong one.
#[must_use]
pub fn is_for(secret: &SecretKey, proposal: i64, email: &str, hash: &blake3::Hash) -> bool {
    mac(secret, proposal, email) == *hash
}

fn mac(secret: &SecretKey, proposal: i64, email: &str) -> blake3::Hash {
    let message = [&proposal.to_le_bytes(), email.as_bytes()].concat();
    blake3::Hash::from_bytes(secret.hash("unsubscribe", &message))
}

/// `List-Unsubscribe` (RFC 2369): where no more mails are asked for.
#[derive(Clone, Debug)]
pub(super) struct ListUnsubscribe(pub String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(url: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(url.trim_matches(['<', '>']).to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), format!("<{}>", self.0))
    }
}

/// `List-Unsubscribe-Post` (RFC 8058): that a single POST is enough.
#[derive(Clone, Debug)]
pub(super) struct ListUnsubscribePost;

impl Header for ListUnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_proposal_and_one_address() {
        let (ours, theirs) = (SecretKey::from_bytes([1; 32]), SecretKey::from_bytes([2; 32]));
        let made = token(&ours, 7, "amina@example.org");
        assert!(!made.contains("amina") && !made.contains('@'));
        let (number, hash) = read(&made).unwrap();
        assert_eq!(number, 7);
        assert!(is_for(&ours, 7, "amina@example.org", &hash));
        assert!(!is_for(&ours, 8, "amina@example.org", &hash));
        assert!(!is_for(&ours, 7, "brahim@example.org", &hash));
        assert!(!is_for(&theirs, 7, "amina@example.org", &hash));
        for none in [
            "",
            "7",
            "7-",
            "-7-00",
            "x-00",
            &made[..20],
            "0-0000000000000000000000000000000000000000000000000000000000000000",
        ] {
            assert!(read(none).is_none(), "{none}");
        }
    }
}
