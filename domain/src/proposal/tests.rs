//! The workflow against a table written out by hand from the product's description.
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    count::participations,
    permission::{Role, Scope},
};

use Edge as E;
use ProposalState as S;

fn at(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + day * 86_400, 0).unwrap()
}

fn account(id: i64, role: Role) -> Actor {
    Actor::Account { id: AccountId(id), role, scope: Scope::default() }
}

fn response() -> (Response, Language) {
    (Response::parse("جواب معلل من اللجنة التشاركية").unwrap(), Language::Ar)
}

fn step(edge: Edge) -> Option<Step> {
    let reason = || AppealReason::parse("look at it once more").unwrap();
    Some(match edge {
        E::Submit => return None,
        E::RequestClarification => Step::RequestClarification {
            question: Question::parse("which commune first?").unwrap(),
            language: Language::Fr,
        },
        E::Answer => Step::Answer { answer: Answer::parse("all of them").unwrap() },
        E::ClarificationLapsed => Step::ClarificationLapsed,
        E::Retain => Step::Retain { remarks: Some(vec![Remark::Original]), response: None },
        E::Merge => Step::Merge { target: 2, response: None },
        E::Redirect => Step::Redirect {
            competence_class: CompetenceClass::Outside,
            competence: "health".into(),
            body: CompetentBody::parse("Ministry of Health").unwrap(),
            forwarded_on: at(0).date_naive(),
            response: response(),
        },
        E::Refuse => Step::Refuse { reason: RefusalReason::NotFeasible, response: response() },
        E::RequestWithhold => Step::RequestWithhold { reason: WithholdReason::PersonalData, note: None },
        E::CancelWithhold => Step::CancelWithhold,
        E::Withhold => Step::Withhold,
        E::Appeal => Step::Appeal { reason: reason() },
        E::Reopen => Step::Reopen { reason: reason() },
        E::Withdraw => Step::Withdraw,
        E::Attach => Step::Attach,
        E::Release => Step::Release,
        E::Adopt => Step::Adopt,
    })
}

/// A proposal in `state` on which every precondition but the state is met.
fn standing(state: ProposalState) -> Proposal {
    Proposal {
        state,
        decided_at: state.is_decided().then_some(at(0)),
        decided_before: state.is_decided(),
        sealed: state == S::Withheld,
        clarification_due: (state == S::ClarificationRequested).then_some(at(14)),
        withhold_requested_by: None,
        withhold_reason: None,
        erased: false,
    }
}

/// The table of the workflow: from, edge, to. Written by hand.
const TABLE: [(S, E, S); 46] = [
    (S::Submitted, E::RequestClarification, S::ClarificationRequested),
    (S::ClarificationRequested, E::Answer, S::Submitted),
    (S::ClarificationRequested, E::ClarificationLapsed, S::Submitted),
    (S::Submitted, E::Retain, S::Retained),
    (S::Submitted, E::Merge, S::Merged),
    (S::Submitted, E::Redirect, S::Redirected),
    (S::Submitted, E::Refuse, S::NotRetained),
    (S::Submitted, E::RequestWithhold, S::Submitted),
    (S::ClarificationRequested, E::RequestWithhold, S::ClarificationRequested),
    (S::Retained, E::RequestWithhold, S::Retained),
    (S::Merged, E::RequestWithhold, S::Merged),
    (S::Redirected, E::RequestWithhold, S::Redirected),
    (S::NotRetained, E::RequestWithhold, S::NotRetained),
    (S::Drafted, E::RequestWithhold, S::Drafted),
    (S::Adopted, E::RequestWithhold, S::Adopted),
    (S::Submitted, E::CancelWithhold, S::Submitted),
    (S::ClarificationRequested, E::CancelWithhold, S::ClarificationRequested),
    (S::Retained, E::CancelWithhold, S::Retained),
    (S::Merged, E::CancelWithhold, S::Merged),
    (S::Redirected, E::CancelWithhold, S::Redirected),
    (S::NotRetained, E::CancelWithhold, S::NotRetained),
    (S::Drafted, E::CancelWithhold, S::Drafted),
    (S::Adopted, E::CancelWithhold, S::Adopted),
    (S::Submitted, E::Withhold, S::Withheld),
    (S::ClarificationRequested, E::Withhold, S::Withheld),
    (S::Retained, E::Withhold, S::Withheld),
    (S::Merged, E::Withhold, S::Withheld),
    (S::Redirected, E::Withhold, S::Withheld),
    (S::NotRetained, E::Withhold, S::Withheld),
    (S::Drafted, E::Withhold, S::Withheld),
    (S::Adopted, E::Withhold, S::Withheld),
    (S::Merged, E::Appeal, S::Submitted),
    (S::Redirected, E::Appeal, S::Submitted),
    (S::NotRetained, E::Appeal, S::Submitted),
    (S::Withheld, E::Appeal, S::Submitted),
    (S::Merged, E::Reopen, S::Submitted),
    (S::Redirected, E::Reopen, S::Submitted),
    (S::NotRetained, E::Reopen, S::Submitted),
    (S::Withheld, E::Reopen, S::Submitted),
    (S::Submitted, E::Withdraw, S::Withdrawn),
    (S::ClarificationRequested, E::Withdraw, S::Withdrawn),
    (S::Retained, E::Withdraw, S::Withdrawn),
    (S::Retained, E::Attach, S::Drafted),
    (S::Drafted, E::Attach, S::Drafted),
    (S::Drafted, E::Release, S::Retained),
    (S::Drafted, E::Adopt, S::Adopted),
];

