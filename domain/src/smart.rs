//! A SMART draft and its check. The check is a pure function from a draft to findings; "complete" means that
//! no finding blocks. There is no score: a number would hide which letter fails.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    UnknownCode,
    proposal::CompetenceClass,
    text::{TextProblem, check_free},
    vocabulary::TerritoryCode,
};

codes! {
    /// The five letters.
    Letter {
        /// Specific.
        S = "s",
        /// Measurable.
        M = "m",
        /// Achievable.
        A = "a",
        /// Relevant.
        R = "r",
        /// Time-bound.
        T = "t",
    }
}

codes! {
    /// How much a finding weighs.
    Severity {
        /// The draft cannot be ratified.
        Blocking = "blocking",
        /// Worth a look.
        Advice = "advice",
    }
}

codes! {
    /// What the check finds.
    FindingCode {
        /// S: no objective.
        ObjectiveMissing = "objective_missing",
        /// S: no problem.
        ProblemMissing = "problem_missing",
        /// S: nobody benefits.
        BeneficiariesMissing = "beneficiaries_missing",
        /// S: no territory.
        TerritoriesMissing = "territories_missing",
        /// M: no indicator.
        IndicatorMissing = "indicator_missing",
        /// M: a number without a unit.
        IndicatorUnitMissing = "indicator_unit_missing",
        /// M: nothing to compare with: no value, or no year.
        IndicatorBaselineMissing = "indicator_baseline_missing",
        /// M: nothing to reach.
        IndicatorTargetMissing = "indicator_target_missing",
        /// M: nothing would change.
        IndicatorTargetEqualsBaseline = "indicator_target_equals_baseline",
        /// M: no source of verification.
        IndicatorSourceMissing = "indicator_source_missing",
        /// A: whether the council may act is not said.
        CompetenceMissing = "competence_missing",
        /// A: the council may not act.
        CompetenceOutside = "competence_outside",
        /// A: nobody answers for it.
        ResponsibleMissing = "responsible_missing",
        /// A: no budget and no source of one.
        ResourcesMissing = "resources_missing",
        /// R: no principle of open government.
        PrincipleMissing = "principle_missing",
        /// R: made from no proposal.
        ProposalLinkMissing = "proposal_link_missing",
        /// T: no start.
        StartMissing = "start_missing",
        /// T: no end.
        EndMissing = "end_missing",
        /// T: ends before it starts.
        PeriodReversed = "period_reversed",
        /// T: no milestone.
        MilestoneMissing = "milestone_missing",
        /// T: a milestone without a month.
        MilestoneMonthMissing = "milestone_month_missing",
        /// T: a milestone before the start or after the end.
        MilestoneOutsidePeriod = "milestone_outside_period",
    }
}

codes! {
    /// Principles of open government.
    Principle {
        /// Transparency and access to information.
        Transparency = "transparency",
        /// Public accountability.
        Accountability = "accountability",
        /// Civic participation.
        Participation = "participation",
        /// Inclusion.
        Inclusion = "inclusion",
        /// Technology and innovation.
        TechnologyInnovation = "technology_innovation",
    }
}

codes! {
    /// The kinds of indicator.
    IndicatorKind {
        /// A number.
        Quantitative = "quantitative",
        /// A state of things, in words.
        Qualitative = "qualitative",
    }
}

/// A month, `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// 1900 to 2999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let unknown = || UnknownCode { what: "Month" };
        let (year, month) =
            text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2).ok_or_else(unknown)?;
        let digits = year.bytes().chain(month.bytes()).all(|byte| byte.is_ascii_digit());
        let parsed = Self { year: year.parse().map_err(|_| unknown())?, month: month.parse().map_err(|_| unknown())? };
        if digits && (1900..=2999).contains(&parsed.year) && (1..=12).contains(&parsed.month) {
            Ok(parsed)
        } else {
            Err(unknown())
        }
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Month {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[12][0-9]{3}-(0[1-9]|1[0-2])$"))
            .examples(["2027-03"])
            .into()
    }
}

impl ToSchema for Month {}

