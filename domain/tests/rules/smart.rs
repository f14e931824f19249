//! The check from outside: what it makes of any draft, and of the JSON a draft is saved as.

use domain::{
    smart::{
        DraftContent, Finding, FindingCode, Indicator, IndicatorKind, Letter, MAX_ITEMS, MAX_LINE, MAX_OBJECTIVE,
        MAX_PROBLEM, Milestone, Month, Severity, check, is_complete, limits,
    },
    text::TextProblem,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Letter and weight of every code, by hand.
#[rustfmt::skip]
const WEIGHTS: [(&str, &str, &str); 22] = [
    ("s", "objective_missing", "blocking"), ("s", "problem_missing", "blocking"),
    ("s", "beneficiaries_missing", "blocking"), ("s", "territories_missing", "blocking"),
    ("m", "indicator_missing", "blocking"), ("m", "indicator_unit_missing", "blocking"),
    ("m", "indicator_baseline_missing", "blocking"), ("m", "indicator_target_missing", "blocking"),
    ("m", "indicator_target_equals_baseline", "blocking"), ("m", "indicator_source_missing", "advice"),
    ("a", "competence_missing", "blocking"), ("a", "competence_outside", "blocking"),
    ("a", "responsible_missing", "blocking"), ("a", "resources_missing", "advice"),
    ("r", "principle_missing", "blocking"), ("r", "proposal_link_missing", "blocking"),
    ("t", "start_missing", "blocking"), ("t", "end_missing", "blocking"), ("t", "period_reversed", "blocking"),
    ("t", "milestone_missing", "blocking"), ("t", "milestone_month_missing", "blocking"),
    ("t", "milestone_outside_period", "blocking"),
];

fn indicator() -> impl Strategy<Value = Indicator> {
    let word = || prop_oneof![Just(None), Just(Some(" ".to_owned())), Just(Some("word".to_owned()))];
    let number = || prop_oneof![Just(None), (0_i8..3).prop_map(|n| Some(f64::from(n)))];
    let year = prop_oneof![Just(None), Just(Some(2024))];
    ("[a ]{0,2}", any::<bool>(), word(), (number(), year, number()), word(), word()).prop_map(
        |(name, numeric, unit, (baseline_value, baseline_year, target), target_text, source)| Indicator {
            name,
            kind: if numeric { IndicatorKind::Quantitative } else { IndicatorKind::Qualitative },
            unit,
            baseline_value,
            baseline_year,
            target,
            target_text,
            source,
        },
    )
}

fn month() -> impl Strategy<Value = Option<Month>> {
    prop_oneof![Just(None), (2024_u16..2027, 1_u8..=12).prop_map(|(year, month)| Some(Month { year, month }))]
}

fn content() -> impl Strategy<Value = DraftContent> {
    let milestone = ("[a ]{0,2}", month()).prop_map(|(title, due)| Milestone { title, due, ..Milestone::default() });
    (
        ("[a ]{0,2}", "[a ]{0,2}", "[a ]{0,2}"),
        proptest::collection::vec("[a ]{0,2}", 0..3),
        proptest::collection::vec(indicator(), 0..3),
        (0_usize..5, prop_oneof![Just(None), Just(Some(0))], any::<bool>(), any::<bool>()),
        (month(), month(), proptest::collection::vec(milestone, 0..3)),
    )
        .prop_map(|(texts, beneficiaries, indicators, (class, budget_mad, placed, principled), time)| {
            let class = ["own", "shared", "transferable", "outside"].get(class);
            DraftContent {
                objective: texts.0,
                problem: texts.1,
                responsible: texts.2,
                beneficiaries,
                indicators,
                competence_class: class.map(|code| code.parse().unwrap()),
                budget_mad,
                territories: placed.then(|| "MA-CHE".parse().unwrap()).into_iter().collect(),
                principles: principled.then(|| "inclusion".parse().unwrap()).into_iter().collect(),
                start: time.0,
                end: time.1,
                milestones: time.2,
                ..DraftContent::default()
            }
        })
}

/// What stands at `indicators[0].unit`, if there is such a place.
fn at<'a>(content: &'a Value, path: &str) -> Option<&'a Value> {
    content.pointer(&format!("/{}", path.replace('[', "/").replace("].", "/").replace(']', "")))
}

