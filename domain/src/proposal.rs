//! The moderation workflow: every state of a proposal, every edge between them, and what each edge needs.
//!
//! [`legal_target`] is the table; everything else asks it. The default outcome is to retain, and no edge
//! destroys anything: a merged, refused or withheld proposal keeps its place in the count.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    calendar::end_of_term,
    consultation::ModerationRule,
    permission::{AccountId, Actor},
    text::{Answer, AppealReason, CompetentBody, NoteText, Question, Response},
    vocabulary::Language,
};

codes! {
    /// Where a proposal stands.
    ProposalState {
        /// Waits for the committee.
        Submitted = "submitted",
        /// Its author was asked something.
        ClarificationRequested = "clarification_requested",
        /// Goes on to a SMART draft.
        Retained = "retained",
        /// The same idea as another, which it counts for.
        Merged = "merged",
        /// Outside the council's powers; sent on to whoever is competent.
        Redirected = "redirected",
        /// Not kept, with a reason.
        NotRetained = "not_retained",
        /// Its text is sealed; its place in the count stays.
        Withheld = "withheld",
        /// Taken back by its author: the only state that does not count.
        Withdrawn = "withdrawn",
        /// Part of a SMART draft.
        Drafted = "drafted",
        /// Part of an adopted commitment.
        Adopted = "adopted",
    }
}

codes! {
    /// A step of the workflow.
    Edge {
        /// Into the queue.
        Submit = "submit",
        /// Ask the author.
        RequestClarification = "request_clarification",
        /// The author's answer.
        Answer = "answer",
        /// No answer came in time.
        ClarificationLapsed = "clarification_lapsed",
        /// Keep it.
        Retain = "retain",
        /// Same idea as another.
        Merge = "merge",
        /// Send it on.
        Redirect = "redirect",
        /// Do not keep it.
        Refuse = "refuse",
        /// Ask for the text to be sealed; the state does not change.
        RequestWithhold = "request_withhold",
        /// Take that request back; the state does not change.
        CancelWithhold = "cancel_withhold",
        /// Seal the text, as the second person.
        Withhold = "withhold",
        /// The author asks for another look.
        Appeal = "appeal",
        /// A coordinator takes another look.
        Reopen = "reopen",
        /// The author takes it back.
        Withdraw = "withdraw",
        /// It becomes a source of a draft.
        Attach = "attach",
        /// No draft uses it any more.
        Release = "release",
        /// Its draft is adopted.
        Adopt = "adopt",
    }
}

codes! {
    /// Why a proposal is not kept.
    RefusalReason {
        /// A programme already does this.
        DuplicateOfExistingProgramme = "duplicate_of_existing_programme",
        /// It asks for nothing.
        NotAProposal = "not_a_proposal",
        /// It cannot be done.
        NotFeasible = "not_feasible",
        /// The law forbids it.
        ContraryToLaw = "contrary_to_law",
        /// It is on none of the axes.
        OutsideAxes = "outside_axes",
        /// It does not say enough, and the author was asked.
        InsufficientInformation = "insufficient_information",
    }
}

codes! {
    /// Why a text is sealed.
    WithholdReason {
        /// It tells personal data.
        PersonalData = "personal_data",
        /// It threatens.
        Threat = "threat",
        /// It incites to hate.
        Hate = "hate",
        /// It defames.
        Defamation = "defamation",
    }
}

codes! {
    /// What the committee notices about a proposal; counted, not asserted.
    Remark {
        /// The problem is not stated directly and precisely.
        ProblemUnclear = "problem_unclear",
        /// The solution exceeds the council's powers.
        BeyondCompetence = "beyond_competence",
        /// No quantitative or qualitative indicator.
        NoIndicator = "no_indicator",
        /// An original idea.
        Original = "original",
    }
}

codes! {
    /// Whether a regional council may act (organic law 111-14).
    CompetenceClass {
        /// It is the council's own.
        Own = "own",
        /// It is shared with the State.
        Shared = "shared",
        /// The State may transfer it.
        Transferable = "transferable",
        /// It is somebody else's.
        Outside = "outside",
    }
}

