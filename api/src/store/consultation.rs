//! Consultations with their axes and territories.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use domain::{
    UnknownCode,
    consultation::{ConsultationState, ModerationRule, Window},
    proposal::{CompetenceClass, ProposalState},
    reference::Reference,
    vocabulary::{Place, Slug},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, FromQueryResult, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    localised::Localised,
    store::{
        FOR_CHANGE, Store, WriteTx,
        column::{Code, Doc},
        entity::{axis, consultation, draft, proposal, territory},
    },
};

/// One thing a public body may do, and which body that is: data with its source, not a constant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Competence {
    /// A stable code.
    pub code: String,
    /// Whether the regional council may act.
    pub class: CompetenceClass,
    /// What it is.
    pub label: Localised,
    /// Who is competent, where it is not the regional council.
    pub body: Option<Localised>,
    /// The law and article, or "to be confirmed by counsel".
    pub source: String,
}

/// How many people came to the meetings of one territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    /// One of the consultation's territories.
    pub territory: String,
    /// People, not proposals; at most a million.
    #[schema(maximum = 1_000_000)]
    pub people: u64,
}

/// The two kinds of territory below a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TerritoryKind {
    /// إقليم
    Province,
    /// عمالة
    Prefecture,
}

impl std::fmt::Display for TerritoryKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
        })
    }
}

impl std::str::FromStr for TerritoryKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        match code {
            "province" => Ok(Self::Province),
            "prefecture" => Ok(Self::Prefecture),
            _ => Err(()),
        }
    }
}

/// A consultation with what its proposals refer to.
#[derive(Clone, Debug)]
pub struct Consultation {
    /// Its own row.
    pub row: consultation::Model,
    /// In the consultation's order.
    pub axes: Vec<axis::Model>,
    /// In the consultation's order.
    pub territories: Vec<territory::Model>,
}

impl Consultation {
    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> ConsultationState {
        self.row.state.0
    }

    /// When it takes proposals; `None` only if the row was damaged, as the schema forbids a reversed window.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        Window::new(self.row.opens_at, self.row.closes_at).ok()
    }

    /// Whether a proposal may be submitted at `now`.
    #[must_use]
    pub fn accepts_proposals(&self, now: DateTime<Utc>) -> bool {
        self.window().is_some_and(|window| domain::consultation::accepts_proposals(self.state(), &window, now))
    }

    /// What the public may see of a proposal.
    #[must_use]
    pub const fn moderation(&self) -> ModerationRule {
        self.row.moderation.0
    }

    /// The public reference of one of its proposals.
    #[must_use]
    pub fn reference(&self, id: i64, submitted_at: DateTime<Utc>) -> Reference {
        Reference::new(&self.row.prefix, submitted_at, id)
    }

    /// The id behind an axis code.
    #[must_use]
    pub fn axis_id(&self, code: &str) -> Option<i64> {
        self.axes.iter().find(|axis| axis.code == code).map(|axis| axis.id)
    }

    /// The code behind an axis id.
    #[must_use]
    pub fn axis_code(&self, id: i64) -> String {
        self.axes.iter().find(|axis| axis.id == id).map(|axis| axis.code.clone()).unwrap_or_default()
    }

    /// The id behind a territory code.
    #[must_use]
    pub fn territory_id(&self, code: &str) -> Option<i64> {
        self.territories.iter().find(|territory| territory.code == code).map(|territory| territory.id)
    }

    /// The territory concerned behind a column: a code, or `whole_region`.
    #[must_use]
    pub fn place(&self, territory_id: Option<i64>) -> String {
        territory_id
            .and_then(|id| self.territories.iter().find(|territory| territory.id == id))
            .map_or_else(|| Place::WholeRegion.to_string(), |territory| territory.code.clone())
    }

    /// The column for a territory concerned.
    ///
    /// # Errors
    /// No such territory.
    pub fn place_id(&self, place: &Place) -> Result<Option<i64>, UnknownCode> {
        match place {
            Place::WholeRegion => Ok(None),
            Place::Territory(code) => {
                self.territory_id(code.as_str()).map(Some).ok_or(UnknownCode { what: "territory" })
            }
        }
    }

    /// A competence by its code.
    #[must_use]
    pub fn competence(&self, code: &str) -> Option<&Competence> {
        self.row.competences.0.iter().find(|competence| competence.code == code)
    }
}

