//! Files of proposals: what an import needs to know of what is there already, where each file stands, and what is wrong
//! with its rows.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::import::{
    FileFault, ImportColumn, ImportFormat, ImportState, KEPT_DAYS, Mistake, MistakeCode, mapping::Mapping,
};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _,
    ExprTrait as _, IntoActiveModel as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use crate::store::{
    FOR_CHANGE, Store, WriteTx, attachment,
    column::{Code, Doc},
    entity::{import, import_mistake, proposal},
};

use import::Column as C;

/// How long a worker has for a batch. If it dies, the import goes on elsewhere after this.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// How many mistakes of a file are kept.
pub const MOST_MISTAKES: u64 = 10_000;

/// The beginning of a file, to be looked at. A cell that is no text is `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The first line.
    pub headers: Vec<String>,
    /// The first rows, with their numbers.
    pub rows: Vec<(u64, Vec<Option<String>>)>,
}

/// A file that has arrived.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name, documented in the migrations")]
pub struct New {
    pub consultation_id: i64,
    pub account_id: i64,
    pub object: String,
    pub size: i64,
    pub format: ImportFormat,
    pub preview: Preview,
    pub mapping: Mapping,
    pub state: ImportState,
}

/// The proposals of a consultation that came in under these external ids.
///
/// # Errors
/// The database failed.
pub async fn existing<'a>(
    db: &impl ConnectionTrait,
    consultation_id: i64,
    external_ids: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, proposal::Model>, DbErr> {
    let ids: Vec<_> = external_ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = proposal::Entity::find()
        .filter(proposal::Column::ConsultationId.eq(consultation_id))
        .filter(proposal::Column::ExternalId.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|row| row.external_id.clone().map(|id| (id, row))).collect())
}

/// Makes the row of a file that was announced and written.
///
/// # Errors
/// The database failed, or the file was taken for lost.
pub async fn insert(tx: &WriteTx, new: New, now: DateTime<Utc>) -> Result<import::Model, DbErr> {
    attachment::keep(tx, &new.object).await?;
    import::Entity::insert(import::ActiveModel {
        consultation_id: Set(new.consultation_id),
        account_id: Set(new.account_id),
        sent_at: Set(now),
        object: Set(Some(new.object)),
        size: Set(new.size),
        format: Set(Code(new.format)),
        preview: Set(Some(Doc(new.preview))),
        mapping: Set(Doc(new.mapping)),
        state: Set(Code(new.state)),
        progress: Set(0),
        done_row: Set(0),
        row_count: Set(0),
        new_count: Set(0),
        known_count: Set(0),
        wrong_count: Set(0),
        imported_count: Set(0),
        ..Default::default()
    })
    .exec_with_returning(tx)
    .await
}

/// Says that the file of this name is nobody's any more.
///
/// # Errors
/// The database failed.
pub async fn let_file_go(tx: &WriteTx, object: String, now: DateTime<Utc>) -> Result<(), DbErr> {
    attachment::remove_files(tx, [object], now).await
}

/// One import.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<import::Model>, DbErr> {
    import::Entity::find_by_id(id).one(db).await
}

/// Reads an import for a change and keeps others from changing it until the end of the transaction.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, id: i64) -> Result<Option<import::Model>, DbErr> {
    import::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await
}

