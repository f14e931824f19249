//! `POST /desk/proposals/{reference}/decision` and `POST /desk/decisions`

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use domain::{
    audit::AuditAction,
    proposal::{RefusalReason, Remark, Step, WithholdReason},
    reference::Reference,
    text::{AppealReason, CompetentBody, NoteText, Question, Response, TextProblem},
    vocabulary::Language,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError, ValidationErrors};

use super::{must_cover, said, show::DeskProposalView};
use crate::{
    application::State,
    auth::Moderator,
    http::{
        extract::{self, Body, IfMatch, Parsed, mistakes},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
        proposal::show::reference,
        respond, validate,
    },
    store::{self, WriteTx, consultation::Consultation, entity::proposal, proposal::Referral},
    workflow::{self, Resolved},
};

/// What the committee decides: one of the edges of the moderation workflow, with what that edge needs.
#[derive(Clone, Debug, Deserialize, ToSchema)]
// `remote`: the trait is implemented below, by way of what is derived here
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// Ask the author something; an answer is awaited for fourteen days.
    RequestClarification {
        /// 10 to 2,000 characters.
        #[schema(min_length = 10, max_length = 2000)]
        question: String,
        /// The question's language.
        language: Language,
    },
    /// Keep it for a SMART draft: the default.
    Retain {
        /// What the committee noticed; absent leaves what it noticed before.
        #[schema(max_items = 4)]
        remarks: Option<Vec<Remark>>,
        /// A word to the author and the public.
        response: Option<ResponseInput>,
    },
    /// The same idea as another one: it counts for both, and nothing is destroyed.
    Merge {
        /// The other proposal's reference.
        #[schema(max_length = 40)]
        target: String,
        /// A word to the author and the public.
        response: Option<ResponseInput>,
    },
    /// Outside the council's powers: sent on to whoever is competent.
    Redirect {
        /// One of the consultation's competences.
        #[schema(max_length = 100)]
        competence: String,
        /// The competent body: 2 to 200 characters.
        #[schema(min_length = 2, max_length = 200)]
        body: String,
        /// The day it was forwarded, not in the future.
        forwarded_on: NaiveDate,
        /// The reasoned response.
        response: ResponseInput,
    },
    /// Not kept, with a reason.
    Refuse {
        /// Why.
        reason: RefusalReason,
        /// The reasoned response.
        response: ResponseInput,
    },
    /// Ask for the text to be sealed; a second person confirms.
    RequestWithhold {
        /// Why.
        reason: WithholdReason,
        /// For the second person.
        #[schema(max_length = 4000)]
        note: Option<String>,
    },
    /// Confirm, as the second person.
    Withhold {},
    /// Take the request back, or turn it down.
    CancelWithhold {},
    /// Look again at what was decided: coordinators.
    Reopen {
        /// 10 to 2,000 characters, for the committee.
        #[schema(min_length = 10, max_length = 2000)]
        reason: String,
    },
}

/// The field that says which edge a [`Decision`] takes.
pub const TAG: &str = "edge";

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        extract::read_tagged(deserializer, TAG, |tagged| Self::deserialize(tagged))
    }
}

/// A reasoned response: the author and the public read it.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseInput {
    /// 20 to 4,000 characters.
    #[validate(custom(function = "validate::response"))]
    #[schema(min_length = 20, max_length = 4000)]
    text: String,
    /// Its language.
    language: Language,
}

impl ResponseInput {
    fn parse(&self) -> Result<(Response, Language), Problem> {
        Ok((Response::parse(&self.text).map_err(wrong("response.text"))?, self.language))
    }
}

