//! A consultation's life: `draft -> open -> closed -> published -> archived`.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

codes! {
    /// Where a consultation stands.
    ConsultationState {
        /// Being prepared; the public does not see it.
        Draft = "draft",
        /// Takes proposals while its window lasts.
        Open = "open",
        /// Takes no more; the committee finishes reading.
        Closed = "closed",
        /// Every proposal has its answer.
        Published = "published",
        /// Kept for the record.
        Archived = "archived",
    }
}

codes! {
    /// A step of a consultation's life.
    ConsultationEdge {
        /// From draft to open.
        Open = "open",
        /// From open to closed.
        Close = "close",
        /// From closed to published.
        Publish = "publish",
        /// From published to archived.
        Archive = "archive",
    }
}

codes! {
    /// When the public sees a proposal.
    ModerationRule {
        /// From its first decision on: the default.
        Before = "before",
        /// From its submission on.
        After = "after",
    }
}

/// When proposals are taken: from `opens_at` (included) to `closes_at` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
}

/// Why two instants make no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// It ends before it begins.
    #[error("the window ends before it begins")]
    Reversed,
    /// It is not within the years a consultation can be in, or lasts longer than [`MAX_YEARS`].
    #[error("the window is not a consultation's")]
    OutOfRange,
}

/// The years a window can lie in: what a slip of the keyboard leaves is no date of a consultation.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;
/// The longest window, in years: a plan is made for a few.
pub const MAX_YEARS: i64 = 10;

impl Window {
    /// A window of at least an instant.
    ///
    /// # Errors
    /// It ends before it begins, or is no consultation's.
    pub fn new(opens_at: DateTime<Utc>, closes_at: DateTime<Utc>) -> Result<Self, WindowError> {
        if opens_at >= closes_at {
            return Err(WindowError::Reversed);
        }
        let in_years = YEARS.contains(&opens_at.year()) && YEARS.contains(&closes_at.year());
        if !in_years || closes_at - opens_at > TimeDelta::days(366 * MAX_YEARS) {
            return Err(WindowError::OutOfRange);
        }
        Ok(Self { opens_at, closes_at })
    }

    /// The first instant.
    #[must_use]
    pub const fn opens_at(&self) -> DateTime<Utc> {
        self.opens_at
    }

    /// The first instant after.
    #[must_use]
    pub const fn closes_at(&self) -> DateTime<Utc> {
        self.closes_at
    }

    /// Whether `now` is inside.
    #[must_use]
    pub fn contains(&self, now: DateTime<Utc>) -> bool {
        (self.opens_at..self.closes_at).contains(&now)
    }
}

/// Why a consultation stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsultationError {
    /// There is no such step from here.
    #[error("a consultation that is {from} cannot become {to}")]
    IllegalTransition {
        /// Where it stands.
        from: ConsultationState,
        /// Where the step leads.
        to: ConsultationState,
    },
    /// It cannot be published while a proposal has no answer.
    #[error("{count} proposals have no answer yet")]
    Unanswered {
        /// How many.
        count: u64,
    },
}

impl ConsultationEdge {
    const fn ends(self) -> (ConsultationState, ConsultationState) {
        use ConsultationState as S;
        match self {
            Self::Open => (S::Draft, S::Open),
            Self::Close => (S::Open, S::Closed),
            Self::Publish => (S::Closed, S::Published),
            Self::Archive => (S::Published, S::Archived),
        }
    }
}

/// Takes a step. `unanswered` is how many proposals have no answer yet.
///
/// # Errors
/// No such step from `state`, or not while proposals wait.
pub fn apply(
    state: ConsultationState,
    edge: ConsultationEdge,
    unanswered: u64,
) -> Result<ConsultationState, ConsultationError> {
    let (from, to) = edge.ends();
    if state != from {
        return Err(ConsultationError::IllegalTransition { from: state, to });
    }
    if edge == ConsultationEdge::Publish && unanswered > 0 {
        return Err(ConsultationError::Unanswered { count: unanswered });
    }
    Ok(to)
}

/// Whether a proposal may be submitted at `now`: closing is by date, whatever the state still says.
#[must_use]
pub fn accepts_proposals(state: ConsultationState, window: &Window, now: DateTime<Utc>) -> bool {
    state == ConsultationState::Open && window.contains(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lives_in_one_direction() {
        let order = ConsultationState::ALL;
        for (index, state) in order.iter().enumerate() {
            for edge in ConsultationEdge::ALL {
                let (from, to) = edge.ends();
                let taken = apply(*state, *edge, 0);
                if *state == from {
                    assert_eq!(taken.unwrap(), order[index + 1]);
                    assert_eq!(to, order[index + 1]);
                } else {
                    let message = taken.unwrap_err().to_string();
                    assert!(message.contains(state.as_str()) && message.contains(to.as_str()), "{message}");
                }
            }
        }
    }

    #[test]
    fn it_is_not_published_while_one_proposal_waits() {
        assert_eq!(
            apply(ConsultationState::Closed, ConsultationEdge::Publish, 1),
            Err(ConsultationError::Unanswered { count: 1 })
        );
        assert_eq!(apply(ConsultationState::Closed, ConsultationEdge::Publish, 0), Ok(ConsultationState::Published));
    }

    #[test]
    fn it_closes_by_date() {
        let at = |second: i64| DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap();
        let window = Window::new(at(10), at(20)).unwrap();
        let open = |second| accepts_proposals(ConsultationState::Open, &window, at(second));
        assert_eq!([open(9), open(10), open(19), open(20)], [false, true, true, false]);
        assert!(!accepts_proposals(ConsultationState::Draft, &window, at(15)));
        assert_eq!(Window::new(at(20), at(20)), Err(WindowError::Reversed));
        let year = |year: i32| format!("{year:04}-01-01T00:00:00Z").parse::<DateTime<Utc>>().unwrap();
        assert!(Window::new(year(2026), year(2036)).is_ok());
        for (opens, closes) in [(2026, 2037), (1, 2026), (2026, 9999)] {
            assert_eq!(Window::new(year(opens), year(closes)), Err(WindowError::OutOfRange));
        }
    }
}
