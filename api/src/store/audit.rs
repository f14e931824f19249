//! The audit log: rows are added and read, and the database refuses everything else.

use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject, AuditOutcome, MASS_READ, MASS_READ_REST, MASS_READ_WITHIN},
    permission::Role,
    vocabulary::Language,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use crate::{
    mail::Message,
    store::{
        FOR_CHANGE, Store, WriteTx,
        column::Code,
        entity::{account, audit},
        outbox,
    },
};

/// Something to write down.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, and as what; `None` is nobody we know.
    pub account: Option<(i64, Role)>,
    /// What.
    pub action: AuditAction,
    /// To what kind of thing.
    pub object: AuditObject,
    /// To which one: a reference, a number, a slug or a route of ours. Never a word that somebody typed.
    pub key: String,
    /// Of which consultation, if of one.
    pub consultation_id: Option<i64>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The request, as the answer's `X-Request-Id` names it.
    pub request_id: String,
}

impl Entry {
    /// The same, about something of a consultation.
    #[must_use]
    pub fn of(mut self, consultation_id: i64) -> Self {
        self.consultation_id = Some(consultation_id);
        self
    }

    /// The same, refused.
    #[must_use]
    pub const fn refused(mut self) -> Self {
        self.outcome = AuditOutcome::Refused;
        self
    }
}

/// Writes an entry down in the transaction of what it tells.
///
/// # Errors
/// The database failed; then what it tells must not happen either.
pub async fn record(tx: &WriteTx, entry: Entry) -> Result<(), DbErr> {
    audit::Entity::insert(audit::ActiveModel {
        at: Set(entry.at),
        account_id: Set(entry.account.map(|(id, _)| id)),
        role: Set(entry.account.map(|(_, role)| Code(role))),
        action: Set(Code(entry.action)),
        object: Set(Code(entry.object)),
        object_key: Set(entry.key),
        consultation_id: Set(entry.consultation_id),
        outcome: Set(Code(entry.outcome)),
        request_id: Set(entry.request_id),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Writes down what changes nothing: that something was read, or refused. Whoever reads about very many people in a
/// short time is told to the coordinators.
///
/// # Errors
/// The database failed; then what was read must not be shown.
pub async fn record_alone(store: &Store, entry: Entry) -> Result<(), DbErr> {
    let tx = store.write().await?;
    record(&tx, entry.clone()).await?;
    if AuditAction::READS.contains(&entry.action) && entry.outcome == AuditOutcome::Done {
        watch(&tx, entry).await?;
    }
    tx.commit().await
}

/// Tells the coordinators when the reads of an account have become too many.
async fn watch(tx: &WriteTx, entry: Entry) -> Result<(), DbErr> {
    let Some((id, _)) = entry.account else { return Ok(()) };
    let of_account = |since| {
        let of_account = audit::Entity::find().filter(audit::Column::AccountId.eq(id));
        of_account.filter(audit::Column::At.gt(since)).filter(audit::Column::Outcome.eq(AuditOutcome::Done.as_str()))
    };
    let reads = AuditAction::READS.map(AuditAction::as_str);
    let read = of_account(entry.at - MASS_READ_WITHIN).filter(audit::Column::Action.is_in(reads)).count(tx).await?;
    if read < MASS_READ {
        return Ok(());
    }
    // of two reads at the same time only one is told: the other waits here, and then finds that it was
    let Some(reader) = account::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await? else { return Ok(()) };
    let told = of_account(entry.at - MASS_READ_REST).filter(audit::Column::Action.eq(AuditAction::MassRead.as_str()));
    if told.one(tx).await?.is_some() {
        return Ok(());
    }
    let (at, key) = (entry.at, id.to_string());
    record(tx, Entry { action: AuditAction::MassRead, object: AuditObject::Account, key, ..entry }).await?;
    let message = Message::MassRead { account: id, name: reader.name, read };
    let coordinators = account::Entity::find()
        .filter(account::Column::Role.eq(Role::Coordinator.as_str()))
        .filter(Expr::col(account::Column::Disabled).not())
        .all(tx)
        .await?;
    for coordinator in coordinators {
        outbox::enqueue(tx, &coordinator.email, Language::Ar, &message, at).await?;
    }
    Ok(())
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this account.
    pub account_id: Option<i64>,
    /// Of this action.
    pub action: Option<AuditAction>,
    /// About this kind of thing.
    pub object: Option<AuditObject>,
    /// About things with this reference, number, slug or route.
    pub key: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// Up to `limit` entries before `cursor`, newest first.
///
/// # Errors
/// The database failed.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<audit::Model>, DbErr> {
    use audit::Column as C;
    let mut query = audit::Entity::find();
    if let Some(id) = filter.account_id {
        query = query.filter(C::AccountId.eq(id));
    }
    if let Some(action) = filter.action {
        query = query.filter(C::Action.eq(action.as_str()));
    }
    if let Some(object) = filter.object {
        query = query.filter(C::Object.eq(object.as_str()));
    }
    if let Some(key) = &filter.key {
        query = query.filter(C::ObjectKey.eq(key));
    }
    if let Some(from) = filter.from {
        query = query.filter(C::At.gte(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(C::At.lt(to));
    }
    if let Some(id) = cursor {
        // an entry stays for ever, so the last one seen says where to go on
        let Some(last) = audit::Entity::find_by_id(id).one(db).await? else { return Ok(Vec::new()) };
        let place = Expr::tuple([Expr::col(C::At), Expr::col(C::Id)]);
        query = query.filter(place.lt(Expr::tuple([last.at.into(), last.id.into()])));
    }
    query.order_by_desc(C::At).order_by_desc(C::Id).limit(limit).all(db).await
}