fn expected(from: S, edge: E) -> Option<S> {
    TABLE.iter().find(|(f, e, _)| (*f, *e) == (from, edge)).map(|(_, _, to)| *to)
}

#[test]
fn the_table_is_the_products() {
    for from in S::ALL {
        for edge in E::ALL {
            assert_eq!(legal_target(*from, *edge), expected(*from, *edge), "{edge} from {from}");
        }
    }
}

/// Who takes which edge, by hand: participant, clock, import, moderator, coordinator, analyst, administrator.
const WHO: [(E, [bool; 7]); 16] = [
    (E::RequestClarification, [false, false, false, true, true, false, false]),
    (E::Answer, [true, false, false, false, false, false, false]),
    (E::ClarificationLapsed, [false, true, false, false, false, false, false]),
    (E::Retain, [false, false, false, true, true, false, false]),
    (E::Merge, [false, false, false, true, true, false, false]),
    (E::Redirect, [false, false, false, true, true, false, false]),
    (E::Refuse, [false, false, false, true, true, false, false]),
    (E::RequestWithhold, [false, false, false, true, true, false, false]),
    (E::CancelWithhold, [false, false, false, true, true, false, false]),
    (E::Withhold, [false, false, false, true, true, false, false]),
    (E::Appeal, [true, false, false, false, false, false, false]),
    (E::Reopen, [false, false, false, false, true, false, false]),
    (E::Withdraw, [true, false, false, false, false, false, false]),
    (E::Attach, [false, false, false, true, true, false, false]),
    (E::Release, [false, false, false, true, true, false, false]),
    (E::Adopt, [false, false, false, false, true, false, false]),
];

fn actors() -> [Actor; 7] {
    [
        Actor::Participant,
        Actor::Clock,
        Actor::Import,
        account(11, Role::Moderator),
        account(12, Role::Coordinator),
        account(13, Role::Analyst),
        account(14, Role::Administrator),
    ]
}

