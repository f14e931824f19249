//! What is counted, in one place. A participation is a proposal that was submitted and not withdrawn; a
//! withheld text still counts. Cells always add up to the total.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};

use crate::{
    calendar::day,
    proposal::{ProposalState, Remark},
    vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Residence},
};

codes! {
    /// What can be counted by.
    Dimension {
        /// The consultation's themes.
        Axis = "axis",
        /// The author's age.
        AgeBand = "age_band",
        /// The author's gender.
        Gender = "gender",
        /// In which quality the author takes part.
        ParticipantType = "participant_type",
        /// Where the author lives.
        Residence = "residence",
        /// The territory concerned.
        Territory = "territory",
        /// Where it came from.
        Channel = "channel",
        /// Where it stands.
        State = "state",
        /// The language of its text.
        Language = "language",
        /// What the committee noticed: each remark is counted, and each proposal without one.
        Remark = "remark",
        /// Whether everybody can read it.
        Visibility = "visibility",
        /// The day it was submitted, in Africa/Casablanca.
        Day = "day",
        /// The week it was submitted in, by the day of its Monday.
        Week = "week",
        /// How many full days it was at the desk until the committee first asked or decided something.
        FirstAnswerDays = "first_answer_days",
        /// How many full days it was at the desk until the decision that stands.
        DecisionDays = "decision_days",
    }
}

/// What stands for "none" in a count: no remark, not answered, not decided.
pub const NONE: &str = "none";
/// The code of [`Dimension::Visibility`] for what everybody can read.
pub const PUBLIC: &str = "public";
/// The code of [`Dimension::Visibility`] for what only the committee can read.
pub const NOT_PUBLIC: &str = "not_public";

impl Dimension {
    /// Whether it tells something about the author: never public below an edition.
    #[must_use]
    pub const fn is_demographic(self) -> bool {
        matches!(self, Self::AgeBand | Self::Gender | Self::ParticipantType | Self::Residence)
    }

    /// Whether it measures time: as many codes as there are days.
    const fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::FirstAnswerDays | Self::DecisionDays)
    }

    /// Whether it can be counted together with `other`: not with itself, and no time with another time.
    #[must_use]
    pub fn crosses(self, other: Self) -> bool {
        self != other && !(self.is_time() && other.is_time())
    }

    /// What a count by it is kept by: weeks are made from days.
    #[must_use]
    pub const fn kept(self) -> Self {
        match self {
            Self::Week => Self::Day,
            other => other,
        }
    }

    /// The code for a kept code: the week of a day, everything else as it is.
    #[must_use]
    pub fn code_of(self, kept: &str) -> Cow<'_, str> {
        match (self, kept.parse::<NaiveDate>()) {
            (Self::Week, Ok(day)) => Cow::Owned(monday(day).to_string()),
            _ => Cow::Borrowed(kept),
        }
    }

    /// The code of those who did not say.
    #[must_use]
    pub const fn not_stated(self) -> Option<&'static str> {
        if self.is_demographic() { Some("not_stated") } else { None }
    }

    /// What is counted when it is counted by this.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Remark => Unit::Remarks,
            _ => Unit::Participations,
        }
    }
}

codes! {
    /// What a number is a number of.
    Unit {
        /// Proposals, not people.
        Participations = "participations",
        /// Remarks of the committee, and proposals without one: a proposal may have several.
        Remarks = "remarks",
        /// People, not proposals.
        People = "people",
    }
}

/// The unit of a count by one or two dimensions.
#[must_use]
pub const fn unit(rows: Dimension, columns: Option<Dimension>) -> Unit {
    match (rows.unit(), columns) {
        (Unit::Participations, Some(columns)) => columns.unit(),
        (unit, _) => unit,
    }
}

/// The Monday of a week.
#[must_use]
pub fn monday(day: NaiveDate) -> NaiveDate {
    let past = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(past)).unwrap_or(day)
}

