//! SMART drafts: goals made from retained proposals, whose words stand beside them and are never changed.

use domain::{
    proposal::{LinkKind, Step},
    smart::{DraftContent, Finding},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::DraftWriter,
    http::problem::{FieldCode, FieldError, Problem, ProblemCode},
    store::{
        self, WriteTx,
        consultation::Consultation,
        entity::{draft, proposal},
    },
    workflow::{self, Resolved},
};

pub mod check;
pub mod create;
pub mod edit;
pub mod list;
pub mod remark;
pub mod show;
pub mod transition;

/// `/drafts`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_drafts)
        .service(create::create_draft)
        .service(check::check_draft)
        .service(show::show_draft)
        .service(show::show_draft_version)
        .service(edit::edit_draft)
        .service(edit::edit_draft_sources)
        .service(remark::create_draft_remark)
        .service(transition::move_draft);
}

/// A proposal a draft is made from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceInput {
    /// The proposal's reference.
    #[schema(max_length = 40)]
    reference: String,
    /// How the draft uses it.
    link: LinkKind,
}

/// The most sources of a draft.
const MAX_SOURCES: u64 = 50;

/// Refuses a text that is too long, naming each field under `content`.
fn within_limits(content: &DraftContent) -> Result<(), Problem> {
    let problems = domain::smart::limits(content);
    if problems.is_empty() {
        return Ok(());
    }
    Err(Problem::fields(
        problems.into_iter().map(|(field, problem)| FieldError::text(format!("content.{field}"), problem)).collect(),
    ))
}

/// What the check says of a text made from `sources` proposals.
fn findings(content: &DraftContent, sources: usize) -> Vec<Finding> {
    domain::smart::check(content, sources)
}

/// The axis of a draft, which must be the consultation's and the writer's.
fn axis_id(writer: &DraftWriter, consultation: &Consultation, code: &str) -> Result<i64, Problem> {
    let id = consultation.axis_id(code).ok_or_else(|| Problem::field("axis", FieldCode::Unknown))?;
    let assigned =
        code.parse().is_ok_and(|axis| writer.actor.may_moderate(&axis, &domain::vocabulary::Place::WholeRegion));
    if assigned { Ok(id) } else { Err(Problem::new(ProblemCode::Forbidden)) }
}

/// Reads a draft for a change: it must be the writer's to change and at the version they read.
async fn lock(
    tx: &WriteTx,
    writer: &DraftWriter,
    id: i64,
    version: i64,
) -> Result<(Consultation, draft::Model), Problem> {
    let draft = store::draft::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    let consultation = store::consultation::by_id(tx, draft.consultation_id).await?.ok_or_else(Problem::not_found)?;
    axis_id(writer, &consultation, &consultation.axis_code(draft.axis_id))?;
    if draft.version != version {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    Ok((consultation, draft))
}

/// Finds the proposals that a draft is to be made from. Each must be retained, or feed a draft already.
async fn find_sources(
    tx: &WriteTx,
    consultation: &Consultation,
    sources: &[SourceInput],
) -> Result<Vec<(proposal::Model, LinkKind)>, Problem> {
    let mut found: Vec<(proposal::Model, LinkKind)> = Vec::with_capacity(sources.len());
    let mut errors = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let field = format!("sources[{index}].reference");
        let row = match source.reference.parse() {
            Ok(reference) => store::proposal::by_reference(tx, &reference).await?,
            Err(_) => None,
        };
        match row.filter(|(of, _)| of.row.id == consultation.row.id) {
            None => errors.push(FieldError::new(field, FieldCode::Unknown)),
            Some((_, row)) if found.iter().any(|(known, _)| known.id == row.id) => {
                errors.push(FieldError::new(field, FieldCode::Duplicate))
            }
            Some((_, row)) => match store::proposal::lock(tx, row.id).await? {
                Some(row) if domain::proposal::legal_target(row.state.0, domain::proposal::Edge::Attach).is_some() => {
                    found.push((row, source.link));
                }
                _ => errors.push(FieldError::new(field, FieldCode::NotAllowed)),
            },
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(Problem::fields(errors)) }
}

/// Takes the same step on proposals as the writer.
async fn step_all(
    tx: &WriteTx,
    writer: &DraftWriter,
    consultation: &Consultation,
    rows: impl IntoIterator<Item = proposal::Model>,
    step: &Step,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    for row in rows {
        workflow::take(tx, consultation, row, None, step, Resolved::default(), &writer.actor, now).await?;
    }
    Ok(())
}

/// Gives back proposals that a draft no longer holds, unless another draft still does.
async fn release(
    tx: &WriteTx,
    writer: &DraftWriter,
    consultation: &Consultation,
    draft_id: i64,
    rows: impl IntoIterator<Item = proposal::Model>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    let mut free = Vec::new();
    for row in rows {
        // a proposal withheld in the meantime has left the drafts by itself
        let drafted = row.state.0 == domain::proposal::ProposalState::Drafted;
        if drafted && !store::draft::is_used_elsewhere(tx, row.id, draft_id).await? {
            free.push(row);
        }
    }
    step_all(tx, writer, consultation, free, &Step::Release, now).await
}
