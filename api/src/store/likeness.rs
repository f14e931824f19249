//! Groups of proposals that are nearly the same text, by `domain::likeness`.
//!
//! The worker compares what has come in, so that whoever sends a proposal does not wait for it. A proposal joins the group
//! of those it is nearly the same as; groups that turn out to be one are joined.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domain::{
    likeness::{self, CAMPAIGN, CAMPAIGN_HOURS, NEARLY_THE_SAME},
    proposal::ProposalState,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, ExprTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use crate::store::{
    WriteTx,
    entity::{proposal, proposal_band, proposal_copy},
    proposal as proposals,
};

/// How many proposals are compared in one transaction: others want to write too.
pub const BATCH: usize = 16;
/// How many that share a band are compared word by word.
const CANDIDATES: u64 = 24;
/// How many of a group others are found by. A campaign of thousands would otherwise make each of its copies dearer.
const FINDABLE: u64 = 50;
/// How many of a group are shown.
const SHOWN: u64 = 100;

/// Compares some proposals that were not compared yet; answers how many.
///
/// # Errors
/// The database failed.
pub async fn compare(tx: &WriteTx) -> Result<usize, DbErr> {
    // two workers that compare two copies at once would each not see the other's
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7202611248)").await?;
    }
    let waiting: Vec<i64> = proposal::Entity::find()
        .select_only()
        .column(proposal::Column::Id)
        // bare, as the partial index has it
        .filter(Expr::col((proposal::Entity, proposal::Column::Compared)).not())
        .order_by_asc(proposal::Column::Id)
        .limit(BATCH as u64)
        .into_tuple()
        .all(tx)
        .await?;
    for row in proposals::lock_all(tx, waiting.iter().copied()).await? {
        if row.state.0 != ProposalState::Withdrawn {
            join(tx, &row).await?;
        }
    }
    if !waiting.is_empty() {
        proposal::Entity::update_many()
            .col_expr(proposal::Column::Compared, true.into())
            .filter(proposal::Column::Id.is_in(waiting.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(waiting.len())
}

fn words(row: &proposal::Model) -> BTreeSet<String> {
    likeness::words(&row.title, &row.problem, &row.solution)
}

/// Puts a proposal into the group of those it is nearly the same as, if there are any.
async fn join(tx: &WriteTx, row: &proposal::Model) -> Result<(), DbErr> {
    let own = words(row);
    let bands = likeness::bands(&own, row.consultation_id);
    let alike = alike(tx, row, &own, &bands).await?;
    let mut size = 0;
    if !alike.is_empty() {
        let group = one_group(tx, &alike).await?;
        let since = row.submitted_at - TimeDelta::hours(CAMPAIGN_HOURS);
        let in_group = || proposal_copy::Entity::find().filter(proposal_copy::Column::GroupId.eq(group));
        let recent = in_group()
            .filter(proposal_copy::Column::SubmittedAt.gt(since))
            .filter(proposal_copy::Column::SubmittedAt.lte(row.submitted_at))
            .count(tx)
            .await?;
        size = in_group().count(tx).await?;
        insert(tx, row, group, recent + 1 >= CAMPAIGN).await?;
    }
    if size < FINDABLE && !bands.is_empty() {
        let rows =
            bands.into_iter().map(|hash| proposal_band::ActiveModel { hash: Set(hash), proposal_id: Set(row.id) });
        proposal_band::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The proposals that are nearly the same as `row`.
async fn alike(
    tx: &WriteTx,
    row: &proposal::Model,
    own: &BTreeSet<String>,
    bands: &BTreeSet<i64>,
) -> Result<Vec<proposal::Model>, DbErr> {
    let shared = proposal_band::Column::Hash.count();
    let candidates: Vec<(i64, i64)> = proposal_band::Entity::find()
        .select_only()
        .column(proposal_band::Column::ProposalId)
        .column_as(shared.clone(), "shared")
        .filter(proposal_band::Column::Hash.is_in(bands.iter().copied()))
        .filter(proposal_band::Column::ProposalId.ne(row.id))
        .group_by(proposal_band::Column::ProposalId)
        .order_by_desc(shared)
        .order_by_asc(proposal_band::Column::ProposalId)
        .limit(CANDIDATES)
        .into_tuple()
        .all(tx)
        .await?;
    let candidates = proposals::titles(tx, candidates.into_iter().map(|(id, _)| id)).await?;
    Ok(candidates
        .into_iter()
        .filter(|other| other.state.0 != ProposalState::Withdrawn)
        .filter(|other| likeness::likeness(own, &words(other)) >= NEARLY_THE_SAME)
        .collect())
}

/// Makes one group of some proposals and of the groups they are in.
async fn one_group(tx: &WriteTx, alike: &[proposal::Model]) -> Result<i64, DbErr> {
    let members = proposal_copy::Entity::find()
        .filter(proposal_copy::Column::ProposalId.is_in(alike.iter().map(|row| row.id)))
        .all(tx)
        .await?;
    let groups: BTreeSet<i64> = members.iter().map(|member| member.group_id).collect();
    let group = groups.first().copied().or_else(|| alike.first().map(|row| row.id)).unwrap_or_default();
    if groups.len() > 1 {
        proposal_copy::Entity::update_many()
            .col_expr(proposal_copy::Column::GroupId, group.into())
            .filter(proposal_copy::Column::GroupId.is_in(groups))
            .exec(tx)
            .await?;
    }
    for row in alike.iter().filter(|row| !members.iter().any(|member| member.proposal_id == row.id)) {
        insert(tx, row, group, false).await?;
    }
    Ok(group)
}

async fn insert(tx: &WriteTx, row: &proposal::Model, group: i64, burst: bool) -> Result<(), DbErr> {
    proposal_copy::Entity::insert(proposal_copy::ActiveModel {
        proposal_id: Set(row.id),
        group_id: Set(group),
        submitted_at: Set(row.submitted_at),
        burst: Set(burst),
    })
    .on_conflict_do_nothing_on([proposal_copy::Column::ProposalId])
    .exec(tx)
    .await?;
    Ok(())
}

/// Takes a proposal out of its group and forgets what it was found by: for one that is withdrawn, or whose text is erased.
/// The caller has locked its row.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &WriteTx, id: i64) -> Result<(), DbErr> {
    proposal_band::Entity::delete_many().filter(proposal_band::Column::ProposalId.eq(id)).exec(tx).await?;
    let member = proposal_copy::Entity::find_by_id(id).one(tx).await?;
    if let Some(member) = member {
        proposal_copy::Entity::delete_by_id(id).exec(tx).await?;
        let left = proposal_copy::Entity::find()
            .filter(proposal_copy::Column::GroupId.eq(member.group_id))
            .limit(2)
            .all(tx)
            .await?;
        // one alone is no group
        if let [alone] = left.as_slice() {
            proposal_copy::Entity::delete_by_id(alone.proposal_id).exec(tx).await?;
        }
    }
    Ok(())
}

/// A group of proposals that are nearly the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub id: i64,
    /// How many are in it.
    pub size: u64,
    /// Whether it grew as fast as a campaign does.
    pub campaign: bool,
}

/// The groups that some proposals are in.
///
/// # Errors
/// The database failed.
pub async fn groups(
    db: &impl sea_orm::ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, Group>, DbErr> {
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let members = proposal_copy::Entity::find().filter(proposal_copy::Column::ProposalId.is_in(ids)).all(db).await?;
    if members.is_empty() {
        return Ok(BTreeMap::new());
    }
    let groups: BTreeSet<i64> = members.iter().map(|member| member.group_id).collect();
    let counts: Vec<(i64, i64, i64)> = proposal_copy::Entity::find()
        .select_only()
        .column(proposal_copy::Column::GroupId)
        .column_as(proposal_copy::Column::ProposalId.count(), "size")
        .column_as(Expr::cust("count(*) FILTER (WHERE burst)"), "bursts")
        .filter(proposal_copy::Column::GroupId.is_in(groups))
        .group_by(proposal_copy::Column::GroupId)
        .into_tuple()
        .all(db)
        .await?;
    let group = |id: i64| {
        let (id, size, bursts) = counts.iter().copied().find(|(group, ..)| *group == id)?;
        Some(Group { id, size: u64::try_from(size).unwrap_or_default(), campaign: bursts > 0 })
    };
    Ok(members
        .into_iter()
        .filter_map(|member| group(member.group_id).map(|group| (member.proposal_id, group)))
        .collect())
}

/// The others of a group, by arrival: those that the desk may read.
///
/// # Errors
/// The database failed.
pub async fn others(db: &impl sea_orm::ConnectionTrait, group: i64, id: i64) -> Result<Vec<proposal::Model>, DbErr> {
    let ids: Vec<i64> = proposal_copy::Entity::find()
        .select_only()
        .column(proposal_copy::Column::ProposalId)
        .filter(proposal_copy::Column::GroupId.eq(group))
        .filter(proposal_copy::Column::ProposalId.ne(id))
        .order_by_asc(proposal_copy::Column::ProposalId)
        .limit(SHOWN)
        .into_tuple()
        .all(db)
        .await?;
    let rows = proposals::titles(db, ids).await?;
    let sealed = [ProposalState::Withheld, ProposalState::Withdrawn];
    Ok(rows.into_iter().filter(|row| !sealed.contains(&row.state.0)).collect())
}