/// What a draft says. Every field may be empty: the check tells what is missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DraftContent {
    /// S: what is to be reached, starting with a verb.
    pub objective: String,
    /// S: what is wrong, where, for whom.
    pub problem: String,
    /// S: who benefits.
    pub beneficiaries: Vec<String>,
    /// S: where; all territories of the region if it is for all of it.
    pub territories: BTreeSet<TerritoryCode>,
    /// M: how one will know.
    pub indicators: Vec<Indicator>,
    /// A: whether the council may act.
    pub competence_class: Option<CompetenceClass>,
    /// A: why so.
    pub competence_reason: String,
    /// A: the institution that answers for it.
    pub responsible: String,
    /// A: who helps.
    pub partners: Vec<String>,
    /// A: the estimate, in dirhams; 0 is "costs nothing".
    pub budget_mad: Option<u64>,
    /// A: where the estimate or the money comes from.
    pub budget_source: String,
    /// R: the principles it serves.
    pub principles: BTreeSet<Principle>,
    /// R: the planning documents it belongs to (PDR, SRAT, national programmes).
    pub planning_links: Vec<String>,
    /// R: the sustainable development goals it serves, 1 to 17.
    pub sdgs: BTreeSet<u8>,
    /// T: the first month.
    pub start: Option<Month>,
    /// T: the last month.
    pub end: Option<Month>,
    /// T: the stages.
    pub milestones: Vec<Milestone>,
}

/// How one will know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// What is observed.
    pub name: String,
    /// Whether it is a number.
    pub kind: IndicatorKind,
    /// Of what, for a number.
    pub unit: Option<String>,
    /// Where it stood.
    pub baseline_value: Option<f64>,
    /// When it stood there.
    pub baseline_year: Option<i32>,
    /// The number to reach.
    pub target: Option<f64>,
    /// The state of things to reach, for what is no number.
    pub target_text: Option<String>,
    /// How it can be verified.
    pub source: Option<String>,
}

#[expect(clippy::derivable_impls, reason = "the macro that declares codes has no default")]
impl Default for IndicatorKind {
    fn default() -> Self {
        Self::Quantitative
    }
}

/// A dated stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What happens.
    pub title: String,
    /// What is there afterwards.
    #[serde(default)]
    pub deliverable: String,
    /// In which month.
    pub due: Option<Month>,
}

/// What the check says about one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// Which letter it concerns.
    pub letter: Letter,
    /// Whether it blocks.
    pub severity: Severity,
    /// What it is.
    pub code: FindingCode,
    /// Where, as a path: `objective`, `indicators[0].unit`.
    pub field: String,
}

impl FindingCode {
    const fn letter(self) -> Letter {
        match self {
            Self::ObjectiveMissing | Self::ProblemMissing | Self::BeneficiariesMissing | Self::TerritoriesMissing => {
                Letter::S
            }
            Self::IndicatorMissing
            | Self::IndicatorUnitMissing
            | Self::IndicatorBaselineMissing
            | Self::IndicatorTargetMissing
            | Self::IndicatorTargetEqualsBaseline
            | Self::IndicatorSourceMissing => Letter::M,
            Self::CompetenceMissing | Self::CompetenceOutside | Self::ResponsibleMissing | Self::ResourcesMissing => {
                Letter::A
            }
            Self::PrincipleMissing | Self::ProposalLinkMissing => Letter::R,
            Self::StartMissing
            | Self::EndMissing
            | Self::PeriodReversed
            | Self::MilestoneMissing
            | Self::MilestoneMonthMissing
            | Self::MilestoneOutsidePeriod => Letter::T,
        }
    }