codes! {
    /// How a draft uses a proposal.
    LinkKind {
        /// Taken as it is.
        AsIs = "as_is",
        /// Taken together with others.
        Merged = "merged",
        /// In other words.
        Reworded = "reworded",
        /// It gave the idea.
        Inspired = "inspired",
    }
}

/// How long an answer to the committee's question is awaited, in days.
pub const CLARIFICATION_DAYS: u64 = 14;
/// How long a decision can be appealed, in days.
pub const APPEAL_DAYS: u64 = 30;

impl ProposalState {
    /// Whether the committee has given an outcome. Retaining is one: it tells the author that the idea goes
    /// on, with or without more words.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(
            self,
            Self::Retained
                | Self::Merged
                | Self::Redirected
                | Self::NotRetained
                | Self::Withheld
                | Self::Drafted
                | Self::Adopted
        )
    }

    /// Whether nobody waits for the committee any more: decided, or taken back.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        self.is_decided() || matches!(self, Self::Withdrawn)
    }

    /// Whether it is a participation: everything but what its author took back.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::Withdrawn)
    }

    /// Whether it is, or can become, what a SMART draft is made from.
    #[must_use]
    pub const fn feeds_drafts(self) -> bool {
        matches!(self, Self::Retained | Self::Drafted | Self::Adopted)
    }

    /// Whether the public can read a text in this state that is not sealed. With moderation before publication,
    /// from the first decision on: a proposal that goes back into the queue by an appeal stays readable.
    #[must_use]
    pub const fn is_public(self, rule: ModerationRule, decided_before: bool) -> bool {
        match self {
            Self::Withheld | Self::Withdrawn => false,
            Self::Submitted | Self::ClarificationRequested => matches!(rule, ModerationRule::After) || decided_before,
            _ => true,
        }
    }
}

/// Where `edge` leads from `from`; `None` if there is no such edge. This is the table of the workflow.
#[must_use]
pub const fn legal_target(from: ProposalState, edge: Edge) -> Option<ProposalState> {
    use ProposalState as S;
    match (edge, from) {
        (Edge::RequestClarification, S::Submitted) => Some(S::ClarificationRequested),
        (Edge::Answer | Edge::ClarificationLapsed, S::ClarificationRequested) => Some(S::Submitted),
        (Edge::Retain, S::Submitted) => Some(S::Retained),
        (Edge::Merge, S::Submitted) => Some(S::Merged),
        (Edge::Redirect, S::Submitted) => Some(S::Redirected),
        (Edge::Refuse, S::Submitted) => Some(S::NotRetained),
        (Edge::RequestWithhold | Edge::CancelWithhold, S::Withheld | S::Withdrawn) => None,
        (Edge::RequestWithhold | Edge::CancelWithhold, same) => Some(same),
        (Edge::Withhold, S::Withheld | S::Withdrawn) => None,
        (Edge::Withhold, _) => Some(S::Withheld),
        (Edge::Appeal | Edge::Reopen, S::Merged | S::Redirected | S::NotRetained | S::Withheld) => Some(S::Submitted),
        (Edge::Withdraw, S::Submitted | S::ClarificationRequested | S::Retained) => Some(S::Withdrawn),
        // a proposal may feed several drafts
        (Edge::Attach, S::Retained | S::Drafted) => Some(S::Drafted),
        (Edge::Release, S::Drafted) => Some(S::Retained),
        (Edge::Adopt, S::Drafted) => Some(S::Adopted),
        _ => None,
    }
}

/// A step with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the edges are documented at `Edge`, the fields at their types")]
pub enum Step {
    RequestClarification {
        question: Question,
        language: Language,
    },
    Answer {
        answer: Answer,
    },
    ClarificationLapsed,
    Retain {
        /// `None` leaves what was noticed before as it is.
        remarks: Option<Vec<Remark>>,
        response: Option<(Response, Language)>,
    },
    Merge {
        target: i64,
        response: Option<(Response, Language)>,
    },
    Redirect {
        competence_class: CompetenceClass,
        competence: String,
        body: CompetentBody,
        forwarded_on: NaiveDate,
        response: (Response, Language),
    },
    Refuse {
        reason: RefusalReason,
        response: (Response, Language),
    },
    RequestWithhold {
        reason: WithholdReason,
        note: Option<NoteText>,
    },
    CancelWithhold,
    Withhold,
    Appeal {
        reason: AppealReason,
    },
    Reopen {
        reason: AppealReason,
    },
    Withdraw,
    Attach,
    Release,
    Adopt,
}

