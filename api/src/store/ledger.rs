//! The public ledger, kept: entries in one order, the hashes of the tree over them, signed checkpoints.
//!
//! A step writes its entry to `ledger_pending` in its own transaction, and its author gets a signed promise. The
//! worker gives entries their places: a single transaction at a time, under a lock, so that however many processes
//! write there is one order without a gap, and no step waits for another to be on the disk. This is how the
//! certificate logs of RFC 6962 work, and why PostgreSQL keeps its group commit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ledger::{
        By, Entry, Hash, commitment, instant, leaf_hash,
        note::{Checkpoint, LogKey},
        tree::{self, Edge, Node},
    },
    proposal::{Edge as Step, ProposalState},
    reference::Reference,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;

use crate::{
    random,
    store::{
        Store, WriteTx, attachment as attachments,
        column::{Code, Doc},
        consultation::{self, Consultation},
        entity::{attachment, ledger, ledger_checkpoint, ledger_node, ledger_pending, proposal, proposal_event},
        proposal::{ActorKind, Event, Referral},
    },
};

/// How many entries get their places in one transaction: some ten milliseconds of the write lock.
const BATCH: u64 = 500;
/// A log that grows is signed this often, one that does not once a day.
const SIGN_GROWTH_AFTER: TimeDelta = TimeDelta::minutes(1);
const SIGN_ANYWAY_AFTER: TimeDelta = TimeDelta::days(1);

/// An entry with what opens it.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The line of the log.
    pub line: String,
    /// Its hash.
    pub hash: Hash,
    /// Kept with the words.
    pub salt: [u8; 32],
    /// What the entry commits to.
    pub content: String,
}

impl Leaf {
    /// Salts the content and puts the commitment into the entry.
    pub(super) fn new(entry: Entry, content: String) -> Result<Self, DbErr> {
        let salt = random::bytes().map_err(|error| DbErr::Custom(error.to_string()))?;
        Ok(Self::salted(salt, entry, content))
    }

    fn salted(salt: [u8; 32], mut entry: Entry, content: String) -> Self {
        entry.commitment = commitment(&salt, &content);
        let line = entry.line();
        Self { hash: leaf_hash(line.as_bytes()), line, salt, content }
    }
}

/// What a submission's entry commits to: everything of it that must never change.
#[derive(Serialize)]
struct Submission<'a> {
    axis: String,
    territory: String,
    channel: &'a str,
    language: &'a str,
    age_band: &'a str,
    gender: &'a str,
    participant_type: &'a str,
    residence: String,
    organisation: Option<&'a str>,
    title: &'a str,
    problem: &'a str,
    solution: &'a str,
    expected_change: Option<&'a str>,
    /// What its photos hash to, in their order; entries from before there were photos say nothing of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<String>,
}

/// The content of a submission's entry.
#[must_use]
pub fn submission_content(consultation: &Consultation, row: &proposal::Model, photos: &[attachment::Model]) -> String {
    let content = Submission {
        axis: consultation.axis_code(row.axis_id),
        territory: consultation.place(row.territory_id),
        channel: row.channel.0.as_str(),
        language: row.language.0.as_str(),
        age_band: row.age_band.0.as_str(),
        gender: row.gender.0.as_str(),
        participant_type: row.participant_type.0.as_str(),
        residence: row.residence.0.to_string(),
        organisation: row.organisation.as_deref(),
        title: &row.title,
        problem: &row.problem,
        solution: &row.solution,
        expected_change: row.expected_change.as_deref(),
        attachments: photos.iter().map(attachments::digest).collect(),
    };
    serde_json::to_string(&content).unwrap_or_default()
}

/// What any other entry commits to.
#[derive(Serialize)]
struct Words<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referral: Option<&'a Referral>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// The content of a step's entry.
pub(super) fn step_content(event: &Event) -> String {
    let text = event.text.as_ref().map(|(text, _)| text.as_str());
    words(event.reason.as_deref(), event.referral.as_ref(), text)
}

fn words(reason: Option<&str>, referral: Option<&Referral>, text: Option<&str>) -> String {
    serde_json::to_string(&Words { reason, referral, text }).unwrap_or_default()
}

/// The entry of a step, without its commitment. Reasons that are words, as of an appeal, stay with the words.
pub(super) fn entry(reference: &Reference, event: &Event, at: DateTime<Utc>) -> Entry {
    Entry {
        at: instant(at),
        by: match event.actor {
            ActorKind::Participant => By::Participant,
            ActorKind::Account(_) | ActorKind::Committee => By::Committee,
            ActorKind::Clock => By::Clock,
            ActorKind::Import => By::Import,
        },
        commitment: String::new(),
        from: event.from,
        proposal: reference.to_string(),
        reason: event.reason.clone().filter(|_| matches!(event.edge, Step::Refuse | Step::Withhold)),
        step: event.edge,
        target: event.target.as_ref().map(ToString::to_string),
        to: event.to,
    }
}