    /// What a reader could not follow up on blocks. Where the money and the proof come from may still be open
    /// when a goal is drafted: the plan's own commitments name neither.
    const fn severity(self) -> Severity {
        match self {
            Self::IndicatorSourceMissing | Self::ResourcesMissing => Severity::Advice,
            _ => Severity::Blocking,
        }
    }
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn none(text: Option<&String>) -> bool {
    text.is_none_or(|text| blank(text))
}

/// Checks a draft made from `sources` proposals. The findings come in the order S, M, A, R, T, and within a
/// letter in the order of the form; the same draft always gives the same findings.
#[must_use]
pub fn check(content: &DraftContent, sources: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |found: bool, code: FindingCode, field: &str| {
        if found {
            findings.push(Finding { letter: code.letter(), severity: code.severity(), code, field: field.to_owned() });
        }
    };

    find(blank(&content.objective), FindingCode::ObjectiveMissing, "objective");
    find(blank(&content.problem), FindingCode::ProblemMissing, "problem");
    find(content.beneficiaries.iter().all(|name| blank(name)), FindingCode::BeneficiariesMissing, "beneficiaries");
    find(content.territories.is_empty(), FindingCode::TerritoriesMissing, "territories");

    find(
        content.indicators.iter().all(|indicator| blank(&indicator.name)),
        FindingCode::IndicatorMissing,
        "indicators",
    );
    for (index, indicator) in content.indicators.iter().enumerate().filter(|(_, indicator)| !blank(&indicator.name)) {
        let field = |name: &str| format!("indicators[{index}].{name}");
        match indicator.kind {
            IndicatorKind::Quantitative => {
                let missing_baseline =
                    if indicator.baseline_value.is_none() { "baseline_value" } else { "baseline_year" };
                find(none(indicator.unit.as_ref()), FindingCode::IndicatorUnitMissing, &field("unit"));
                find(
                    indicator.baseline_value.is_none() || indicator.baseline_year.is_none(),
                    FindingCode::IndicatorBaselineMissing,
                    &field(missing_baseline),
                );
                find(indicator.target.is_none(), FindingCode::IndicatorTargetMissing, &field("target"));
                #[expect(clippy::float_cmp, reason = "equal as written, not as computed")]
                let unchanged =
                    indicator.baseline_value.zip(indicator.target).is_some_and(|(baseline, target)| baseline == target);
                find(unchanged, FindingCode::IndicatorTargetEqualsBaseline, &field("target"));
            }
            IndicatorKind::Qualitative => {
                find(none(indicator.target_text.as_ref()), FindingCode::IndicatorTargetMissing, &field("target_text"));
            }
        }
        find(none(indicator.source.as_ref()), FindingCode::IndicatorSourceMissing, &field("source"));
    }

    find(content.competence_class.is_none(), FindingCode::CompetenceMissing, "competence_class");
    find(
        content.competence_class == Some(CompetenceClass::Outside),
        FindingCode::CompetenceOutside,
        "competence_class",
    );
    find(blank(&content.responsible), FindingCode::ResponsibleMissing, "responsible");
    find(content.budget_mad.is_none() && blank(&content.budget_source), FindingCode::ResourcesMissing, "budget_mad");

    find(content.principles.is_empty(), FindingCode::PrincipleMissing, "principles");
    find(sources == 0, FindingCode::ProposalLinkMissing, "sources");

    find(content.start.is_none(), FindingCode::StartMissing, "start");
    find(content.end.is_none(), FindingCode::EndMissing, "end");
    find(content.start.zip(content.end).is_some_and(|(start, end)| end < start), FindingCode::PeriodReversed, "end");
    find(
        content.milestones.iter().all(|milestone| blank(&milestone.title)),
        FindingCode::MilestoneMissing,
        "milestones",
    );
    for (index, milestone) in content.milestones.iter().enumerate().filter(|(_, milestone)| !blank(&milestone.title)) {
        let field = format!("milestones[{index}].due");
        match milestone.due {
            None => find(true, FindingCode::MilestoneMonthMissing, &field),
            Some(due) => {
                let early = content.start.is_some_and(|start| due < start);
                let late = content.end.is_some_and(|end| due > end);
                find(early || late, FindingCode::MilestoneOutsidePeriod, &field);
            }
        }
    }
    findings
}

/// Whether nothing blocks.
#[must_use]
pub fn is_complete(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Blocking)
}

/// The most items of any list.
pub const MAX_ITEMS: usize = 20;
/// The longest name or line, in characters.
pub const MAX_LINE: usize = 300;
/// The longest objective, in characters.
pub const MAX_OBJECTIVE: usize = 1000;
/// The longest problem or reason, in characters.
pub const MAX_PROBLEM: usize = 4000;