impl Step {
    /// Which edge it takes.
    #[must_use]
    pub const fn edge(&self) -> Edge {
        match self {
            Self::RequestClarification { .. } => Edge::RequestClarification,
            Self::Answer { .. } => Edge::Answer,
            Self::ClarificationLapsed => Edge::ClarificationLapsed,
            Self::Retain { .. } => Edge::Retain,
            Self::Merge { .. } => Edge::Merge,
            Self::Redirect { .. } => Edge::Redirect,
            Self::Refuse { .. } => Edge::Refuse,
            Self::RequestWithhold { .. } => Edge::RequestWithhold,
            Self::CancelWithhold => Edge::CancelWithhold,
            Self::Withhold => Edge::Withhold,
            Self::Appeal { .. } => Edge::Appeal,
            Self::Reopen { .. } => Edge::Reopen,
            Self::Withdraw => Edge::Withdraw,
            Self::Attach => Edge::Attach,
            Self::Release => Edge::Release,
            Self::Adopt => Edge::Adopt,
        }
    }

    /// Its reason: a code, or the words of an appeal or reopening.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Refuse { reason, .. } => Some(reason.to_string()),
            Self::RequestWithhold { reason, .. } => Some(reason.to_string()),
            Self::Appeal { reason } | Self::Reopen { reason } => Some(reason.as_str().to_owned()),
            _ => None,
        }
    }

    /// What the author and the public read of it, with its language where the committee chose one.
    #[must_use]
    pub fn text(&self) -> Option<(&str, Option<Language>)> {
        match self {
            Self::RequestClarification { question, language } => Some((question.as_str(), Some(*language))),
            Self::Answer { answer } => Some((answer.as_str(), None)),
            Self::Retain { response: Some((text, language)), .. }
            | Self::Merge { response: Some((text, language)), .. }
            | Self::Redirect { response: (text, language), .. }
            | Self::Refuse { response: (text, language), .. } => Some((text.as_str(), Some(*language))),
            _ => None,
        }
    }
}

/// What the workflow needs to know of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Where it stands.
    pub state: ProposalState,
    /// When the outcome was given that can be appealed; `None` while none stands.
    pub decided_at: Option<DateTime<Utc>>,
    /// Whether any outcome was ever given.
    pub decided_before: bool,
    /// Whether the text was withheld and not retained since: an appeal asks the committee to look again, it does
    /// not publish what two people sealed, and neither does a decision that turns the proposal down.
    pub sealed: bool,
    /// Whether its text may tell personal data that nobody has said is meant to be read, or it may not be a person's: it
    /// is not public then before somebody has decided on it, whatever the rule.
    pub held: bool,
    /// Until when an answer is awaited.
    pub clarification_due: Option<DateTime<Utc>>,
    /// Who asked for the text to be sealed.
    pub withhold_requested_by: Option<AccountId>,
    /// Why.
    pub withhold_reason: Option<WithholdReason>,
    /// Whether its text and its author's data were erased: nothing is left to read, so nobody decides about it, and
    /// it is never public again. The draft it feeds goes on, with it.
    pub erased: bool,
}

