//! Texts that cannot hold a bad value. People's words are plain text, in Unicode's composed form (NFC), kept
//! as written but for what nobody can see.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Missing, blank, or nothing but invisible characters.
    #[error("required")]
    Required,
    /// Fewer than `min` characters.
    #[error("shorter than {min} characters")]
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// More than `max` characters.
    #[error("longer than {max} characters")]
    TooLong {
        /// The largest number of characters.
        max: usize,
    },
    /// Holds a character that is invisible or changes the reading direction.
    #[error("holds a control character")]
    ControlCharacter,
    /// Not of the form it must have.
    #[error("not of the right form")]
    Invalid,
    /// A password that those who guess try early.
    #[error("too easy to guess")]
    TooCommon,
}

impl TextProblem {
    /// The code, as sent.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
            Self::Invalid => "invalid",
            Self::TooCommon => "too_common",
        }
    }
}

/// Bidirectional embeddings, overrides and isolates: they can make a text read otherwise than it is stored.
const fn turns_the_reading(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that print nothing and that no language of the region needs: tags, which can hide a whole sentence,
/// deprecated shaping controls, annotations, and fillers that pass for letters.
const fn hides(character: char) -> bool {
    matches!(
        character,
        '\u{206A}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
            | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{3164}' | '\u{FFA0}'
    )
}

/// Whether a word has Latin letters and, among them, letters of another alphabet that look like Latin ones (Unicode TS
/// 39): nobody writes so, and two names that read the same are two. Arabic and Latin letters in one word are no such case:
/// an Arabic article before a foreign name is how people write.
fn has_look_alikes(word: &str) -> bool {
    let latin =
        |one: char| one.is_ascii_alphabetic() || matches!(one, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}');
    let looks_latin = |one: char| {
        // micro and ohm are units: µm, kΩ
        !matches!(one, 'μ' | 'Ω')
            && matches!(
                one,
                '\u{0370}'..='\u{03FF}' | '\u{0400}'..='\u{052F}' | '\u{0531}'..='\u{058F}' | '\u{13A0}'..='\u{13FF}'
                    | '\u{1F00}'..='\u{1FFF}' | '\u{A4D0}'..='\u{A4FF}' | '\u{AB70}'..='\u{ABBF}' | '\u{1D400}'..='\u{1D7FF}'
            )
    };
    word.chars().any(latin) && word.chars().any(looks_latin)
}

/// Characters that print nothing by themselves: joiners, direction marks, the byte order mark, the soft hyphen.
/// Persian and Arabic need some of them inside words.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    turns_the_reading(character)
        || hides(character)
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{061C}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}' | '\u{00AD}')
}

fn tidy(text: &str, min: usize, max: usize, single_line: bool) -> Result<String, TextProblem> {
    // Composing a text never makes it longer than a few times; a text far too long is not worth the work.
    if text.len() > max.saturating_mul(16) {
        return Err(TextProblem::TooLong { max });
    }
    let text: String = text.replace("\r\n", "\n").nfc().collect();
    let text = text.trim();
    let control = |character: char| character.is_control() && (single_line || !matches!(character, '\n' | '\t'));
    if text.chars().any(control)
        || (single_line
            && text.chars().any(|c| turns_the_reading(c) || hides(c) || matches!(c, '\u{2028}' | '\u{2029}')))
    {
        return Err(TextProblem::ControlCharacter);
    }
    if single_line && text.split(|one: char| !one.is_alphanumeric()).any(has_look_alikes) {
        return Err(TextProblem::Invalid);
    }
    // In a longer text such marks are pasted in by word processors; they are no words of the author.
    let text: String = text.chars().filter(|character| !turns_the_reading(*character) && !hides(*character)).collect();
    if text.chars().all(|character| is_invisible(character) || character.is_whitespace()) {
        return Err(TextProblem::Required);
    }
    match text.chars().count() {
        length if length < min => Err(TextProblem::TooShort { min }),
        length if length > max => Err(TextProblem::TooLong { max }),
        _ => Ok(text),
    }
}

