//! What is counted, in one place. A participation is a proposal that was submitted and not withdrawn; a
//! withheld text still counts. Cells always add up to the total.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::proposal::ProposalState;

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
        /// The day it was submitted, in Africa/Casablanca.
        Day = "day",
    }
}

impl Dimension {
    /// Whether it tells something about the author: never public below an edition.
    #[must_use]
    pub const fn is_demographic(self) -> bool {
        matches!(self, Self::AgeBand | Self::Gender | Self::ParticipantType | Self::Residence)
    }
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