/// Why a proposal stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// There is no such edge from here.
    #[error("{edge}: a proposal that is {from} cannot become {to}")]
    Illegal {
        /// Where it stands.
        from: ProposalState,
        /// The edge.
        edge: Edge,
        /// Where the edge leads from where it exists.
        to: ProposalState,
    },
    /// The edge exists, but not for this actor.
    #[error("{edge} is not for this role")]
    NotAllowed {
        /// The edge.
        edge: Edge,
    },
    /// Whoever asked for the text to be sealed cannot be the one who confirms it.
    #[error("another person must confirm")]
    SecondPersonRequired,
    /// Nobody asked for the text to be sealed.
    #[error("nobody has asked for this text to be withheld")]
    NoWithholdRequest,
    /// There is no text left that this could be about.
    #[error("{edge}: its text was erased")]
    Erased {
        /// The edge.
        edge: Edge,
    },
    /// The thirty days are over.
    #[error("appeals were possible until {until}")]
    AppealWindowOver {
        /// Until when they were possible.
        until: DateTime<Utc>,
    },
    /// The answer is still awaited.
    #[error("an answer is awaited until {until}")]
    ClarificationNotDue {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// A proposal cannot be merged into itself.
    #[error("a proposal cannot be merged into itself")]
    SelfMerge,
    /// The target of a merge must itself go on.
    #[error("a proposal that is {state} takes no other in")]
    BadMergeTarget {
        /// Where the target stands.
        state: ProposalState,
    },
}

/// Where an edge leads, whatever it starts from: for an error that names both states.
const fn destination(edge: Edge, from: ProposalState) -> ProposalState {
    use ProposalState as S;
    match edge {
        Edge::Submit | Edge::Answer | Edge::ClarificationLapsed | Edge::Appeal | Edge::Reopen => S::Submitted,
        Edge::RequestClarification => S::ClarificationRequested,
        Edge::Retain | Edge::Release => S::Retained,
        Edge::Merge => S::Merged,
        Edge::Redirect => S::Redirected,
        Edge::Refuse => S::NotRetained,
        Edge::Withhold | Edge::RequestWithhold => S::Withheld,
        Edge::CancelWithhold => from,
        Edge::Withdraw => S::Withdrawn,
        Edge::Attach => S::Drafted,
        Edge::Adopt => S::Adopted,
    }
}

/// Whether `actor` is of the kind that takes `edge` at all.
const fn is_for(edge: Edge, actor: &Actor) -> bool {
    match edge {
        Edge::Submit => matches!(actor, Actor::Participant | Actor::Import),
        Edge::Answer | Edge::Appeal | Edge::Withdraw => matches!(actor, Actor::Participant),
        Edge::ClarificationLapsed => matches!(actor, Actor::Clock),
        Edge::RequestClarification
        | Edge::Retain
        | Edge::Merge
        | Edge::Redirect
        | Edge::Refuse
        | Edge::RequestWithhold
        | Edge::CancelWithhold
        | Edge::Withhold => actor.may_read_desk(),
        Edge::Reopen => actor.may_reopen(),
        Edge::Attach | Edge::Release => actor.may_write_drafts(),
        Edge::Adopt => actor.may_sign(),
    }
}

impl Proposal {
    /// A proposal that has just arrived.
    #[must_use]
    pub const fn submitted() -> Self {
        Self {
            state: ProposalState::Submitted,
            decided_at: None,
            decided_before: false,
            sealed: false,
            held: false,
            clarification_due: None,
            withhold_requested_by: None,
            withhold_reason: None,
            erased: false,
        }
    }

    /// Whether `actor` may take `edge` at `now`, and where it leads. Whether the actor is assigned to this
    /// proposal's axis and territory is asked of [`Actor::may_moderate`].
    fn check(&self, edge: Edge, actor: &Actor, now: DateTime<Utc>) -> Result<ProposalState, TransitionError> {
        let from = self.state;
        if !is_for(edge, actor) {
            return Err(TransitionError::NotAllowed { edge });
        }
        if self.erased && !matches!(edge, Edge::Release | Edge::Adopt) {
            return Err(TransitionError::Erased { edge });
        }
        let to =
            legal_target(from, edge).ok_or(TransitionError::Illegal { from, edge, to: destination(edge, from) })?;
        match edge {
            Edge::ClarificationLapsed => match self.clarification_due {
                Some(until) if now < until => Err(TransitionError::ClarificationNotDue { until }),
                _ => Ok(to),
            },
            Edge::Appeal => match self.appeal_until() {
                Some(until) if now > until => Err(TransitionError::AppealWindowOver { until }),
                _ => Ok(to),
            },
            Edge::RequestWithhold if self.withhold_requested_by.is_some() => Err(TransitionError::SecondPersonRequired),
            Edge::CancelWithhold if self.withhold_requested_by.is_none() => Err(TransitionError::NoWithholdRequest),
            Edge::Withhold => match (self.withhold_requested_by, actor) {
                (None, _) => Err(TransitionError::NoWithholdRequest),
                (Some(first), Actor::Account { id, .. }) if first != *id => Ok(to),
                _ => Err(TransitionError::SecondPersonRequired),
            },
            _ => Ok(to),
        }
    }