impl Validate for Decision {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let (field, outcome, response) = match self {
            Self::RequestClarification { question, .. } => ("question", validate::question(question), None),
            Self::Retain { response, .. } | Self::Merge { response, .. } => ("", Ok(()), response.as_ref()),
            Self::Redirect { body, response, .. } => ("body", validate::competent_body(body), Some(response)),
            Self::Refuse { response, .. } => ("", Ok(()), Some(response)),
            Self::RequestWithhold { note, .. } => {
                ("note", note.as_deref().map_or(Ok(()), validate::optional_note), None)
            }
            Self::Reopen { reason } => ("reason", validate::appeal_reason(reason), None),
            Self::Withhold {} | Self::CancelWithhold {} => ("", Ok(()), None),
        };
        let mut errors = ValidationErrors::new();
        if let Err(error) = outcome {
            errors.add(field, error);
        }
        if matches!(self, Self::Retain { remarks: Some(remarks), .. } if remarks.len() > Remark::ALL.len()) {
            errors.add("remarks", ValidationError::new("too_long"));
        }
        errors.merge_self("response", response.map_or(Ok(()), Validate::validate));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Names the field of a text that turned out wrong.
fn wrong(field: &'static str) -> impl Fn(TextProblem) -> Problem {
    move |problem| Problem::fields(vec![FieldError::text(field, problem)])
}

impl Decision {
    /// Makes the domain's step out of what was sent and what it names; one answer names every mistake. `target` is
    /// the proposal that a merge names, if there is one.
    fn resolve(
        &self,
        consultation: &Consultation,
        target: Option<proposal::Model>,
        today: NaiveDate,
    ) -> Result<(Step, Resolved), Problem> {
        let mut errors = mistakes(self);
        let mut resolved = Resolved { target, ..Resolved::default() };
        match self {
            Self::Merge { .. } if resolved.target.is_none() => {
                errors.push(FieldError::new("target", FieldCode::Unknown));
            }
            Self::Redirect { competence, body, forwarded_on, .. } => {
                if *forwarded_on > today {
                    errors.push(FieldError::new("forwarded_on", FieldCode::NotInRange));
                }
                let known = consultation.competence(competence);
                if known.is_none() {
                    errors.push(FieldError::new("competence", FieldCode::Unknown));
                }
                resolved.referral = known.zip(CompetentBody::parse(body).ok()).map(|(known, body)| Referral {
                    code: known.code.clone(),
                    class: known.class,
                    body: body.into_string(),
                    forwarded_on: *forwarded_on,
                });
            }
            _ => {}
        }
        if errors.is_empty() { Ok((self.step(&resolved)?, resolved)) } else { Err(Problem::fields(errors)) }
    }

    /// The domain's step, once everything it names was found.
    fn step(&self, resolved: &Resolved) -> Result<Step, Problem> {
        let response = |input: &Option<ResponseInput>| input.as_ref().map(ResponseInput::parse).transpose();
        Ok(match self {
            Self::RequestClarification { question, language } => Step::RequestClarification {
                question: Question::parse(question).map_err(wrong("question"))?,
                language: *language,
            },
            Self::Retain { remarks, response: input } => {
                Step::Retain { remarks: remarks.clone(), response: response(input)? }
            }
            Self::Merge { response: input, .. } => {
                let target = resolved.target.as_ref().ok_or_else(|| Problem::field("target", FieldCode::Unknown))?;
                Step::Merge { target: target.id, response: response(input)? }
            }
            Self::Redirect { body, forwarded_on, response, .. } => {
                let referral =
                    resolved.referral.as_ref().ok_or_else(|| Problem::field("competence", FieldCode::Unknown))?;
                Step::Redirect {
                    competence_class: referral.class,
                    competence: referral.code.clone(),
                    body: CompetentBody::parse(body).map_err(wrong("body"))?,
                    forwarded_on: *forwarded_on,
                    response: response.parse()?,
                }
            }
            Self::Refuse { reason, response } => Step::Refuse { reason: *reason, response: response.parse()? },
            Self::RequestWithhold { reason, note } => {
                let note = note.as_deref().filter(|note| !note.trim().is_empty());
                let note = note.map(NoteText::parse).transpose().map_err(wrong("note"))?;
                Step::RequestWithhold { reason: *reason, note }
            }
            Self::Withhold {} => Step::Withhold,
            Self::CancelWithhold {} => Step::CancelWithhold,
            Self::Reopen { reason } => Step::Reopen { reason: AppealReason::parse(reason).map_err(wrong("reason"))? },
        })
    }

