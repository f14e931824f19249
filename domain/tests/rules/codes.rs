//! Every code by hand. Codes are in databases, files and links that outlive a release: renaming a variant must
//! not rename one, and a new one must be added here.

use domain::{
    consultation::{ConsultationEdge, ConsultationState, ModerationRule},
    count::Dimension,
    count::Unit,
    draft::{DraftEdge, DraftState},
    edition::EditionRefusal,
    form::Suspicion,
    permission::Role,
    proposal::{CompetenceClass, Edge, LinkKind, ProposalState, RefusalReason, Remark, WithholdReason},
    representativeness::ComparedBy,
    smart::{FindingCode, IndicatorKind, Letter, Principle, Severity},
    vocabulary::{
        AgeBand, AxisCode, Channel, Gender, Language, ParticipantType, Place, Population, Residence, Slug,
        TerritoryCode,
    },
};

macro_rules! vocabulary {
    ($($test:ident: $name:ident = $codes:literal;)+) => { $(
        #[test]
        fn $test() {
            let expected: Vec<&str> = $codes.split_whitespace().collect();
            let codes: Vec<&str> = $name::ALL.iter().map(|value| value.as_str()).collect();
            assert_eq!(codes, expected);
            for value in $name::ALL {
                let json = format!("\"{value}\"");
                assert_eq!(value.to_string(), value.as_str());
                assert_eq!(value.as_str().parse::<$name>().as_ref(), Ok(value));
                assert_eq!(serde_json::to_string(value).unwrap(), json);
                assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *value);
            }
            for wrong in ["", " ", "Nothing", &format!("{} ", expected[0]), &expected[0].to_uppercase()] {
                assert!(wrong.parse::<$name>().unwrap_err().to_string().contains(stringify!($name)), "{wrong:?}");
                assert!(serde_json::from_str::<$name>(&format!("\"{wrong}\"")).is_err(), "{wrong:?}");
            }
        }
    )+ };
}

vocabulary! {
    channels: Channel = "digital territorial_meeting thematic_meeting petition advisory_opinion";
    languages: Language = "ar fr";
    age_bands: AgeBand = "under_15 15_24 25_34 35_49 50_64 65_plus not_stated";
    genders: Gender = "female male not_stated";
    participant_types: ParticipantType =
        "citizen civil_society academic private_sector public_sector elected_official not_stated";
    populations: Population = "women youth children elderly people_with_disabilities rural migrants all";
    proposal_states: ProposalState =
        "submitted clarification_requested retained merged redirected not_retained withheld withdrawn drafted adopted";
    proposal_edges: Edge =
        "submit request_clarification answer clarification_lapsed retain merge redirect refuse request_withhold
         cancel_withhold withhold appeal reopen withdraw attach release adopt";
    refusal_reasons: RefusalReason =
        "duplicate_of_existing_programme not_a_proposal not_feasible contrary_to_law outside_axes
         insufficient_information";
    withhold_reasons: WithholdReason = "personal_data threat hate defamation";
    suspicions: Suspicion = "no_token token_reused no_proof too_fast trap_filled many_from_address";
    remarks: Remark = "problem_unclear beyond_competence no_indicator original";
    comparisons: ComparedBy = "residence gender age_band age_band_gender residence_gender";
    edition_refusals: EditionRefusal = "too_few_new too_soon";
    unit: Unit = "participations remarks people";
    competence_classes: CompetenceClass = "own shared transferable outside";
    link_kinds: LinkKind = "as_is merged reworded inspired";
    draft_states: DraftState = "drafting in_review revised ratified adopted set_aside";
    draft_edges: DraftEdge = "submit_for_review request_changes ratify adopt set_aside";
    letters: Letter = "s m a r t";
    severities: Severity = "blocking advice";
    findings: FindingCode =
        "objective_missing problem_missing beneficiaries_missing territories_missing
         indicator_missing indicator_unit_missing indicator_baseline_missing indicator_target_missing
         indicator_target_equals_baseline indicator_source_missing
         competence_missing competence_outside responsible_missing resources_missing
         principle_missing proposal_link_missing
         start_missing end_missing period_reversed milestone_missing milestone_month_missing
         milestone_outside_period";
    principles: Principle = "transparency accountability participation inclusion technology_innovation";
    indicator_kinds: IndicatorKind = "quantitative qualitative";
    consultation_states: ConsultationState = "draft open closed published archived";
    consultation_edges: ConsultationEdge = "open close publish archive";
    moderation_rules: ModerationRule = "before after";
    roles: Role = "moderator coordinator analyst administrator";
    dimensions: Dimension =
        "axis age_band gender participant_type residence territory channel state language remark visibility day week \
        first_answer_days decision_days";
}

#[test]
fn what_tells_of_the_author_is_a_demographic() {
    let told: Vec<_> = Dimension::ALL.iter().filter(|dimension| dimension.is_demographic()).collect();
    assert_eq!(told, [&Dimension::AgeBand, &Dimension::Gender, &Dimension::ParticipantType, &Dimension::Residence]);
}

#[test]
fn places_are_strings_in_json() {
    let territory = || "MA-CHE".parse::<TerritoryCode>().unwrap();
    for (place, json) in [(Place::WholeRegion, "\"whole_region\""), (Place::Territory(territory()), "\"MA-CHE\"")] {
        assert_eq!(serde_json::to_string(&place).unwrap(), json);
        assert_eq!(serde_json::from_str::<Place>(json).unwrap(), place);
    }
    for (residence, json) in [
        (Residence::OutsideRegion, "\"outside_region\""),
        (Residence::NotStated, "\"not_stated\""),
        (Residence::Territory(territory()), "\"MA-CHE\""),
    ] {
        assert_eq!(serde_json::to_string(&residence).unwrap(), json);
        assert_eq!(serde_json::from_str::<Residence>(json).unwrap(), residence);
    }
    // a word that means something in one of the two must not pass for a territory in the other
    assert!("outside_region".parse::<Place>().is_err() && "not_stated".parse::<Place>().is_err());
    assert!("whole_region".parse::<Residence>().is_err());
}

#[test]
fn codes_that_are_data_have_a_length_and_an_alphabet() {
    for (code, right) in
        [("a", false), ("ab", true), (&"a".repeat(40), true), (&"a".repeat(41), false), ("a_b", false), ("é1", false)]
    {
        assert_eq!(code.parse::<AxisCode>().is_ok(), right, "{code}");
        assert_eq!(code.parse::<TerritoryCode>().is_ok(), right, "{code}");
        assert_eq!(code.parse::<Slug>().is_ok(), right, "{code}");
        assert_eq!(serde_json::from_str::<Slug>(&format!("\"{code}\"")).is_ok(), right, "{code}");
    }
}
