//! The second factor: time-based codes (RFC 6238) and recovery codes.
//!
//! The secret is a keyed hash of a seed in the account's row, and recovery codes are kept as keyed hashes: the database
//! alone makes and checks neither.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Totp, TotpError};

use crate::{config::SecretKey, random, store};

/// How many recovery codes one gets.
pub const RECOVERY_CODES: usize = 10;

/// What authenticator apps and people agree on: SHA-1, six digits, thirty seconds; a step earlier or later is let
/// pass, because clocks differ.
fn totp(key: &SecretKey, seed: &[u8], email: &str) -> Result<Totp, TotpError> {
    let hash = key.hash("second factor", seed);
    let secret = hash.first_chunk::<20>().copied().unwrap_or_default();
    // an address may hold a colon in theory; the app would take what stands before it for the issuer
    Builder::new().with_secret(secret).with_issuer(Some("Tachawor")).with_account_name(email.replace(':', " ")).build()
}

/// What an authenticator app is set up with.
#[derive(Debug)]
pub struct Setup {
    /// The secret, to be typed.
    pub secret: String,
    /// The same as a link, to be scanned.
    pub url: String,
}

/// The secret that `seed` stands for.
///
/// # Errors
/// The address cannot stand in a link.
pub fn setup(key: &SecretKey, seed: &[u8], email: &str) -> Result<Setup, TotpError> {
    let totp = totp(key, seed, email)?;
    Ok(Setup { secret: totp.secret().to_base32(), url: totp.to_url()? })
}

/// The code at an instant, as an app shows it.
///
/// # Errors
/// Never, with a secret of this length.
pub fn code(key: &SecretKey, seed: &[u8], now: DateTime<Utc>) -> Result<String, TotpError> {
    Ok(totp(key, seed, "")?.generate(seconds(now)).to_string())
}

fn seconds(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}

/// The step whose code this is, if it is one of now and later than the last one used.
#[must_use]
pub fn matched_step(key: &SecretKey, seed: &[u8], last: Option<u64>, code: &str, now: DateTime<Utc>) -> Option<u64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).map(latin_digit).collect();
    let step = totp(key, seed, "").ok()?.check(&code, seconds(now))?;
    Some(step).filter(|step| last.is_none_or(|last| *step > last))
}

/// Arabic keyboards write other digits.
const fn latin_digit(character: char) -> char {
    match character {
        '\u{0660}'..='\u{0669}' => (b'0' + (character as u32 - 0x0660) as u8) as char,
        '\u{06F0}'..='\u{06F9}' => (b'0' + (character as u32 - 0x06F0) as u8) as char,
        other => other,
    }
}

/// Letters and digits that are not taken for each other.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Fresh recovery codes of 50 random bits each, to be shown once.
///
/// # Errors
/// The operating system gave no random bytes.
pub fn recovery_codes() -> Result<Vec<String>, rand::rngs::SysError> {
    let code = |_| {
        let letters = random::bytes::<10>()?.map(|byte| ALPHABET[usize::from(byte % 32)] as char);
        let (first, second) = letters.split_at(5);
        Ok([first.iter().collect::<String>(), second.iter().collect()].join("-"))
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// What is kept of a recovery code, however it was typed.
#[must_use]
pub fn recovery_hash(key: &SecretKey, account: i64, code: &str) -> [u8; 32] {
    let plain = code.chars().map(latin_digit).filter(char::is_ascii_alphanumeric);
    let plain = plain.map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    key.hash("recovery code", format!("{account}:{}", plain.collect::<String>()).as_bytes())
}

/// Uses a code up, of the app or for recovery; `false` if it is neither.
///
/// # Errors
/// The database failed.
pub async fn present(
    tx: &store::WriteTx,
    key: &SecretKey,
    account: i64,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, store::StoreError> {
    let Some(kept) = store::second_factor::lock(tx, account).await? else { return Ok(false) };
    let Some(seed) = kept.seed else { return Ok(false) };
    if let Some(step) = matched_step(key, &seed, kept.step, code, now) {
        store::second_factor::use_step(tx, account, step).await?;
        return Ok(true);
    }
    store::second_factor::use_recovery_code(tx, account, &recovery_hash(key, account, code)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretKey {
        SecretKey::from_bytes(std::array::from_fn(|index| index as u8))
    }

    /// The table of RFC 6238, appendix B, for SHA-1: eight digits there, of which six are the last ones.
    #[test]
    fn codes_are_those_of_the_standard() {
        let totp = Builder::new().with_secret(*b"12345678901234567890").build().unwrap();
        for (time, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(totp.generate(time).to_string(), code[2..], "{time}");
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_more_and_once() {
        let now: DateTime<Utc> = "2026-11-10T09:00:00Z".parse().unwrap();
        let at = |seconds: i64| now + chrono::TimeDelta::seconds(seconds);
        let code = code(&key(), b"seed", now).unwrap();
        let step = seconds(now) / 30;
        let matched = |last, seconds| matched_step(&key(), b"seed", last, &code, at(seconds));
        for seconds in [-30, -1, 0, 29, 30, 59] {
            assert_eq!(matched(None, seconds), Some(step), "{seconds}");
        }
        assert_eq!((matched(None, -31), matched(None, 60)), (None, None));
        assert_eq!(
            (matched(Some(step - 1), 0), matched(Some(step), 0), matched(Some(step + 1), 0)),
            (Some(step), None, None)
        );
        assert_eq!(matched_step(&key(), b"other", None, &code, now), None);
        let arabic: String = code.chars().map(|c| char::from_u32(0x0660 + c.to_digit(10).unwrap()).unwrap()).collect();
        assert_eq!(matched_step(&key(), b"seed", None, &format!(" {arabic} "), now), Some(step));
    }

    #[test]
    fn recovery_codes_forgive_how_they_are_typed() {
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), RECOVERY_CODES);
        let hash = |account, code: &str| recovery_hash(&key(), account, code);
        assert_eq!(hash(1, "01abc-defgh"), hash(1, " OIABC DEFGH "));
        assert_ne!(hash(1, "01abc-defgh"), hash(2, "01abc-defgh"));
    }
}
