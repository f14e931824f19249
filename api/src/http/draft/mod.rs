//! SMART drafts: goals made from retained proposals, whose words stand beside them and are never changed.

use std::collections::BTreeMap;

use domain::{
    proposal::{Edge, LinkKind, ProposalState, Step},
    reference::Reference,
    smart::{DraftContent, Finding},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::DraftWriter,
    http::{
        desk::covers,
        problem::{FieldCode, FieldError, Problem, ProblemCode},
    },
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

/// Refuses a territory that the consultation does not have.
fn known_territories(consultation: &Consultation, content: &DraftContent) -> Result<(), Problem> {
    if content.territories.iter().all(|code| consultation.territory_id(code.as_str()).is_some()) {
        return Ok(());
    }
    Err(Problem::field("content.territories", FieldCode::Unknown))
}

/// A text is changed while it is being written or read; afterwards it is what was signed.
fn must_be_editable(draft: &draft::Model) -> Result<(), Problem> {
    if draft.state.0.is_editable() {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::IllegalTransition)
            .detail(format!("a draft that is {} is not edited", draft.state.0)))
    }
}

/// Whether a draft still stands on a proposal: one whose text was sealed or taken back gives it nothing any more.
fn stands_on(row: &proposal::Model) -> bool {
    row.state.0.feeds_drafts() && !row.sealed
}

/// What the check says of a text made from these proposals.
fn findings<'a>(content: &DraftContent, sources: impl IntoIterator<Item = &'a proposal::Model>) -> Vec<Finding> {
    domain::smart::check(content, sources.into_iter().filter(|row| stands_on(row)).count())
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

/// The proposals that a draft is made from and those that it is to be made from, all locked.
struct Sources {
    before: Vec<proposal::Model>,
    after: Vec<(proposal::Model, LinkKind)>,
}

impl Sources {
    /// Those to be must be of the consultation and be retained, or feed a draft already. One that is new, or left
    /// out, must be within the writer's assignment.
    async fn lock(
        tx: &WriteTx,
        writer: &DraftWriter,
        consultation: &Consultation,
        draft: Option<i64>,
        wanted: &[SourceInput],
    ) -> Result<Self, Problem> {
        let known = match draft {
            Some(id) => store::draft::links(tx, id).await?,
            None => BTreeMap::new(),
        };
        let references: Vec<_> = wanted.iter().map(|source| source.reference.parse::<Reference>().ok()).collect();
        let ids = references.iter().flatten().map(Reference::number).chain(known.keys().copied());
        let rows: BTreeMap<_, _> =
            store::proposal::lock_all(tx, ids).await?.into_iter().map(|row| (row.id, row)).collect();
        let may = |row: &proposal::Model| covers(&writer.actor, consultation, row);
        let of_consultation = |row: &&proposal::Model, reference: &Reference| {
            row.consultation_id == consultation.row.id && consultation.reference(row.id, row.submitted_at) == *reference
        };
        let mut after: Vec<(proposal::Model, LinkKind)> = Vec::with_capacity(wanted.len());
        let mut errors = Vec::new();
        for (index, (source, reference)) in wanted.iter().zip(&references).enumerate() {
            let row = reference
                .as_ref()
                .and_then(|reference| rows.get(&reference.number()).filter(|row| of_consultation(row, reference)));
            let code = match row {
                None => FieldCode::Unknown,
                Some(row) if after.iter().any(|(other, _)| other.id == row.id) => FieldCode::Duplicate,
                Some(row) if known.contains_key(&row.id) || (stands_on(row) && can_attach(row) && may(row)) => {
                    after.push((row.clone(), source.link));
                    continue;
                }
                Some(_) => FieldCode::NotAllowed,
            };
            errors.push(FieldError::new(format!("sources[{index}].reference"), code));
        }
        if !errors.is_empty() {
            return Err(Problem::fields(errors));
        }
        let before: Vec<_> = rows.into_values().filter(|row| known.contains_key(&row.id)).collect();
        let dropped = before.iter().filter(|row| !after.iter().any(|(kept, _)| kept.id == row.id));
        if dropped.into_iter().any(|row| !may(row)) {
            return Err(Problem::new(ProblemCode::Forbidden));
        }
        Ok(Self { before, after })
    }

    fn links(&self) -> Vec<(i64, LinkKind)> {
        self.after.iter().map(|(row, link)| (row.id, *link)).collect()
    }
}

fn can_attach(row: &proposal::Model) -> bool {
    domain::proposal::legal_target(row.state.0, Edge::Attach).is_some() && row.erased_at.is_none()
}

/// The proposals of a draft, locked.
async fn lock_sources(tx: &WriteTx, draft_id: i64) -> Result<Vec<proposal::Model>, Problem> {
    let links = store::draft::links(tx, draft_id).await?;
    Ok(store::proposal::lock_all(tx, links.into_keys()).await?)
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
        // one that was withheld meanwhile is in no draft's hands
        let drafted = row.state.0 == ProposalState::Drafted;
        if drafted && !store::draft::is_used_elsewhere(tx, row.id, draft_id).await? {
            free.push(row);
        }
    }
    step_all(tx, writer, consultation, free, &Step::Release, now).await
}
