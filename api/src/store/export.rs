//! What leaves in files: published proposals, their public steps and the drafts that the public may read, a batch at a
//! time, so that an export of any size needs the memory of one batch.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    draft::DraftState,
    proposal::{Edge, LinkKind, ProposalState, Remark},
    smart::DraftContent,
    vocabulary::{Channel, Language, Population},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement, sea_query::Expr,
};

use crate::store::{
    column::{Code, Doc},
    consultation::Consultation,
    desk,
    entity::{draft, draft_source, draft_version, proposal, proposal_event},
};

/// How many proposals are in memory at once: at the longest legal texts about 5 MiB, usually half a MiB.
const BATCH: u64 = 256;

/// A published proposal as a file shows it. The columns that tell something about its author are not even
/// read, but for the organisation that asked to be named.
#[derive(Debug, FromQueryResult)]
#[expect(missing_docs, reason = "the columns are documented in the migrations")]
pub struct ExportRow {
    pub id: i64,
    pub axis_id: i64,
    pub territory_id: Option<i64>,
    pub state: Code<ProposalState>,
    pub channel: Code<Channel>,
    pub language: Code<Language>,
    pub merged_into: Option<i64>,
    pub submitted_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    pub organisation: Option<String>,
    pub name_organisation: bool,
    pub populations: Doc<Vec<Population>>,
    pub title: String,
    pub problem: String,
    pub solution: String,
    pub expected_change: Option<String>,
}

/// An export row with what stands in other tables.
#[derive(Debug)]
pub struct Exported {
    /// Its own columns.
    pub row: ExportRow,
    /// What the committee noticed.
    pub remarks: Vec<Remark>,
    /// The reference it was merged into, if that one is published too.
    pub merged_into: Option<String>,
    /// The reason code of the decision that stands.
    pub reason: Option<String>,
    /// The response of the decision that stands, with its language.
    pub response: Option<(String, Option<Language>)>,
}

/// The next proposals after `after` that the public list would show, in order of arrival; empty at the end.
///
/// Each batch is as the database is at that moment: a text that is withheld while an export runs is not in the
/// batches that come after.
///
/// # Errors
/// The database failed.
pub async fn batch(db: &impl ConnectionTrait, consultation: &Consultation, after: i64) -> Result<Vec<Exported>, DbErr> {
    use proposal::Column as C;
    let rows: Vec<ExportRow> = proposal::Entity::find()
        .select_only()
        .columns([
            C::Id,
            C::AxisId,
            C::TerritoryId,
            C::State,
            C::Channel,
            C::Language,
            C::MergedInto,
            C::SubmittedAt,
            C::DecidedAt,
            C::Organisation,
            C::NameOrganisation,
            C::Populations,
            C::Title,
            C::Problem,
            C::Solution,
            C::ExpectedChange,
        ])
        .filter(C::ConsultationId.eq(consultation.row.id))
        // bare, as the partial index has it: SQLite matches its condition word by word
        .filter(Expr::col((proposal::Entity, C::Public)))
        .filter(C::Id.gt(after))
        .order_by_asc(C::Id)
        .limit(BATCH)
        .into_model()
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut remarks = desk::remarks(db, rows.iter().map(|row| row.id)).await?;
    let targets = targets(db, consultation, rows.iter().filter_map(|row| row.merged_into)).await?;
    let mut decisions = decisions(db, rows.iter().filter(|row| row.decided_at.is_some()).map(|row| row.id)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let decision = decisions.remove(&row.id);
            let (reason, text, language) =
                decision.map_or((None, None, None), |event| (event.reason, event.text, event.text_language));
            Exported {
                remarks: remarks.remove(&row.id).unwrap_or_default(),
                merged_into: row.merged_into.and_then(|id| targets.get(&id).cloned()),
                reason,
                response: text.map(|text| (text, language.map(|code| code.0))),
                row,
            }
        })
        .collect())
}

/// The references of published proposals.
async fn targets(
    db: &impl ConnectionTrait,
    consultation: &Consultation,
    ids: impl Iterator<Item = i64>,
) -> Result<BTreeMap<i64, String>, DbErr> {
    use proposal::Column as C;
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(i64, DateTime<Utc>)> = proposal::Entity::find()
        .select_only()
        .columns([C::Id, C::SubmittedAt])
        .filter(C::Id.is_in(ids))
        .filter(Expr::col((proposal::Entity, C::Public)))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, submitted_at)| (id, consultation.reference(id, submitted_at).to_string())).collect())
}

/// The last outcome given to each.
async fn decisions(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = i64>,
) -> Result<BTreeMap<i64, proposal_event::Model>, DbErr> {
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let outcomes = [Edge::Retain, Edge::Merge, Edge::Redirect, Edge::Refuse].map(Edge::as_str);
    let events = proposal_event::Entity::find()
        .filter(proposal_event::Column::ProposalId.is_in(ids))
        .filter(proposal_event::Column::Edge.is_in(outcomes))
        .order_by_asc(proposal_event::Column::Id)
        .all(db)
        .await?;
    // the later one takes the place of the earlier one
    Ok(events.into_iter().map(|event| (event.proposal_id, event)).collect())
}

/// A published proposal with its public steps, oldest first.
#[derive(Debug)]
pub struct Steps {
    /// Its id.
    pub id: i64,
    /// Its reference.
    pub reference: String,
    /// Each with the reference that it was merged into by it, if that one is published too.
    pub steps: Vec<(proposal_event::Model, Option<String>)>,
}

