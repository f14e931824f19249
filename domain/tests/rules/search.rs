//! Finding a text: folding letter by letter, and the names and forms people look for.

use std::collections::BTreeSet;

use domain::fold::{fold, index_terms, query_terms, similarity, subject_terms};
use proptest::prelude::*;

fn finds(query: &str, text: &str) -> bool {
    let index = index_terms(text);
    let index: BTreeSet<&str> = index.split(' ').collect();
    let query = query_terms(query);
    !query.is_empty() && query.iter().all(|any| any.iter().any(|word| index.contains(word.as_str())))
}

#[test]
fn letter_by_letter() {
    for (letters, folded) in [
        ("أ إ آ ٱ ا", "ا ا ا ا ا"),
        ("ى ي ی ئ", "ي ي ي ي"),
        ("ة ه", "ه ه"),
        ("ؤ و", "و و"),
        ("ك ک گ ݣ", "ك ك ك ك"),
        ("بَ بُ بِ بّ بْ بً بٌ بٍ بٰ بـ", "ب ب ب ب ب ب ب ب ب ب"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
        ("À É È Ê Ë Ç Î Ï Ô Û Ü Œ", "a e e e e c i i o u u oe"),
        ("e\u{301}te\u{301}", "ete"), // decomposed, as some keyboards send it
        ("l’eau, l'eau; l`eau", "l eau l eau l eau"),
        ("a\u{200D}b\u{AD}c\u{FEFF}", "abc"),
        ("؟ ، ! …", ""),
    ] {
        assert_eq!(fold(letters), folded, "{letters}");
    }
    assert_eq!(fold("  تهيئة  مدرسة، 2026 "), "تهييه مدرسه 2026");
}

/// Places of the region and its neighbours. A stemmer cuts some of these names to pieces.
const PLACES: [&str; 13] = [
    "طنجة",
    "أصيلة",
    "الفحص",
    "أنجرة",
    "شفشاون",
    "الحسيمة",
    "وزان",
    "العرائش",
    "المضيق",
    "الفنيدق",
    "تطوان",
    "العيون",
    "القصر",
];

#[test]
fn a_place_is_found_with_the_words_that_are_written_onto_it() {
    for name in PLACES {
        // "to the ..." swallows the alef of the article
        let to = name.strip_prefix("ال").map_or_else(|| format!("ل{name}"), |bare| format!("لل{bare}"));
        for written in [name.to_owned(), format!("و{name}"), format!("ب{name}"), to] {
            let text = format!("مشروع {written} الجديد");
            assert!(finds(name, &text), "{name} in {written}: {:?} / {}", query_terms(name), index_terms(&text));
            assert!(finds(&written, name), "{written} in {name}: {:?}", query_terms(&written));
        }
    }
}

#[test]
fn one_place_is_not_another() {
    for query in PLACES {
        for text in PLACES.into_iter().filter(|text| *text != query) {
            assert!(!finds(query, text), "{query} in {text}: {:?} / {}", query_terms(query), index_terms(text));
        }
    }
}

#[test]
fn french_is_found_in_its_other_forms() {
    for (query, text) in [
        ("ecole", "ÉCOLES"),
        ("routes rurales", "une route rurale"),
        ("chevaux", "un cheval"),
        ("nationale", "programmes nationaux"),
        ("coeur", "le cœur de ville"),
        ("hôpital", "les hopitaux"),
    ] {
        assert!(finds(query, text), "{query} in {text}: {:?} / {}", query_terms(query), index_terms(text));
    }
}

#[test]
fn every_word_of_a_query_counts() {
    assert!(finds("مدرسة الجبل", "الجبل بلا مدرسة"));
    assert!(!finds("مدرسة الجبل", "الجبل بلا طريق"));
    assert!(!finds("école forêt", "une école"));
}

#[test]
fn a_subject_has_no_small_words() {
    let subject = subject_terms("إنشاء مدرسة في الجبل et une route de la forêt");
    for small in ["في", "et", "une", "de", "la"] {
        assert!(!subject.contains(small), "{small} in {subject:?}");
    }
    assert!(["مدرسه", "route", "foret"].iter().all(|word| subject.contains(*word)), "{subject:?}");
}

proptest! {
    #[test]
    fn likeness_is_a_share_and_takes_no_side(a in "[a-dا-ث ]{0,30}", b in "[a-dا-ث ]{0,30}") {
        let (a, b) = (domain::fold::shingles(&a), domain::fold::shingles(&b));
        let likeness = similarity(&a, &b);
        prop_assert!((0.0..=1.0).contains(&likeness));
        prop_assert!((likeness - similarity(&b, &a)).abs() < f64::EPSILON);
        prop_assert!(a.is_empty() || (similarity(&a, &a) - 1.0).abs() < f64::EPSILON);
    }

    /// Diacritics, tatweel and the spelling of alef never decide whether a text is found.
    #[test]
    fn spelling_does_not_decide(word in "[بتجدرسعفقكلمن]{4,7}", marks in "[\u{064B}-\u{0652}\u{0640}]{4,7}") {
        let pointed: String = word.chars().zip(marks.chars().chain(std::iter::repeat('\u{064E}'))).flat_map(|(a, b)| [a, b]).collect();
        prop_assert_eq!(fold(&pointed), fold(&word));
        prop_assert!(finds(&word, &pointed) && finds(&pointed, &word));
    }
}
