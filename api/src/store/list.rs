//! Lists of proposals: the public one and the desk's queue, by the same filters and cursors.
//!
//! "Newest" and "oldest" mean by arrival, which is the order of ids: a cursor is then one number, and every
//! filter has an index that ends with the id.

use chrono::{DateTime, Utc};
use domain::{
    form::Suspicion,
    proposal::ProposalState,
    vocabulary::{Channel, Language},
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, FromQueryResult,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    localised::Localised,
    store::{
        column::{Code, Doc},
        entity::{proposal, proposal_copy},
        search,
    },
};

/// By arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The last to arrive stands first.
    #[default]
    Newest,
    /// The first to arrive stands first.
    Oldest,
}

impl Order {
    /// The condition "comes after the proposal with this id".
    pub(super) fn after(self, id: Expr, cursor: i64) -> Expr {
        match self {
            Self::Newest => id.lt(cursor),
            Self::Oldest => id.gt(cursor),
        }
    }
}

impl From<Order> for sea_orm::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::Newest => Self::Desc,
            Order::Oldest => Self::Asc,
        }
    }
}

/// Which proposals.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this consultation.
    pub consultation_id: i64,
    /// Only what the public may see.
    pub public_only: bool,
    /// On this axis.
    pub axis_id: Option<i64>,
    /// On one of these axes: the reader's assignment.
    pub axis_ids: Option<Vec<i64>>,
    /// About this territory; `Some(None)` is the whole region.
    pub territory_id: Option<Option<i64>>,
    /// About one of these territories or the whole region: the reader's assignment.
    pub territory_ids: Option<Vec<i64>>,
    /// From this channel.
    pub channel: Option<Channel>,
    /// In this state.
    pub state: Option<ProposalState>,
    /// Only those that somebody wants withheld.
    pub withhold_requested: bool,
    /// Only those that came back by an appeal.
    pub appealed: bool,
    /// Only those whose texts hold what looks like personal data.
    pub personal_data: bool,
    /// Only those that are nearly the same as another.
    pub copies: bool,
    /// `Some(true)`: only those that a program may have sent; `Some(false)`: only the others.
    pub suspicious: Option<bool>,
    /// `Some(Some(account))`: theirs; `Some(None)`: nobody's.
    pub assigned_to: Option<Option<i64>>,
    /// With all of these words.
    pub text: Option<String>,
}

impl Filter {
    /// What the public may see.
    #[must_use]
    pub fn public(consultation_id: i64) -> Self {
        Self { consultation_id, public_only: true, ..Self::default() }
    }

    /// Everything, for the desk.
    #[must_use]
    pub fn desk(consultation_id: i64) -> Self {
        Self { consultation_id, ..Self::default() }
    }
}

/// What a list shows of a proposal; the long texts stay in the database.
#[derive(Debug, FromQueryResult)]
#[expect(missing_docs, reason = "the columns are documented in the migrations")]
pub struct ListRow {
    pub id: i64,
    pub axis_id: i64,
    pub territory_id: Option<i64>,
    pub version: i64,
    pub state: Code<ProposalState>,
    pub channel: Code<Channel>,
    pub language: Code<Language>,
    pub appealed: bool,
    pub assigned_to: Option<i64>,
    pub withhold_requested_by: Option<i64>,
    pub personal_data: bool,
    pub suspicion: Option<Doc<Vec<Suspicion>>>,
    pub submitted_at: DateTime<Utc>,
    pub state_since: DateTime<Utc>,
    pub organisation: Option<String>,
    pub name_organisation: bool,
    pub title: String,
    pub title_translations: Doc<Localised>,
    pub excerpt: String,
}

/// How much of the problem is read for an excerpt, and how much of that is shown, in characters.
const EXCERPT: (u32, usize) = (260, 220);

/// Up to `limit` proposals after `cursor`.
///
/// # Errors
/// The database failed.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    order: Order,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<ListRow>, DbErr> {
    use proposal::Column as C;
    let mut query = proposal::Entity::find().filter(C::ConsultationId.eq(filter.consultation_id));
    if filter.public_only {
        // bare, as the partial indexes have it: SQLite matches their condition word by word
        query = query.filter(Expr::col((proposal::Entity, C::Public)));
    } else {
        // of an erased proposal there is nothing left to read: it is counted, and listed nowhere
        query = query.filter(C::ErasedAt.is_null());
    }
    if let Some(axis_id) = filter.axis_id {
        query = query.filter(C::AxisId.eq(axis_id));
    }
    if let Some(axis_ids) = &filter.axis_ids {
        query = query.filter(C::AxisId.is_in(axis_ids.iter().copied()));
    }
    match filter.territory_id {
        Some(Some(id)) => query = query.filter(C::TerritoryId.eq(id)),
        Some(None) => query = query.filter(C::TerritoryId.is_null()),
        None => {}
    }
    if let Some(ids) = &filter.territory_ids {
        query = query.filter(C::TerritoryId.is_in(ids.iter().copied()).or(C::TerritoryId.is_null()));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(C::Channel.eq(channel.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(C::State.eq(state.as_str()));
    }
    if filter.withhold_requested {
        query = query.filter(C::WithholdRequestedBy.is_not_null());
    }
    if filter.appealed {
        query = query.filter(Expr::col((proposal::Entity, C::Appealed)));
    }
    if filter.personal_data {
        query = query.filter(Expr::col((proposal::Entity, C::PersonalData)));
    }
    if filter.copies {
        let members = proposal_copy::Entity::find().select_only().column(proposal_copy::Column::ProposalId);
        query = query.filter(C::Id.in_subquery(members.into_query()));
    }
    match filter.suspicious {
        Some(true) => query = query.filter(C::Suspicion.is_not_null()),
        Some(false) => query = query.filter(C::Suspicion.is_null()),
        None => {}
    }
    match filter.assigned_to {
        Some(Some(id)) => query = query.filter(C::AssignedTo.eq(id)),
        Some(None) => query = query.filter(C::AssignedTo.is_null()),
        None => {}
    }
    query = if let Some(text) = &filter.text {
        let Some(words) = search::every_word(db.get_database_backend(), text) else { return Ok(Vec::new()) };
        let found = search::first(db, query.clone(), words, order, cursor, limit).await?;
        // asked again: one may have been withheld since it was found
        query.filter(C::Id.is_in(found))
    } else {
        query
            .filter(Condition::all().add_option(cursor.map(|id| order.after(Expr::col((proposal::Entity, C::Id)), id))))
    };
    query
        .select_only()
        .columns([
            C::Id,
            C::AxisId,
            C::TerritoryId,
            C::Version,
            C::State,
            C::Channel,
            C::Language,
            C::Appealed,
            C::AssignedTo,
            C::WithholdRequestedBy,
            C::PersonalData,
            C::Suspicion,
            C::SubmittedAt,
            C::StateSince,
            C::Organisation,
            C::NameOrganisation,
            C::Title,
            C::TitleTranslations,
        ])
        .column_as(Expr::cust(format!("substr(\"proposal\".\"problem\", 1, {})", EXCERPT.0)), "excerpt")
        .order_by(C::Id, order.into())
        .limit(limit)
        .into_model::<ListRow>()
        .all(db)
        .await
}

/// Cuts an excerpt at a word, on one line.
#[must_use]
pub fn excerpt(start: &str) -> String {
    let line = start.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((cut, _)) = line.char_indices().nth(EXCERPT.1) else { return line };
    let cut = line[..cut].rfind(' ').unwrap_or(cut);
    format!("{}…", &line[..cut])
}
