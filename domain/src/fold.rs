//! Folding Arabic and French text for search, and comparing texts for likeness.
//!
//! Two spellings that a reader takes for the same word fold to the same letters. Stems are taken before the
//! last step of folding: a stemmer needs the ta marbuta that folding removes (المدرسة and مدرسة meet in their
//! stem, مدرسه would not). Stemming can cut a name (العيون), so wherever a stem is used the folded word
//! stands beside it as an alternative.

use std::collections::BTreeSet;

use frostem::Algorithm;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{reference::latin_digit, text::is_invisible};

/// Tashkeel, tatweel, superscript alef and the Quranic marks; also every combining mark a decomposition leaves.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06ED}')
        || is_combining_mark(character)
}

/// Letters that are spelled in several ways and read as one.
fn unify(character: char, into: &mut String) {
    match character {
        'أ' | 'إ' | 'آ' | 'ٱ' => into.push('ا'),
        'ى' | 'ی' | 'ئ' | 'ې' => into.push('ي'),
        'ؤ' => into.push('و'),
        'ة' | 'ۀ' | 'ە' | 'ہ' => into.push('ه'),
        'ک' => into.push('ك'),
        'گ' | 'ݣ' | 'ڭ' => into.push('ك'), // the Moroccan g, which many keyboards lack
        'ڤ' | 'ڥ' => into.push('ف'),
        'پ' => into.push('ب'),
        'œ' => into.push_str("oe"),
        'æ' => into.push_str("ae"),
        'ß' => into.push_str("ss"),
        'ء' => {} // a lone hamza is often left out
        other => into.push(latin_digit(other)),
    }
}

/// Lower case, without marks, compatibility forms (ligatures, full width, presentation forms) resolved.
fn strip(text: &str) -> String {
    // composed first: decomposing would split أ into alef and a combining hamza, which are not one mark too many
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .flat_map(|c| {
            // Latin letters lose their accents; Arabic letters with hamza are unified below as whole letters
            let latin = c.is_alphabetic() && (c as u32) < 0x0250;
            let mut letters = String::new();
            if latin {
                letters.extend(std::iter::once(c).nfd().filter(|c| !is_mark(*c)))
            } else if !is_mark(c) {
                letters.push(c)
            }
            letters.chars().collect::<Vec<_>>()
        })
        .collect()
}

/// Folds a text: what two spellings of the same words have in common. Folding twice is folding once.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in strip(text).chars() {
        if character.is_alphanumeric() { unify(character, &mut folded) } else { folded.push(' ') }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prefixes that Arabic writes together with the next word, longest first.
const ARABIC_PREFIXES: [&str; 10] = ["وبال", "وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل"];

/// A word and its stem, both folded; `word` has its marks stripped already.
fn forms(word: &str) -> (String, String) {
    let arabic = word.chars().any(|c| ('\u{0600}'..='\u{06FF}').contains(&c));
    let algorithm = if arabic { Algorithm::Arabic } else { Algorithm::French };
    let stem = frostem::Stemmer::new(algorithm).stem(word).into_owned();
    (fold(word), fold(&stem))
}

/// Words that say nothing about a subject; a search may hold them, the comparison of titles must not.
const STOP_WORDS: [&str; 40] = [
    "في", "من", "علي", "الي", "عن", "مع", "هذا", "هذه", "التي", "الذي", "او", "ان", "ما", "لا", "كل", "بين", "ذلك",
    "بعد", "قبل", "عند", "de", "la", "le", "les", "des", "du", "un", "une", "et", "ou", "en", "au", "aux", "dans",
    "pour", "par", "sur", "avec", "qui", "que",
];