/// Up to `limit` imports of a consultation before `cursor`, newest first.
///
/// # Errors
/// The database failed.
pub async fn page(
    db: &impl ConnectionTrait,
    consultation_id: i64,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<import::Model>, DbErr> {
    let query = import::Entity::find().filter(C::ConsultationId.eq(consultation_id));
    query.filter(C::Id.lt(cursor.unwrap_or(i64::MAX))).order_by_desc(C::Id).limit(limit).all(db).await
}

/// Saves what was changed of a locked import.
///
/// # Errors
/// The database failed.
pub async fn save(tx: &WriteTx, row: import::Model) -> Result<import::Model, DbErr> {
    import::Entity::update(row.into_active_model().reset_all()).exec(tx).await
}

/// Sets a locked import to be read from its beginning, or written from its beginning: the counts of that state start anew.
pub fn begin(row: &mut import::Model, state: ImportState) {
    row.state = Code(state);
    (row.progress, row.done_row, row.claimed_until) = (0, 0, None);
    if state == ImportState::Checking {
        (row.row_count, row.new_count, row.known_count, row.wrong_count) = (0, 0, 0, 0);
    }
}

/// Ends a locked import, well (`None`) or with a fault, and lets its file go. What was wrong with its rows stays a while.
///
/// # Errors
/// The database failed.
pub async fn end(
    tx: &WriteTx,
    mut row: import::Model,
    fault: Option<(FileFault, Option<u64>)>,
    now: DateTime<Utc>,
) -> Result<import::Model, DbErr> {
    row.state = Code(if fault.is_some() { ImportState::Failed } else { ImportState::Done });
    row.fault_row = fault.and_then(|(_, line)| line).and_then(|line| i64::try_from(line).ok());
    row.fault = fault.map(|(fault, _)| Code(fault));
    (row.finished_at, row.claimed_until, row.preview) = (Some(now), None, None);
    if let Some(object) = row.object.take() {
        let_file_go(tx, object, now).await?;
    }
    save(tx, row).await
}

/// Takes an import that is to be worked on, so that no other worker does too.
///
/// # Errors
/// The database failed.
pub async fn claim(store: &Store, now: DateTime<Utc>) -> Result<Option<import::Model>, DbErr> {
    let running = [ImportState::Checking, ImportState::Importing].map(ImportState::as_str);
    let free = Condition::any().add(C::ClaimedUntil.is_null()).add(C::ClaimedUntil.lte(now));
    let due = import::Entity::find().filter(C::State.is_in(running)).filter(free).order_by_asc(C::Id);
    // looking first costs nothing; taking the write lock every second for nothing would
    if due.clone().one(store.read()).await?.is_none() {
        return Ok(None);
    }
    let tx = store.write().await?;
    let Some(mut row) = due.lock(FOR_CHANGE).one(&tx).await? else { return Ok(None) };
    renew(&mut row, now);
    let row = save(&tx, row).await?;
    tx.commit().await?;
    Ok(Some(row))
}

/// Gives whoever works on a locked import another while.
pub fn renew(row: &mut import::Model, now: DateTime<Utc>) {
    row.claimed_until = Some(now + LEASE);
}

/// Notes what is wrong with rows, as far as there is room.
///
/// # Errors
/// The database failed.
pub async fn add_mistakes(tx: &WriteTx, import_id: i64, mistakes: Vec<(u64, Mistake)>) -> Result<(), DbErr> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rows: Vec<_> = mistakes
        .into_iter()
        .map(|(line, mistake)| import_mistake::ActiveModel {
            import_id: Set(import_id),
            line: Set(number(line)),
            field: Set(mistake.column.map(Code)),
            code: Set(Code(mistake.code)),
            found: Set(mistake.found),
            suggestion: Set(mistake.suggestion),
            number: Set(mistake.number.map(number)),
            ..Default::default()
        })
        .collect();
    // SQLite takes 32,766 values in a statement
    for rows in rows.chunks(500) {
        import_mistake::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// How many mistakes of an import are kept.
///
/// # Errors
/// The database failed.
pub async fn count_mistakes(db: &impl ConnectionTrait, import_id: i64) -> Result<u64, DbErr> {
    use sea_orm::PaginatorTrait as _;
    import_mistake::Entity::find().filter(import_mistake::Column::ImportId.eq(import_id)).count(db).await
}

/// Forgets the mistakes of an import.
///
/// # Errors
/// The database failed.
pub async fn forget_mistakes(tx: &WriteTx, import_id: i64) -> Result<(), DbErr> {
    import_mistake::Entity::delete_many().filter(import_mistake::Column::ImportId.eq(import_id)).exec(tx).await?;
    Ok(())
}

/// Up to `limit` mistakes of an import after the one numbered `after`, in order.
///
/// # Errors
/// The database failed.
pub async fn mistakes(
    db: &impl ConnectionTrait,
    import_id: i64,
    after: i64,
    limit: u64,
) -> Result<Vec<import_mistake::Model>, DbErr> {
    let query = import_mistake::Entity::find().filter(import_mistake::Column::ImportId.eq(import_id));
    let query = query.filter(import_mistake::Column::Id.gt(after));
    query.order_by_asc(import_mistake::Column::Id).limit(limit).all(db).await
}

/// What a row of the table says.
#[must_use]
pub fn mistake(row: import_mistake::Model) -> (u64, Mistake) {
    let number = |number: i64| u64::try_from(number).unwrap_or_default();
    let mistake = Mistake {
        column: row.field.map(|field| field.0),
        code: row.code.0,
        found: row.found,
        suggestion: row.suggestion,
        number: row.number.map(number),
    };
    (number(row.line), mistake)
}

/// A word of a file that no list has.
#[derive(Debug, sea_orm::FromQueryResult)]
pub struct Unknown {
    /// Its column.
    pub field: Code<ImportColumn>,
    /// The word.
    pub found: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// In how many rows it stands.
    pub count: i64,
}

/// The words of a file that no list has, the most frequent first; up to `limit`.
///
/// # Errors
/// The database failed.
pub async fn unknown(db: &impl ConnectionTrait, import_id: i64, limit: u64) -> Result<Vec<Unknown>, DbErr> {
    use import_mistake::Column as M;
    let count = || Expr::col(M::Id).count();
    import_mistake::Entity::find()
        .select_only()
        .columns([M::Field, M::Found, M::Suggestion])
        .expr_as(count(), "count")
        .filter(M::ImportId.eq(import_id))
        .filter(M::Code.eq(MistakeCode::UnknownCode.as_str()))
        .filter(M::Field.is_not_null())
        .filter(M::Found.is_not_null())
        .group_by(M::Field)
        .group_by(M::Found)
        .group_by(M::Suggestion)
        .order_by(count(), Order::Desc)
        .order_by_asc(M::Field)
        .order_by_asc(M::Found)
        .limit(limit)
        .into_model()
        .all(db)
        .await
}

/// Forgets an import; its file follows. What it took in stays.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &WriteTx, row: import::Model, now: DateTime<Utc>) -> Result<(), DbErr> {
    forget_mistakes(tx, row.id).await?;
    import::Entity::delete_by_id(row.id).exec(tx).await?;
    if let Some(object) = row.object {
        let_file_go(tx, object, now).await?;
    }
    Ok(())
}

/// Forgets what is left of files that were sent too long ago, but for the counts of those that were taken in.
///
/// # Errors
/// The database failed.
pub async fn purge(store: &Store, now: DateTime<Utc>) -> Result<(), DbErr> {
    let old = C::SentAt.lte(now - TimeDelta::days(KEPT_DAYS));
    let idle = C::State.is_not_in([ImportState::Importing.as_str()]);
    let left = Condition::any().add(C::Object.is_not_null()).add(
        C::Id.in_subquery(
            sea_orm::QuerySelect::query(
                &mut import_mistake::Entity::find().select_only().column(import_mistake::Column::ImportId),
            )
            .to_owned(),
        ),
    );
    let due = import::Entity::find().filter(old).filter(idle).filter(left).order_by_asc(C::Id).limit(100);
    if due.clone().one(store.read()).await?.is_none() {
        return Ok(());
    }
    let tx = store.write().await?;
    for row in due.lock(FOR_CHANGE).all(&tx).await? {
        if row.state.0 == ImportState::Done {
            forget_mistakes(&tx, row.id).await?;
        } else {
            forget(&tx, row, now).await?;
        }
    }
    tx.commit().await
}