/// The fields of a draft that a remark can be anchored to; inside a list, without its index.
const FIELDS: [&str; 31] = [
    "title",
    "axis",
    "sources",
    "objective",
    "problem",
    "beneficiaries",
    "territories",
    "indicators",
    "indicators.name",
    "indicators.kind",
    "indicators.unit",
    "indicators.baseline_value",
    "indicators.baseline_year",
    "indicators.target",
    "indicators.target_text",
    "indicators.source",
    "competence_class",
    "competence_reason",
    "responsible",
    "partners",
    "budget_mad",
    "budget_source",
    "principles",
    "planning_links",
    "sdgs",
    "start",
    "end",
    "milestones",
    "milestones.title",
    "milestones.deliverable",
    "milestones.due",
];

/// Whether `path` names a field of a draft, as findings and remarks do: `objective`, `indicators[0].unit`.
#[must_use]
pub fn is_field(path: &str) -> bool {
    let Some((list, rest)) = path.split_once('[') else {
        return FIELDS.contains(&path) && !path.contains('.');
    };
    let Some((index, leaf)) = rest.split_once(']') else { return false };
    let is_index = index.parse::<usize>().is_ok_and(|place| place < MAX_ITEMS && place.to_string() == index);
    is_index && FIELDS.contains(&format!("{list}{leaf}").as_str())
}

/// Where a draft is too long or holds what no draft can, by field. Being empty is not wrong here: that is
/// what [`check`] tells.
#[must_use]
pub fn limits(content: &DraftContent) -> Vec<(String, TextProblem)> {
    let mut problems = Vec::new();
    let mut text = |field: String, text: &str, max: usize| {
        problems.extend(check_free(text, max).err().map(|problem| (field, problem)));
    };
    text("objective".into(), &content.objective, MAX_OBJECTIVE);
    text("problem".into(), &content.problem, MAX_PROBLEM);
    text("competence_reason".into(), &content.competence_reason, MAX_PROBLEM);
    text("responsible".into(), &content.responsible, MAX_LINE);
    text("budget_source".into(), &content.budget_source, MAX_LINE);
    for (name, lines) in [
        ("beneficiaries", &content.beneficiaries),
        ("partners", &content.partners),
        ("planning_links", &content.planning_links),
    ] {
        for (index, line) in lines.iter().enumerate() {
            text(format!("{name}[{index}]"), line, MAX_LINE);
        }
    }
    for (index, indicator) in content.indicators.iter().enumerate() {
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        text(format!("indicators[{index}].name"), &indicator.name, MAX_LINE);
        text(format!("indicators[{index}].unit"), &optional(&indicator.unit), MAX_LINE);
        text(format!("indicators[{index}].target_text"), &optional(&indicator.target_text), MAX_OBJECTIVE);
        text(format!("indicators[{index}].source"), &optional(&indicator.source), MAX_LINE);
    }
    for (index, milestone) in content.milestones.iter().enumerate() {
        text(format!("milestones[{index}].title"), &milestone.title, MAX_LINE);
        text(format!("milestones[{index}].deliverable"), &milestone.deliverable, MAX_OBJECTIVE);
    }
    let lengths = [
        ("beneficiaries", content.beneficiaries.len()),
        ("partners", content.partners.len()),
        ("planning_links", content.planning_links.len()),
        ("indicators", content.indicators.len()),
        ("milestones", content.milestones.len()),
        ("territories", content.territories.len()),
    ];
    problems.extend(
        lengths
            .iter()
            .filter(|(_, length)| *length > MAX_ITEMS)
            .map(|(name, _)| ((*name).to_owned(), TextProblem::TooLong { max: MAX_ITEMS })),
    );
    for (index, indicator) in content.indicators.iter().enumerate() {
        if indicator.baseline_year.is_some_and(|year| !(1900..=2999).contains(&year)) {
            problems.push((format!("indicators[{index}].baseline_year"), TextProblem::Invalid));
        }
        if [indicator.baseline_value, indicator.target].into_iter().flatten().any(|number| !number.is_finite()) {
            problems.push((format!("indicators[{index}].target"), TextProblem::Invalid));
        }
    }
    if content.sdgs.iter().any(|goal| !(1..=17).contains(goal)) {
        problems.push(("sdgs".into(), TextProblem::Invalid));
    }
    // i64 is what both engines and every JSON reader can hold
    if content.budget_mad.is_some_and(|budget| budget > 1_000_000_000_000) {
        problems.push(("budget_mad".into(), TextProblem::Invalid));
    }
    problems
}

#[cfg(test)]
mod tests;