/// Loads one by its slug.
///
/// # Errors
/// The database failed.
pub async fn by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Consultation>, DbErr> {
    // what cannot be a slug is not asked for: PostgreSQL takes a NUL in a text for an error, not for a miss
    if slug.parse::<Slug>().is_err() {
        return Ok(None);
    }
    let row = consultation::Entity::find().filter(consultation::Column::Slug.eq(slug)).one(db).await?;
    complete(db, row).await
}

/// Loads one by its id.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<Consultation>, DbErr> {
    let row = consultation::Entity::find_by_id(id).one(db).await?;
    complete(db, row).await
}

/// Consultations as they were read last, by id. What is kept says nothing by itself: [`current`] asks the database
/// whether it still holds, so that any number of processes can serve one database.
#[derive(Clone, Debug, Default)]
pub struct Known(Arc<RwLock<BTreeMap<i64, Arc<Consultation>>>>);

impl Known {
    async fn current(
        &self,
        db: &impl ConnectionTrait,
        found: Option<(i64, i64, Code<ConsultationState>)>,
    ) -> Result<Option<Arc<Consultation>>, DbErr> {
        let Some((id, version, state)) = found else { return Ok(None) };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(known) = known.filter(|known| known.row.version == version && known.row.state == state) {
            return Ok(Some(known));
        }
        let Some(read) = by_id(db, id).await?.map(Arc::new) else { return Ok(None) };
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, read.clone());
        Ok(Some(read))
    }
}

/// What [`Known`] is checked against: every change of a consultation, its axes or its territories gives it another
/// version or state.
const FINGERPRINT: [consultation::Column; 3] =
    [consultation::Column::Id, consultation::Column::Version, consultation::Column::State];

/// The one with this slug as it is now. Reads one short row where [`by_slug`] reads the texts of the consultation and
/// all its axes and territories, which every request needs and next to none finds changed.
///
/// # Errors
/// The database failed.
pub async fn current(store: &Store, slug: &str) -> Result<Option<Arc<Consultation>>, DbErr> {
    if slug.parse::<Slug>().is_err() {
        return Ok(None);
    }
    let query = consultation::Entity::find().select_only().columns(FINGERPRINT);
    let found = query.filter(consultation::Column::Slug.eq(slug)).into_tuple().one(store.read()).await?;
    store.consultations.current(store.read(), found).await
}

/// The one with this id as it is now; see [`current`].
///
/// # Errors
/// The database failed.
pub async fn current_by_id(store: &Store, id: i64) -> Result<Option<Arc<Consultation>>, DbErr> {
    let query = consultation::Entity::find_by_id(id).select_only().columns(FINGERPRINT);
    let found = query.into_tuple().one(store.read()).await?;
    store.consultations.current(store.read(), found).await
}

/// What decides whether a proposal is taken and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where the consultation stands.
    pub state: ConsultationState,
    /// When the public sees a proposal.
    pub moderation: ModerationRule,
    /// Of its settings: another one may have another window, other axes, another consent.
    pub version: i64,
}

impl Standing {
    /// That of a consultation as it was read.
    #[must_use]
    pub fn of(row: &consultation::Model) -> Self {
        Self { state: row.state.0, moderation: row.moderation.0, version: row.version }
    }
}

/// How a consultation stands at this point of a write. A proposal is checked against a consultation that was read
/// earlier; asked again after the proposal was written (or locked), this tells what has changed in between, because
/// changes wait for proposals that are being written ([`store::hold_proposals`](super::hold_proposals)).
///
/// # Errors
/// The database failed.
pub async fn standing(tx: &WriteTx, id: i64) -> Result<Standing, DbErr> {
    use consultation::Column as C;
    let row: Option<(Code<ConsultationState>, Code<ModerationRule>, i64)> = consultation::Entity::find_by_id(id)
        .select_only()
        .columns([C::State, C::Moderation, C::Version])
        .into_tuple()
        .one(tx)
        .await?;
    let (state, moderation, version) =
        row.ok_or_else(|| DbErr::RecordNotFound("the consultation of a proposal".into()))?;
    Ok(Standing { state: state.0, moderation: moderation.0, version })
}

