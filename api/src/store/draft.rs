//! SMART drafts with their versions, sources, remarks and signatures.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    draft::{DraftEdge, DraftState},
    permission::AccountId,
    proposal::LinkKind,
    smart::{DraftContent, Finding, Severity},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use crate::store::{
    FOR_CHANGE, WriteTx,
    column::{Code, Doc},
    entity::{draft, draft_event, draft_remark, draft_signature, draft_source, draft_version, proposal},
};

/// The drafts that a proposal feeds, with the kind of link, oldest first.
///
/// # Errors
/// The database failed.
pub async fn fed_by(db: &impl ConnectionTrait, proposal_id: i64) -> Result<Vec<(draft::Model, LinkKind)>, DbErr> {
    let links = draft_source::Entity::find().filter(draft_source::Column::ProposalId.eq(proposal_id)).all(db).await?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let drafts = draft::Entity::find()
        .filter(draft::Column::Id.is_in(links.iter().map(|link| link.draft_id)))
        .order_by_asc(draft::Column::Id)
        .all(db)
        .await?;
    Ok(drafts
        .into_iter()
        .filter_map(|draft| {
            links.iter().find(|link| link.draft_id == draft.id).map(|link| link.link.0).map(|link| (draft, link))
        })
        .collect())
}

/// Whether another draft that is not set aside uses a proposal.
///
/// # Errors
/// The database failed.
pub async fn is_used_elsewhere(db: &impl ConnectionTrait, proposal_id: i64, draft_id: i64) -> Result<bool, DbErr> {
    Ok(fed_by(db, proposal_id).await?.iter().any(|(draft, _)| draft.id != draft_id && draft.state.0.is_active()))
}

/// Which drafts.
#[derive(Debug, Default)]
pub struct Filter {
    /// Of this consultation.
    pub consultation_id: i64,
    /// On this axis.
    pub axis_id: Option<i64>,
    /// In this state.
    pub state: Option<DraftState>,
}

/// Up to `limit` drafts after `cursor`, newest first, each with its number of sources.
///
/// # Errors
/// The database failed.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<(draft::Model, usize)>, DbErr> {
    let mut query = draft::Entity::find().filter(draft::Column::ConsultationId.eq(filter.consultation_id));
    if let Some(axis_id) = filter.axis_id {
        query = query.filter(draft::Column::AxisId.eq(axis_id));
    }
    if let Some(state) = filter.state {
        query = query.filter(draft::Column::State.eq(state.as_str()));
    }
    if let Some(cursor) = cursor {
        query = query.filter(draft::Column::Id.lt(cursor));
    }
    let drafts = query.order_by_desc(draft::Column::Id).limit(limit).all(db).await?;
    let links = draft_source::Entity::find()
        .filter(draft_source::Column::DraftId.is_in(drafts.iter().map(|draft| draft.id)))
        .all(db)
        .await?;
    Ok(drafts
        .into_iter()
        .map(|draft| {
            let sources = links.iter().filter(|link| link.draft_id == draft.id).count();
            (draft, sources)
        })
        .collect())
}

/// A draft, not locked.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<draft::Model>, DbErr> {
    draft::Entity::find_by_id(id).one(db).await
}

/// Reads a draft inside a write and keeps others from changing it until the end of the transaction.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, id: i64) -> Result<Option<draft::Model>, DbErr> {
    draft::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await
}

/// One version of a draft's text.
///
/// # Errors
/// The database failed.
pub async fn version(db: &impl ConnectionTrait, id: i64, version: i64) -> Result<Option<draft_version::Model>, DbErr> {
    draft_version::Entity::find_by_id((id, version)).one(db).await
}

/// Who wrote which version when, newest first; without the texts.
///
/// # Errors
/// The database failed.
pub async fn versions(db: &impl ConnectionTrait, id: i64) -> Result<Vec<(i64, i64, DateTime<Utc>)>, DbErr> {
    use draft_version::Column as C;
    draft_version::Entity::find()
        .select_only()
        .columns([C::Version, C::AccountId, C::At])
        .filter(C::DraftId.eq(id))
        .order_by_desc(C::Version)
        .limit(500)
        .into_tuple()
        .all(db)
        .await
}

