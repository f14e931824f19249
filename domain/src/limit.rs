//! How often something may be done, and by whom it is counted: what protects people from guesses at their passwords,
//! mails they did not ask for, and a desk buried under what no person wrote.
//!
//! One instant is kept for each counted thing: when its allowance is whole again (the "generic cell rate algorithm" of
//! ITU-T I.371). Taking one moves it; far enough ahead, there is none left.

use chrono::{DateTime, TimeDelta, Utc};

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Attempts to sign in from one address.
    SignInFrom,
    /// Attempts to sign in to one account, from devices it does not know.
    SignInTo,
    /// Attempts to sign in to one account from one device that it knows: nobody else's attempts keep its owner out.
    SignInOn,
    /// Proposals from one address; beyond this they are marked for the desk. Many people can share an address.
    Proposal,
    /// Proposals from one address; beyond this no more are taken.
    Flood,
    /// Uses of one token of the form.
    FormToken,
    /// Receipt codes and other secrets that open nothing, from one address.
    WrongSecret,
    /// Texts checked, and other work done for whoever asks, from one address.
    Work,
    /// Files of open data from one address: a program that reads all of them in all forms is through at once.
    OpenData,
    /// Photos from one address.
    Photo,
    /// Mails to one address that anybody can cause: it need not be theirs.
    UnaskedMail,
    /// Mails to one address that follow from somebody's decision.
    Mail,
    /// Checkpoints of the ledger to one witness.
    Witness,
}

/// How often: `burst` at once, and one more for every `every` that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many at once after a long rest.
    pub burst: u16,
    /// How long until one more may be done, in milliseconds.
    pub every: i64,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

impl Limited {
    /// How often this may be done.
    #[must_use]
    pub const fn limit(self) -> Limit {
        let (burst, every) = match self {
            Self::SignInFrom => (10, 6 * SECOND),
            Self::SignInTo | Self::SignInOn => (5, 3 * MINUTE),
            Self::Proposal => (10, MINUTE),
            Self::Flood => (100, 3 * SECOND),
            Self::FormToken => (1, crate::form::LIFETIME.num_milliseconds()),
            Self::WrongSecret => (30, 10 * SECOND),
            Self::Work => (60, SECOND),
            Self::OpenData => (30, 20 * SECOND),
            Self::Photo => (30, 10 * SECOND),
            // three at once and ten a day
            Self::UnaskedMail => (3, 24 * HOUR / 10),
            // a committee that decides on many proposals of one author in an afternoon
            Self::Mail => (20, HOUR),
            Self::Witness => (1, 24 * HOUR),
        };
        Limit { burst, every }
    }

    /// What keeps its counters apart from those of the others.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInFrom => "sign in from",
            Self::SignInTo => "sign in to",
            Self::SignInOn => "sign in on",
            Self::Proposal => "proposal",
            Self::Flood => "flood",
            Self::FormToken => "form token",
            Self::WrongSecret => "wrong secret",
            Self::Work => "work",
            Self::OpenData => "open data",
            Self::Photo => "photo",
            Self::UnaskedMail => "unasked mail",
            Self::Mail => "mail",
            Self::Witness => "witness",
        }
    }
}

impl Limit {
    /// The latest instant at which the allowance may be whole again for one more to be taken at `now`.
    #[must_use]
    pub fn horizon(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::milliseconds(self.every * i64::from(self.burst - 1))
    }

    /// When the allowance is whole again after one is taken at `now`, if it was to be whole at `whole_at`.
    ///
    /// # Errors
    /// There is none left: how long until there is.
    pub fn take(self, whole_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, TimeDelta> {
        let horizon = self.horizon(now);
        if whole_at > horizon {
            return Err(whole_at - horizon);
        }
        Ok(whole_at.max(now) + TimeDelta::milliseconds(self.every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    /// Tries once at each of `seconds`; answers which were let through.
    fn try_at(limited: Limited, seconds: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut whole_at = at(-1_000_000);
        let mut taken = Vec::new();
        for second in seconds {
            if let Ok(next) = limited.limit().take(whole_at, at(second)) {
                whole_at = next;
                taken.push(second);
            }
        }
        taken
    }

    #[test]
    fn a_burst_is_let_through_and_then_one_for_every_interval() {
        assert_eq!(try_at(Limited::SignInTo, [0, 0, 0, 0, 0, 0, 179, 180, 180, 359, 360]), [0, 0, 0, 0, 0, 180, 360]);
    }

    #[test]
    fn whoever_is_refused_is_told_when_to_come_back() {
        let limit = Limit { burst: 2, every: 10_000 };
        let once = limit.take(at(-5), at(0)).unwrap();
        let twice = limit.take(once, at(0)).unwrap();
        let wait = limit.take(twice, at(3)).unwrap_err();
        assert_eq!(wait, TimeDelta::seconds(7));
        assert!(limit.take(twice, at(3) + wait).is_ok());
    }

    #[test]
    fn a_long_rest_is_worth_no_more_than_a_burst() {
        let day = 86_400;
        assert_eq!(try_at(Limited::SignInFrom, (0..100).map(|_| day)).len(), 10);
    }

    /// Of ten thousand guesses in an hour at one account at most forty are looked at; ten a minute from one address; three
    /// mails an hour and ten a day to somebody who asked for none.
    #[test]
    fn the_figures_that_were_promised() {
        let hour = |limited, count: i64| try_at(limited, (0..count).map(|n| n * 3600 / count)).len();
        assert!(hour(Limited::SignInTo, 10_000) <= 40);
        assert_eq!(try_at(Limited::SignInFrom, (0..600).map(|n| n / 10)).len(), 10 + 9);
        assert_eq!(hour(Limited::UnaskedMail, 1000), 3);
        assert!(try_at(Limited::UnaskedMail, (0..86_400).step_by(60)).len() <= 3 + 10);
    }
}