    /// The last second in which the outcome that stands can be appealed.
    #[must_use]
    pub fn appeal_until(&self) -> Option<DateTime<Utc>> {
        self.decided_at.map(|decided| end_of_term(decided, APPEAL_DAYS))
    }

    /// Whether the public can read it.
    #[must_use]
    pub const fn is_public(&self, rule: ModerationRule) -> bool {
        let rule = if self.held { ModerationRule::Before } else { rule };
        !self.sealed && !self.erased && self.state.is_public(rule, self.decided_before)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// Why it cannot be taken; the proposal is as before then.
    pub fn apply(self, step: &Step, actor: &Actor, now: DateTime<Utc>) -> Result<Self, TransitionError> {
        let to = self.check(step.edge(), actor, now)?;
        let account = match actor {
            Actor::Account { id, .. } => Some(*id),
            _ => None,
        };
        let mut after = Self { state: to, ..self };
        match step {
            Step::RequestClarification { .. } => {
                after.clarification_due = Some(end_of_term(now, CLARIFICATION_DAYS));
            }
            Step::Answer { .. } | Step::ClarificationLapsed => after.clarification_due = None,
            Step::RequestWithhold { reason, .. } => {
                after.withhold_requested_by = account;
                after.withhold_reason = Some(*reason);
            }
            Step::CancelWithhold => {
                after.withhold_requested_by = None;
                after.withhold_reason = None;
            }
            Step::Appeal { .. } | Step::Reopen { .. } => {
                after.decided_at = None;
                after.withhold_reason = None;
            }
            _ => {}
        }
        if to != ProposalState::ClarificationRequested {
            after.clarification_due = None;
        }
        // a request to seal does not outlive what it asked for, nor the text
        if matches!(to, ProposalState::Withheld | ProposalState::Withdrawn) {
            after.withhold_requested_by = None;
        }
        if is_outcome(step.edge()) {
            after.decided_at = Some(now);
            after.decided_before = true;
            // Two people sealed the text. Any other refusal of an appeal leaves it sealed; only who retains it
            // says that it can be read.
            after.sealed = match to {
                ProposalState::Withheld => true,
                ProposalState::Retained => false,
                _ => self.sealed,
            };
        }
        Ok(after)
    }
}

/// Whether an edge gives the author an outcome.
const fn is_outcome(edge: Edge) -> bool {
    matches!(edge, Edge::Retain | Edge::Merge | Edge::Redirect | Edge::Refuse | Edge::Withhold)
}

/// The edges `actor` may take now, in the order of [`Edge::ALL`].
#[must_use]
pub fn allowed(proposal: &Proposal, actor: &Actor, now: DateTime<Utc>) -> Vec<Edge> {
    Edge::ALL.iter().copied().filter(|edge| proposal.check(*edge, actor, now).is_ok()).collect()
}

/// Whether `target` may take `merged` in: another proposal, and one that itself goes on.
///
/// # Errors
/// Why not.
pub const fn check_merge_target(merged: i64, target: i64, state: ProposalState) -> Result<(), TransitionError> {
    use ProposalState as S;
    if merged == target {
        return Err(TransitionError::SelfMerge);
    }
    match state {
        S::Submitted | S::ClarificationRequested | S::Retained | S::Drafted | S::Adopted => Ok(()),
        S::Merged | S::Redirected | S::NotRetained | S::Withheld | S::Withdrawn => {
            Err(TransitionError::BadMergeTarget { state })
        }
    }
}

#[cfg(test)]
mod tests;