/// The public steps of the next published proposals after `after`, in order of arrival; empty at the end.
///
/// # Errors
/// The database failed.
pub async fn steps(db: &impl ConnectionTrait, consultation: &Consultation, after: i64) -> Result<Vec<Steps>, DbErr> {
    use proposal::Column as C;
    let rows: Vec<(i64, DateTime<Utc>)> = proposal::Entity::find()
        .select_only()
        .columns([C::Id, C::SubmittedAt])
        .filter(C::ConsultationId.eq(consultation.row.id))
        .filter(Expr::col((proposal::Entity, C::Public)))
        .filter(C::Id.gt(after))
        .order_by_asc(C::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    use proposal_event::Column as E;
    let desk = [Edge::RequestWithhold, Edge::CancelWithhold].map(Edge::as_str);
    let events = proposal_event::Entity::find()
        .filter(E::ProposalId.is_in(rows.iter().map(|(id, _)| *id)))
        .filter(E::Edge.is_not_in(desk))
        .order_by_asc(E::ProposalId)
        .order_by_asc(E::Id)
        .all(db)
        .await?;
    let targets = targets(db, consultation, events.iter().filter_map(|event| event.target_id)).await?;
    let mut events = events.into_iter().peekable();
    Ok(rows
        .into_iter()
        .map(|(id, submitted_at)| {
            let mut steps = Vec::new();
            while let Some(event) = events.next_if(|event| event.proposal_id <= id) {
                let target = event.target_id.and_then(|target| targets.get(&target).cloned());
                steps.push((event, target));
            }
            Steps { id, reference: consultation.reference(id, submitted_at).to_string(), steps }
        })
        .collect())
}

/// A draft as a file shows it.
#[derive(Debug)]
pub struct PublishedDraft {
    /// Its own row.
    pub row: draft::Model,
    /// What it says.
    pub content: DraftContent,
    /// The references of those of its proposals that are published, with how it uses each, in order of arrival.
    pub sources: Vec<(String, LinkKind)>,
}

/// The next drafts after `after` whose text is settled, oldest first; empty at the end.
///
/// # Errors
/// The database failed.
pub async fn drafts(
    db: &impl ConnectionTrait,
    consultation: &Consultation,
    after: i64,
) -> Result<Vec<PublishedDraft>, DbErr> {
    use draft::Column as C;
    let states = DraftState::ALL.iter().filter(|state| state.is_published()).map(|state| state.as_str());
    let rows = draft::Entity::find()
        .filter(C::ConsultationId.eq(consultation.row.id))
        .filter(C::State.is_in(states))
        .filter(C::Id.gt(after))
        .order_by_asc(C::Id)
        // a text may have thousands of words, and there are hundreds of drafts at most
        .limit(32)
        .all(db)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let version = draft_version::Entity::find_by_id((row.id, row.text_version)).one(db).await?;
        let links = draft_source::Entity::find().filter(draft_source::Column::DraftId.eq(row.id)).all(db).await?;
        let sources = targets(db, consultation, links.iter().map(|link| link.proposal_id)).await?;
        found.push(PublishedDraft {
            content: version.map(|version| version.content.0).unwrap_or_default(),
            sources: sources
                .into_iter()
                .filter_map(|(id, reference)| {
                    links.iter().find(|link| link.proposal_id == id).map(|link| (reference, link.link.0))
                })
                .collect(),
            row,
        });
    }
    Ok(found)
}

/// How many rows a file of proposals would have now: an estimate for a progress bar, and for a page.
///
/// # Errors
/// The database failed.
pub async fn count(db: &impl ConnectionTrait, consultation_id: i64) -> Result<u64, DbErr> {
    use sea_orm::PaginatorTrait as _;
    proposal::Entity::find()
        .filter(proposal::Column::ConsultationId.eq(consultation_id))
        .filter(Expr::col((proposal::Entity, proposal::Column::Public)))
        .count(db)
        .await
}

/// A number of each kind of thing that changes what a file would say. As long as they stay, so does the file.
///
/// Every step of a proposal leaves an entry of the ledger in its own transaction, pending or placed, and entries are
/// never removed; both are counted in one statement, so that none is missed on its way from the one to the other.
/// What changes a file without a step (remarks, a proposal found to be a person's, erasing) is staff's and in the
/// audit log, or counted by itself; another rule or other words of the consultation give it another version. Entries
/// are counted, as they are never removed: the highest number says nothing of a lower one that is committed after it.
///
/// # Errors
/// The database failed.
pub async fn mark(db: &impl ConnectionTrait, consultation: &Consultation) -> Result<[i64; 6], DbErr> {
    let sql = "SELECT (SELECT count(*) FROM ledger_pending) + coalesce((SELECT max(position) + 1 FROM ledger), 0), \
        (SELECT count(*) FROM audit WHERE action = 'set_remarks'), \
        (SELECT count(*) FROM audit WHERE action = 'clear_suspicion'), \
        (SELECT count(*) FROM proposal WHERE erased_at IS NOT NULL), \
        (SELECT count(*) FROM draft_event)";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("a row of numbers".into()))?;
    let mut mark = [consultation.row.version; 6];
    for (place, number) in mark[1..].iter_mut().enumerate() {
        *number = row.try_get_by_index(place)?;
    }
    Ok(mark)
}