/// Checks a text of staff that may be empty and of any form: it must not be too long, nor hold a character that no
/// screen shows and no database must take.
///
/// # Errors
/// What is wrong with it.
pub fn check_free(text: &str, max: usize) -> Result<(), TextProblem> {
    // what word processors paste in to embed a direction stays harmless; what turns letters round has no such use
    let misleads = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\t' | '\r'))
            || hides(character)
            || matches!(character, '\u{202D}' | '\u{202E}')
    };
    if text.chars().any(misleads) {
        Err(TextProblem::ControlCharacter)
    } else if text.chars().count() > max {
        Err(TextProblem::TooLong { max })
    } else {
        Ok(())
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $min:literal..=$max:literal, $single_line:literal;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The least number of characters.
            pub const MIN: usize = $min;
            /// The largest number of characters.
            pub const MAX: usize = $max;

            /// Tidies and checks a text.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn parse(text: &str) -> Result<Self, TextProblem> {
                tidy(text, $min, $max, $single_line).map(Self)
            }

            /// Checks a text without keeping it.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn check(text: &str) -> Result<(), TextProblem> {
                Self::parse(text).map(drop)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

texts! {
    /// The title of a proposal, on one line.
    Title: 5..=150, true;
    /// What is wrong, where, for whom.
    Problem: 20..=4000, false;
    /// What to do about it.
    Solution: 20..=4000, false;
    /// What one would see or count if it worked.
    ExpectedChange: 1..=2000, false;
    /// A question of the committee to an author.
    Question: 10..=2000, false;
    /// The author's answer.
    Answer: 2..=4000, false;
    /// A reasoned response: the author and the public read it.
    Response: 20..=4000, false;
    /// Why a decision should be looked at again.
    AppealReason: 10..=2000, false;
    /// An internal note of the desk.
    NoteText: 1..=4000, false;
    /// A remark on a field of a draft.
    RemarkText: 1..=2000, false;
    /// Why a draft is set aside.
    SetAsideReason: 10..=2000, false;
    /// What an administrator's export is for.
    ExportReason: 20..=1000, false;
    /// The organisation an author writes for, on one line.
    OrganisationName: 2..=150, true;
    /// The name of a person with an account, on one line.
    DisplayName: 2..=100, true;
    /// The body that is competent, on one line.
    CompetentBody: 2..=200, true;
    /// The title of a draft, on one line.
    DraftTitle: 5..=200, true;
}

/// An e-mail address. It never prints: addresses do not belong in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Checks an address. Only a mail that arrives proves one, so this only keeps out what cannot be one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TextProblem> {
        let text = tidy(text, 1, 254, true)?;
        let (local, host) = text.rsplit_once('@').ok_or(TextProblem::Invalid)?;
        let plain = |c: char| {
            !c.is_whitespace()
                && !is_invisible(c)
                && !matches!(c, '<' | '>' | ',' | ';' | ':' | '"' | '(' | ')' | '[' | ']' | '\\' | '@')
        };
        let host_right = host == "localhost"
            || (host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains(".."));
        let local_right = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        if local_right
            && host_right
            && local.chars().all(plain)
            && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        {
            Ok(Self(text))
        } else {
            Err(TextProblem::Invalid)
        }
    }

    /// Checks an address without keeping it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(text: &str) -> Result<(), TextProblem> {
        Self::parse(text).map(drop)
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address by which two are the same: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// The length of a password, in characters. Length is what makes one strong; no composition is asked for
/// (NIST SP 800-63B, ASVS 5 6.2.5).
pub const PASSWORD: std::ops::RangeInclusive<usize> = 12..=128;

/// Checks a new password.
///
/// # Errors
/// Too short or too long.
pub fn check_password(password: &str) -> Result<(), TextProblem> {
    match password.chars().count() {
        0 => Err(TextProblem::Required),
        length if length < *PASSWORD.start() => Err(TextProblem::TooShort { min: *PASSWORD.start() }),
        length if length > *PASSWORD.end() => Err(TextProblem::TooLong { max: *PASSWORD.end() }),
        _ => Ok(()),
    }
}

/// What a password must not be built on: the names of this platform.
const PRODUCT_NAMES: [&str; 2] = ["tachawor", "تشاور"];

