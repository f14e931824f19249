//! The life of a SMART draft: `drafting -> in_review -> revised -> ratified -> adopted`, or `set_aside`.

use crate::{
    permission::{AccountId, Actor},
    smart::{Finding, Severity},
};

codes! {
    /// Where a draft stands.
    DraftState {
        /// Being written.
        Drafting = "drafting",
        /// Read by the committee.
        InReview = "in_review",
        /// Sent back with remarks, being rewritten.
        Revised = "revised",
        /// Signed by both coordinators.
        Ratified = "ratified",
        /// Adopted by a session of the council: a commitment.
        Adopted = "adopted",
        /// Given up, with a reason.
        SetAside = "set_aside",
    }
}

codes! {
    /// A step of a draft's life.
    DraftEdge {
        /// Ready to be read.
        SubmitForReview = "submit_for_review",
        /// Not yet: see the remarks.
        RequestChanges = "request_changes",
        /// A coordinator signs.
        Ratify = "ratify",
        /// The council adopted it.
        Adopt = "adopt",
        /// Given up.
        SetAside = "set_aside",
    }
}

/// How many coordinators sign a draft.
pub const SIGNATURES: usize = 2;

impl DraftState {
    /// Whether its text can still be changed.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Drafting | Self::InReview | Self::Revised)
    }

    /// Whether its text is settled, so that the public may read of it.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(self, Self::Ratified | Self::Adopted)
    }

    /// Whether it still holds its proposals.
    #[must_use]
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::SetAside)
    }
}

/// Where `edge` leads from `from`; `None` if there is no such edge.
#[must_use]
pub const fn legal_target(from: DraftState, edge: DraftEdge) -> Option<DraftState> {
    use DraftState as S;
    match (edge, from) {
        (DraftEdge::SubmitForReview, S::Drafting | S::Revised) => Some(S::InReview),
        (DraftEdge::RequestChanges, S::InReview) => Some(S::Revised),
        (DraftEdge::Ratify, S::InReview) => Some(S::Ratified),
        (DraftEdge::Adopt, S::Ratified) => Some(S::Adopted),
        (DraftEdge::SetAside, S::Drafting | S::InReview | S::Revised | S::Ratified) => Some(S::SetAside),
        _ => None,
    }
}

/// Why a draft stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// There is no such edge from here.
    #[error("{edge}: a draft that is {from} cannot become {to}")]
    Illegal {
        /// Where it stands.
        from: DraftState,
        /// The edge.
        edge: DraftEdge,
        /// Where the edge leads from where it exists.
        to: DraftState,
    },
    /// The edge exists, but not for this actor.
    #[error("{edge} is not for this role")]
    NotAllowed {
        /// The edge.
        edge: DraftEdge,
    },
    /// One person signs once.
    #[error("this person has signed this version already")]
    AlreadySigned,
    /// A draft is ratified when nothing blocks.
    #[error("{count} findings block")]
    BlockingFindings {
        /// How many.
        count: usize,
    },
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftOutcome {
    /// Where the draft stands now.
    pub state: DraftState,
    /// Whether the actor's signature is to be recorded.
    pub signed: bool,
}

const fn destination(edge: DraftEdge) -> DraftState {
    match edge {
        DraftEdge::SubmitForReview => DraftState::InReview,
        DraftEdge::RequestChanges => DraftState::Revised,
        DraftEdge::Ratify => DraftState::Ratified,
        DraftEdge::Adopt => DraftState::Adopted,
        DraftEdge::SetAside => DraftState::SetAside,
    }
}

/// Takes a step. `signed` are those who signed the present version, `findings` what the check says of it.
///
/// # Errors
/// Why it cannot be taken.
pub fn apply(
    state: DraftState,
    edge: DraftEdge,
    actor: &Actor,
    signed: &[AccountId],
    findings: &[Finding],
) -> Result<DraftOutcome, DraftError> {
    let may = match edge {
        DraftEdge::Ratify | DraftEdge::Adopt => actor.may_sign(),
        DraftEdge::SubmitForReview | DraftEdge::RequestChanges | DraftEdge::SetAside => actor.may_write_drafts(),
    };
    let (true, Actor::Account { id, .. }) = (may, actor) else {
        return Err(DraftError::NotAllowed { edge });
    };
    let to = legal_target(state, edge).ok_or(DraftError::Illegal { from: state, edge, to: destination(edge) })?;
    if edge != DraftEdge::Ratify {
        return Ok(DraftOutcome { state: to, signed: false });
    }
    let blocking = findings.iter().filter(|finding| finding.severity == Severity::Blocking).count();
    if blocking > 0 {
        return Err(DraftError::BlockingFindings { count: blocking });
    }
    if signed.contains(id) {
        return Err(DraftError::AlreadySigned);
    }
    let complete = signed.len() + 1 >= SIGNATURES;
    Ok(DraftOutcome { state: if complete { to } else { state }, signed: true })
}