/// Writes an entry down; it has no place yet.
pub(super) async fn append(tx: &WriteTx, leaf: &Leaf) -> Result<(), DbErr> {
    let row = ledger_pending::ActiveModel {
        leaf: Set(leaf.hash.to_vec()),
        entry: Set(leaf.line.clone()),
        ..Default::default()
    };
    ledger_pending::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives steps that are older than the ledger their entries, in order.
///
/// # Errors
/// The database failed; what was adopted stays so.
pub async fn adopt(store: &Store) -> Result<(), DbErr> {
    use proposal_event::Column as C;
    loop {
        let tx = store.write().await?;
        let rows = proposal_event::Entity::find().filter(C::Leaf.is_null()).order_by_asc(C::Id).limit(BATCH);
        let rows = rows.all(&tx).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let (entry, content) = of_row(&tx, &row).await?.ok_or_else(|| orphan(&row))?;
            let leaf = Leaf::new(entry, content)?;
            append(&tx, &leaf).await?;
            proposal_event::Entity::update_many()
                .col_expr(C::Salt, leaf.salt.to_vec().into())
                .col_expr(C::Leaf, leaf.hash.to_vec().into())
                .filter(C::Id.eq(row.id))
                .exec(&tx)
                .await?;
        }
        tx.commit().await?;
    }
}

fn orphan(row: &proposal_event::Model) -> DbErr {
    DbErr::RecordNotFound(format!("the proposal of step {}", row.id))
}

/// The entry of a stored step, without its commitment, and what it commits to.
async fn of_row(db: &impl ConnectionTrait, row: &proposal_event::Model) -> Result<Option<(Entry, String)>, DbErr> {
    let Some(of) = proposal::Entity::find_by_id(row.proposal_id).one(db).await? else { return Ok(None) };
    let Some(consultation) = consultation::by_id(db, of.consultation_id).await? else { return Ok(None) };
    let target = match row.target_id {
        None => None,
        Some(id) => proposal::Entity::find_by_id(id).one(db).await?,
    };
    let event = Event {
        edge: row.edge.0,
        from: row.from_state.map(|code| code.0),
        to: row.to_state.0,
        actor: actor(row),
        reason: row.reason.clone(),
        target: target.map(|target| consultation.reference(target.id, target.submitted_at)),
        referral: row.competence.clone().map(|Doc(referral)| referral),
        text: row.text.clone().map(|text| (text, row.text_language.map(|Code(language)| language))),
    };
    let content = match event.edge {
        Step::Submit => submission_content(&consultation, &of, &attachments::of(db, of.id).await?),
        _ => step_content(&event),
    };
    Ok(Some((entry(&consultation.reference(of.id, of.submitted_at), &event, row.at), content)))
}

fn actor(row: &proposal_event::Model) -> ActorKind {
    match (row.actor.as_str(), row.account_id) {
        (_, Some(id)) => ActorKind::Account(id),
        ("account", _) => ActorKind::Committee,
        ("clock", _) => ActorKind::Clock,
        ("import", _) => ActorKind::Import,
        _ => ActorKind::Participant,
    }
}

/// Keeps two from giving places at once; the end of the transaction lets go.
async fn lock(tx: &WriteTx) -> Result<(), DbErr> {
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE ledger IN EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// Gives every entry that waits its place, and signs the log if that is due, with `sign` in any case.
/// Answers how many entries were placed.
///
/// # Errors
/// The database failed; what was placed stays so.
pub async fn integrate(store: &Store, key: &LogKey, now: DateTime<Utc>, sign: bool) -> Result<usize, DbErr> {
    let mut placed = 0;
    loop {
        // looking first costs nothing; taking the write lock every second for nothing would
        let waits = ledger_pending::Entity::find().one(store.read()).await?.is_some();
        if !waits && !sign && !is_due(store.read(), now).await? {
            return Ok(placed);
        }
        let tx = store.write().await?;
        lock(&tx).await?;
        let batch = place(&tx).await?;
        placed += batch;
        let full = batch as u64 == BATCH;
        if !full && (sign || is_due(&tx, now).await?) {
            self::sign(&tx, key, now).await?;
        }
        tx.commit().await?;
        if !full {
            return Ok(placed);
        }
    }
}

async fn place(tx: &WriteTx) -> Result<usize, DbErr> {
    let rows = ledger_pending::Entity::find().order_by_asc(ledger_pending::Column::Id).limit(BATCH).all(tx).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let size = size(tx).await?;
    let known = nodes(tx, tree::needed_for_root(size)).await?;
    let mut edge = Edge::new(size, |node| known.get(&node).copied()).map_err(broken)?;
    let (mut entries, mut grown) = (Vec::with_capacity(rows.len()), Vec::with_capacity(2 * rows.len()));
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    for row in rows {
        entries.push(ledger::ActiveModel {
            position: Set(number(edge.size())),
            leaf: Set(row.leaf),
            entry: Set(row.entry.clone()),
        });
        edge.push(leaf_hash(row.entry.as_bytes()), |node, hash| {
            grown.push(ledger_node::ActiveModel {
                level: Set(i64::from(node.level)),
                place: Set(number(node.index)),
                hash: Set(hash.to_vec()),
            });
        });
    }
    let placed = entries.len();
    ledger::Entity::insert_many(entries).exec_without_returning(tx).await?;
    ledger_node::Entity::insert_many(grown).exec_without_returning(tx).await?;
    ledger_pending::Entity::delete_many().filter(ledger_pending::Column::Id.is_in(ids)).exec(tx).await?;
    Ok(placed)
}

async fn is_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let size = number(size(db).await?);
    Ok(match latest(db).await? {
        None => size > 0,
        Some(last) => now - last.at >= if size > last.size { SIGN_GROWTH_AFTER } else { SIGN_ANYWAY_AFTER },
    })
}

