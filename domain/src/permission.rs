//! Who may do what: the one page. A visitor needs no permission for what is public.

use std::collections::BTreeSet;

use crate::vocabulary::{AxisCode, Place, TerritoryCode};

codes! {
    /// What an account may do.
    Role {
        /// A member of the participatory committee: screening, questions, decisions, merges, drafts.
        Moderator = "moderator",
        /// One of two: everything a moderator may, everywhere; opens and closes the consultation, signs.
        Coordinator = "coordinator",
        /// Raw statistics and exports; no decision power.
        Analyst = "analyst",
        /// Accounts and settings; no decision power, no export without the coordinators' signatures.
        Administrator = "administrator",
    }
}

codes! {
    /// What a session lacks before it may do anything but supply it.
    Missing {
        /// A second factor has to be set up.
        Enrolment = "enrolment",
        /// A code of the second factor has to be given.
        Code = "code",
    }
}

impl Role {
    /// Whether a password alone is not enough: those who sign, see demographics or rule over accounts.
    #[must_use]
    pub const fn needs_second_factor(self) -> bool {
        !matches!(self, Self::Moderator)
    }

    /// What a session of this role lacks. `enrolled`: the account has a second factor; `presented`: the session gave
    /// a code of it; `demonstration`: the passwords are public anyway, so nobody is made to enrol.
    #[must_use]
    pub const fn missing(self, enrolled: bool, presented: bool, demonstration: bool) -> Option<Missing> {
        if enrolled {
            if presented { None } else { Some(Missing::Code) }
        } else if self.needs_second_factor() && !demonstration {
            Some(Missing::Enrolment)
        } else {
            None
        }
    }
}

/// The number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

/// The axes and territories a moderator is assigned to; `None` is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The axes.
    pub axes: Option<BTreeSet<AxisCode>>,
    /// The territories. Proposals about the whole region belong to every territory.
    pub territories: Option<BTreeSet<TerritoryCode>>,
}

impl Scope {
    fn covers(&self, axis: &AxisCode, place: &Place) -> bool {
        let axis = self.axes.as_ref().is_none_or(|axes| axes.contains(axis));
        let place = match place {
            Place::WholeRegion => true,
            Place::Territory(code) => self.territories.as_ref().is_none_or(|territories| territories.contains(code)),
        };
        axis && place
    }
}

/// Who takes a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The holder of a receipt, on their own proposal.
    Participant,
    /// Somebody signed in.
    Account {
        /// Who.
        id: AccountId,
        /// As what.
        role: Role,
        /// Where.
        scope: Scope,
    },
    /// A deadline that passed.
    Clock,
    /// An import or assisted entry.
    Import,
}

impl Actor {
    const fn role(&self) -> Option<Role> {
        match self {
            Self::Account { role, .. } => Some(*role),
            _ => None,
        }
    }

    const fn is_committee(&self) -> bool {
        matches!(self.role(), Some(Role::Moderator | Role::Coordinator))
    }

    const fn is_coordinator(&self) -> bool {
        matches!(self.role(), Some(Role::Coordinator))
    }

    /// Reads the desk and takes the committee's decisions.
    #[must_use]
    pub const fn may_read_desk(&self) -> bool {
        self.is_committee()
    }

    /// Reads and decides proposals on this axis about this place.
    #[must_use]
    pub fn may_moderate(&self, axis: &AxisCode, place: &Place) -> bool {
        match self {
            Self::Account { role: Role::Moderator, scope, .. } => scope.covers(axis, place),
            Self::Account { role: Role::Coordinator, .. } => true,
            _ => false,
        }
    }

    /// Looks again at what was decided.
    #[must_use]
    pub const fn may_reopen(&self) -> bool {
        self.is_coordinator()
    }

    /// Writes SMART drafts.
    #[must_use]
    pub const fn may_write_drafts(&self) -> bool {
        self.is_committee()
    }

    /// Reads SMART drafts.
    #[must_use]
    pub const fn may_read_drafts(&self) -> bool {
        matches!(self.role(), Some(Role::Moderator | Role::Coordinator | Role::Analyst))
    }

    /// Signs a draft, and records its adoption.
    #[must_use]
    pub const fn may_sign(&self) -> bool {
        self.is_coordinator()
    }

    /// Reads statistics with demographics.
    #[must_use]
    pub const fn may_read_statistics(&self) -> bool {
        matches!(self.role(), Some(Role::Analyst | Role::Coordinator))
    }