async fn complete(db: &impl ConnectionTrait, row: Option<consultation::Model>) -> Result<Option<Consultation>, DbErr> {
    let Some(row) = row else { return Ok(None) };
    let axes = axis::Entity::find()
        .filter(axis::Column::ConsultationId.eq(row.id))
        .order_by_asc(axis::Column::Position)
        .all(db)
        .await?;
    let territories = territory::Entity::find()
        .filter(territory::Column::ConsultationId.eq(row.id))
        .order_by_asc(territory::Column::Position)
        .all(db)
        .await?;
    Ok(Some(Consultation { row, axes, territories }))
}

/// The consultations, newest first, each with its number of participations; `drafts` too, or only what the public
/// sees.
///
/// # Errors
/// The database failed.
pub async fn list(
    db: &impl ConnectionTrait,
    drafts: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<(consultation::Model, u64)>, DbErr> {
    let mut query = consultation::Entity::find();
    if !drafts {
        query = query.filter(consultation::Column::State.ne(ConsultationState::Draft.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(consultation::Column::Id.lt(before));
    }
    let rows = query.order_by_desc(consultation::Column::Id).limit(limit).all(db).await?;
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        let participations = participations(db, row.id).await?;
        list.push((row, participations));
    }
    Ok(list)
}

/// Proposals that count: submitted and not withdrawn.
///
/// # Errors
/// The database failed.
pub async fn participations(db: &impl ConnectionTrait, consultation_id: i64) -> Result<u64, DbErr> {
    Ok(domain::count::participations(&by_state(db, consultation_id).await?))
}

/// How many proposals stand in each state.
///
/// # Errors
/// The database failed.
pub async fn by_state(db: &impl ConnectionTrait, consultation_id: i64) -> Result<BTreeMap<ProposalState, u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        state: Code<ProposalState>,
        count: i64,
    }
    let rows = proposal::Entity::find()
        .select_only()
        .column(proposal::Column::State)
        .column_as(Expr::col(proposal::Column::Id).count(), "count")
        .filter(proposal::Column::ConsultationId.eq(consultation_id))
        .group_by(proposal::Column::State)
        .into_model::<Row>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.state.0, u64::try_from(row.count).unwrap_or_default())).collect())
}

/// How many proposals have no answer yet.
///
/// # Errors
/// The database failed.
pub async fn unanswered(db: &impl ConnectionTrait, consultation_id: i64) -> Result<u64, DbErr> {
    let open: Vec<_> =
        ProposalState::ALL.iter().filter(|state| !state.is_answered()).map(|state| state.as_str()).collect();
    proposal::Entity::find()
        .filter(proposal::Column::ConsultationId.eq(consultation_id))
        .filter(proposal::Column::State.is_in(open))
        .count(db)
        .await
}

/// Everything a new consultation starts with.
#[derive(Debug)]
pub struct New {
    /// The name in URLs.
    pub slug: String,
    /// The first part of its references.
    pub prefix: String,
    /// Where it stands.
    pub state: ConsultationState,
    /// When the public sees a proposal.
    pub moderation: ModerationRule,
    /// When it opens and closes.
    pub window: Window,
    /// Its name.
    pub title: Localised,
    /// What it is for.
    pub description: Localised,
    /// The version of the consent text.
    pub consent_version: String,
    /// The consent text.
    pub consent_text: Localised,
    /// What councils may do.
    pub competences: Vec<Competence>,
    /// Who came to meetings.
    pub attendance: Vec<Attendance>,
    /// Code, label and hint, in order.
    pub axes: Vec<(String, Localised, Localised)>,
    /// Code, kind and label, in order.
    pub territories: Vec<(String, TerritoryKind, Localised)>,
    /// Whether part of it is invented.
    pub demo: bool,
}

