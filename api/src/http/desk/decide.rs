//! `POST /desk/proposals/{reference}/decision` and `POST /desk/decisions`

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use domain::{
    proposal::{RefusalReason, Remark, Step, WithholdReason},
    text::{AppealReason, CompetentBody, NoteText, Question, Response, TextProblem},
    vocabulary::Language,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::{must_cover, show::DeskProposalView};
use crate::{
    application::State,
    auth::Moderator,
    http::{
        extract::{Body, IfMatch},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
        proposal::show::reference,
        respond,
    },
    store::{self, WriteTx, consultation::Consultation, entity::proposal, proposal::Referral},
    workflow::{self, Resolved},
};

/// What the committee decides: one of the edges of the moderation workflow, with what that edge needs.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "edge", rename_all = "snake_case", deny_unknown_fields)]
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
        /// What the committee noticed.
        #[serde(default)]
        #[schema(max_items = 4)]
        remarks: Vec<Remark>,
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
    Withhold,
    /// Take the request back, or turn it down.
    CancelWithhold,
    /// Look again at what was decided: coordinators.
    Reopen {
        /// 10 to 2,000 characters, for the committee.
        #[schema(min_length = 10, max_length = 2000)]
        reason: String,
    },
}

/// A reasoned response: the author and the public read it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseInput {
    /// 20 to 4,000 characters.
    #[schema(min_length = 20, max_length = 4000)]
    text: String,
    /// Its language.
    language: Language,
}

impl Validate for Decision {
    /// The texts are parsed where the step is made, which reports every mistake by its field.
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// Collects mistakes while parsing, so that one answer names them all.
#[derive(Default)]
struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn text<T>(&mut self, field: &str, parsed: Result<T, TextProblem>) -> Option<T> {
        parsed.map_err(|problem| self.0.push(FieldError::text(field, problem))).ok()
    }

    fn response(&mut self, input: Option<&ResponseInput>) -> Option<(Response, Language)> {
        let input = input?;
        Some((self.text("response.text", Response::parse(&input.text))?, input.language))
    }
}

impl Decision {
    /// Makes the domain's step out of what was sent, finding what it names.
    async fn resolve(
        &self,
        tx: &WriteTx,
        consultation: &Consultation,
        today: NaiveDate,
    ) -> Result<(Step, Resolved), Problem> {
        let mut mistakes = Mistakes::default();
        let mut resolved = Resolved::default();
        let step = match self {
            Self::RequestClarification { question, language } => mistakes
                .text("question", Question::parse(question))
                .map(|question| Step::RequestClarification { question, language: *language }),
            Self::Retain { remarks, response } => {
                let response = mistakes.response(response.as_ref());
                Some(Step::Retain { remarks: remarks.clone(), response })
            }
            Self::Merge { target, response } => {
                let response = mistakes.response(response.as_ref());
                let other = match target.parse() {
                    Ok(reference) => store::proposal::by_reference(tx, &reference).await?,
                    Err(_) => None,
                };
                match other {
                    Some((_, other)) => {
                        let target = other.id;
                        resolved.target = Some(other);
                        Some(Step::Merge { target, response })
                    }
                    None => {
                        mistakes.0.push(FieldError::new("target", FieldCode::Unknown));
                        None
                    }
                }
            }
            Self::Redirect { competence, body, forwarded_on, response } => {
                let body = mistakes.text("body", CompetentBody::parse(body));
                let response = mistakes.response(Some(response));
                let known = consultation.competence(competence);
                if known.is_none() {
                    mistakes.0.push(FieldError::new("competence", FieldCode::Unknown));
                }
                if *forwarded_on > today {
                    mistakes.0.push(FieldError::new("forwarded_on", FieldCode::NotInRange));
                }
                known.zip(body).zip(response).map(|((known, body), response)| {
                    resolved.referral = Some(Referral {
                        code: known.code.clone(),
                        class: known.class,
                        body: body.as_str().to_owned(),
                        forwarded_on: *forwarded_on,
                    });
                    Step::Redirect {
                        competence_class: known.class,
                        competence: known.code.clone(),
                        body,
                        forwarded_on: *forwarded_on,
                        response,
                    }
                })
            }
            Self::Refuse { reason, response } => {
                mistakes.response(Some(response)).map(|response| Step::Refuse { reason: *reason, response })
            }
            Self::RequestWithhold { reason, note } => {
                let note = note.as_ref().filter(|note| !note.trim().is_empty());
                let note = note.and_then(|note| mistakes.text("note", NoteText::parse(note)));
                Some(Step::RequestWithhold { reason: *reason, note })
            }
            Self::Withhold => Some(Step::Withhold),
            Self::CancelWithhold => Some(Step::CancelWithhold),
            Self::Reopen { reason } => {
                mistakes.text("reason", AppealReason::parse(reason)).map(|reason| Step::Reopen { reason })
            }
        };
        match step {
            Some(step) if mistakes.0.is_empty() => Ok((step, resolved)),
            _ => Err(Problem::fields(mistakes.0)),
        }
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
        let row = store::proposal::lock(tx, row.id).await?.ok_or_else(Problem::not_found)?;
        // a stale reader learns that first: what they wrote may no longer make sense
        if row.version != version {
            return Err(Problem::new(ProblemCode::VersionConflict));
        }
        let today = now.with_timezone(&chrono_tz::Africa::Casablanca).date_naive();
        let (step, resolved) = self.resolve(tx, &consultation, today).await?;
        let row = workflow::take(tx, &consultation, row, Some(version), &step, resolved, &moderator.actor, now).await?;
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
    decision: Body<Decision>,
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
    /// The decision.
    decision: Decision,
    /// 1 to 50 proposals.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    items: Vec<BulkItem>,
}

/// A proposal with the version it was read at.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkItem {
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