proptest! {
    #[test]
    fn findings_are_in_order_once_each_and_point_at_a_field(content in content(), sources in 0_usize..2) {
        let findings = check(&content, sources);
        let json = serde_json::to_value(&content).unwrap();
        prop_assert!(findings.is_sorted_by_key(|finding| finding.letter));
        for (index, finding) in findings.iter().enumerate() {
            prop_assert!(!findings[..index].contains(finding), "twice: {:?}", finding);
            prop_assert!(finding.field == "sources" || at(&json, &finding.field).is_some(), "{}", finding.field);
            let weight = WEIGHTS.iter().find(|(_, code, _)| *code == finding.code.as_str()).unwrap();
            prop_assert_eq!((finding.letter.as_str(), finding.severity.as_str()), (weight.0, weight.2));
        }
        prop_assert_eq!(is_complete(&findings), findings.iter().all(|finding| finding.severity == Severity::Advice));
        // saved and read back, a draft is told the same
        let saved: DraftContent = serde_json::from_value(json).unwrap();
        prop_assert_eq!(check(&saved, sources), findings);
        prop_assert_eq!(limits(&content), []);
    }

    /// The reader's own words for a draft that is complete in time, against the check's.
    #[test]
    fn t_is_clear_when_every_stage_has_a_month_within_the_period(content in content()) {
        let period = content.start.zip(content.end).filter(|(start, end)| start <= end);
        let stages: Vec<_> = content.milestones.iter().filter(|stage| !stage.title.trim().is_empty()).collect();
        let clear = period.is_some_and(|(start, end)| {
            !stages.is_empty() && stages.iter().all(|stage| stage.due.is_some_and(|due| start <= due && due <= end))
        });
        let found: Vec<Finding> = check(&content, 1).into_iter().filter(|f| f.letter == Letter::T).collect();
        prop_assert_eq!(found.is_empty(), clear, "{:?}", found);
    }
}

#[test]
fn every_code_has_a_weight() {
    let weighed: Vec<&str> = WEIGHTS.iter().map(|(_, code, _)| *code).collect();
    assert_eq!(FindingCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(), weighed);
}

#[test]
fn months_make_a_commitment_of_the_plan_pass_t() {
    // the regional forum of commitment 6, with the months that the printed plan leaves out
    let mut content: DraftContent = serde_json::from_value(json!({
        "start": "2024-05", "end": "2026-04",
        "milestones": [{"title": "first forum", "due": null}, {"title": "second forum", "due": null}]
    }))
    .unwrap();
    let t = |content: &DraftContent| check(content, 1).iter().filter(|found| found.letter == Letter::T).count();
    assert_eq!(t(&content), 2);
    content.milestones[0].due = Some(Month { year: 2024, month: 5 }); // the first month of the period
    assert_eq!(t(&content), 1);
    content.milestones[1].due = Some(Month { year: 2026, month: 4 }); // and its last
    assert_eq!(t(&content), 0);
    content.milestones[1].due = Some(Month { year: 2026, month: 5 });
    assert_eq!(t(&content), 1);
}

#[test]
fn a_period_may_be_one_month() {
    let content: DraftContent = serde_json::from_value(json!({
        "start": "2026-04", "end": "2026-04", "milestones": [{"title": "forum", "due": "2026-04"}]
    }))
    .unwrap();
    assert!(check(&content, 1).iter().all(|found| found.letter != Letter::T));
}

#[test]
fn a_draft_in_json_may_be_partial_but_not_misspelt() {
    assert_eq!(serde_json::from_str::<DraftContent>("{}").unwrap(), DraftContent::default());
    for wrong in [
        json!({"objectif": "x"}),
        json!({"start": "2026-13"}),
        json!({"start": "05/2024"}),
        json!({"competence_class": "mine"}),
        json!({"principles": ["kindness"]}),
        json!({"budget_mad": -1}),
        json!({"indicators": [{"name": "x", "kind": "vague"}]}),
        json!({"indicators": [{"name": "x", "kind": "quantitative", "colour": "red"}]}),
        json!({"milestones": [{"title": "x", "when": "2026-01"}]}),
        json!({"territories": ["MA CHE"]}),
    ] {
        assert!(serde_json::from_value::<DraftContent>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_finding_is_sent_as_four_words() {
    let finding = &check(&DraftContent::default(), 0)[0];
    assert_eq!(
        serde_json::to_value(finding).unwrap(),
        json!({"letter": "s", "severity": "blocking", "code": "objective_missing", "field": "objective"})
    );
}

#[test]
fn limits_hold_to_the_character() {
    assert_eq!((MAX_ITEMS, MAX_LINE, MAX_OBJECTIVE, MAX_PROBLEM), (20, 300, 1000, 4000));
    let long = |length: usize| "ن".repeat(length);
    let within = DraftContent {
        objective: long(1000),
        problem: long(4000),
        responsible: long(300),
        beneficiaries: vec![long(300); 20],
        ..DraftContent::default()
    };
    assert_eq!(limits(&within), []);
    let beyond = DraftContent {
        objective: long(1001),
        problem: long(4001),
        responsible: long(301),
        beneficiaries: vec![long(301); 21],
        ..DraftContent::default()
    };
    let problems = limits(&beyond);
    for (field, max) in [
        ("objective", 1000),
        ("problem", 4000),
        ("responsible", 300),
        ("beneficiaries[20]", 300),
        ("beneficiaries", 20),
    ] {
        assert!(problems.contains(&(field.to_owned(), TextProblem::TooLong { max })), "{field}");
    }
    assert_eq!(problems.len(), 3 + 21 + 1);
}
