//! The public form's token: see `domain::form`.

use chrono::{DateTime, Utc};
use domain::form::{MOST, Token};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::SecretKey;

pub mod show_token;

/// `/form-token`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show_token::show_form_token);
}

/// A token is when it was made in milliseconds, eight random bytes, and a keyed hash of both, in hexadecimal: nothing of it
/// has to be stored to know it again.
fn seal(key: &SecretKey, made: &str) -> String {
    let hash = key.hash("form token", made.as_bytes());
    domain::ledger::hex(&hash)[..32].to_owned()
}

fn token(key: &SecretKey, at: DateTime<Utc>, random: [u8; 8]) -> String {
    let made = format!("{:x}-{:016x}", at.timestamp_millis(), u64::from_be_bytes(random));
    let seal = seal(key, &made);
    format!("{made}-{seal}")
}

/// The answer to a token's sum: nobody without the key knows it before they have looked for it.
fn answer(key: &SecretKey, token: &str) -> u32 {
    let hash = key.hash("form answer", token.as_bytes());
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) % MOST
}

/// What a token tells, if it is one of ours.
#[must_use]
pub fn read(key: &SecretKey, token: &str) -> Option<Token> {
    let (made, seal) = token.rsplit_once('-')?;
    // hashes are compared, which tells nothing by how long it takes
    let same = blake3::hash(seal.as_bytes()) == blake3::hash(self::seal(key, made).as_bytes());
    let millis = i64::from_str_radix(made.split('-').next()?, 16).ok().filter(|_| same)?;
    Some(Token { opened_at: DateTime::from_timestamp_millis(millis)?, answer: answer(key, token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_and_no_other_is() {
        let (key, other) = (SecretKey::from_bytes([7; 32]), SecretKey::from_bytes([8; 32]));
        let at = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
        let token = token(&key, at, [0, 1, 2, 3, 4, 5, 6, 7]);
        let known = read(&key, &token).unwrap();
        assert_eq!(known.opened_at, at);
        assert!(known.answer < MOST);
        assert_eq!(read(&other, &token), None);
        for place in 0..token.len() {
            let mut wrong = token.clone().into_bytes();
            wrong[place] = if wrong[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(read(&key, std::str::from_utf8(&wrong).unwrap()), None, "{place}");
        }
        for wrong in ["", "-", "--", &token[1..], &token[..token.len() - 1], "ffffffffffffffffffff-0-0"] {
            assert_eq!(read(&key, wrong), None, "{wrong}");
        }
    }
}
