//! Proposals: their row, their path, and the reads of the public and of the desk.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    form::Suspicion,
    proposal::{CompetenceClass, Edge, Proposal, ProposalState},
    reference::Reference,
    text::{ExpectedChange, OrganisationName, Problem, Solution, Title},
    vocabulary::{Channel, Demographics, Language, Place, Population},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    localised::Localised,
    store::{
        FOR_CHANGE, Store, WriteTx, attachment as attachments,
        column::{Code, Doc},
        consultation::{self, Consultation},
        entity::{attachment, proposal, proposal_event},
        ledger::{self, Leaf},
        search,
    },
};

/// Where a proposal was sent on to, kept with the decision: a later change of the settings does not rewrite it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Referral {
    /// The competence's code.
    pub code: String,
    /// Whether the regional council may act.
    pub class: CompetenceClass,
    /// The competent body, in the words of the decision.
    pub body: String,
    /// The day it was forwarded.
    pub forwarded_on: NaiveDate,
}

/// Who took a step, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// The holder of the receipt.
    Participant,
    /// Somebody with an account.
    Account(i64),
    /// Somebody of the committee whose account is in another installation.
    Committee,
    /// A deadline.
    Clock,
    /// An import.
    Import,
}

/// One step of a proposal's path, to be stored.
#[derive(Clone, Debug)]
pub struct Event {
    /// What was done.
    pub edge: Edge,
    /// From where; `None` for the submission itself.
    pub from: Option<ProposalState>,
    /// To where.
    pub to: ProposalState,
    /// By whom.
    pub actor: ActorKind,
    /// A reason code, or the words of an appeal or reopening.
    pub reason: Option<String>,
    /// The target of a merge.
    pub target: Option<Reference>,
    /// Where it was sent on to.
    pub referral: Option<Referral>,
    /// What the author reads, with its language.
    pub text: Option<(String, Option<Language>)>,
}

impl Event {
    /// A step without words.
    #[must_use]
    pub const fn new(edge: Edge, from: Option<ProposalState>, to: ProposalState, actor: ActorKind) -> Self {
        Self { edge, from, to, actor, reason: None, target: None, referral: None, text: None }
    }
}

/// Inserts a proposal of `consultation` with its claimed photos and the first step of its path, and makes it findable.
/// The step's leaf of the ledger is what the receipt carries.
///
/// # Errors
/// The database failed.
pub async fn insert(
    tx: &WriteTx,
    consultation: &Consultation,
    row: proposal::ActiveModel,
    photos: &[attachment::Model],
    actor: Option<ActorKind>,
) -> Result<(proposal::Model, Leaf), DbErr> {
    let row = proposal::Entity::insert(row).exec_with_returning(tx).await?;
    let event = Event::new(Edge::Submit, None, ProposalState::Submitted, actor.unwrap_or(ActorKind::Participant));
    let reference = consultation.reference(row.id, row.submitted_at);
    let content = ledger::submission_content(consultation, &row, photos);
    let leaf = insert_event(tx, &reference, event, content, row.submitted_at).await?;
    attachments::attach(tx, photos, row.id).await?;
    search::index(tx, row.id, &searchable(&row)).await?;
    Ok((row, leaf))
}

/// The words a proposal is found by.
#[must_use]
pub fn searchable(row: &proposal::Model) -> String {
    let translations = row.title_translations.0.0.values().map(String::as_str);
    let texts = [row.title.as_str(), &row.problem, &row.solution, row.expected_change.as_deref().unwrap_or_default()];
    texts.into_iter().chain(translations).collect::<Vec<_>>().join("\n")
}