/// What a proposal is counted by. `axis` and `territory` are whatever names them where the counts are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the dimension of the same name")]
pub struct Participation {
    pub axis: String,
    pub territory: String,
    pub age_band: AgeBand,
    pub gender: Gender,
    pub participant_type: ParticipantType,
    pub residence: Residence,
    pub channel: Channel,
    pub state: ProposalState,
    pub language: Language,
    pub remarks: Vec<Remark>,
    pub public: bool,
    pub submitted_at: DateTime<Utc>,
    /// When it reached the desk: what was said at a meeting is entered later.
    pub received_at: DateTime<Utc>,
    pub first_answered_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Participation {
    /// Its code in a dimension; several only among remarks.
    #[must_use]
    pub fn codes(&self, dimension: Dimension) -> Vec<Cow<'_, str>> {
        let waited = |until: Option<DateTime<Utc>>| {
            until.map_or(Cow::Borrowed(NONE), |until| waiting_days(self.received_at, until).to_string().into())
        };
        let code: Cow<'_, str> = match dimension {
            Dimension::Axis => self.axis.as_str().into(),
            Dimension::Territory => self.territory.as_str().into(),
            Dimension::AgeBand => self.age_band.as_str().into(),
            Dimension::Gender => self.gender.as_str().into(),
            Dimension::ParticipantType => self.participant_type.as_str().into(),
            Dimension::Residence => self.residence.to_string().into(),
            Dimension::Channel => self.channel.as_str().into(),
            Dimension::State => self.state.as_str().into(),
            Dimension::Language => self.language.as_str().into(),
            Dimension::Remark if !self.remarks.is_empty() => {
                return self.remarks.iter().map(|remark| remark.as_str().into()).collect();
            }
            Dimension::Remark => NONE.into(),
            Dimension::Visibility => if self.public { PUBLIC } else { NOT_PUBLIC }.into(),
            Dimension::Day => day(self.submitted_at).to_string().into(),
            Dimension::Week => monday(day(self.submitted_at)).to_string().into(),
            Dimension::FirstAnswerDays => waited(self.first_answered_at),
            Dimension::DecisionDays => waited(self.decided_at),
        };
        vec![code]
    }

    /// Every cell it is counted in: each kept dimension alone and with each it crosses, the earlier one first.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell<'_>> {
        let kept: Vec<_> = Dimension::ALL.iter().filter(|dimension| dimension.kept() == **dimension).collect();
        let codes: Vec<_> = kept.iter().map(|dimension| (**dimension, self.codes(**dimension))).collect();
        let mut cells = Vec::with_capacity(kept.len() * (kept.len() + 1) / 2);
        for (place, (rows, row_codes)) in codes.iter().enumerate() {
            for row in row_codes {
                cells.push(Cell { rows: *rows, row: row.clone(), columns: None });
                let others = codes[place + 1..].iter().filter(|(columns, _)| rows.crosses(*columns));
                cells.extend(others.flat_map(|(columns, column_codes)| {
                    column_codes.iter().map(|column| Cell {
                        rows: *rows,
                        row: row.clone(),
                        columns: Some((*columns, column.clone())),
                    })
                }));
            }
        }
        cells
    }
}

/// A place in a table: a row, and a column in a two-way table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell<'a> {
    /// What the rows are.
    pub rows: Dimension,
    /// Which row.
    pub row: Cow<'a, str>,
    /// What the columns are, and which column.
    pub columns: Option<(Dimension, Cow<'a, str>)>,
}

/// The smallest number of days by which at least the `share` (0 to 1) of what was waited for was there, by the
/// nearest-rank method; `None` if nothing was. `by_days` holds how many waited how long.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of proposals are far below 2^52"
)]
pub fn waited_for(by_days: &BTreeMap<u64, u64>, share: f64) -> Option<u64> {
    let count: u64 = by_days.values().sum();
    let rank = ((count as f64 * share).ceil() as u64).max(1);
    let mut reached = 0;
    by_days.iter().find_map(|(days, waited)| {
        reached += waited;
        (reached >= rank).then_some(*days)
    })
}

/// How many participations there are: submitted and not withdrawn.
#[must_use]
pub fn participations(by_state: &BTreeMap<ProposalState, u64>) -> u64 {
    by_state.iter().filter(|(state, _)| state.is_counted()).map(|(_, count)| count).sum()
}

/// How many participations have an outcome: the n of "n of m reviewed".
#[must_use]
pub fn reviewed(by_state: &BTreeMap<ProposalState, u64>) -> u64 {
    by_state.iter().filter(|(state, _)| state.is_decided()).map(|(_, count)| count).sum()
}

/// How many full days have passed; never negative.
#[must_use]
pub fn waiting_days(since: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - since).num_days().max(0)
}

/// A two-way table with its margins. The margins are made from the cells, so they cannot disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crosstab {
    /// (row, column) to count.
    pub cells: BTreeMap<(String, String), u64>,
    /// By row.
    pub rows: BTreeMap<String, u64>,
    /// By column.
    pub columns: BTreeMap<String, u64>,
    /// All of them.
    pub base: u64,
}

impl Crosstab {
    /// Adds up cells; the same cell given twice is one cell.
    #[must_use]
    pub fn new(cells: impl IntoIterator<Item = (String, String, u64)>) -> Self {
        let mut table = Self::default();
        for (row, column, count) in cells {
            *table.rows.entry(row.clone()).or_default() += count;
            *table.columns.entry(column.clone()).or_default() += count;
            *table.cells.entry((row, column)).or_default() += count;
            table.base += count;
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn withdrawn_is_the_only_state_that_does_not_count() {
        let by_state: BTreeMap<_, _> = ProposalState::ALL.iter().map(|state| (*state, 1)).collect();
        assert_eq!(participations(&by_state), 9); // ten states, one of them withdrawn
        assert_eq!(reviewed(&by_state), 7); // not submitted, clarification_requested, withdrawn
    }

    #[test]
    fn days_are_full_days() {
        let at = |hours: i64| DateTime::from_timestamp(hours * 3600, 0).unwrap();
        assert_eq!(waiting_days(at(0), at(23)), 0);
        assert_eq!(waiting_days(at(0), at(24)), 1);
        assert_eq!(waiting_days(at(24), at(0)), 0);
    }

    proptest! {
        #[test]
        fn cells_add_up(cells in proptest::collection::vec(("[a-d]", "[x-z]", 0_u64..1000), 0..40)) {
            let total: u64 = cells.iter().map(|cell| cell.2).sum();
            let table = Crosstab::new(cells);
            prop_assert_eq!(table.base, total);
            prop_assert_eq!(table.cells.values().sum::<u64>(), total);
            prop_assert_eq!(table.rows.values().sum::<u64>(), total);
            prop_assert_eq!(table.columns.values().sum::<u64>(), total);
        }
    }
}
