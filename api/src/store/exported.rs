//! What came out of another installation as open data, put into one that holds nothing of it yet: with the same
//! numbers, so that references stay what they are.

use chrono::{DateTime, Utc};
use domain::{
    draft::DraftState,
    proposal::{CLARIFICATION_DAYS, Edge, LinkKind, ProposalState, Remark},
    reference::Reference,
    smart::DraftContent,
};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, QueryFilter as _};

use crate::store::{
    WriteTx,
    column::{Code, Doc},
    consultation::Consultation,
    desk,
    entity::{draft, draft_source, draft_version, proposal},
    ledger,
    proposal::{Event, NewProposal, insert_event, searchable},
    search,
};

/// A published proposal.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name, documented in the migrations")]
pub struct Published {
    pub number: i64,
    pub new: NewProposal,
    pub state: ProposalState,
    pub decided_at: Option<DateTime<Utc>>,
    pub remarks: Vec<Remark>,
}

/// Inserts a proposal that is published, without its path; `by` is who answers for its remarks.
///
/// # Errors
/// The number is taken, or the database failed.
pub async fn insert(tx: &WriteTx, consultation: &Consultation, one: Published, by: i64) -> Result<(), DbErr> {
    let mut row = one.new.into_row(consultation, None);
    row.id = Set(one.number);
    row.state = Set(Code(one.state));
    row.public = Set(true);
    row.decided_at = Set(one.decided_at);
    // it is published: whoever published it has decided that its text may be read
    row.personal_data_acknowledged = row.personal_data.clone();
    let row = proposal::Entity::insert(row).exec_with_returning(tx).await?;
    search::index(tx, row.id, &searchable(&row)).await?;
    desk::set_remarks(tx, row.id, &one.remarks, by, row.submitted_at).await
}

/// The steps of a proposal with their instants, oldest first.
pub type Steps = Vec<(Event, DateTime<Utc>)>;

/// Appends the path of a proposal that was inserted, and what follows from it. The proposals it was merged into are there.
///
/// # Errors
/// The database failed.
pub async fn append(
    tx: &WriteTx,
    consultation: &Consultation,
    reference: &Reference,
    steps: Steps,
) -> Result<(), DbErr> {
    use proposal::Column as C;
    let id = reference.number();
    let row = proposal::Entity::find_by_id(id).one(tx).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the proposal of a path".into()))?;
    let decided = |edge| matches!(edge, Edge::Retain | Edge::Merge | Edge::Redirect | Edge::Refuse | Edge::Withhold);
    let answered = steps.iter().find(|(step, _)| decided(step.edge) || step.edge == Edge::RequestClarification);
    let answered = answered.map(|(_, at)| *at);
    let since = steps.iter().rev().find(|(step, _)| step.from != Some(step.to)).map_or(row.submitted_at, |(_, at)| *at);
    let merged =
        steps.iter().rev().find(|(step, _)| step.edge == Edge::Merge).filter(|_| row.state.0 == ProposalState::Merged);
    let due = (row.state.0 == ProposalState::ClarificationRequested)
        .then(|| domain::calendar::end_of_term(since, CLARIFICATION_DAYS));
    proposal::Entity::update_many()
        .col_expr(C::StateSince, since.into())
        .col_expr(C::FirstAnsweredAt, answered.into())
        .col_expr(C::DecidedBefore, steps.iter().any(|(step, _)| decided(step.edge)).into())
        .col_expr(C::Appealed, steps.iter().any(|(step, _)| step.edge == Edge::Appeal).into())
        .col_expr(C::ClarificationDue, due.into())
        .col_expr(C::MergedInto, merged.and_then(|(step, _)| step.target.as_ref()).map(Reference::number).into())
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    for (step, at) in steps {
        let content = match step.edge {
            Edge::Submit => ledger::submission_content(consultation, &row, &[]),
            _ => ledger::step_content(&step),
        };
        insert_event(tx, reference, step, content, at).await?;
    }
    Ok(())
}

/// A draft whose text is settled.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name, documented in the migrations")]
pub struct Settled {
    pub number: i64,
    pub axis_id: i64,
    pub state: DraftState,
    pub adopted_session: Option<String>,
    pub title: String,
    pub content: DraftContent,
    pub sources: Vec<(i64, LinkKind)>,
}

/// Inserts a draft whose proposals are there; `by` is who answers for its text here.
///
/// # Errors
/// The number is taken, or the database failed.
pub async fn insert_draft(
    tx: &WriteTx,
    consultation_id: i64,
    one: Settled,
    by: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    draft::Entity::insert(draft::ActiveModel {
        id: Set(one.number),
        consultation_id: Set(consultation_id),
        axis_id: Set(one.axis_id),
        state: Set(Code(one.state)),
        version: Set(1),
        text_version: Set(1),
        // it was signed, so nothing blocked
        blocking: Set(0),
        advice: Set(0),
        adopted_session: Set(one.adopted_session),
        created_at: Set(now),
        updated_at: Set(now),
        title: Set(one.title.clone()),
    })
    .exec_without_returning(tx)
    .await?;
    draft_version::Entity::insert(draft_version::ActiveModel {
        draft_id: Set(one.number),
        version: Set(1),
        account_id: Set(by),
        at: Set(now),
        title: Set(one.title),
        content: Set(Doc(one.content)),
    })
    .exec_without_returning(tx)
    .await?;
    let links = one.sources.into_iter().map(|(proposal_id, link)| draft_source::ActiveModel {
        draft_id: Set(one.number),
        proposal_id: Set(proposal_id),
        link: Set(Code(link)),
    });
    draft_source::Entity::insert_many(links).exec_without_returning(tx).await?;
    Ok(())
}

/// Has new numbers follow those that were put in. SQLite does so by itself.
///
/// # Errors
/// The database failed.
pub async fn count_on(tx: &WriteTx) -> Result<(), DbErr> {
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        for table in ["proposal", "draft"] {
            tx.execute_unprepared(match table {
                "proposal" => {
                    "SELECT setval(pg_get_serial_sequence('proposal', 'id'), max(id)) FROM proposal HAVING max(id) > 0"
                }
                _ => "SELECT setval(pg_get_serial_sequence('draft', 'id'), max(id)) FROM draft HAVING max(id) > 0",
            })
            .await?;
        }
    }
    Ok(())
}