/// Checks a new password of the account with this address: its length, and that it does not hold what everybody
/// knows of the account. Whether it stands on a list of stolen passwords is for whoever has such a list.
///
/// # Errors
/// What is wrong with it.
pub fn check_own_password(password: &str, email: &str) -> Result<(), TextProblem> {
    check_password(password)?;
    let folded = password.to_lowercase();
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local).to_lowercase();
    // two letters stand in any sentence
    let known = PRODUCT_NAMES.into_iter().chain([local.as_str()]).filter(|name| name.chars().count() >= 3);
    if known.into_iter().any(|name| folded.contains(name)) { Err(TextProblem::TooCommon) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_holds_neither_the_address_nor_the_platform() {
        let check = |password| check_own_password(password, "Amina@example.org");
        for known in
            ["amina au puits du douar", "le puits d'AMINA est sec", "Tachawor et ses puits", "منصة تشاور للجميع"]
        {
            assert_eq!(check(known), Err(TextProblem::TooCommon), "{known}");
        }
        assert!(check("le puits du douar est sec").is_ok());
        assert!(check_own_password("le puits du douar est sec", "du@example.org").is_ok());
        assert_eq!(check("court"), Err(TextProblem::TooShort { min: 12 }));
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        assert_eq!(Title::check("ماءن"), Err(TextProblem::TooShort { min: 5 }));
        assert!(Title::check("ماء نق").is_ok());
        assert!(Title::check(&"م".repeat(150)).is_ok());
        assert_eq!(Title::check(&"م".repeat(151)), Err(TextProblem::TooLong { max: 150 }));
        assert_eq!(Problem::check(&"م".repeat(4001)), Err(TextProblem::TooLong { max: 4000 }));
        assert_eq!(Title::check(&"م".repeat(1_000_000)), Err(TextProblem::TooLong { max: 150 }));
    }

    #[test]
    fn blank_is_missing() {
        for blank in ["", "   ", "\n\t", "\u{200F}\u{200B}", "\u{FEFF}"] {
            assert_eq!(Title::check(blank), Err(TextProblem::Required), "{blank:?}");
            assert_eq!(Problem::check(blank), Err(TextProblem::Required), "{blank:?}");
        }
    }

    #[test]
    fn nothing_may_hide_in_a_title() {
        for hidden in
            ["safe\u{202E}title", "ab\u{2066}cdef", "line\nbreak", "nul\u{0}byte", "tab\tbed", "esc\u{1b}[0m x"]
        {
            assert_eq!(Title::check(hidden), Err(TextProblem::ControlCharacter), "{hidden:?}");
        }
        // joiners and marks that Arabic and Persian words need
        assert!(Title::check("می\u{200C}خواهم").is_ok());
        assert!(Title::check("دراسة \u{200F}TTA").is_ok());
    }

    #[test]
    fn a_body_loses_only_what_nobody_sees() {
        let text = Problem::parse("  السطر الأول\r\n\u{202B}السطر الثاني طويل بما يكفي\u{202C}  ").unwrap();
        assert_eq!(text.as_str(), "السطر الأول\nالسطر الثاني طويل بما يكفي");
        assert_eq!(Problem::check("a text with a bell\u{7} inside of it"), Err(TextProblem::ControlCharacter));
        // NFC: e + combining acute becomes é
        assert_eq!(Title::parse("cafe\u{301} bleu").unwrap().as_str(), "café bleu");
    }

    #[test]
    fn addresses() {
        for good in ["a@example.org", "amina.b+tag@mail.example.ma", "x@localhost"] {
            assert!(EmailAddress::check(good).is_ok(), "{good}");
        }
        for bad in [
            "a",
            "@example.org",
            "a@",
            "a@b",
            "a b@example.org",
            "a@exa mple.org",
            "a@example.org\r\nBcc: x@y.org",
            "a@b..org",
            "<a@example.org>",
            "a@@example.org",
        ] {
            assert!(EmailAddress::check(bad).is_err(), "{bad}");
        }
        assert_eq!(EmailAddress::parse("Amina@Example.ORG").unwrap().folded(), "amina@example.org");
        assert!(!format!("{:?}", EmailAddress::parse("a@example.org").unwrap()).contains("example"));
    }

    #[test]
    fn passwords_go_by_length() {
        assert_eq!(check_password("elevenchars"), Err(TextProblem::TooShort { min: 12 }));
        assert!(check_password("كلمة سر طويلة").is_ok());
        assert!(check_password(&"a".repeat(128)).is_ok());
        assert_eq!(check_password(&"a".repeat(129)), Err(TextProblem::TooLong { max: 128 }));
    }
}