#[test]
fn every_state_edge_and_actor() {
    for from in S::ALL {
        for (edge, who) in WHO {
            for (actor, may) in actors().iter().zip(who) {
                let mut proposal = standing(*from);
                if matches!(edge, E::Withhold | E::CancelWithhold) {
                    proposal.withhold_requested_by = Some(AccountId(99));
                }
                let outcome = proposal.apply(&step(edge).unwrap(), actor, at(20));
                match (may, expected(*from, edge)) {
                    (false, _) => assert_eq!(
                        outcome,
                        Err(TransitionError::NotAllowed { edge }),
                        "{edge} from {from} by {actor:?}"
                    ),
                    (true, Some(to)) => assert_eq!(outcome.unwrap().state, to, "{edge} from {from}"),
                    (true, None) => {
                        let error = outcome.unwrap_err();
                        let TransitionError::Illegal { to, .. } = error else { panic!("{edge} from {from}: {error}") };
                        let message = error.to_string();
                        assert!(message.contains(from.as_str()) && message.contains(to.as_str()), "{message}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_question_waits_fourteen_days() {
    let moderator = account(1, Role::Moderator);
    let asked = Proposal::submitted().apply(&step(E::RequestClarification).unwrap(), &moderator, at(0)).unwrap();
    let until = asked.clarification_due.unwrap();
    let early = asked.clone().apply(&Step::ClarificationLapsed, &Actor::Clock, at(14));
    assert_eq!(early, Err(TransitionError::ClarificationNotDue { until }), "the fourteenth day is not over");
    let lapsed = asked.apply(&Step::ClarificationLapsed, &Actor::Clock, at(15)).unwrap();
    assert_eq!((lapsed.state, lapsed.clarification_due), (S::Submitted, None));
}

#[test]
fn an_appeal_has_thirty_days() {
    let refused = Proposal::submitted().apply(&step(E::Refuse).unwrap(), &account(1, Role::Moderator), at(0)).unwrap();
    assert!(refused.clone().apply(&step(E::Appeal).unwrap(), &Actor::Participant, at(30)).is_ok());
    let late = refused.clone().apply(&step(E::Appeal).unwrap(), &Actor::Participant, at(31));
    assert!(matches!(late, Err(TransitionError::AppealWindowOver { .. })), "{late:?}");
    // a coordinator can look again at any time
    assert!(refused.apply(&step(E::Reopen).unwrap(), &account(2, Role::Coordinator), at(300)).is_ok());
}

#[test]
fn sealing_a_text_takes_two_people() {
    let (first, second) = (account(1, Role::Moderator), account(2, Role::Moderator));
    assert_eq!(standing(S::Retained).apply(&Step::Withhold, &first, at(1)), Err(TransitionError::NoWithholdRequest));
    let asked = standing(S::Retained).apply(&step(E::RequestWithhold).unwrap(), &first, at(1)).unwrap();
    assert_eq!(asked.state, S::Retained);
    assert_eq!(asked.clone().apply(&Step::Withhold, &first, at(1)), Err(TransitionError::SecondPersonRequired));
    let sealed = asked.apply(&Step::Withhold, &second, at(1)).unwrap();
    assert_eq!((sealed.state, sealed.withhold_reason), (S::Withheld, Some(WithholdReason::PersonalData)));
    assert!(sealed.state.is_counted() && !sealed.state.is_public(ModerationRule::After, true));
}

#[test]
fn an_appeal_does_not_publish_what_was_sealed() {
    let coordinator = account(2, Role::Coordinator);
    for (back, actor) in [(E::Appeal, &Actor::Participant), (E::Reopen, &coordinator)] {
        let mut proposal = standing(S::Withheld).apply(&step(back).unwrap(), actor, at(1)).unwrap();
        // nor does a question, an answer, or a new request that is taken back
        for (edge, actor) in [
            (E::RequestClarification, &coordinator),
            (E::Answer, &Actor::Participant),
            (E::RequestWithhold, &coordinator),
            (E::CancelWithhold, &coordinator),
        ] {
            assert!(!proposal.is_public(ModerationRule::After) && !proposal.is_public(ModerationRule::Before));
            proposal = proposal.apply(&step(edge).unwrap(), actor, at(2)).unwrap();
        }
        assert!(!proposal.is_public(ModerationRule::After));
        // nor does any decision that turns it down
        for edge in [E::Refuse, E::Merge, E::Redirect] {
            let turned_down = proposal.clone().apply(&step(edge).unwrap(), &coordinator, at(3)).unwrap();
            assert!(!turned_down.is_public(ModerationRule::After), "{edge}");
        }
        let retained = proposal.apply(&step(E::Retain).unwrap(), &coordinator, at(3)).unwrap();
        assert!(retained.is_public(ModerationRule::Before));
    }
}

#[test]
fn a_merge_needs_another_proposal_that_goes_on() {
    assert_eq!(check_merge_target(1, 1, S::Submitted), Err(TransitionError::SelfMerge));
    for state in S::ALL {
        let goes_on = matches!(state, S::Submitted | S::ClarificationRequested | S::Retained | S::Drafted | S::Adopted);
        assert_eq!(check_merge_target(1, 2, *state).is_ok(), goes_on, "{state}");
    }
}

#[test]
fn the_public_sees_from_the_first_decision_on() {
    use ModerationRule::{After, Before};
    for state in S::ALL {
        let hidden = matches!(state, S::Withheld | S::Withdrawn);
        let waiting = matches!(state, S::Submitted | S::ClarificationRequested);
        assert_eq!(state.is_public(Before, false), !hidden && !waiting, "{state}");
        assert_eq!(state.is_public(After, false), !hidden, "{state}");
        assert_eq!(state.is_public(Before, true), !hidden, "{state} after an appeal");
    }
}

#[test]
fn what_may_be_done_is_what_can_be_done() {
    for state in S::ALL {
        for actor in actors() {
            let proposal = standing(*state);
            for edge in E::ALL {
                let offered = allowed(&proposal, &actor, at(20)).contains(edge);
                let possible = step(*edge).is_some_and(|step| proposal.clone().apply(&step, &actor, at(20)).is_ok());
                assert_eq!(offered, possible, "{edge} from {state} by {actor:?}");
            }
        }
    }
}

proptest! {
    /// A council that takes any steps it likes, in any order, on a handful of proposals: none is lost.
    #[test]
    fn no_sequence_of_steps_loses_a_proposal(steps in proptest::collection::vec((0_usize..100, 0_usize..17, 0_usize..7, 0_i64..40), 0..200)) {
        let mut proposals: Vec<Proposal> = (0..5).map(|_| Proposal::submitted()).collect();
        let mut submitted = 5_u64;
        let mut withdrawn = 0_u64;
        for (index, edge, actor, day) in steps {
            let edge = E::ALL[edge];
            if edge == E::Submit {
                proposals.push(Proposal::submitted());
                submitted += 1;
                continue;
            }
            let index = index % proposals.len();
            let before = proposals[index].clone();
            match before.clone().apply(&step(edge).unwrap(), &actors()[actor], at(day)) {
                Ok(after) => {
                    prop_assert_eq!(Some(after.state), legal_target(before.state, edge));
                    prop_assert_eq!(after.state == S::ClarificationRequested, after.clarification_due.is_some());
                    prop_assert!(after.decided_before || !after.state.is_decided());
                    if after.state == S::Withdrawn && before.state != S::Withdrawn { withdrawn += 1; }
                    proposals[index] = after;
                }
                Err(TransitionError::Illegal { from, to, .. }) => prop_assert!(from == before.state && legal_target(from, edge).is_none() && S::ALL.contains(&to)),
                Err(_) => {}
            }
        }
        let mut by_state = BTreeMap::new();
        for proposal in &proposals {
            *by_state.entry(proposal.state).or_insert(0_u64) += 1;
        }
        prop_assert_eq!(by_state.values().sum::<u64>(), submitted);
        prop_assert_eq!(participations(&by_state), submitted - withdrawn);
    }
}

#[test]
fn an_erased_proposal_is_never_public_and_only_its_draft_moves_it() {
    let coordinator = account(1, Role::Coordinator);
    for state in S::ALL {
        let erased = Proposal { erased: true, decided_before: true, ..standing(*state) };
        assert!(!erased.is_public(ModerationRule::After) && !erased.is_public(ModerationRule::Before), "{state}");
        for actor in [&Actor::Participant, &Actor::Clock, &coordinator] {
            let expected = match (state, actor) {
                (S::Drafted, Actor::Account { .. }) => vec![E::Release, E::Adopt],
                _ => Vec::new(),
            };
            let mut possible = allowed(&erased, actor, at(40));
            possible.sort_unstable();
            let mut expected = expected;
            expected.sort_unstable();
            assert_eq!(possible, expected, "{state} {actor:?}");
        }
    }
    let asked = Proposal { erased: true, ..Proposal::submitted() };
    assert_eq!(
        asked.apply(&Step::Withdraw, &Actor::Participant, at(0)),
        Err(TransitionError::Erased { edge: E::Withdraw })
    );
}
