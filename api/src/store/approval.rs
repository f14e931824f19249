//! Requests for an export, and who signed them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{approval::Approval, permission::AccountId};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::store::{
    FOR_CHANGE, WriteTx,
    entity::{export_approval, export_signature},
};

/// A request with its signatures.
#[derive(Clone, Debug)]
pub struct Row {
    /// The request.
    pub row: export_approval::Model,
    /// What the domain needs to know of it.
    pub approval: Approval,
}

impl Row {
    fn new(row: export_approval::Model, signed: Vec<(AccountId, DateTime<Utc>)>) -> Self {
        let approval = Approval { asked_by: AccountId(row.asked_by), signed, used_at: row.used_at };
        Self { row, approval }
    }
}

/// Records a request.
///
/// # Errors
/// The database failed.
pub async fn insert(
    tx: &WriteTx,
    consultation_id: i64,
    asked_by: i64,
    reason: String,
    now: DateTime<Utc>,
) -> Result<Row, DbErr> {
    let row = export_approval::Entity::insert(export_approval::ActiveModel {
        consultation_id: Set(consultation_id),
        asked_by: Set(asked_by),
        asked_at: Set(now),
        used_at: Set(None),
        reason: Set(reason),
        ..Default::default()
    })
    .exec_with_returning(tx)
    .await?;
    Ok(Row::new(row, Vec::new()))
}

/// The signatures under some requests, oldest first.
async fn signatures(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, Vec<(AccountId, DateTime<Utc>)>>, DbErr> {
    let rows = export_signature::Entity::find()
        .filter(export_signature::Column::ApprovalId.is_in(ids))
        .order_by_asc(export_signature::Column::At)
        .all(db)
        .await?;
    let mut signed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        signed.entry(row.approval_id).or_default().push((AccountId(row.account_id), row.at));
    }
    Ok(signed)
}

/// Up to `limit` requests before `cursor`, newest first.
///
/// # Errors
/// The database failed.
pub async fn page(db: &impl ConnectionTrait, cursor: Option<i64>, limit: u64) -> Result<Vec<Row>, DbErr> {
    let query = export_approval::Entity::find().filter(export_approval::Column::Id.lt(cursor.unwrap_or(i64::MAX)));
    let rows = query.order_by_desc(export_approval::Column::Id).limit(limit).all(db).await?;
    let mut signed = signatures(db, rows.iter().map(|row| row.id)).await?;
    Ok(rows
        .into_iter()
        .map(|row| (signed.remove(&row.id).unwrap_or_default(), row))
        .map(|(s, r)| Row::new(r, s))
        .collect())
}

/// Reads a request for a change and keeps others from changing it until the end of the transaction.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, id: i64) -> Result<Option<Row>, DbErr> {
    let Some(row) = export_approval::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await? else { return Ok(None) };
    let signed = signatures(tx, [id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(Row::new(row, signed)))
}

/// Adds a signature.
///
/// # Errors
/// The database failed.
pub async fn sign(tx: &WriteTx, mut row: Row, account_id: i64, now: DateTime<Utc>) -> Result<Row, DbErr> {
    export_signature::Entity::insert(export_signature::ActiveModel {
        approval_id: Set(row.row.id),
        account_id: Set(account_id),
        at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    row.approval.signed.push((AccountId(account_id), now));
    Ok(row)
}

/// Records that the file was taken away.
///
/// # Errors
/// The database failed.
pub async fn mark_used(tx: &WriteTx, id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let change = export_approval::ActiveModel { id: Unchanged(id), used_at: Set(Some(now)), ..Default::default() };
    export_approval::Entity::update(change).exec(tx).await.map(drop)
}