async fn sign(tx: &WriteTx, key: &LogKey, now: DateTime<Utc>) -> Result<(), DbErr> {
    let size = size(tx).await?;
    let known = nodes(tx, tree::needed_for_root(size)).await?;
    let root = tree::root(size, |node| known.get(&node).copied()).map_err(broken)?;
    let row = ledger_checkpoint::ActiveModel {
        size: Set(number(size)),
        at: Set(now),
        note: Set(key.sign(&Checkpoint { size, root })),
        ..Default::default()
    };
    ledger_checkpoint::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn broken(_: tree::Missing) -> DbErr {
    DbErr::Custom("the ledger lacks a node: restore it from a backup".into())
}

/// Sizes and places are far from where the two types differ.
fn number(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// How many entries have a place.
///
/// # Errors
/// The database failed.
pub async fn size(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let last = ledger::Entity::find().order_by_desc(ledger::Column::Position).one(db).await?;
    Ok(last.map_or(0, |last| last.position.unsigned_abs() + 1))
}

/// The newest checkpoint.
///
/// # Errors
/// The database failed.
pub async fn latest(db: &impl ConnectionTrait) -> Result<Option<ledger_checkpoint::Model>, DbErr> {
    ledger_checkpoint::Entity::find().order_by_desc(ledger_checkpoint::Column::Id).one(db).await
}

/// Up to `limit` checkpoints after `cursor`, newest first.
///
/// # Errors
/// The database failed.
pub async fn checkpoints(
    db: &impl ConnectionTrait,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<ledger_checkpoint::Model>, DbErr> {
    use ledger_checkpoint::Column::Id;
    let older = Condition::all().add_option(cursor.map(|cursor| Id.lt(cursor)));
    ledger_checkpoint::Entity::find().filter(older).order_by_desc(Id).limit(limit).all(db).await
}

/// Up to `limit` entries from `position` on.
///
/// # Errors
/// The database failed.
pub async fn entries(db: &impl ConnectionTrait, position: i64, limit: u64) -> Result<Vec<ledger::Model>, DbErr> {
    use ledger::Column::Position;
    ledger::Entity::find().filter(Position.gte(position)).order_by_asc(Position).limit(limit).all(db).await
}

/// Where an entry stands: `None` if nobody knows of it, `Some(None)` if it still waits for its place.
///
/// # Errors
/// The database failed.
pub async fn find(db: &impl ConnectionTrait, leaf: &Hash) -> Result<Option<Option<u64>>, DbErr> {
    // in this order: an entry that moves on between the two questions is found by the second
    let waits = ledger_pending::Entity::find().filter(ledger_pending::Column::Leaf.eq(leaf.to_vec())).one(db).await?;
    let stands = ledger::Entity::find().filter(ledger::Column::Leaf.eq(leaf.to_vec())).one(db).await?;
    let position = stands.map(|row| Some(row.position.unsigned_abs()));
    Ok(position.or(waits.map(|_| None)))
}

/// The hashes of subtrees, those that there are.
///
/// # Errors
/// The database failed.
pub async fn nodes(db: &impl ConnectionTrait, nodes: Vec<Node>) -> Result<BTreeMap<Node, Hash>, DbErr> {
    use ledger_node::Column as C;
    if nodes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let any = nodes.into_iter().fold(Condition::any(), |any, node| {
        any.add(Condition::all().add(C::Level.eq(i64::from(node.level))).add(C::Place.eq(number(node.index))))
    });
    let rows = ledger_node::Entity::find().filter(any).all(db).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let node = Node { level: u8::try_from(row.level).ok()?, index: row.place.unsigned_abs() };
            Some((node, row.hash.try_into().ok()?))
        })
        .collect())
}

