//! Erasing: what a proposal says and who said it, at its author's wish or when its time is over.
//!
//! The row stays, because counts and the path stand on it: state, axis, territory, channel, language, dates, the coded
//! answers that are counted, the reason codes of decisions, and the hash of the receipt code, by which its holder still
//! sees that it is done. Photos go, and every free text: the author's, and what the committee wrote to or about the
//! author, for it may quote. Drafts keep ids of their sources and the committee's own words.

use chrono::{DateTime, Utc};
use domain::proposal::{Edge, ProposalState};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, ExprTrait as _,
    IntoActiveModel as _, QueryFilter as _, Statement, sea_query::Expr,
};

use crate::{
    localised::Localised,
    store::{
        Store, WriteTx, attachment,
        column::Doc,
        entity::{idempotency, note, outbox, proposal, proposal_event},
        likeness,
    },
};

/// Erases a locked proposal, as its next version. Whoever calls this has taken the step of withdrawing first, where
/// there is one. `reference` finds the mails that were written before mails knew their proposal.
///
/// # Errors
/// The database failed.
pub async fn erase(
    tx: &WriteTx,
    row: proposal::Model,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<proposal::Model, DbErr> {
    let id = row.id;
    forget_mails(tx, &row, reference).await?;
    likeness::forget(tx, id).await?;
    attachment::forget(tx, id, now).await?;
    note::Entity::delete_many().filter(note::Column::ProposalId.eq(id)).exec(tx).await?;
    // a hash of the whole request: who guesses the request could tell by it
    idempotency::Entity::delete_many().filter(idempotency::Column::ProposalId.eq(id)).exec(tx).await?;
    proposal_event::Entity::update_many()
        .col_expr(proposal_event::Column::Text, Expr::value(None::<String>))
        .col_expr(proposal_event::Column::TextLanguage, Expr::value(None::<String>))
        // without its salt the ledger's entry says nothing any more, and stands as it did
        .col_expr(proposal_event::Column::Salt, Expr::value(None::<Vec<u8>>))
        .filter(proposal_event::Column::ProposalId.eq(id))
        .exec(tx)
        .await?;
    // every other reason is a code
    proposal_event::Entity::update_many()
        .col_expr(proposal_event::Column::Reason, Expr::value(None::<String>))
        .filter(proposal_event::Column::ProposalId.eq(id))
        .filter(proposal_event::Column::Edge.is_in([Edge::Appeal.as_str(), Edge::Reopen.as_str()]))
        .exec(tx)
        .await?;
    let forget_words = "DELETE FROM proposal_search WHERE rowid = $1";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), forget_words, [id.into()])).await?;

    let (version, withheld) = (row.version, row.state.0 == ProposalState::Withheld);
    let mut change = row.into_active_model();
    change.version = Set(version + 1);
    change.public = Set(false);
    change.clarification_due = Set(None);
    change.withhold_requested_by = Set(None);
    if !withheld {
        change.withhold_reason = Set(None);
    }
    change.code_seed = Set(None);
    change.organisation = Set(None);
    change.name_organisation = Set(false);
    change.email = Set(None);
    change.populations = Set(Doc(Vec::new()));
    change.title = Set(String::new());
    change.title_translations = Set(Doc(Localised::default()));
    change.problem = Set(String::new());
    change.solution = Set(String::new());
    change.expected_change = Set(None);
    change.erased_at = Set(Some(now));
    // nothing is left to find or to compare
    change.personal_data = Set(false);
    change.suspicion = Set(None);
    change.compared = Set(true);
    let erased = proposal::Entity::update(change).exec(tx).await?;
    ask_for_sweep(tx, now).await?;
    Ok(erased)
}

