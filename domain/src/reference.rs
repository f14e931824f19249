//! What an author keeps: the public reference and the secret receipt code.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike as _, Utc};

use crate::UnknownCode;

/// The public name of a proposal, such as `TTA-26-000123`: the consultation's prefix, the year it was
/// submitted (UTC, two digits) and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    prefix: String,
    year: u8,
    number: i64,
}

impl Reference {
    /// The reference of proposal `number`, submitted at `at`.
    #[must_use]
    pub fn new(prefix: &str, at: DateTime<Utc>, number: i64) -> Self {
        let year = u8::try_from(at.year().rem_euclid(100)).unwrap_or_default();
        Self { prefix: prefix.to_owned(), year, number }
    }

    /// The number.
    #[must_use]
    pub const fn number(&self) -> i64 {
        self.number
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}-{:06}", self.prefix, self.year, self.number)
    }
}

impl FromStr for Reference {
    type Err = UnknownCode;

    /// Reads a reference as people type it: any case, spaces around, Arabic digits.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let unknown = || UnknownCode { what: "Reference" };
        let text: String = text.trim().chars().map(latin_digit).collect::<String>().to_ascii_uppercase();
        let mut parts = text.split('-');
        let (Some(prefix), Some(year), Some(number), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown());
        };
        let letters = (2..=10).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let digits = year.len() == 2
            && (6..=18).contains(&number.len())
            && (year.bytes().chain(number.bytes())).all(|byte| byte.is_ascii_digit());
        if !(letters && digits) || (number.len() > 6 && number.starts_with('0')) {
            return Err(unknown());
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            year: year.parse().map_err(|_| unknown())?,
            number: number.parse().map_err(|_| unknown())?,
        })
    }
}

/// The secret half of a receipt: a hundred random bits as twenty letters and digits that cannot be confused
/// with one another (Crockford's base 32). Whoever has it is the author. It never prints by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptCode([u8; 20]);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl ReceiptCode {
    /// Makes a code out of the first hundred of these bits.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(bytes) >> 28;
        let mut code = [0; 20];
        for (place, letter) in code.iter_mut().rev().enumerate() {
            *letter = ALPHABET[((bits >> (5 * place)) & 31) as usize];
        }
        Self(code)
    }

    /// The twenty characters without dashes.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }
}

impl fmt::Display for ReceiptCode {
    /// In groups of five, as people read it out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if index > 0 && index % 5 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*byte))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(..)")
    }
}

impl FromStr for ReceiptCode {
    type Err = UnknownCode;

    /// Reads a code as people type it: any case, spaces or dashes anywhere, O for 0, I or L for 1, Arabic digits.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let unknown = UnknownCode { what: "ReceiptCode" };
        let letters: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '\u{200E}' | '\u{200F}'))
            .map(|c| match latin_digit(c).to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .map(|c| u8::try_from(c).ok().filter(|byte| ALPHABET.contains(byte)))
            .collect::<Option<_>>()
            .ok_or_else(|| unknown.clone())?;
        letters.try_into().map(Self).map_err(|_| unknown)
    }
}

/// Both Arabic digit systems to Latin digits.
pub(crate) const fn latin_digit(character: char) -> char {
    let offset = match character {
        '\u{0660}'..='\u{0669}' => character as u32 - 0x0660,
        '\u{06F0}'..='\u{06F9}' => character as u32 - 0x06F0,
        _ => return character,
    };
    match char::from_digit(offset, 10) {
        Some(digit) => digit,
        None => character,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reference_reads_as_in_the_product_description() {
        let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap(); // November 2026
        assert_eq!(Reference::new("TTA", at, 123).to_string(), "TTA-26-000123");
        assert_eq!(" tta-٢٦-٠٠٠١٢٣ ".parse::<Reference>().unwrap(), Reference::new("TTA", at, 123));
        assert_eq!(Reference::new("TTA", at, 12_345_678).to_string(), "TTA-26-12345678");
        for bad in [
            "",
            "TTA",
            "TTA-26",
            "TTA-26-123",
            "TTA-26-0000123",
            "TTA-2026-000123",
            "TTA-26-00012x",
            "TTA-26-000123-4",
            "T-26-000123",
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_code_forgives_how_it_is_typed() {
        let code = ReceiptCode::from_bytes([0; 16]);
        assert_eq!(code.to_string(), "00000-00000-00000-00000");
        let code = ReceiptCode::from_bytes([0xFF; 16]);
        assert_eq!(code.to_string(), "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ");
        let typed: ReceiptCode = "oil23 ٤٥٦٧٨-9abcd-efghj".parse().unwrap();
        assert_eq!(typed.to_string(), "01123-45678-9ABCD-EFGHJ");
        for bad in [
            "",
            "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZ",
            "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ",
            "UUUUU-ZZZZZ-ZZZZZ-ZZZZZ",
            "ééééé-ZZZZZ-ZZZZZ-ZZZZZ",
        ] {
            assert!(bad.parse::<ReceiptCode>().is_err(), "{bad}");
        }
        assert!(!format!("{code:?}").contains('Z'));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(bytes: [u8; 16], number in 1_i64..999_999_999, seconds in 0_i64..4_000_000_000) {
            let code = ReceiptCode::from_bytes(bytes);
            prop_assert_eq!(code.to_string().parse::<ReceiptCode>().unwrap(), code.clone());
            prop_assert_eq!(code.canonical().to_lowercase().parse::<ReceiptCode>().unwrap(), code);
            let reference = Reference::new("TTA", DateTime::from_timestamp(seconds, 0).unwrap(), number);
            prop_assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference);
        }

        #[test]
        fn reading_never_panics(text: String) {
            let _ = text.parse::<ReceiptCode>();
            let _ = text.parse::<Reference>();
        }
    }
}
