//! A proposal's way from outside: deadlines to the second, and that no state is a dead end by accident.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    count::{participations, reviewed},
    permission::{Actor, Role},
    proposal::{
        APPEAL_DAYS, CLARIFICATION_DAYS, Edge, Proposal, ProposalState as S, RefusalReason, Step, TransitionError,
        WithholdReason, allowed, legal_target,
    },
    text::{Answer, AppealReason, Question, Response},
    vocabulary::Language,
};

use crate::{account, everybody};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// In Casablanca, a quarter past three in the afternoon.
fn start() -> DateTime<Utc> {
    utc("2026-09-21T14:15:00Z")
}

fn moderator() -> Actor {
    account(1, Role::Moderator)
}

fn ask() -> Step {
    Step::RequestClarification { question: Question::parse("Which commune first?").unwrap(), language: Language::Fr }
}

fn answer() -> Step {
    Step::Answer { answer: Answer::parse("All of them").unwrap() }
}

fn retain() -> Step {
    Step::Retain { remarks: Some(vec![]), response: None }
}

fn refuse() -> Step {
    let response = Response::parse("A programme of the ministry does this already.").unwrap();
    Step::Refuse { reason: RefusalReason::DuplicateOfExistingProgramme, response: (response, Language::Fr) }
}

fn appeal() -> Step {
    Step::Appeal { reason: AppealReason::parse("That programme ended last year.").unwrap() }
}

#[test]
fn deadlines_hold_to_the_second() {
    assert_eq!((CLARIFICATION_DAYS, APPEAL_DAYS), (14, 30));
    let second = TimeDelta::seconds(1);

    let due = utc("2026-10-05T22:59:59Z"); // the fourteenth day, to its end
    let asked = Proposal::submitted().apply(&ask(), &moderator(), start()).unwrap();
    let lapse = |now| asked.clone().apply(&Step::ClarificationLapsed, &Actor::Clock, now);
    assert_eq!(lapse(due - second), Err(TransitionError::ClarificationNotDue { until: due }));
    assert!(lapse(due).is_ok());
    // an answer that comes late, but before anything else happened, is still an answer
    assert_eq!(asked.clone().apply(&answer(), &Actor::Participant, due + second).unwrap().state, S::Submitted);

    let until = utc("2026-10-21T22:59:59Z");
    let refused = Proposal::submitted().apply(&refuse(), &moderator(), start()).unwrap();
    let contest = |now| refused.clone().apply(&appeal(), &Actor::Participant, now);
    assert!(contest(until).is_ok());
    assert_eq!(contest(until + second), Err(TransitionError::AppealWindowOver { until }));
    assert!(allowed(&refused, &Actor::Participant, until).contains(&Edge::Appeal));
    assert!(!allowed(&refused, &Actor::Participant, until + second).contains(&Edge::Appeal));
}

#[test]
fn a_second_decision_has_its_own_thirty_days() {
    let later = start() + TimeDelta::days(29);
    let looked_at_again = Proposal::submitted()
        .apply(&refuse(), &moderator(), start())
        .and_then(|refused| refused.apply(&appeal(), &Actor::Participant, later))
        .unwrap();
    // between the two no outcome stands that could be appealed
    assert_eq!(looked_at_again.decided_at, None);
    let again = looked_at_again.apply(&refuse(), &moderator(), later).unwrap();
    assert!(again.apply(&appeal(), &Actor::Participant, later + TimeDelta::days(30)).is_ok());
}

#[test]
fn the_thirty_days_of_a_sealed_text_begin_with_the_sealing() {
    let sealed_on = start() + TimeDelta::days(29);
    let until = utc("2026-11-19T22:59:59Z");
    let sealed = Proposal::submitted()
        .apply(&retain(), &moderator(), start())
        .and_then(|kept| {
            kept.apply(&Step::RequestWithhold { reason: WithholdReason::Threat, note: None }, &moderator(), start())
        })
        .and_then(|asked| asked.apply(&Step::Withhold, &account(2, Role::Moderator), sealed_on))
        .unwrap();
    assert!(sealed.clone().apply(&appeal(), &Actor::Participant, until).is_ok());
    assert_eq!(
        sealed.apply(&appeal(), &Actor::Participant, until + TimeDelta::seconds(1)),
        Err(TransitionError::AppealWindowOver { until })
    );
}

#[test]
fn a_question_may_be_asked_again_with_a_deadline_of_its_own() {
    let later = start() + TimeDelta::days(3);
    let again = Proposal::submitted()
        .apply(&ask(), &moderator(), start())
        .and_then(|asked| asked.apply(&answer(), &Actor::Participant, start()))
        .and_then(|answered| answered.apply(&ask(), &moderator(), later))
        .unwrap();
    assert_eq!(again.clarification_due, Some(utc("2026-10-08T22:59:59Z")));
    // somebody who withdraws is not waited for
    let withdrawn = again.apply(&Step::Withdraw, &Actor::Participant, later).unwrap();
    assert_eq!(withdrawn.clarification_due, None);
}