/// Inserts a consultation with its axes and territories; answers its id.
///
/// # Errors
/// The slug is taken, or the database failed.
pub async fn insert(tx: &WriteTx, new: New, now: DateTime<Utc>) -> Result<i64, DbErr> {
    let id = consultation::Entity::insert(consultation::ActiveModel {
        slug: Set(new.slug),
        prefix: Set(new.prefix),
        state: Set(Code(new.state)),
        moderation: Set(Code(new.moderation)),
        opens_at: Set(new.window.opens_at()),
        closes_at: Set(new.window.closes_at()),
        title: Set(Doc(new.title)),
        description: Set(Doc(new.description)),
        consent_version: Set(new.consent_version),
        consent_text: Set(Doc(new.consent_text)),
        competences: Set(Doc(new.competences)),
        attendance: Set(Doc(new.attendance)),
        demo: Set(new.demo),
        version: Set(1),
        created_at: Set(now),
        ..Default::default()
    })
    .exec(tx)
    .await?
    .last_insert_id;
    axis::Entity::insert_many(new.axes.into_iter().zip(1..).map(|((code, label, hint), position)| axis::ActiveModel {
        consultation_id: Set(id),
        position: Set(position),
        code: Set(code),
        label: Set(Doc(label)),
        hint: Set(Doc(hint)),
        ..Default::default()
    }))
    .exec(tx)
    .await?;
    territory::Entity::insert_many(new.territories.into_iter().zip(1..).map(|((code, kind, label), position)| {
        territory::ActiveModel {
            consultation_id: Set(id),
            position: Set(position),
            code: Set(code),
            kind: Set(Code(kind)),
            label: Set(Doc(label)),
            ..Default::default()
        }
    }))
    .exec(tx)
    .await?;
    Ok(id)
}

/// Everything that can be set of a consultation.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is documented at `New`")]
pub struct Settings {
    pub title: Localised,
    pub description: Localised,
    pub window: Window,
    pub moderation: ModerationRule,
    pub consent_version: String,
    pub consent_text: Localised,
    pub competences: Vec<Competence>,
    pub attendance: Vec<Attendance>,
    pub axes: Vec<(String, Localised, Localised)>,
    pub territories: Vec<(String, TerritoryKind, Localised)>,
}

/// Reads a consultation inside a write and keeps others from changing it until the end of the transaction.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &WriteTx, slug: &str) -> Result<Option<Consultation>, DbErr> {
    if slug.parse::<Slug>().is_err() {
        return Ok(None);
    }
    let row = consultation::Entity::find().filter(consultation::Column::Slug.eq(slug)).lock(FOR_CHANGE).one(tx).await?;
    complete(tx, row).await
}

/// Moves a consultation to a state, as its next version.
///
/// # Errors
/// The database failed.
pub async fn set_state(
    tx: &WriteTx,
    consultation: Consultation,
    state: ConsultationState,
    now: DateTime<Utc>,
) -> Result<Consultation, DbErr> {
    let version = consultation.row.version + 1;
    let mut change = consultation.row.into_active_model();
    change.state = Set(Code(state));
    if state == ConsultationState::Published {
        change.published_at = Set(Some(now));
    }
    change.version = Set(version);
    let row = consultation::Entity::update(change).exec(tx).await?;
    Ok(Consultation { row, ..consultation })
}

/// The codes of axes and territories that a proposal or a draft refers to, each with the list it belongs to.
///
/// # Errors
/// The database failed.
pub async fn used_codes(
    db: &impl ConnectionTrait,
    consultation: &Consultation,
) -> Result<Vec<(&'static str, String)>, DbErr> {
    let id = consultation.row.id;
    let proposals =
        || proposal::Entity::find().select_only().filter(proposal::Column::ConsultationId.eq(id)).distinct();
    let axes: Vec<i64> = proposals().column(proposal::Column::AxisId).into_tuple().all(db).await?;
    let territories: Vec<Option<i64>> = proposals().column(proposal::Column::TerritoryId).into_tuple().all(db).await?;
    let residences: Vec<String> = proposals().column(proposal::Column::Residence).into_tuple().all(db).await?;
    let drafts: Vec<i64> = draft::Entity::find()
        .select_only()
        .column(draft::Column::AxisId)
        .filter(draft::Column::ConsultationId.eq(id))
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    let axes = axes.into_iter().chain(drafts).map(|id| ("axes", consultation.axis_code(id)));
    let lived_in = residences.into_iter().filter(|code| consultation.territory_id(code).is_some());
    let concerned = territories.into_iter().flatten().map(|id| consultation.place(Some(id)));
    Ok(axes.chain(concerned.chain(lived_in).map(|code| ("territories", code))).collect())
}

