//! Whatever is put in: an answer or a refusal, never a panic, and the laws that hold for every text. A short run with
//! the other tests; `PROPTEST_CASES=1000000` makes it long.

use domain::{
    fold::{fold, index_terms, query_terms, shingles, similarity, subject_terms},
    reference::{ReceiptCode, Reference},
    smart::{DraftContent, check, is_field, limits},
    text,
};
use proptest::prelude::*;
use serde_json::Value;

/// Any text: all of Unicode, and much of the letters, marks, digits and invisible signs that the code looks at.
fn any_text() -> impl Strategy<Value = String> {
    let telling = prop_oneof![
        3 => proptest::char::range('\u{600}', '\u{6ff}'),
        1 => proptest::char::range('\u{fb50}', '\u{feff}'),
        1 => proptest::char::range('\u{2000}', '\u{206f}'),
        1 => proptest::char::range('\u{300}', '\u{36f}'),
        3 => proptest::char::range(' ', '~'),
        1 => any::<char>(),
    ];
    prop_oneof![any::<String>(), proptest::collection::vec(telling, 0..60).prop_map(String::from_iter)]
}

/// Any JSON, often with the names that a draft has.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
        Just("2027-01".into()),
    ];
    let names = [
        "objective",
        "problem",
        "beneficiaries",
        "territories",
        "indicators",
        "name",
        "kind",
        "unit",
        "baseline_value",
        "target",
        "milestones",
        "title",
        "due",
        "start",
        "end",
        "budget_mad",
        "sdgs",
        "principles",
        "competence_class",
    ];
    let name = prop_oneof![4 => proptest::sample::select(names.to_vec()).prop_map(str::to_owned), 1 => any_text()];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..8).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn arabic_and_all_other_texts_fold_once(text in any_text(), other in any_text()) {
        let folded = fold(&text);
        prop_assert_eq!(&fold(&folded), &folded, "folding again changes nothing");
        for terms in [index_terms(&text), query_terms(&text).concat().join(" ")] {
            prop_assert!(!terms.chars().any(|c| matches!(c, '"' | '\'' | '&' | '|' | ':' | '*' | '(' | ')' | '!')), "{}", terms);
        }
        let _ = subject_terms(&text);
        let (a, b) = (shingles(&text), shingles(&other));
        let alike = similarity(&a, &b);
        prop_assert!((0.0..=1.0).contains(&alike));
        prop_assert_eq!(alike, similarity(&b, &a));
    }

    #[test]
    fn no_typed_code_breaks_the_receipt(text in any_text(), bytes in any::<[u8; 16]>()) {
        if let Ok(code) = text.parse::<ReceiptCode>() {
            prop_assert_eq!(code.to_string().parse::<ReceiptCode>().unwrap().canonical(), code.canonical());
        }
        let code = ReceiptCode::from_bytes(bytes);
        prop_assert_eq!(code.to_string().parse::<ReceiptCode>().unwrap().canonical(), code.canonical());
        let _ = text.parse::<Reference>();
    }

    #[test]
    fn no_text_breaks_a_rule_of_texts(given in any_text()) {
        let _ = text::check_free(&given, 100);
        let _ = text::check_password(&given);
        let _ = text::EmailAddress::parse(&given).map(|email| email.folded());
        let _ = is_field(&given);
    }

    #[test]
    fn no_json_breaks_the_check_of_drafts(json in any_json(), sources in 0_usize..3) {
        if let Ok(content) = serde_json::from_value::<DraftContent>(json) {
            for finding in check(&content, sources) {
                serde_json::to_value(finding).unwrap();
            }
            let _ = limits(&content);
        }
    }
}
