//! What the desk reads and writes beside the proposals themselves.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    permission::Role,
    proposal::{ProposalState, Remark},
    text::NoteText,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};

use crate::store::{
    WriteTx,
    column::Code,
    consultation::Consultation,
    entity::{account, note, proposal, proposal_remark},
    list::Order,
    proposal as proposals, search,
};

/// How far the committee has come, by `domain::count`.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "documented where it is shown, by the summary of the desk")]
pub struct Load {
    pub total: u64,
    pub reviewed: u64,
    pub waiting: u64,
    pub clarification: u64,
    pub withhold_requests: u64,
    pub suspicious: u64,
    pub oldest: Option<DateTime<Utc>>,
    pub by_axis: Vec<(String, u64, u64)>,
}

/// Takes the counts of the desk's head line.
///
/// # Errors
/// The database failed.
pub async fn load(db: &impl ConnectionTrait, consultation: &Consultation) -> Result<Load, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        state: Code<ProposalState>,
        axis_id: i64,
        count: i64,
    }
    #[derive(FromQueryResult)]
    struct Waiting {
        oldest: Option<DateTime<Utc>>,
    }
    #[derive(FromQueryResult)]
    struct Requests {
        count: i64,
    }
    let backend = db.get_database_backend();
    let id = consultation.row.id;
    let rows = Row::find_by_statement(Statement::from_sql_and_values(
        backend,
        "SELECT state, axis_id, count(*) AS count FROM proposal WHERE consultation_id = $1 GROUP BY state, axis_id",
        [id.into()],
    ))
    .all(db)
    .await?;
    let oldest = Waiting::find_by_statement(Statement::from_sql_and_values(
        backend,
        "SELECT min(state_since) AS oldest FROM proposal WHERE consultation_id = $1 AND state = 'submitted'",
        [id.into()],
    ))
    .one(db)
    .await?;
    let requests = Requests::find_by_statement(Statement::from_sql_and_values(
        backend,
        "SELECT count(*) AS count FROM proposal WHERE consultation_id = $1 AND withhold_requested_by IS NOT NULL",
        [id.into()],
    ))
    .one(db)
    .await?;
    let suspicious = Requests::find_by_statement(Statement::from_sql_and_values(
        backend,
        "SELECT count(*) AS count FROM proposal
         WHERE consultation_id = $1 AND suspicion IS NOT NULL AND state = 'submitted'",
        [id.into()],
    ))
    .one(db)
    .await?;
    let mut load = Load {
        suspicious: suspicious.map_or(0, |row| u64::try_from(row.count).unwrap_or_default()),
        oldest: oldest.and_then(|row| row.oldest),
        withhold_requests: requests.map_or(0, |row| u64::try_from(row.count).unwrap_or_default()),
        by_axis: consultation.axes.iter().map(|axis| (axis.code.clone(), 0, 0)).collect(),
        ..Load::default()
    };
    let mut by_state = BTreeMap::new();
    for row in rows {
        let count = u64::try_from(row.count).unwrap_or_default();
        let state = row.state.0;
        *by_state.entry(state).or_insert(0) += count;
        let code = consultation.axis_code(row.axis_id);
        if let Some((_, waiting, total)) = load.by_axis.iter_mut().find(|(axis, _, _)| *axis == code) {
            *waiting += if state == ProposalState::Submitted { count } else { 0 };
            *total += if state.is_counted() { count } else { 0 };
        }
    }
    load.total = domain::count::participations(&by_state);
    load.reviewed = domain::count::reviewed(&by_state);
    load.waiting = by_state.get(&ProposalState::Submitted).copied().unwrap_or_default();
    load.clarification = by_state.get(&ProposalState::ClarificationRequested).copied().unwrap_or_default();
    Ok(load)
}