    /// Decides one proposal inside `tx`.
    ///
    /// # Errors
    /// `version_conflict`, `forbidden`, or what the domain refuses.
    pub async fn apply(
        &self,
        tx: &WriteTx,
        state: &State,
        moderator: &Moderator,
        path: &str,
        version: i64,
    ) -> Result<(Consultation, proposal::Model), Problem> {
        let now = state.clock.now();
        let found = store::proposal::by_reference(tx, &reference(path)?).await?;
        let (consultation, row) = found.ok_or_else(Problem::not_found)?;
        must_cover(moderator, &consultation, &row)?;
        let target = match self {
            Self::Merge { target, .. } => target.parse::<Reference>().ok(),
            _ => None,
        };
        let ids = target.as_ref().map(Reference::number).into_iter().chain([row.id]);
        let mut rows = store::proposal::lock_all(tx, ids).await?;
        let target = target.and_then(|target| {
            let is_it = |row: &&proposal::Model| consultation.reference(row.id, row.submitted_at) == target;
            rows.iter().find(is_it).cloned()
        });
        let place = rows.iter().position(|locked| locked.id == row.id).ok_or_else(Problem::not_found)?;
        let row = rows.swap_remove(place);
        // a stale reader learns that first: what they wrote may no longer make sense
        if row.version != version {
            return Err(Problem::new(ProblemCode::VersionConflict));
        }
        let today = domain::calendar::day(now);
        let (step, resolved) = self.resolve(&consultation, target, today)?;
        let row = workflow::take(tx, &consultation, row, Some(version), &step, resolved, &moderator.actor, now).await?;
        let action = AuditAction::of_step(step.edge()).ok_or_else(|| Problem::new(ProblemCode::Internal))?;
        store::audit::record(tx, said(moderator, action, &consultation, &row, now)).await?;
        Ok((consultation, row))
    }
}

/// Takes one edge of the moderation workflow.
#[utoipa::path(
    tag = "desk",
    params(("If-Match" = String, Header, description = "the version the decision was made on")),
    request_body = Decision,
    responses((status = 200, body = DeskProposalView, headers(("ETag" = String))))
)]
#[post("/desk/proposals/{reference}/decision")]
pub async fn decide_proposal(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<String>,
    version: IfMatch,
    // not validated yet: a stale reader learns first that what they read has changed
    Parsed(decision): Parsed<Decision>,
) -> Result<HttpResponse, Problem> {
    let tx = state.store.write().await?;
    let (consultation, row) = decision.apply(&tx, &state, &moderator, &path, version.0).await?;
    tx.commit().await?;
    let view = DeskProposalView::load(&state, &moderator, &consultation, row).await?;
    Ok(respond::versioned(view.version, &view))
}

/// One decision for several proposals.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkDecision {
    /// The decision. A mistake in its texts refuses the whole request.
    #[validate(nested)]
    decision: Decision,
    /// 1 to 50 proposals.
    #[validate(length(min = 1, max = 50), nested)]
    #[schema(min_items = 1, max_items = 50)]
    items: Vec<BulkItem>,
}

/// A proposal with the version it was read at.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkItem {
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    reference: String,
    version: i64,
}

/// What became of each, in the order sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkOutcomeView {
    items: Vec<BulkItemView>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkItemView {
    reference: String,
    outcome: BulkOutcome,
    /// The new version, if it was decided.
    version: Option<i64>,
    /// Why it was not.
    problem: Option<Problem>,
}

/// Whether the decision was taken.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// It was.
    Done,
    /// It was not; nothing changed.
    Refused,
}

/// Takes the same edge on several proposals, each in a transaction of its own: one conflict undoes no other.
#[utoipa::path(tag = "desk", request_body = BulkDecision, responses((status = 200, body = BulkOutcomeView)))]
#[post("/desk/decisions")]
pub async fn decide_proposals(
    state: web::Data<State>,
    moderator: Moderator,
    input: Body<BulkDecision>,
) -> Result<web::Json<BulkOutcomeView>, Problem> {
    let mut items = Vec::with_capacity(input.items.len());
    for item in &input.items {
        let decided = async {
            let tx = state.store.write().await?;
            let (_, row) = input.decision.apply(&tx, &state, &moderator, &item.reference, item.version).await?;
            tx.commit().await?;
            Ok::<_, Problem>(row.version)
        };
        let (outcome, version, problem) = match decided.await {
            Ok(version) => (BulkOutcome::Done, Some(version), None),
            Err(problem) => (BulkOutcome::Refused, None, Some(problem)),
        };
        items.push(BulkItemView { reference: item.reference.clone(), outcome, version, problem });
    }
    Ok(web::Json(BulkOutcomeView { items }))
}