/// The proposals a draft is made from, with the kind of link, in order of arrival.
///
/// # Errors
/// The database failed.
pub async fn sources(db: &impl ConnectionTrait, id: i64) -> Result<Vec<(proposal::Model, LinkKind)>, DbErr> {
    let links = links(db, id).await?;
    let rows = super::proposal::titles(db, links.keys().copied()).await?;
    Ok(rows.into_iter().filter_map(|row| links.get(&row.id).map(|link| (row, *link))).collect())
}

/// The ids of those proposals, with the kind of link.
///
/// # Errors
/// The database failed.
pub async fn links(db: &impl ConnectionTrait, id: i64) -> Result<BTreeMap<i64, LinkKind>, DbErr> {
    let links = draft_source::Entity::find().filter(draft_source::Column::DraftId.eq(id)).all(db).await?;
    Ok(links.into_iter().map(|link| (link.proposal_id, link.link.0)).collect())
}

/// The remarks on a draft, oldest first.
///
/// # Errors
/// The database failed.
pub async fn remarks(db: &impl ConnectionTrait, id: i64) -> Result<Vec<draft_remark::Model>, DbErr> {
    draft_remark::Entity::find()
        .filter(draft_remark::Column::DraftId.eq(id))
        .order_by_asc(draft_remark::Column::Id)
        .limit(500)
        .all(db)
        .await
}

/// The signatures under a draft, all versions.
///
/// # Errors
/// The database failed.
pub async fn signatures(db: &impl ConnectionTrait, id: i64) -> Result<Vec<draft_signature::Model>, DbErr> {
    draft_signature::Entity::find()
        .filter(draft_signature::Column::DraftId.eq(id))
        .order_by_asc(draft_signature::Column::At)
        .all(db)
        .await
}

/// Who signed one version.
///
/// # Errors
/// The database failed.
pub async fn signed(db: &impl ConnectionTrait, draft: &draft::Model) -> Result<Vec<AccountId>, DbErr> {
    let signatures = signatures(db, draft.id).await?;
    Ok(signatures.iter().filter(|row| row.version == draft.text_version).map(|row| AccountId(row.account_id)).collect())
}

/// The steps of a draft's life, oldest first.
///
/// # Errors
/// The database failed.
pub async fn history(db: &impl ConnectionTrait, id: i64) -> Result<Vec<draft_event::Model>, DbErr> {
    draft_event::Entity::find()
        .filter(draft_event::Column::DraftId.eq(id))
        .order_by_asc(draft_event::Column::Id)
        .all(db)
        .await
}

fn severities(findings: &[Finding]) -> (i64, i64) {
    let count = |severity| {
        i64::try_from(findings.iter().filter(|finding| finding.severity == severity).count()).unwrap_or(i64::MAX)
    };
    (count(Severity::Blocking), count(Severity::Advice))
}

/// A text to be saved: what it says and what the check says of it.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Text<'a> {
    pub title: String,
    pub content: &'a DraftContent,
    pub findings: &'a [Finding],
}

/// Inserts a draft with the first version of its text.
///
/// # Errors
/// The database failed.
pub async fn insert(
    tx: &WriteTx,
    consultation_id: i64,
    axis_id: i64,
    text: Text<'_>,
    account_id: i64,
    now: DateTime<Utc>,
) -> Result<draft::Model, DbErr> {
    let (blocking, advice) = severities(text.findings);
    let row = draft::Entity::insert(draft::ActiveModel {
        consultation_id: Set(consultation_id),
        axis_id: Set(axis_id),
        state: Set(Code(DraftState::Drafting)),
        version: Set(1),
        text_version: Set(1),
        blocking: Set(blocking),
        advice: Set(advice),
        adopted_session: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        title: Set(text.title.clone()),
        ..Default::default()
    })
    .exec_with_returning(tx)
    .await?;
    insert_version(tx, row.id, 1, text.title, text.content, account_id, now).await?;
    Ok(row)
}

