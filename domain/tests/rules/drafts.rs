//! The life of a draft: every state, step and actor, by hand.

use domain::{
    draft::{DraftEdge as E, DraftError, DraftOutcome, DraftState as S, allowed, apply, legal_target},
    permission::{AccountId, Role},
    smart::{DraftContent, check},
};

use crate::{account, everybody};

/// Where each step leads; a dash is "nowhere". Columns: drafting, in_review, revised, ratified, adopted, set_aside.
#[rustfmt::skip]
const TABLE: [(E, [&str; 6]); 5] = [
    (E::SubmitForReview, ["in_review", "-",         "in_review", "-",         "-", "-"]),
    (E::RequestChanges,  ["-",         "revised",   "-",         "-",         "-", "-"]),
    (E::Ratify,          ["-",         "ratified",  "-",         "-",         "-", "-"]),
    (E::Adopt,           ["-",         "-",         "-",         "adopted",   "-", "-"]),
    (E::SetAside,        ["set_aside", "set_aside", "set_aside", "set_aside", "-", "-"]),
];

/// Columns: participant, clock, import, moderator, coordinator, analyst, administrator.
#[rustfmt::skip]
const WHO: [(E, [u8; 7]); 5] = [
    (E::SubmitForReview, [0, 0, 0, 1, 1, 0, 0]),
    (E::RequestChanges,  [0, 0, 0, 1, 1, 0, 0]),
    (E::Ratify,          [0, 0, 0, 0, 1, 0, 0]),
    (E::Adopt,           [0, 0, 0, 0, 1, 0, 0]),
    (E::SetAside,        [0, 0, 0, 1, 1, 0, 0]),
];

#[test]
fn every_state_step_and_actor() {
    // somebody else has signed, and nothing blocks: only the tables decide
    let signed = [AccountId(9)];
    for ((edge, row), (same, who)) in TABLE.into_iter().zip(WHO) {
        assert_eq!(edge, same);
        for (from, cell) in S::ALL.iter().zip(row) {
            assert_eq!(legal_target(*from, edge).map_or("-", S::as_str), cell, "{edge} from {from}");
            for (actor, may) in everybody().iter().zip(who) {
                let outcome = apply(*from, edge, actor, &signed, &[]);
                let offered = allowed(*from, actor, &signed, &[]).contains(&edge);
                assert_eq!(offered, outcome.is_ok(), "{edge} from {from} by {actor:?}");
                match (may, cell) {
                    (0, _) => assert_eq!(outcome, Err(DraftError::NotAllowed { edge }), "{from} {actor:?}"),
                    (_, "-") => {
                        let error = outcome.unwrap_err();
                        let DraftError::Illegal { to, .. } = error else { panic!("{edge} from {from}: {error}") };
                        // the error names where the step leads from where it exists
                        assert!(row.contains(&to.as_str()), "{error}");
                        let text = error.to_string();
                        assert!(text.contains(from.as_str()) && text.contains(to.as_str()), "{text}");
                    }
                    (_, to) => assert_eq!(
                        outcome,
                        Ok(DraftOutcome { state: to.parse().unwrap(), signed: edge == E::Ratify }),
                        "{edge} from {from} by {actor:?}"
                    ),
                }
            }
        }
    }
}

#[test]
fn a_draft_is_rewritten_until_it_is_ratified_and_holds_its_proposals_unless_set_aside() {
    assert_eq!([true, true, true, false, false, false], [0, 1, 2, 3, 4, 5].map(|n| S::ALL[n].is_editable()));
    assert_eq!([true, true, true, true, true, false], [0, 1, 2, 3, 4, 5].map(|n| S::ALL[n].is_active()));
}

#[test]
fn a_new_version_needs_both_signatures_again() {
    let (first, second) = (account(1, Role::Coordinator), account(2, Role::Coordinator));
    let ratify = |by, signed: &[AccountId]| apply(S::InReview, E::Ratify, by, signed, &[]).unwrap().state;
    // version 1: one signature. Version 2 is saved: nobody has signed it.
    assert_eq!(ratify(&first, &[]), S::InReview);
    assert_eq!(ratify(&second, &[]), S::InReview);
    assert_eq!(ratify(&first, &[AccountId(2)]), S::Ratified);
}

#[test]
fn what_blocks_is_told_before_who_has_signed() {
    let findings = check(&DraftContent::default(), 0);
    let refused = apply(S::InReview, E::Ratify, &account(1, Role::Coordinator), &[AccountId(1)], &findings);
    let Err(DraftError::BlockingFindings { count }) = refused else { panic!("{refused:?}") };
    assert!(count > 0 && count < findings.len(), "advice does not block: {count} of {}", findings.len());
    // nothing else waits for the check
    assert!(apply(S::Drafting, E::SubmitForReview, &account(1, Role::Moderator), &[], &findings).is_ok());
    assert!(apply(S::InReview, E::SetAside, &account(1, Role::Moderator), &[], &findings).is_ok());
}
