//! Whether a person filled the public form in: a token that says when the form was opened, a sum that costs a
//! machine a moment of work, and a field that only machines see.
//!
//! Nothing here refuses a proposal. What looks odd is marked, and the desk looks at it apart from the rest.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

codes! {
    /// What is odd about the way a proposal came in.
    Suspicion {
        /// Without a token of the form, or with one that is not ours or too old.
        NoToken = "no_token",
        /// With a token that came before.
        TokenReused = "token_reused",
        /// Without the answer to the token's sum.
        NoProof = "no_proof",
        /// Sooner after the form was opened than anybody can write.
        TooFast = "too_fast",
        /// With something in the field that people do not see.
        TrapFilled = "trap_filled",
        /// As one of very many from the same address.
        ManyFromAddress = "many_from_address",
    }
}

/// How long a token is good: a form may stay open over night.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);
/// The least time in which somebody opens the form, has something to say and says it.
pub const LEAST_TIME: TimeDelta = TimeDelta::seconds(5);
/// The answer to the sum is below this. All of them take a slow telephone a second or two, while its owner writes.
pub const MOST: u32 = 100_000;

/// The sum that belongs to a token: find the number below [`MOST`] whose hash with the token is this. In hexadecimal, as
/// whoever looks for it compares it.
#[must_use]
pub fn challenge(token: &str, answer: u32) -> String {
    crate::ledger::hex(&Sha256::digest(format!("{token}:{answer}")).into())
}

/// What a token tells, once it is known to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// When the form was opened.
    pub opened_at: DateTime<Utc>,
    /// The answer to its sum.
    pub answer: u32,
}

/// What is odd about a form that comes in at `now` with this token, this answer and this in the field nobody sees.
#[must_use]
pub fn judge(token: Option<Token>, answer: Option<u32>, trap: &str, now: DateTime<Utc>) -> Vec<Suspicion> {
    let mut found = Vec::new();
    match token.filter(|token| now - token.opened_at < LIFETIME) {
        None => found.push(Suspicion::NoToken),
        Some(token) => {
            if answer != Some(token.answer) {
                found.push(Suspicion::NoProof);
            }
            if now - token.opened_at < LEAST_TIME {
                found.push(Suspicion::TooFast);
            }
        }
    }
    if !trap.is_empty() {
        found.push(Suspicion::TrapFilled);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(ago: TimeDelta) -> (Token, DateTime<Utc>) {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        (Token { opened_at: now - ago, answer: 7 }, now)
    }

    #[test]
    fn what_a_person_sends_is_not_odd() {
        for ago in [LEAST_TIME, TimeDelta::minutes(10), LIFETIME - TimeDelta::milliseconds(1)] {
            let (token, now) = opened(ago);
            assert_eq!(judge(Some(token), Some(7), "", now), [], "{ago}");
        }
    }

    #[test]
    fn each_oddity_is_named() {
        let (token, now) = opened(TimeDelta::minutes(1));
        assert_eq!(judge(None, Some(7), "", now), [Suspicion::NoToken]);
        assert_eq!(judge(Some(token), None, "", now), [Suspicion::NoProof]);
        assert_eq!(judge(Some(token), Some(8), "", now), [Suspicion::NoProof]);
        assert_eq!(judge(Some(token), Some(7), " ", now), [Suspicion::TrapFilled]);
        let (token, now) = opened(LEAST_TIME - TimeDelta::milliseconds(1));
        assert_eq!(judge(Some(token), Some(7), "", now), [Suspicion::TooFast]);
        let (token, now) = opened(LIFETIME);
        assert_eq!(judge(Some(token), None, "x", now), [Suspicion::NoToken, Suspicion::TrapFilled]);
        // a clock that was set back between two processes
        let (token, now) = opened(-TimeDelta::seconds(1));
        assert_eq!(judge(Some(token), Some(7), "", now), [Suspicion::TooFast]);
    }

    /// `printf 'abc:42' | sha256sum`
    #[test]
    fn the_sum_is_plain_sha_256() {
        assert_eq!(challenge("abc", 42), "77fed3f4d816b7f45026b803d1110fd9e8495ff5884d55c08c605d1b68057163");
    }
}