/// Changes or forgets the address of a locked proposal. Mails that wait go to the new one; those that wait for nobody,
/// and those given up, forget the old one.
///
/// # Errors
/// The database failed.
pub async fn set_contact(
    tx: &WriteTx,
    row: proposal::Model,
    reference: &str,
    email: Option<String>,
    now: DateTime<Utc>,
) -> Result<proposal::Model, DbErr> {
    match &email {
        Some(email) if row.email.is_some() => {
            outbox::Entity::update_many()
                .col_expr(outbox::Column::Recipient, Expr::value(email.clone()))
                .filter(outbox::Column::ProposalId.eq(row.id))
                .filter(outbox::Column::NextAttemptAt.is_not_null())
                .exec(tx)
                .await?;
            forget_given_up(tx, row.id).await?;
        }
        Some(_) => {}
        None => forget_mails(tx, &row, reference).await?,
    }
    let had_one = row.email.is_some();
    let mut change = row.into_active_model();
    // no next version: no decision of the committee rests on the address
    change.email = Set(email);
    let saved = proposal::Entity::update(change).exec(tx).await?;
    if had_one {
        ask_for_sweep(tx, now).await?;
    }
    Ok(saved)
}

/// Empties every mail about a proposal that still says something. Not deleted: a worker may hold it and will look for it.
async fn forget_mails(tx: &WriteTx, row: &proposal::Model, reference: &str) -> Result<(), DbErr> {
    empty_mails(tx, outbox::Column::ProposalId.eq(row.id)).await?;
    let Some(email) = &row.email else { return Ok(()) };
    let unnamed = outbox::Column::ProposalId.is_null().and(outbox::Column::Recipient.eq(email.as_str()));
    let about = Expr::cust_with_values(
        if tx.get_database_backend() == DbBackend::Postgres {
            "CAST(payload AS TEXT) LIKE $1"
        } else {
            "CAST(payload AS TEXT) LIKE ?"
        },
        [format!("%\"{reference}\"%")],
    );
    empty_mails(tx, unnamed.and(about)).await
}

async fn forget_given_up(tx: &WriteTx, proposal_id: i64) -> Result<(), DbErr> {
    let given_up = outbox::Column::NextAttemptAt.is_null().and(outbox::Column::Recipient.ne(""));
    empty_mails(tx, outbox::Column::ProposalId.eq(proposal_id).and(given_up)).await
}

async fn empty_mails(tx: &WriteTx, which: Expr) -> Result<(), DbErr> {
    let change = outbox::ActiveModel {
        next_attempt_at: Set(None),
        recipient: Set(String::new()),
        payload: Set(serde_json::json!({})),
        ..Default::default()
    };
    outbox::Entity::update_many().set(change).filter(which).exec(tx).await.map(drop)
}

/// Has the worker sweep out what the engine keeps beside the tables.
///
/// # Errors
/// The database failed.
pub async fn ask_for_sweep(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "INSERT INTO sweep (asked_at) VALUES ($1)";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [now.into()])).await.map(drop)
}

/// The tables that hold words of people or their addresses.
const TABLES: &str = "proposal, proposal_event, proposal_search, note, idempotency, outbox";

/// Sweeps out what was asked for; answers whether anything was.
///
/// SQLite: a deleted line of the search index stands in its segment until segments are merged, so they are; pages are
/// overwritten where rows change (`secure_delete`), and the log is emptied into the file, unless somebody reads an
/// older state just now: then again in the next round. PostgreSQL: dead rows are given up for reuse. Their bytes, and
/// those in its log, are out of reach of any query or dump, and stay on its disk until they are written over.
///
/// # Errors
/// The database failed; it is asked for still.
pub async fn sweep(store: &Store) -> Result<bool, DbErr> {
    let backend = store.read().get_database_backend();
    let last = Statement::from_string(backend, "SELECT max(id) AS id FROM sweep");
    let last: Option<i64> = match store.read().query_one_raw(last).await? {
        Some(row) => row.try_get("", "id")?,
        None => None,
    };
    let Some(last) = last else { return Ok(false) };
    if backend == DbBackend::Postgres {
        store.write.execute_unprepared(&format!("VACUUM {TABLES}")).await?;
    } else {
        let tx = store.write().await?;
        tx.execute_unprepared("INSERT INTO proposal_search (proposal_search) VALUES ('optimize')").await?;
        tx.commit().await?;
        if !store.empty_log().await? {
            return Ok(false);
        }
    }
    let tx = store.write().await?;
    let done = Statement::from_sql_and_values(backend, "DELETE FROM sweep WHERE id <= $1", [last.into()]);
    tx.execute_raw(done).await?;
    tx.commit().await?;
    Ok(true)
}