async fn insert_version(
    tx: &WriteTx,
    draft_id: i64,
    version: i64,
    title: String,
    content: &DraftContent,
    account_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    draft_version::Entity::insert(draft_version::ActiveModel {
        draft_id: Set(draft_id),
        version: Set(version),
        account_id: Set(account_id),
        at: Set(now),
        title: Set(title),
        content: Set(Doc(content.clone())),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Saves a new version of a draft's text.
///
/// # Errors
/// The database failed.
pub async fn save(
    tx: &WriteTx,
    draft: draft::Model,
    axis_id: i64,
    text: Text<'_>,
    account_id: i64,
    now: DateTime<Utc>,
) -> Result<draft::Model, DbErr> {
    let (blocking, advice) = severities(text.findings);
    let (version, text_version) = (draft.version + 1, draft.text_version + 1);
    insert_version(tx, draft.id, text_version, text.title.clone(), text.content, account_id, now).await?;
    let mut change = draft.into_active_model();
    change.version = Set(version);
    change.text_version = Set(text_version);
    change.axis_id = Set(axis_id);
    change.title = Set(text.title);
    change.blocking = Set(blocking);
    change.advice = Set(advice);
    change.updated_at = Set(now);
    draft::Entity::update(change).exec(tx).await
}

/// Replaces the links of a draft to its proposals.
///
/// # Errors
/// The database failed.
pub async fn set_links(tx: &WriteTx, draft_id: i64, links: &[(i64, LinkKind)]) -> Result<(), DbErr> {
    draft_source::Entity::delete_many().filter(draft_source::Column::DraftId.eq(draft_id)).exec(tx).await?;
    draft_source::Entity::insert_many(links.iter().map(|(proposal_id, link)| draft_source::ActiveModel {
        draft_id: Set(draft_id),
        proposal_id: Set(*proposal_id),
        link: Set(Code(*link)),
    }))
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Adds a remark on a field.
///
/// # Errors
/// The database failed.
pub async fn insert_remark(
    tx: &WriteTx,
    draft_id: i64,
    account_id: i64,
    field: String,
    text: String,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    draft_remark::Entity::insert(draft_remark::ActiveModel {
        draft_id: Set(draft_id),
        account_id: Set(account_id),
        at: Set(now),
        closed_by_version: Set(None),
        field: Set(field),
        text: Set(text),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Closes open remarks by the version that answers them; remarks of other drafts stay as they are.
///
/// # Errors
/// The database failed.
pub async fn close_remarks(tx: &WriteTx, draft_id: i64, ids: &[i64], version: i64) -> Result<(), DbErr> {
    draft_remark::Entity::update_many()
        .col_expr(draft_remark::Column::ClosedByVersion, Expr::value(version))
        .filter(draft_remark::Column::DraftId.eq(draft_id))
        .filter(draft_remark::Column::Id.is_in(ids.iter().copied()))
        .filter(draft_remark::Column::ClosedByVersion.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Records a signature under the present version.
///
/// # Errors
/// The database failed.
pub async fn sign(tx: &WriteTx, draft: &draft::Model, account_id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    draft_signature::Entity::insert(draft_signature::ActiveModel {
        draft_id: Set(draft.id),
        version: Set(draft.text_version),
        account_id: Set(account_id),
        at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Moves a draft to a state and records the step.
///
/// # Errors
/// The database failed.
#[expect(clippy::too_many_arguments, reason = "the columns of one event, each named once")]
pub async fn step(
    tx: &WriteTx,
    draft: draft::Model,
    edge: DraftEdge,
    to: DraftState,
    account_id: i64,
    reason: Option<String>,
    session_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<draft::Model, DbErr> {
    draft_event::Entity::insert(draft_event::ActiveModel {
        draft_id: Set(draft.id),
        edge: Set(Code(edge)),
        from_state: Set(draft.state),
        to_state: Set(Code(to)),
        account_id: Set(account_id),
        at: Set(now),
        reason: Set(reason),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    let version = draft.version + 1;
    let mut change = draft.into_active_model();
    change.version = Set(version);
    change.state = Set(Code(to));
    change.updated_at = Set(now);
    if let Some(day) = session_on {
        change.adopted_session = Set(Some(day.to_string()));
    }
    draft::Entity::update(change).exec(tx).await
}
