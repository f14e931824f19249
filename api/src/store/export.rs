//! What leaves in files: published proposals, a batch at a time, so that an export of any size needs the
//! memory of one batch.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    proposal::{Edge, ProposalState, Remark},
    vocabulary::{Channel, Language, Population},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};

use crate::store::{
    column::{Code, Doc},
    consultation::Consultation,
    desk,
    entity::{proposal, proposal_event},
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
