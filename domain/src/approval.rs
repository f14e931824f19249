//! An administrator's export: somebody asks, two others sign, and the one who asked takes the file away, once and soon.

use chrono::{DateTime, TimeDelta, Utc};

use crate::permission::{AccountId, Actor};

/// How many coordinators must sign.
pub const SIGNATURES: usize = 2;
/// How long the file can be taken away after the last signature.
pub const FETCH_WITHIN: TimeDelta = TimeDelta::minutes(15);

codes! {
    /// Where a request for an export stands.
    ApprovalState {
        /// It needs signatures.
        Waiting = "waiting",
        /// The file can be taken away now.
        Ready = "ready",
        /// It was.
        Used = "used",
        /// It was not, in time.
        Over = "over",
    }
}

/// A request for an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who asked.
    pub asked_by: AccountId,
    /// Who signed, and when.
    pub signed: Vec<(AccountId, DateTime<Utc>)>,
    /// When the file was taken away.
    pub used_at: Option<DateTime<Utc>>,
}

/// Why a request stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Not for this role, or not for this person.
    #[error("this is not for this account")]
    NotAllowed,
    /// Nobody approves what they asked for.
    #[error("whoever asked does not sign")]
    OwnRequest,
    /// One person signs once.
    #[error("this person has signed already")]
    AlreadySigned,
    /// It has all its signatures.
    #[error("this request has all its signatures")]
    Complete,
    /// It does not.
    #[error("{missing} of {SIGNATURES} signatures are missing")]
    SignaturesMissing {
        /// How many more are needed.
        missing: usize,
    },
    /// The time to take the file away has passed.
    #[error("the file had to be taken away by {until}")]
    Over {
        /// Until when it could be.
        until: DateTime<Utc>,
    },
    /// One approval is for one file.
    #[error("the file has been taken away")]
    Used,
}

impl Approval {
    /// Until when the file can be taken away; `None` until all have signed.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        let last = self.signed.iter().map(|(_, at)| *at).max()?;
        (self.signed.len() >= SIGNATURES).then(|| last + FETCH_WITHIN)
    }

    /// Where the request stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> ApprovalState {
        match self.until() {
            _ if self.used_at.is_some() => ApprovalState::Used,
            None => ApprovalState::Waiting,
            Some(until) if now <= until => ApprovalState::Ready,
            Some(_) => ApprovalState::Over,
        }
    }

    /// Whether `actor` may sign now.
    ///
    /// # Errors
    /// Why not.
    pub fn sign(&self, actor: &Actor) -> Result<(), ApprovalError> {
        let (true, Actor::Account { id, .. }) = (actor.may_sign(), actor) else {
            return Err(ApprovalError::NotAllowed);
        };
        // by person, not by role: whoever asked may have become a coordinator since
        if *id == self.asked_by {
            return Err(ApprovalError::OwnRequest);
        }
        if self.signed.iter().any(|(signer, _)| signer == id) {
            return Err(ApprovalError::AlreadySigned);
        }
        if self.until().is_some() { Err(ApprovalError::Complete) } else { Ok(()) }
    }

    /// Whether `actor` may take the file away now.
    ///
    /// # Errors
    /// Why not, and what is missing.
    pub fn fetch(&self, actor: &Actor, now: DateTime<Utc>) -> Result<(), ApprovalError> {
        match actor {
            Actor::Account { id, .. } if actor.may_ask_for_export() && *id == self.asked_by => {}
            _ => return Err(ApprovalError::NotAllowed),
        }
        if self.used_at.is_some() {
            return Err(ApprovalError::Used);
        }
        match self.until() {
            None => Err(ApprovalError::SignaturesMissing { missing: SIGNATURES - self.signed.len() }),
            Some(until) if now > until => Err(ApprovalError::Over { until }),
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Role, Scope};

    fn actor(id: i64, role: Role) -> Actor {
        Actor::Account { id: AccountId(id), role, scope: Scope::default() }
    }

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn signed(by: &[(i64, i64)]) -> Approval {
        Approval {
            asked_by: AccountId(1),
            signed: by.iter().map(|(id, minute)| (AccountId(*id), at(*minute))).collect(),
            used_at: None,
        }
    }

    #[test]
    fn two_coordinators_sign_who_are_not_the_one_who_asked() {
        let request = signed(&[(2, 0)]);
        assert_eq!(request.sign(&actor(3, Role::Coordinator)), Ok(()));
        assert_eq!(request.sign(&actor(2, Role::Coordinator)), Err(ApprovalError::AlreadySigned));
        assert_eq!(request.sign(&actor(1, Role::Coordinator)), Err(ApprovalError::OwnRequest));
        for role in [Role::Moderator, Role::Analyst, Role::Administrator] {
            assert_eq!(request.sign(&actor(4, role)), Err(ApprovalError::NotAllowed));
        }
        assert_eq!(signed(&[(2, 0), (3, 0)]).sign(&actor(4, Role::Coordinator)), Err(ApprovalError::Complete));
    }

    #[test]
    fn the_file_is_for_the_one_who_asked_once_and_for_fifteen_minutes() {
        let admin = actor(1, Role::Administrator);
        for (by, missing) in [(vec![], 2), (vec![(2, 0)], 1)] {
            assert_eq!(signed(&by).fetch(&admin, at(0)), Err(ApprovalError::SignaturesMissing { missing }));
        }
        // the quarter of an hour starts with the second signature
        let request = signed(&[(2, 0), (3, 60)]);
        assert_eq!((request.state(at(75)), request.fetch(&admin, at(75))), (ApprovalState::Ready, Ok(())));
        let late = at(75) + TimeDelta::seconds(1);
        assert_eq!(request.fetch(&admin, late), Err(ApprovalError::Over { until: at(75) }));
        assert_eq!(request.state(late), ApprovalState::Over);
        for other in [actor(2, Role::Administrator), actor(3, Role::Coordinator), actor(1, Role::Analyst)] {
            assert_eq!(request.fetch(&other, at(60)), Err(ApprovalError::NotAllowed));
        }
        let used = Approval { used_at: Some(at(61)), ..request };
        assert_eq!((used.state(at(62)), used.fetch(&admin, at(62))), (ApprovalState::Used, Err(ApprovalError::Used)));
    }
}