/// Appends to a proposal's path, and to the ledger the entry that commits to `content`.
pub(super) async fn insert_event(
    tx: &WriteTx,
    reference: &Reference,
    event: Event,
    content: String,
    at: DateTime<Utc>,
) -> Result<Leaf, DbErr> {
    let leaf = Leaf::new(ledger::entry(reference, &event, at), content)?;
    ledger::append(tx, &leaf).await?;
    let (actor, account_id) = match event.actor {
        ActorKind::Participant => ("participant", None),
        ActorKind::Account(id) => ("account", Some(id)),
        ActorKind::Committee => ("account", None),
        ActorKind::Clock => ("clock", None),
        ActorKind::Import => ("import", None),
    };
    let (text, language) = event.text.map_or((None, None), |(text, language)| (Some(text), language));
    proposal_event::Entity::insert(proposal_event::ActiveModel {
        proposal_id: Set(reference.number()),
        edge: Set(Code(event.edge)),
        from_state: Set(event.from.map(Code)),
        to_state: Set(Code(event.to)),
        actor: Set(actor.into()),
        account_id: Set(account_id),
        at: Set(at),
        reason: Set(event.reason),
        target_id: Set(event.target.map(|target| target.number())),
        competence: Set(event.referral.map(Doc)),
        text_language: Set(language.map(Code)),
        text: Set(text),
        salt: Set(Some(leaf.salt.to_vec())),
        leaf: Set(Some(leaf.hash.to_vec())),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(leaf)
}

/// Takes a step: appends it to the path of a proposal that is there already.
///
/// # Errors
/// The database failed.
pub async fn append(tx: &WriteTx, reference: &Reference, event: Event, at: DateTime<Utc>) -> Result<(), DbErr> {
    let content = ledger::step_content(&event);
    insert_event(tx, reference, event, content, at).await.map(drop)
}

/// A proposal's path, oldest step first.
///
/// # Errors
/// The database failed.
pub async fn events(db: &impl ConnectionTrait, proposal_id: i64) -> Result<Vec<proposal_event::Model>, DbErr> {
    proposal_event::Entity::find()
        .filter(proposal_event::Column::ProposalId.eq(proposal_id))
        .order_by_asc(proposal_event::Column::Id)
        .all(db)
        .await
}

/// Finds a proposal by its public reference, with its consultation. The whole reference must be right, not
/// only its number.
///
/// # Errors
/// The database failed.
pub async fn by_reference(
    db: &impl ConnectionTrait,
    reference: &Reference,
) -> Result<Option<(Consultation, proposal::Model)>, DbErr> {
    let Some(row) = proposal::Entity::find_by_id(reference.number()).one(db).await? else { return Ok(None) };
    let Some(consultation) = consultation::by_id(db, row.consultation_id).await? else { return Ok(None) };
    let right = consultation.reference(row.id, row.submitted_at) == *reference;
    Ok(right.then_some((consultation, row)))
}

/// As [`by_reference`], outside of a write.
///
/// # Errors
/// The database failed.
pub async fn look_up(
    store: &Store,
    reference: &Reference,
) -> Result<Option<(Arc<Consultation>, proposal::Model)>, DbErr> {
    let Some(row) = proposal::Entity::find_by_id(reference.number()).one(store.read()).await? else { return Ok(None) };
    let Some(consultation) = consultation::current_by_id(store, row.consultation_id).await? else { return Ok(None) };
    let right = consultation.reference(row.id, row.submitted_at) == *reference;
    Ok(right.then_some((consultation, row)))
}

/// Finds a proposal by the hash of its receipt code.
///
/// # Errors
/// The database failed.
pub async fn by_code_hash(db: &impl ConnectionTrait, code_hash: &[u8; 32]) -> Result<Option<proposal::Model>, DbErr> {
    proposal::Entity::find().filter(proposal::Column::CodeHash.eq(code_hash.to_vec())).one(db).await
}

/// Reads a row inside a write and keeps others from changing it until the end of the transaction.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, id: i64) -> Result<Option<proposal::Model>, DbErr> {
    // SQLite's write transaction already excludes every other; it has no row locks to ask for
    proposal::Entity::find_by_id(id).lock(FOR_CHANGE).one(tx).await
}

/// Reads several rows as [`lock`] does, always in the order of their ids, so that two who want some of the same
/// wait for one another rather than each for the other.
///
/// # Errors
/// The database failed.
pub async fn lock_all(tx: &WriteTx, ids: impl IntoIterator<Item = i64>) -> Result<Vec<proposal::Model>, DbErr> {
    let ids: BTreeSet<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = proposal::Entity::find().filter(proposal::Column::Id.is_in(ids)).order_by_asc(proposal::Column::Id);
    rows.lock(FOR_CHANGE).all(tx).await
}

/// Titles and references of a few proposals, for links between them.
///
/// # Errors
/// The database failed.
pub async fn titles(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<proposal::Model>, DbErr> {
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    proposal::Entity::find().filter(proposal::Column::Id.is_in(ids)).order_by_asc(proposal::Column::Id).all(db).await
}

/// A proposal as the domain has checked it, before it is a row.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name, documented in the migrations")]
pub struct NewProposal {
    pub axis: String,
    pub place: Place,
    pub channel: Channel,
    pub language: Language,
    pub demographics: Demographics,
    pub title: Title,
    pub title_translations: Localised,
    pub problem: Problem,
    pub solution: Solution,
    pub expected_change: Option<ExpectedChange>,
    pub populations: BTreeSet<Population>,
    pub organisation: Option<OrganisationName>,
    pub name_organisation: bool,
    pub email: Option<String>,
    pub consent: Option<(String, Language)>,
    pub external_id: Option<String>,
    /// Whether the author keeps what looks like personal data, knowing that everybody may read it.
    pub personal_data_acknowledged: bool,
    /// When its author said it; at a meeting that may be long before it was entered.
    pub submitted_at: DateTime<Utc>,
    /// When it reached the desk: the wait for an answer starts here.
    pub received_at: DateTime<Utc>,
}

impl NewProposal {
    /// Its texts that everybody may come to read.
    fn public_texts(&self) -> impl Iterator<Item = &str> {
        let organisation = self.organisation.as_ref().filter(|_| self.name_organisation);
        [self.title.as_str(), self.problem.as_str(), self.solution.as_str()]
            .into_iter()
            .chain(self.expected_change.as_ref().map(ExpectedChange::as_str))
            .chain(organisation.map(OrganisationName::as_str))
            .chain(self.title_translations.0.values().map(String::as_str))
    }

    /// The row to insert; `receipt` is the seed of its code and the code's hash.
    ///
    /// The axis and the territory must be the consultation's: the caller has checked.
    #[must_use]
    pub fn into_row(self, consultation: &Consultation, receipt: Option<([u8; 16], [u8; 32])>) -> proposal::ActiveModel {
        let (code_seed, code_hash) = receipt.map(|(seed, hash)| (seed.to_vec(), hash.to_vec())).unzip();
        let personal_data = self.public_texts().any(|text| !domain::personal::find(text).is_empty());
        let held = personal_data && !self.personal_data_acknowledged;
        let standing = Proposal { held, ..Proposal::submitted() };
        let (consent_version, consent_language) = self.consent.unzip();
        proposal::ActiveModel {
            consultation_id: Set(consultation.row.id),
            axis_id: Set(consultation.axis_id(&self.axis).unwrap_or_default()),
            territory_id: Set(consultation.place_id(&self.place).unwrap_or_default()),
            version: Set(1),
            state: Set(Code(standing.state)),
            channel: Set(Code(self.channel)),
            language: Set(Code(self.language)),
            age_band: Set(Code(self.demographics.age_band)),
            gender: Set(Code(self.demographics.gender)),
            participant_type: Set(Code(self.demographics.participant_type)),
            residence: Set(Code(self.demographics.residence)),
            public: Set(standing.is_public(consultation.moderation())),
            submitted_at: Set(self.submitted_at),
            state_since: Set(self.received_at),
            received_at: Set(Some(self.received_at)),
            code_seed: Set(code_seed),
            code_hash: Set(code_hash),
            external_id: Set(self.external_id),
            organisation: Set(self.organisation.map(OrganisationName::into_string)),
            name_organisation: Set(self.name_organisation),
            email: Set(self.email),
            consent_at: Set(consent_version.is_some().then_some(self.received_at)),
            consent_version: Set(consent_version),
            consent_language: Set(consent_language.map(Code)),
            populations: Set(Doc(self.populations.into_iter().collect())),
            title: Set(self.title.into_string()),
            title_translations: Set(Doc(self.title_translations)),
            problem: Set(self.problem.into_string()),
            solution: Set(self.solution.into_string()),
            expected_change: Set(self.expected_change.map(ExpectedChange::into_string)),
            personal_data: Set(personal_data),
            personal_data_acknowledged: Set(personal_data && self.personal_data_acknowledged),
            ..Default::default()
        }
    }
}

/// Marks a row that is yet to be inserted. What is odd is not public before somebody has decided on it.
pub fn mark(row: &mut proposal::ActiveModel, suspicion: Vec<Suspicion>) {
    if !suspicion.is_empty() {
        row.public = Set(false);
        row.suspicion = Set(Some(Doc(suspicion)));
    }
}

/// The proposals that were merged into one.
///
/// # Errors
/// The database failed.
pub async fn merged_from(db: &impl ConnectionTrait, id: i64) -> Result<Vec<proposal::Model>, DbErr> {
    proposal::Entity::find()
        .filter(proposal::Column::MergedInto.eq(id))
        .order_by_asc(proposal::Column::Id)
        .limit(100)
        .all(db)
        .await
}

/// Up to fifty proposals whose author was asked something and did not answer by `now`.
///
/// # Errors
/// The database failed.
pub async fn overdue_clarifications(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<i64>, DbErr> {
    // the state stands in the text so that SQLite sees that its partial index applies
    let sql = "SELECT id FROM proposal WHERE state = 'clarification_requested' AND clarification_due <= $1 ORDER BY id LIMIT 50";
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [now.into()])).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Saves what a step made of a proposal, as its next version.
///
/// # Errors
/// The database failed.
pub async fn save(
    tx: &WriteTx,
    row: proposal::Model,
    after: &Proposal,
    public: bool,
    merged_into: Option<i64>,
    appealed: bool,
    now: DateTime<Utc>,
) -> Result<proposal::Model, DbErr> {
    let (read, from, appealed) = (row.version, row.state.0, row.appealed || appealed);
    let first_answered_at = row.first_answered_at;
    let mut change = row.into_active_model();
    change.version = Set(read + 1);
    change.state = Set(Code(after.state));
    change.public = Set(public);
    change.appealed = Set(appealed);
    change.decided_at = Set(after.decided_at);
    change.decided_before = Set(after.decided_before);
    change.sealed = Set(after.sealed);
    change.clarification_due = Set(after.clarification_due);
    change.withhold_requested_by = Set(after.withhold_requested_by.map(|id| id.0));
    change.withhold_reason = Set(after.withhold_reason.map(Code));
    if after.state != from {
        let answered = after.state.is_decided() || after.state == ProposalState::ClarificationRequested;
        change.first_answered_at = Set(first_answered_at.or(answered.then_some(now)));
        change.state_since = Set(now);
        change.merged_into = Set(merged_into);
    }
    // the row is locked; should a caller ever forget that, this fails instead of undoing what others did
    proposal::Entity::update(change).validate()?.filter(proposal::Column::Version.eq(read)).exec(tx).await
}
