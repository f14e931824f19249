//! The check, finding by finding, and on the seven commitments of the plan as published.
use super::*;

fn complete() -> DraftContent {
    DraftContent {
        objective: "Open eight local energy and climate offices".into(),
        problem: "Communes have nobody to turn to for energy and climate projects.".into(),
        beneficiaries: vec!["communes".into()],
        territories: BTreeSet::from(["MA-CHE".parse().unwrap()]),
        indicators: vec![
            Indicator {
                name: "local offices open".into(),
                kind: IndicatorKind::Quantitative,
                unit: Some("offices".into()),
                baseline_value: Some(0.0),
                baseline_year: Some(2024),
                target: Some(8.0),
                target_text: None,
                source: Some("reports of the council".into()),
            },
            Indicator {
                name: "role of the offices".into(),
                kind: IndicatorKind::Qualitative,
                target_text: Some("agreed with every commune".into()),
                source: Some("conventions".into()),
                ..Indicator::default()
            },
        ],
        competence_class: Some(CompetenceClass::Own),
        competence_reason: "article 82".into(),
        responsible: "regional council".into(),
        partners: vec![],
        budget_mad: Some(0),
        budget_source: String::new(),
        principles: BTreeSet::from([Principle::Participation]),
        planning_links: vec![],
        sdgs: BTreeSet::from([13]),
        start: Some("2027-01".parse().unwrap()),
        end: Some("2027-12".parse().unwrap()),
        milestones: vec![Milestone {
            title: "first office".into(),
            deliverable: String::new(),
            due: Some("2027-01".parse().unwrap()),
        }],
    }
}

fn codes(content: &DraftContent, sources: usize) -> Vec<(FindingCode, String)> {
    check(content, sources).into_iter().map(|finding| (finding.code, finding.field)).collect()
}

#[test]
fn a_complete_draft_has_no_findings() {
    assert_eq!(check(&complete(), 1), []);
}

#[test]
fn every_code_is_found_where_it_is_and_only_there() {
    use FindingCode as F;
    type Change = fn(&mut DraftContent);
    let cases: [(F, &str, Change); 21] = [
        (F::ObjectiveMissing, "objective", |c| c.objective = "  ".into()),
        (F::ProblemMissing, "problem", |c| c.problem.clear()),
        (F::BeneficiariesMissing, "beneficiaries", |c| c.beneficiaries = vec![" ".into()]),
        (F::TerritoriesMissing, "territories", |c| c.territories.clear()),
        (F::IndicatorMissing, "indicators", |c| c.indicators.clear()),
        (F::IndicatorUnitMissing, "indicators[0].unit", |c| c.indicators[0].unit = None),
        (F::IndicatorBaselineMissing, "indicators[0].baseline_value", |c| c.indicators[0].baseline_value = None),
        (F::IndicatorBaselineMissing, "indicators[0].baseline_year", |c| c.indicators[0].baseline_year = None),
        (F::IndicatorTargetMissing, "indicators[0].target", |c| c.indicators[0].target = None),
        (F::IndicatorTargetMissing, "indicators[1].target_text", |c| c.indicators[1].target_text = None),
        (F::IndicatorTargetEqualsBaseline, "indicators[0].target", |c| c.indicators[0].target = Some(0.0)),
        (F::IndicatorSourceMissing, "indicators[1].source", |c| c.indicators[1].source = Some(" ".into())),
        (F::CompetenceMissing, "competence_class", |c| c.competence_class = None),
        (F::CompetenceOutside, "competence_class", |c| c.competence_class = Some(CompetenceClass::Outside)),
        (F::ResponsibleMissing, "responsible", |c| c.responsible.clear()),
        (F::ResourcesMissing, "budget_mad", |c| c.budget_mad = None),
        (F::PrincipleMissing, "principles", |c| c.principles.clear()),
        (F::StartMissing, "start", |c| c.start = None),
        (F::EndMissing, "end", |c| c.end = None),
        (F::MilestoneMissing, "milestones", |c| c.milestones.clear()),
        (F::MilestoneMonthMissing, "milestones[0].due", |c| c.milestones[0].due = None),
    ];
    for (code, field, change) in cases {
        let mut content = complete();
        change(&mut content);
        assert_eq!(codes(&content, 1), [(code, field.to_owned())]);
    }
    assert_eq!(codes(&complete(), 0), [(F::ProposalLinkMissing, "sources".to_owned())]);
    for outside in ["2026-12", "2028-01"] {
        let mut content = complete();
        content.milestones[0].due = Some(outside.parse().unwrap());
        assert_eq!(codes(&content, 1), [(F::MilestoneOutsidePeriod, "milestones[0].due".to_owned())]);
    }
    let mut reversed = complete();
    reversed.end = Some("2026-11".parse().unwrap());
    assert!(codes(&reversed, 1).contains(&(F::PeriodReversed, "end".to_owned())));
}

#[test]
fn an_empty_draft_fails_every_letter() {
    let findings = check(&DraftContent::default(), 0);
    let letters: BTreeSet<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Blocking)
        .map(|finding| finding.letter)
        .collect();
    assert_eq!(letters.len(), 5);
    assert!(findings.is_sorted_by_key(|finding| finding.letter));
    assert!(!is_complete(&findings));
}