/// The remarks on some proposals.
///
/// # Errors
/// The database failed.
pub async fn remarks(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, Vec<Remark>>, DbErr> {
    let ids: Vec<_> = ids.into_iter().collect();
    let mut found = BTreeMap::<i64, Vec<Remark>>::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for row in proposal_remark::Entity::find().filter(proposal_remark::Column::ProposalId.is_in(ids)).all(db).await? {
        found.entry(row.proposal_id).or_default().push(row.remark.0);
    }
    for remarks in found.values_mut() {
        remarks.sort_unstable();
    }
    Ok(found)
}

/// The names behind some accounts.
///
/// # Errors
/// The database failed.
pub async fn names(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, String>, DbErr> {
    let ids: BTreeSet<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Everybody who can be given a proposal, by name.
///
/// # Errors
/// The database failed.
pub async fn assignees(db: &impl ConnectionTrait) -> Result<Vec<(i64, String)>, DbErr> {
    let rows = account::Entity::find()
        .filter(account::Column::Role.is_in([Role::Moderator.as_str(), Role::Coordinator.as_str()]))
        .filter(account::Column::Disabled.eq(false))
        .order_by_asc(account::Column::Name)
        .limit(100)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The notes on a proposal, oldest first.
///
/// # Errors
/// The database failed.
pub async fn notes(db: &impl ConnectionTrait, proposal_id: i64) -> Result<Vec<note::Model>, DbErr> {
    note::Entity::find()
        .filter(note::Column::ProposalId.eq(proposal_id))
        .order_by_asc(note::Column::Id)
        .limit(500)
        .all(db)
        .await
}

/// Adds a note.
///
/// # Errors
/// The database failed.
pub async fn insert_note(
    tx: &WriteTx,
    proposal_id: i64,
    account_id: i64,
    text: NoteText,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    note::Entity::insert(note::ActiveModel {
        proposal_id: Set(proposal_id),
        account_id: Set(account_id),
        at: Set(now),
        text: Set(text.into_string()),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Locks a proposal for a change that is no step of its path, and gives it its next version.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] if it is not at this version any more, or the database failed.
pub async fn touch(tx: &WriteTx, id: i64, expected: i64) -> Result<proposal::Model, DbErr> {
    let row = proposals::lock(tx, id).await?.filter(|row| row.version == expected).ok_or(DbErr::RecordNotUpdated)?;
    let mut change = row.into_active_model();
    change.version = Set(expected + 1);
    proposal::Entity::update(change).exec(tx).await
}

/// Gives a proposal to somebody, or to nobody.
///
/// # Errors
/// The database failed.
pub async fn assign(tx: &WriteTx, row: proposal::Model, account_id: Option<i64>) -> Result<proposal::Model, DbErr> {
    let mut change = row.into_active_model();
    change.assigned_to = Set(account_id);
    proposal::Entity::update(change).exec(tx).await
}

/// Says that nothing is odd about a proposal; `public` is whether it can be read by everybody from now on.
///
/// # Errors
/// The database failed.
pub async fn clear_suspicion(tx: &WriteTx, row: proposal::Model, public: bool) -> Result<proposal::Model, DbErr> {
    let mut change = row.into_active_model();
    change.suspicion = Set(None);
    change.public = Set(public);
    proposal::Entity::update(change).exec(tx).await
}

/// How many candidates a duplicate search compares, and how many it shows from which similarity on.
const CANDIDATES: u64 = 200;
const SHOWN: usize = 5;
const SIMILAR: f64 = 0.18;

/// Proposals of the consultation that may be the same idea, most similar first: those that share a word of
/// the title are compared letter by letter.
///
/// # Errors
/// The database failed.
pub async fn duplicates(
    db: &impl ConnectionTrait,
    consultation: &Consultation,
    row: &proposal::Model,
) -> Result<Vec<(proposal::Model, f64)>, DbErr> {
    let translations = row.title_translations.0.0.values().map(String::as_str);
    let title = [row.title.as_str()].into_iter().chain(translations).collect::<Vec<_>>().join(" ");
    let words = domain::fold::subject_terms(&title);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let others = proposal::Entity::find()
        .filter(proposal::Column::ConsultationId.eq(consultation.row.id))
        .filter(proposal::Column::Id.ne(row.id))
        .filter(
            proposal::Column::State.is_not_in([ProposalState::Withdrawn.as_str(), ProposalState::Withheld.as_str()]),
        );
    let words = search::any_word(db.get_database_backend(), words.iter().map(String::as_str));
    let found = search::first(db, others, words, Order::Newest, None, CANDIDATES).await?;
    let candidates = proposal::Entity::find().filter(proposal::Column::Id.is_in(found)).all(db).await?;
    let pieces = |row: &proposal::Model| {
        (
            domain::fold::shingles(&row.title),
            domain::fold::shingles(&format!("{}\n{}\n{}", row.title, row.problem, row.solution)),
        )
    };
    let (own_title, own_text) = pieces(row);
    let mut similar: Vec<_> = candidates
        .into_iter()
        .map(|other| {
            let (title, text) = pieces(&other);
            let similarity =
                domain::fold::similarity(&own_title, &title).max(domain::fold::similarity(&own_text, &text));
            (other, similarity)
        })
        .filter(|(_, similarity)| *similarity >= SIMILAR)
        .collect();
    similar.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.id.cmp(&b.0.id)));
    similar.truncate(SHOWN);
    Ok(similar)
}

/// Replaces the remarks on a proposal; who made the ones that stay is kept.
///
/// # Errors
/// The database failed.
pub async fn set_remarks(
    tx: &WriteTx,
    proposal_id: i64,
    remarks: &[Remark],
    account_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let codes: Vec<_> = remarks.iter().map(|remark| remark.as_str()).collect();
    proposal_remark::Entity::delete_many()
        .filter(proposal_remark::Column::ProposalId.eq(proposal_id))
        .filter(proposal_remark::Column::Remark.is_not_in(codes))
        .exec(tx)
        .await?;
    for remark in remarks {
        proposal_remark::Entity::insert(proposal_remark::ActiveModel {
            proposal_id: Set(proposal_id),
            remark: Set(Code(*remark)),
            account_id: Set(account_id),
            at: Set(now),
        })
        .on_conflict_do_nothing_on([proposal_remark::Column::ProposalId, proposal_remark::Column::Remark])
        .exec(tx)
        .await?;
    }
    // the row has them too, for the counts
    let codes: BTreeSet<_> = remarks.iter().map(|remark| remark.as_str()).collect();
    proposal::Entity::update_many()
        .col_expr(proposal::Column::Remarks, codes.into_iter().collect::<Vec<_>>().join(" ").into())
        .filter(proposal::Column::Id.eq(proposal_id))
        .exec(tx)
        .await?;
    Ok(())
}