fn words(text: &str) -> Vec<(String, String)> {
    let stripped = strip(text);
    stripped
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(forms)
        .filter(|(folded, _)| !folded.is_empty())
        .flat_map(|(folded, stem)| {
            // folding may open a word up (a ligature with a space); each part is then its own word
            folded.split(' ').map(|part| (part.to_owned(), stem.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// What a text is found by: its distinct folded words and their stems, separated by spaces.
#[must_use]
pub fn index_terms(text: &str) -> String {
    let mut terms = BTreeSet::new();
    for (folded, stem) in words(text) {
        for prefix in ARABIC_PREFIXES {
            // the stemmer drops one prefix; the bare word is indexed too so that names are found with any
            if let Some(bare) = folded.strip_prefix(prefix).filter(|bare| bare.chars().count() >= 3) {
                terms.insert(bare.to_owned());
                break;
            }
        }
        terms.extend(stem.split(' ').filter(|part| part.chars().count() > 1).map(str::to_owned));
        terms.insert(folded);
    }
    terms.into_iter().collect::<Vec<_>>().join(" ")
}

/// The most words of a query that count.
pub const MAX_QUERY_WORDS: usize = 12;

/// What a query asks for: for each word its alternatives, the folded word first. A text matches if it has one
/// alternative of every word.
#[must_use]
pub fn query_terms(text: &str) -> Vec<Vec<String>> {
    words(text)
        .into_iter()
        .take(MAX_QUERY_WORDS)
        .map(|(folded, stem)| {
            let mut alternatives = vec![folded.clone()];
            let bare = ARABIC_PREFIXES
                .iter()
                .find_map(|prefix| folded.strip_prefix(prefix))
                .filter(|bare| bare.chars().count() >= 3);
            for alternative in stem.split(' ').filter(|part| part.chars().count() > 1).chain(bare) {
                if !alternatives.iter().any(|known| known == alternative) {
                    alternatives.push(alternative.to_owned());
                }
            }
            alternatives
        })
        .collect()
}

/// The words of a title that say what it is about, to look for likely duplicates by.
#[must_use]
pub fn subject_terms(text: &str) -> BTreeSet<String> {
    let content = |word: &String| word.chars().count() > 2 && !STOP_WORDS.contains(&word.as_str());
    words(text)
        .into_iter()
        .filter(|(folded, _)| content(folded))
        .flat_map(|(folded, stem)| [folded, stem])
        .filter(content)
        .collect()
}

/// The stems of the words that carry meaning: without small words, and without numbers, which a copy changes first.
#[must_use]
pub fn content_stems(text: &str) -> BTreeSet<String> {
    words(text)
        .into_iter()
        .filter(|(folded, _)| {
            folded.chars().count() > 2
                && !STOP_WORDS.contains(&folded.as_str())
                && !folded.chars().all(|one| one.is_ascii_digit())
        })
        .map(|(folded, stem)| if stem.chars().count() > 1 { stem } else { folded })
        .collect()
}

/// The overlapping four-letter pieces of a folded text.
#[must_use]
pub fn shingles(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> = fold(text).chars().collect();
    match letters.len() {
        0 => BTreeSet::new(),
        1..=4 => BTreeSet::from([letters.into_iter().collect()]),
        _ => letters.windows(4).map(|piece| piece.iter().collect()).collect(),
    }
}

/// How alike two texts are: the share of pieces both hold (Jaccard), 0 to 1.
#[must_use]
pub fn similarity(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    if all == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "texts have thousands of pieces, not 2^52")]
    let share = common as f64 / all as f64;
    share
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_that_read_the_same_fold_the_same() {
        for (a, b) in [
            ("مَدْرَسَة", "مدرسه"),        // tashkeel, ta marbuta
            ("العـــربية", "العربيه"), // tatweel
            ("أحمد إبراهيم آمال ٱلله", "احمد ابراهيم امال الله"),
            ("مستشفى", "مستشفي"),
            ("٢٠٢٦ و ۲۰۲۶", "2026 و 2026"), // both Arabic digit systems
            ("Écoles à Tétouan", "ecoles a tetouan"),
            ("cœur", "coeur"),
            ("l’eau", "l'eau"),
            ("ﻻ", "لا"), // presentation form
            ("  a \u{200F} b ", "a b"),
            ("مسؤول", "مسوول"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} / {b}");
        }
    }

    fn finds(query: &str, text: &str) -> bool {
        let index: BTreeSet<String> = index_terms(text).split(' ').map(str::to_owned).collect();
        let query = query_terms(query);
        !query.is_empty() && query.iter().all(|alternatives| alternatives.iter().any(|word| index.contains(word)))
    }

    #[test]
    fn a_word_is_found_in_its_other_forms() {
        for (query, text) in [
            ("إنشاء", "نطالب بإنشاء مرصد"),
            ("انشاء", "نطالب بإنشاء مرصد"),
            ("مدرسة", "المدرسة بعيدة"),
            ("المدرسة", "مدرسة بعيدة"),
            ("العيون", "طريق بالعيون"),
            ("بالعيون", "مدينة العيون"),
            ("شفشاون", "بشفشاون"),
            ("الحُسَيْمَة", "إقليم الحسيمة"),
            ("école", "Les écoles rurales"),
            ("ecoles", "une école"),
            ("forêts", "protéger la forêt"),
            ("٢٠٢٦", "خطة 2026"),
        ] {
            assert!(finds(query, text), "{query} in {text}: {:?} / {}", query_terms(query), index_terms(text));
        }
    }

    #[test]
    fn another_word_is_not_found() {
        for (query, text) in [("ماء", "طريق"), ("école", "hôpital"), ("مدرسة مستشفى", "المدرسة بعيدة")]
        {
            assert!(!finds(query, text), "{query} in {text}");
        }
        assert!(query_terms("…!؟").is_empty());
        assert_eq!(query_terms(&"ماء ".repeat(40)).len(), MAX_QUERY_WORDS);
    }

    #[test]
    fn likeness_tells_variants_from_strangers() {
        let one = shingles("مرصد جهوي للحكامة البيئية والمناخية");
        let variant = shingles("مرصد جهويّ للحكامة البيئيه و المناخية");
        let stranger = shingles("أسبوع وطني لمنتوجات الزيتون");
        assert!(similarity(&one, &variant) > 0.8);
        assert!(similarity(&one, &stranger) < 0.1);
        assert!((similarity(&one, &one) - 1.0).abs() < f64::EPSILON);
        assert!(similarity(&shingles(""), &shingles("")).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn folding_arabic_twice_is_folding_once(text in "[\u{0600}-\u{06FF} a-zéèœ’0-9]{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn terms_are_letters_and_digits_only(text in "\\PC{0,60}") {
            for word in query_terms(&text).into_iter().flatten().chain(index_terms(&text).split(' ').map(str::to_owned)) {
                prop_assert!(word.chars().all(char::is_alphanumeric), "{}", word);
            }
        }

        #[test]
        fn a_text_is_found_by_its_own_words(text in "[\u{0621}-\u{064A}a-zé]{2,9}( [\u{0621}-\u{064A}a-zé]{2,9}){0,5}") {
            prop_assert!(query_terms(&text).is_empty() || finds(&text, &text));
        }
    }
}