/// The leaf of a proposal's submission, with what opens it; `None` if its words were erased.
///
/// # Errors
/// The database failed.
pub async fn of_submission(
    db: &impl ConnectionTrait,
    consultation: &Consultation,
    row: &proposal::Model,
) -> Result<Option<Leaf>, DbErr> {
    use proposal_event::Column as C;
    let event = proposal_event::Entity::find()
        .filter(C::ProposalId.eq(row.id))
        .filter(C::Edge.eq(Step::Submit.as_str()))
        .order_by_asc(C::Id)
        .one(db)
        .await?;
    let salted = event.and_then(|event| Some((<[u8; 32]>::try_from(event.salt.clone()?).ok()?, event)));
    let Some((salt, event)) = salted else { return Ok(None) };
    let reference = consultation.reference(row.id, row.submitted_at);
    let step = Event::new(Step::Submit, None, event.to_state.0, actor(&event));
    let content = submission_content(consultation, row, &attachments::of(db, row.id).await?);
    Ok(Some(Leaf::salted(salt, entry(&reference, &step, event.at), content)))
}

/// What does not agree between the database and its ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The proposal's number.
    pub proposal: i64,
    /// What is wrong, for an operator.
    pub what: &'static str,
}

/// Compares every row with the ledger: each proposal's path, its state, and the words that were not erased.
/// Answers how many steps were compared, and what does not agree, at most a hundred.
///
/// # Errors
/// The database failed.
pub async fn reconcile(db: &impl ConnectionTrait) -> Result<(u64, Vec<Disagreement>), DbErr> {
    use proposal_event::Column as C;
    let (mut compared, mut wrong, mut after) = (0, Vec::new(), 0);
    let mut last: BTreeMap<i64, ProposalState> = BTreeMap::new();
    loop {
        let events =
            proposal_event::Entity::find().filter(C::Id.gt(after)).order_by_asc(C::Id).limit(BATCH).all(db).await?;
        let Some(end) = events.last().map(|event| event.id) else { break };
        let hashes: Vec<_> = events.iter().filter_map(|event| event.leaf.clone()).collect();
        let placed = ledger::Entity::find().filter(ledger::Column::Leaf.is_in(hashes.clone())).all(db).await?;
        let waiting = ledger_pending::Entity::find().filter(ledger_pending::Column::Leaf.is_in(hashes)).all(db).await?;
        let lines: BTreeMap<_, _> = placed
            .into_iter()
            .map(|row| (row.leaf, row.entry))
            .chain(waiting.into_iter().map(|row| (row.leaf, row.entry)))
            .collect();
        for event in &events {
            compared += 1;
            last.insert(event.proposal_id, event.to_state.0);
            let line = event.leaf.as_ref().and_then(|leaf| lines.get(leaf));
            let what = match (line, of_row(db, event).await?) {
                (None, _) => Some("a step is not in the ledger"),
                (_, None) => Some("the proposal of a step is gone"),
                (Some(line), Some((entry, content))) => disagreement(line, entry, event.salt.as_deref(), &content),
            };
            wrong.extend(what.map(|what| Disagreement { proposal: event.proposal_id, what }));
        }
        after = end;
    }
    let mut seen = BTreeSet::new();
    after = 0;
    loop {
        let rows = proposal::Entity::find()
            .filter(proposal::Column::Id.gt(after))
            .order_by_asc(proposal::Column::Id)
            .limit(BATCH)
            .all(db)
            .await?;
        let Some(end) = rows.last().map(|row| row.id) else { break };
        for row in &rows {
            seen.insert(row.id);
            let what = match last.get(&row.id) {
                None => Some("a proposal without a step"),
                Some(state) if *state != row.state.0 => Some("the state is not where the last step led"),
                Some(_) => None,
            };
            wrong.extend(what.map(|what| Disagreement { proposal: row.id, what }));
        }
        after = end;
    }
    let gone = last.keys().filter(|id| !seen.contains(id));
    wrong.extend(gone.map(|id| Disagreement { proposal: *id, what: "the proposal is gone" }));
    wrong.truncate(100);
    Ok((compared, wrong))
}

fn disagreement(line: &str, mut entry: Entry, salt: Option<&[u8]>, content: &str) -> Option<&'static str> {
    let Ok(logged) = serde_json::from_str::<Entry>(line) else { return Some("an entry cannot be read") };
    let told = logged.commitment.clone();
    entry.commitment.clone_from(&told);
    if entry != logged {
        return Some("a step is not as the ledger has it");
    }
    // without its salt a commitment says nothing: the words were erased
    let same = salt.is_none_or(|salt| commitment(salt, content) == told);
    (!same).then_some("the words are not those that were sent")
}