#[test]
fn sealing_can_be_called_off_and_asked_for_again_with_another_reason() {
    let (first, second) = (account(1, Role::Moderator), account(2, Role::Coordinator));
    let request = |reason| Step::RequestWithhold { reason, note: None };
    let asked = Proposal::submitted().apply(&request(WithholdReason::Threat), &first, start()).unwrap();
    assert_eq!(
        asked.clone().apply(&request(WithholdReason::Hate), &second, start()),
        Err(TransitionError::SecondPersonRequired)
    );
    let calm = asked.apply(&Step::CancelWithhold, &second, start()).unwrap();
    assert_eq!(calm, Proposal::submitted());
    assert_eq!(calm.clone().apply(&Step::CancelWithhold, &first, start()), Err(TransitionError::NoWithholdRequest));
    let sealed = calm
        .apply(&request(WithholdReason::Hate), &second, start())
        .and_then(|asked| asked.apply(&Step::Withhold, &first, start()))
        .unwrap();
    assert_eq!((sealed.state, sealed.withhold_reason), (S::Withheld, Some(WithholdReason::Hate)));
    assert_eq!(sealed.withhold_requested_by, None);
}

#[test]
fn a_request_to_seal_outlives_a_decision() {
    let sealed = Proposal::submitted()
        .apply(&Step::RequestWithhold { reason: WithholdReason::PersonalData, note: None }, &moderator(), start())
        .and_then(|asked| asked.apply(&retain(), &moderator(), start()))
        .and_then(|retained| retained.apply(&Step::Withhold, &account(2, Role::Moderator), start()))
        .unwrap();
    assert_eq!((sealed.state, sealed.withhold_reason), (S::Withheld, Some(WithholdReason::PersonalData)));
}

#[test]
fn every_state_can_be_reached_and_only_two_are_final() {
    let next = |state: S| -> BTreeSet<S> {
        Edge::ALL.iter().filter_map(|edge| legal_target(state, *edge)).filter(|to| *to != state).collect()
    };
    let mut reached = BTreeSet::from([S::Submitted]);
    while let Some(new) = reached.iter().flat_map(|state| next(*state)).find(|state| !reached.contains(state)) {
        reached.insert(new);
    }
    assert_eq!(reached, S::ALL.iter().copied().collect());
    // what is withdrawn stays so; what is adopted can only have its text sealed
    assert_eq!(next(S::Withdrawn), BTreeSet::new());
    assert_eq!(next(S::Adopted), BTreeSet::from([S::Withheld]));
    for state in S::ALL.iter().filter(|state| !matches!(state, S::Withdrawn | S::Adopted)) {
        let leads_to_decision = next(*state).iter().any(|to| to.is_answered() || *to == S::Submitted);
        assert!(leads_to_decision, "{state} is a dead end");
    }
}

#[test]
fn submitting_is_no_step_of_a_proposal_that_stands() {
    for state in S::ALL {
        assert_eq!(legal_target(*state, Edge::Submit), None, "{state}");
        let proposal = Proposal { state: *state, ..Proposal::submitted() };
        for actor in everybody() {
            assert!(!allowed(&proposal, &actor, start()).contains(&Edge::Submit), "{state} {actor:?}");
        }
    }
}

/// What each state is counted as, by hand: counted, decided, answered.
#[rustfmt::skip]
const COUNTED: [(S, [bool; 3]); 10] = [
    (S::Submitted,              [true,  false, false]),
    (S::ClarificationRequested, [true,  false, false]),
    (S::Retained,               [true,  true,  true]),
    (S::Merged,                 [true,  true,  true]),
    (S::Redirected,             [true,  true,  true]),
    (S::NotRetained,            [true,  true,  true]),
    (S::Withheld,               [true,  true,  true]),
    (S::Withdrawn,              [false, false, true]),
    (S::Drafted,                [true,  true,  true]),
    (S::Adopted,                [true,  true,  true]),
];

#[test]
fn every_state_counts_as_the_table_says() {
    // a distinct number in every state, so that a sum tells which states went into it
    let by_state: BTreeMap<S, u64> = COUNTED.iter().enumerate().map(|(n, (state, _))| (*state, 1 << n)).collect();
    assert_eq!(by_state.len(), S::ALL.len());
    let sum = |column: usize| -> u64 {
        COUNTED.iter().filter(|(_, flags)| flags[column]).map(|(state, _)| by_state[state]).sum()
    };
    for (state, flags) in COUNTED {
        assert_eq!([state.is_counted(), state.is_decided(), state.is_answered()], flags, "{state}");
    }
    assert_eq!(participations(&by_state), sum(0));
    assert_eq!(reviewed(&by_state), sum(1));
    // submitted minus withdrawn is the sum over the other states
    assert_eq!(by_state.values().sum::<u64>() - by_state[&S::Withdrawn], participations(&by_state));
}