#[test]
fn proof_and_money_are_advice() {
    let mut content = complete();
    content.budget_mad = None;
    content.indicators[0].source = None;
    let findings = check(&content, 1);
    assert_eq!(findings.len(), 2);
    assert!(is_complete(&findings));
    content.budget_source = "NORDEV fund".into();
    assert_eq!(check(&content, 1).len(), 1);
}

/// Number, start, end, how many milestones are printed, the numeric targets among the measures.
type Commitment = (u8, &'static str, &'static str, usize, &'static [(&'static str, f64)]);

/// The seven commitments of the region's action plan 2024-2026 as published. No milestone has a month.
const PLAN: [Commitment; 7] = [
    (1, "2024-05", "2026-04", 4, &[]),
    (2, "2024-03", "2026-04", 3, &[]),
    (3, "2024-05", "2026-04", 4, &[]),
    (4, "2024-05", "2026-04", 4, &[]),
    (5, "2024-05", "2026-04", 3, &[]),
    (
        6,
        "2024-05",
        "2026-04",
        4,
        &[
            ("local energy and climate offices", 8.0),
            ("hectares reforested", 20_000.0),
            ("flood-protection projects", 6.0),
        ],
    ),
    (7, "2024-05", "2026-04", 2, &[("cooperatives supported", 200.0), ("artisanal fishers supported", 150.0)]),
];

#[test]
fn all_seven_commitments_of_the_plan_fail_t_and_only_two_have_numbers() {
    for (number, start, end, milestones, targets) in PLAN {
        let content = DraftContent {
            objective: format!("commitment {number}"),
            start: Some(start.parse().unwrap()),
            end: Some(end.parse().unwrap()),
            milestones: (0..milestones)
                .map(|n| Milestone { title: format!("stage {n}"), ..Milestone::default() })
                .collect(),
            indicators: targets
                .iter()
                .map(|(name, target)| Indicator {
                    name: (*name).into(),
                    unit: Some((*name).into()),
                    target: Some(*target),
                    ..Indicator::default()
                })
                .collect(),
            ..DraftContent::default()
        };
        let findings = check(&content, 1);
        let months = findings.iter().filter(|finding| finding.code == FindingCode::MilestoneMonthMissing).count();
        assert_eq!(months, milestones, "commitment {number}: every milestone lacks its month");
        assert!(findings.iter().any(|finding| finding.letter == Letter::T && finding.severity == Severity::Blocking));
        let without_indicator = findings.iter().any(|finding| finding.code == FindingCode::IndicatorMissing);
        assert_eq!(!without_indicator, matches!(number, 6 | 7), "commitment {number}");
        // even those name no year and value to compare with
        assert_eq!(
            findings.iter().filter(|finding| finding.code == FindingCode::IndicatorBaselineMissing).count(),
            targets.len()
        );
    }
}

#[test]
fn limits_name_the_field() {
    let mut content = complete();
    content.indicators[1].name = "م".repeat(MAX_LINE + 1);
    content.milestones = vec![Milestone::default(); MAX_ITEMS + 1];
    content.sdgs.insert(18);
    content.objective = "a\u{0}b".into();
    let problems = limits(&content);
    assert!(problems.contains(&("indicators[1].name".into(), TextProblem::TooLong { max: MAX_LINE })));
    assert!(problems.contains(&("milestones".into(), TextProblem::TooLong { max: MAX_ITEMS })));
    assert!(problems.contains(&("sdgs".into(), TextProblem::Invalid)));
    assert!(problems.contains(&("objective".into(), TextProblem::ControlCharacter)));
    assert_eq!(limits(&complete()), []);
}

#[test]
fn months_read_and_sort() {
    assert_eq!("2026-04".parse::<Month>().unwrap().to_string(), "2026-04");
    assert!("2026-04".parse::<Month>().unwrap() < "2026-10".parse().unwrap());
    for bad in ["", "2026", "2026-4", "2026-13", "2026-00", "26-04", "+026-04", "2026-04-01"] {
        assert!(bad.parse::<Month>().is_err(), "{bad}");
    }
}

#[test]
fn a_remark_is_anchored_to_a_field_that_exists() {
    let mut content = DraftContent::default();
    content.indicators.push(Indicator::default());
    content.milestones.push(Milestone::default());
    let written = serde_json::to_value(&content).unwrap();
    for (name, value) in written.as_object().unwrap() {
        assert!(is_field(name), "{name}");
        for leaf in value[0].as_object().into_iter().flat_map(|item| item.keys()) {
            assert!(is_field(&format!("{name}[0].{leaf}")), "{name}[0].{leaf}");
            assert!(!is_field(&format!("{name}.{leaf}")), "{name}.{leaf} of which one?");
        }
    }
    for field in ["title", "axis", "sources", "beneficiaries[19]"] {
        assert!(is_field(field), "{field}");
    }
    for bad in [
        "",
        "objective.x",
        "objectif",
        "indicators[x].unit",
        "indicators[20].unit",
        "indicators[01]",
        "a\0",
        "[0]",
        "title]",
    ] {
        assert!(!is_field(bad), "{bad}");
    }
}