/// Replaces the settings, as the next version. Codes stay with their rows; the caller holds the proposals and has
/// checked that no code in use is left out.
///
/// # Errors
/// The database failed.
pub async fn update(tx: &WriteTx, consultation: Consultation, settings: Settings) -> Result<Consultation, DbErr> {
    let id = consultation.row.id;
    for (axis, position) in settings.axes.iter().zip(1..) {
        let (code, label, hint) = axis.clone();
        let known = consultation.axis_id(&code);
        let row = axis::ActiveModel {
            consultation_id: Set(id),
            position: Set(position),
            code: Set(code),
            label: Set(Doc(label)),
            hint: Set(Doc(hint)),
            ..Default::default()
        };
        match known {
            Some(known) => {
                axis::Entity::update(axis::ActiveModel { id: Unchanged(known), ..row }).exec(tx).await?;
            }
            None => {
                axis::Entity::insert(row).exec(tx).await?;
            }
        }
    }
    let left_out = consultation
        .axes
        .iter()
        .filter(|axis| !settings.axes.iter().any(|kept| kept.0 == axis.code))
        .map(|axis| axis.id);
    axis::Entity::delete_many().filter(axis::Column::Id.is_in(left_out)).exec(tx).await?;
    for (territory, position) in settings.territories.iter().zip(1..) {
        let (code, kind, label) = territory.clone();
        let known = consultation.territory_id(&code);
        let row = territory::ActiveModel {
            consultation_id: Set(id),
            position: Set(position),
            code: Set(code),
            kind: Set(Code(kind)),
            label: Set(Doc(label)),
            ..Default::default()
        };
        match known {
            Some(known) => {
                territory::Entity::update(territory::ActiveModel { id: Unchanged(known), ..row }).exec(tx).await?;
            }
            None => {
                territory::Entity::insert(row).exec(tx).await?;
            }
        }
    }
    let left_out = consultation
        .territories
        .iter()
        .filter(|place| !settings.territories.iter().any(|kept| kept.0 == place.code))
        .map(|place| place.id);
    territory::Entity::delete_many().filter(territory::Column::Id.is_in(left_out)).exec(tx).await?;

    if settings.moderation != consultation.moderation() {
        for state in ProposalState::ALL {
            for decided_before in [false, true] {
                proposal::Entity::update_many()
                    .col_expr(
                        proposal::Column::Public,
                        Expr::value(state.is_public(settings.moderation, decided_before)),
                    )
                    .filter(proposal::Column::ConsultationId.eq(id))
                    .filter(proposal::Column::State.eq(state.as_str()))
                    .filter(proposal::Column::DecidedBefore.eq(decided_before))
                    .filter(proposal::Column::Sealed.eq(false))
                    .filter(proposal::Column::ErasedAt.is_null())
                    // what is held until somebody has decided on it does not depend on the rule
                    .filter(
                        proposal::Column::PersonalData
                            .eq(false)
                            .or(proposal::Column::PersonalDataAcknowledged.eq(true)),
                    )
                    .filter(proposal::Column::Suspicion.is_null())
                    .exec(tx)
                    .await?;
            }
        }
    }
    let version = consultation.row.version + 1;
    let mut change = consultation.row.into_active_model();
    change.title = Set(Doc(settings.title));
    change.description = Set(Doc(settings.description));
    change.opens_at = Set(settings.window.opens_at());
    change.closes_at = Set(settings.window.closes_at());
    change.moderation = Set(Code(settings.moderation));
    change.consent_version = Set(settings.consent_version);
    change.consent_text = Set(Doc(settings.consent_text));
    change.competences = Set(Doc(settings.competences));
    change.attendance = Set(Doc(settings.attendance));
    change.version = Set(version);
    let row = consultation::Entity::update(change).exec(tx).await?;
    complete(tx, Some(row)).await?.ok_or_else(|| DbErr::RecordNotUpdated)
}