/// The edges `actor` may take now.
#[must_use]
pub fn allowed(state: DraftState, actor: &Actor, signed: &[AccountId], findings: &[Finding]) -> Vec<DraftEdge> {
    DraftEdge::ALL.iter().copied().filter(|edge| apply(state, *edge, actor, signed, findings).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        permission::{Role, Scope},
        smart::{FindingCode, Letter},
    };

    fn actor(id: i64, role: Role) -> Actor {
        Actor::Account { id: AccountId(id), role, scope: Scope::default() }
    }

    /// The life of a draft as the product describes it, written out by hand.
    const TABLE: [(DraftState, DraftEdge, DraftState); 9] = [
        (DraftState::Drafting, DraftEdge::SubmitForReview, DraftState::InReview),
        (DraftState::Revised, DraftEdge::SubmitForReview, DraftState::InReview),
        (DraftState::InReview, DraftEdge::RequestChanges, DraftState::Revised),
        (DraftState::InReview, DraftEdge::Ratify, DraftState::Ratified),
        (DraftState::Ratified, DraftEdge::Adopt, DraftState::Adopted),
        (DraftState::Drafting, DraftEdge::SetAside, DraftState::SetAside),
        (DraftState::InReview, DraftEdge::SetAside, DraftState::SetAside),
        (DraftState::Revised, DraftEdge::SetAside, DraftState::SetAside),
        (DraftState::Ratified, DraftEdge::SetAside, DraftState::SetAside),
    ];

    #[test]
    fn every_state_and_edge_is_in_the_table() {
        let coordinator = actor(1, Role::Coordinator);
        for state in DraftState::ALL {
            for edge in DraftEdge::ALL {
                let expected = TABLE.iter().find(|(from, by, _)| (from, by) == (state, edge)).map(|(_, _, to)| *to);
                match (expected, apply(*state, *edge, &coordinator, &[AccountId(2)], &[])) {
                    (Some(to), outcome) => assert_eq!(outcome.unwrap().state, to),
                    (None, outcome) => {
                        let message = outcome.unwrap_err().to_string();
                        assert!(message.contains(state.as_str()), "{message}");
                    }
                }
            }
        }
    }

    #[test]
    fn ratifying_takes_both_coordinators_and_no_blocking_finding() {
        let (first, second) = (actor(1, Role::Coordinator), actor(2, Role::Coordinator));
        let ratify = |by: &Actor, signed: &[AccountId], findings: &[Finding]| {
            apply(DraftState::InReview, DraftEdge::Ratify, by, signed, findings)
        };
        assert_eq!(ratify(&first, &[], &[]).unwrap(), DraftOutcome { state: DraftState::InReview, signed: true });
        assert_eq!(ratify(&first, &[AccountId(1)], &[]), Err(DraftError::AlreadySigned));
        assert_eq!(
            ratify(&second, &[AccountId(1)], &[]).unwrap(),
            DraftOutcome { state: DraftState::Ratified, signed: true }
        );
        let finding = |severity| Finding {
            letter: Letter::T,
            severity,
            code: FindingCode::MilestoneMissing,
            field: "milestones".into(),
        };
        assert_eq!(ratify(&first, &[], &[finding(Severity::Blocking)]), Err(DraftError::BlockingFindings { count: 1 }));
        assert!(ratify(&first, &[], &[finding(Severity::Advice)]).is_ok());
        assert_eq!(
            ratify(&actor(3, Role::Moderator), &[], &[]),
            Err(DraftError::NotAllowed { edge: DraftEdge::Ratify })
        );
        assert!(apply(DraftState::Drafting, DraftEdge::SubmitForReview, &actor(4, Role::Analyst), &[], &[]).is_err());
    }
}
