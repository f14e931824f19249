//! Proposals that are nearly the same text: copies sent round with a word changed here and there, a greeting before,
//! other spellings. The committee is told; nothing is refused or dropped for it.
//!
//! Texts are compared by the stems of the words that carry meaning, as a set: the order of sentences, spelling and small
//! words do not count. Which texts are worth comparing is found by min-wise hashes in bands (Broder): two that share most
//! of their words have one band in common almost surely, two strangers almost never.

use std::collections::BTreeSet;

use crate::fold;

/// The share of words (of either) from which on two texts are nearly the same. Ideas on one subject by different people
/// share less than a third; a copy in which every fourth word was changed still shares more than half.
pub const NEARLY_THE_SAME: f64 = 0.5;
/// So many of a group within [`CAMPAIGN_HOURS`] look like a campaign.
pub const CAMPAIGN: u64 = 10;
/// The time in which a campaign is looked for.
pub const CAMPAIGN_HOURS: i64 = 24;

const BANDS: u64 = 16;
/// Hashes in a band: with half of the words in common a band is shared with 1/8, one of sixteen with 88 %, and with
/// any of several copies almost surely.
const ROWS: u64 = 3;

/// The words of a proposal that are compared.
#[must_use]
pub fn words(title: &str, problem: &str, solution: &str) -> BTreeSet<String> {
    fold::content_stems(&[title, problem, solution].join("\n"))
}

/// How much two texts have in common, 0 to 1.
#[must_use]
pub fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    fold::similarity(a, b)
}

/// Mixes the bits of a number (the finaliser of SplitMix64). Written out here, as what it makes is stored.
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// FNV-1a.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What a text is found by: texts of the same `scope` (a consultation) that have one of these in common are worth comparing.
/// Empty for a text without words.
#[must_use]
pub fn bands(words: &BTreeSet<String>, scope: i64) -> BTreeSet<i64> {
    let hashes: Vec<u64> = words.iter().map(|word| hash(word)).collect();
    if hashes.is_empty() {
        return BTreeSet::new();
    }
    let least = |function: u64| {
        let seed = mix(function.wrapping_add(0x9e37_79b9_7f4a_7c15));
        hashes.iter().map(|hash| mix(hash ^ seed)).min().unwrap_or_default()
    };
    (0..BANDS)
        .map(|band| {
            let start = mix(scope.cast_unsigned() ^ band.wrapping_mul(0x2545_f491_4f6c_dd1d));
            let band = (0..ROWS).fold(start, |sum, row| mix(sum ^ least(band * ROWS + row)));
            band.cast_signed()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spelling_order_and_small_words_do_not_count() {
        let one = words("مدرسة في الجبل", "المدرسة بعيدة عن الدوار", "بناء مدرسة قريبة");
        let other = words("مَدْرَسَة الجبل", "المدرســة بعيده من الدوار", "بناء مدرسه قريبه");
        assert!((likeness(&one, &other) - 1.0).abs() < f64::EPSILON, "{one:?} {other:?}");
        assert_eq!(bands(&one, 1), bands(&other, 1));
        assert!(bands(&one, 1).is_disjoint(&bands(&one, 2)), "another consultation is another scope");
        assert!(bands(&BTreeSet::new(), 1).is_empty());
    }

    /// What is stored must be found by the next version of the program too.
    #[test]
    fn bands_stay_what_they_are() {
        let first = bands(&words("Un puits", "Le puits est sec en été", "Creuser un autre puits"), 1);
        assert_eq!(first.len(), 16);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c, "the published vector of FNV-1a");
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf, "the first number of SplitMix64 from zero");
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let words = words(&text, "", "");
            prop_assert!(bands(&words, 7).len() <= 16);
        }
    }
}