    /// Publishes an edition of the counts.
    #[must_use]
    pub const fn may_publish_edition(&self) -> bool {
        matches!(self.role(), Some(Role::Analyst))
    }

    /// Takes data away in files.
    #[must_use]
    pub const fn may_export(&self) -> bool {
        matches!(self.role(), Some(Role::Analyst | Role::Coordinator))
    }

    /// Opens, closes, publishes and archives a consultation.
    #[must_use]
    pub const fn may_move_consultation(&self) -> bool {
        self.is_coordinator()
    }

    /// Takes proposals in from a file: what people said at meetings becomes proposals in their name.
    #[must_use]
    pub const fn may_import(&self) -> bool {
        self.is_coordinator()
    }

    /// Makes, changes and disables accounts.
    #[must_use]
    pub const fn may_manage_accounts(&self) -> bool {
        matches!(self.role(), Some(Role::Administrator))
    }

    /// Reads the settings of a consultation that the public may not see yet.
    #[must_use]
    pub const fn may_read_settings(&self) -> bool {
        matches!(self.role(), Some(Role::Administrator | Role::Coordinator))
    }

    /// Edits the settings of a consultation.
    #[must_use]
    pub const fn may_edit_settings(&self) -> bool {
        matches!(self.role(), Some(Role::Administrator))
    }

    /// Reads the audit log.
    #[must_use]
    pub const fn may_read_audit(&self) -> bool {
        self.is_coordinator()
    }

    /// Asks for an export, which the coordinators approve.
    #[must_use]
    pub const fn may_ask_for_export(&self) -> bool {
        matches!(self.role(), Some(Role::Administrator))
    }

    /// Reads who asked for an export and who signed.
    #[must_use]
    pub const fn may_read_approvals(&self) -> bool {
        matches!(self.role(), Some(Role::Administrator | Role::Coordinator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, scope: Scope) -> Actor {
        Actor::Account { id: AccountId(1), role, scope }
    }

    #[test]
    fn a_password_alone_is_enough_for_moderators_only() {
        for role in [Role::Coordinator, Role::Analyst, Role::Administrator] {
            assert_eq!(role.missing(false, false, false), Some(Missing::Enrolment), "{role}");
            // a session that gave a code of a factor that was reset since has to begin again
            assert_eq!(role.missing(false, true, false), Some(Missing::Enrolment), "{role}");
            assert_eq!(role.missing(false, false, true), None, "{role}");
        }
        assert_eq!(Role::Moderator.missing(false, false, false), None);
        for role in Role::ALL {
            for demonstration in [false, true] {
                assert_eq!(role.missing(true, false, demonstration), Some(Missing::Code), "{role}");
                assert_eq!(role.missing(true, true, demonstration), None, "{role}");
            }
        }
    }

    #[test]
    fn analysts_and_administrators_decide_nothing() {
        let axis = "economic-empowerment".parse().unwrap();
        for role in [Role::Analyst, Role::Administrator] {
            let actor = actor(role, Scope::default());
            assert!(
                !actor.may_read_desk() && !actor.may_moderate(&axis, &Place::WholeRegion) && !actor.may_write_drafts()
            );
            assert!(!actor.may_import() && !actor.may_sign() && !actor.may_reopen() && !actor.may_move_consultation());
        }
        assert!(!actor(Role::Administrator, Scope::default()).may_export());
        assert!(
            !Actor::Participant.may_read_desk() && !Actor::Clock.may_export() && !Actor::Import.may_manage_accounts()
        );
    }

    #[test]
    fn a_moderator_stays_on_the_axes_and_territories_assigned() {
        let economic: AxisCode = "economic-empowerment".parse().unwrap();
        let gender: AxisCode = "gender-inclusion".parse().unwrap();
        let place = |code: &str| code.parse::<Place>().unwrap();
        let scope =
            Scope { axes: Some([economic.clone()].into()), territories: Some(["MA-CHE".parse().unwrap()].into()) };
        let limited = actor(Role::Moderator, scope.clone());
        assert!(limited.may_moderate(&economic, &place("MA-CHE")));
        assert!(limited.may_moderate(&economic, &Place::WholeRegion));
        assert!(!limited.may_moderate(&economic, &place("MA-TET")));
        assert!(!limited.may_moderate(&gender, &place("MA-CHE")));
        assert!(actor(Role::Coordinator, scope).may_moderate(&gender, &place("MA-TET")));
    }
}
