//! `GET /desk/queue`

use std::collections::BTreeMap;

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::{
    form::Suspicion,
    proposal::{ProposalState, Remark},
    vocabulary::{Channel, Language, Place},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    auth::Moderator,
    http::{
        extract::Query,
        page::{Cursor, Limit, Page},
        problem::{Problem, ProblemCode},
        proposal::list::{SEARCH_LIMIT, unknown_value},
    },
    localised::Localised,
    store::{
        self,
        list::{self, Filter, Order},
    },
};

/// Whose.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assigned {
    /// Assigned to the caller.
    Me,
    /// Assigned to nobody.
    None,
}

/// The filters of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// A consultation's slug.
    consultation: String,
    /// An axis of the consultation.
    axis: Option<String>,
    /// The territory concerned, or `whole_region`.
    #[param(value_type = Option<String>)]
    territory: Option<Place>,
    /// Where it came from.
    channel: Option<Channel>,
    /// Where it stands; if not given, `submitted`, what waits for a decision, unless one of the next four says more.
    state: Option<ProposalState>,
    /// Only those that somebody wants withheld and a second person must look at, in any state.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    withhold_requested: bool,
    /// Only those that came back by an appeal, in any state.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    appealed: bool,
    /// Only those whose texts hold what looks like personal data, in any state.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    personal_data: bool,
    /// Only those that are nearly the same as another, in any state.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    copies: bool,
    /// Only those that a program may have sent. Otherwise they are left out of what waits for a decision.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    suspicious: bool,
    /// Whose.
    #[param(inline)]
    assigned: Option<Assigned>,
    /// Words in Arabic or French, up to 200 characters.
    #[param(max_length = 200)]
    text: Option<String>,
    /// By arrival; oldest first if not given.
    #[serde(default = "oldest")]
    #[param(value_type = Option<Order>)]
    order: Order,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// 1 to 100, 20 if not given.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
}

const fn oldest() -> Order {
    Order::Oldest
}

/// A colleague.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ColleagueView {
    pub(super) id: i64,
    pub(super) name: String,
}

/// A proposal in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskSummary {
    reference: String,
    title: String,
    title_translations: Localised,
    excerpt: String,
    language: Language,
    axis: String,
    territory: String,
    channel: Channel,
    state: ProposalState,
    submitted_at: DateTime<Utc>,
    /// How many full days it has been in this state.
    waiting_days: i64,
    assigned_to: Option<ColleagueView>,
    remarks: Vec<Remark>,
    /// It came back by an appeal.
    appealed: bool,
    /// Somebody wants it withheld; a second person must confirm.
    withhold_requested: bool,
    /// Its texts hold what looks like personal data.
    personal_data: bool,
    /// What is odd about the way it came in; a program may have sent it.
    suspicion: Vec<Suspicion>,
    /// The group of proposals that are nearly the same; null if there is none.
    copies: Option<CopiesView>,
    version: i64,
}

/// A group of proposals that are nearly the same. It is a hint, and no reason to refuse one.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CopiesView {
    /// How many, this one included.
    size: u64,
    /// Ten or more came within a day: likely a campaign.
    campaign: bool,
}

/// Lists the caller's queue, oldest first.
#[utoipa::path(tag = "desk", params(QueueQuery), responses((status = 200, body = Page<DeskSummary>)))]
#[get("/desk/queue")]
pub async fn list_queue(
    state: web::Data<State>,
    moderator: Moderator,
    query: Query<QueueQuery>,
) -> Result<web::Json<Page<DeskSummary>>, Problem> {
    let db = state.store.read();
    let Query(query) = query;
    let consultation =
        store::consultation::current(&state.store, &query.consultation).await?.ok_or_else(Problem::not_found)?;
    if query.text.as_ref().is_some_and(|text| text.chars().count() > SEARCH_LIMIT) {
        return Err(Problem::new(ProblemCode::InvalidParameter).detail("text: at most 200 characters"));
    }
    let scope = &moderator.signed_in.account.scope;
    let marked = query.withhold_requested || query.appealed || query.personal_data || query.copies;
    let in_state = query.state.or((!marked).then_some(ProposalState::Submitted));
    let filter = Filter {
        axis_id: query.axis.map(|code| consultation.axis_id(&code).ok_or_else(|| unknown_value("axis"))).transpose()?,
        axis_ids: scope
            .axes
            .as_ref()
            .map(|codes| codes.iter().filter_map(|code| consultation.axis_id(code.as_str())).collect()),
        territory_id: query
            .territory
            .map(|place| consultation.place_id(&place).map_err(|_| unknown_value("territory")))
            .transpose()?,
        territory_ids: scope
            .territories
            .as_ref()
            .map(|codes| codes.iter().filter_map(|code| consultation.territory_id(code.as_str())).collect()),
        channel: query.channel,
        state: in_state,
        suspicious: if query.suspicious {
            Some(true)
        } else {
            (!marked && in_state == Some(ProposalState::Submitted)).then_some(false)
        },
        withhold_requested: query.withhold_requested,
        appealed: query.appealed,
        personal_data: query.personal_data,
        copies: query.copies,
        assigned_to: query.assigned.map(|assigned| match assigned {
            Assigned::Me => Some(moderator.id()),
            Assigned::None => None,
        }),
        text: query.text.filter(|text| !text.trim().is_empty()),
        ..Filter::desk(consultation.row.id)
    };
    let rows = list::page(db, &filter, query.order, query.cursor.map(|cursor| cursor.0), query.limit.0 + 1).await?;
    let remarks = store::desk::remarks(db, rows.iter().map(|row| row.id)).await?;
    let names = store::desk::names(db, rows.iter().filter_map(|row| row.assigned_to)).await?;
    let copies = store::likeness::groups(db, rows.iter().map(|row| row.id)).await?;
    let now = state.clock.now();
    Ok(web::Json(Page::new(
        rows,
        query.limit,
        |row| row.id,
        |row| DeskSummary {
            reference: consultation.reference(row.id, row.submitted_at).to_string(),
            title: row.title,
            title_translations: row.title_translations.0,
            excerpt: list::excerpt(&row.excerpt),
            language: row.language.0,
            axis: consultation.axis_code(row.axis_id),
            territory: consultation.place(row.territory_id),
            channel: row.channel.0,
            state: row.state.0,
            submitted_at: row.submitted_at,
            waiting_days: domain::count::waiting_days(row.state_since, now),
            assigned_to: row.assigned_to.map(|id| colleague(&names, id)),
            remarks: remarks.get(&row.id).cloned().unwrap_or_default(),
            appealed: row.appealed,
            withhold_requested: row.withhold_requested_by.is_some(),
            personal_data: row.personal_data,
            suspicion: row.suspicion.map(|doc| doc.0).unwrap_or_default(),
            copies: copies.get(&row.id).map(|group| CopiesView { size: group.size, campaign: group.campaign }),
            version: row.version,
        },
    )))
}

/// The colleague behind an account id.
#[must_use]
pub fn colleague(names: &BTreeMap<i64, String>, id: i64) -> ColleagueView {
    ColleagueView { id, name: names.get(&id).cloned().unwrap_or_default() }
}
