//! `GET /consultations/{slug}/proposals`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::{
    proposal::ProposalState,
    vocabulary::{Channel, Language, Place},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    http::{
        consultation::show::public_consultation,
        extract::Query,
        page::{Cursor, Limit, Page},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
    },
    localised::Localised,
    store::{
        consultation::Consultation,
        list::{self, Filter, ListRow, Order},
    },
};

/// The filters of the public list. None of them is demographic, and an unknown one is refused.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposalQuery {
    /// An axis of the consultation.
    axis: Option<String>,
    /// The territory concerned, or `whole_region`.
    #[param(value_type = Option<String>)]
    territory: Option<Place>,
    /// Where it came from.
    channel: Option<Channel>,
    /// Where it stands.
    state: Option<ProposalState>,
    /// Words in Arabic or French, up to 200 characters; all of them must occur.
    #[param(max_length = 200)]
    text: Option<String>,
    /// By arrival; newest first if not given.
    #[serde(default)]
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

/// A proposal in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalSummary {
    reference: String,
    title: String,
    /// The title in other languages, where the committee translated it.
    title_translations: Localised,
    /// The beginning of the problem.
    excerpt: String,
    language: Language,
    axis: String,
    /// The territory concerned, or `whole_region`.
    territory: String,
    channel: Channel,
    state: ProposalState,
    submitted_at: DateTime<Utc>,
    /// The organisation that asked to be named.
    organisation: Option<String>,
}

impl ProposalSummary {
    /// What the public sees of a row.
    #[must_use]
    pub fn new(consultation: &Consultation, row: ListRow) -> Self {
        Self {
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
            organisation: row.organisation.filter(|_| row.name_organisation),
        }
    }
}

/// Refuses a filter whose value the consultation does not know.
#[must_use]
pub fn unknown_value(parameter: &str) -> Problem {
    let mut problem = Problem::new(ProblemCode::InvalidParameter);
    problem.errors = vec![FieldError::new(parameter, FieldCode::Unknown)];
    problem
}

/// The longest search, in characters.
pub const SEARCH_LIMIT: usize = 200;

/// Lists and searches what is published.
#[utoipa::path(tag = "proposals", params(ProposalQuery), responses((status = 200, body = Page<ProposalSummary>)))]
#[get("/consultations/{slug}/proposals")]
pub async fn list_proposals(
    state: web::Data<State>,
    slug: web::Path<String>,
    query: Query<ProposalQuery>,
) -> Result<web::Json<Page<ProposalSummary>>, Problem> {
    let consultation = public_consultation(&state, &slug).await?;
    let Query(query) = query;
    if query.text.as_ref().is_some_and(|text| text.chars().count() > SEARCH_LIMIT) {
        return Err(Problem::new(ProblemCode::InvalidParameter).detail("text: at most 200 characters"));
    }
    let filter = Filter {
        axis_id: query.axis.map(|code| consultation.axis_id(&code).ok_or_else(|| unknown_value("axis"))).transpose()?,
        territory_id: query
            .territory
            .map(|place| consultation.place_id(&place).map_err(|_| unknown_value("territory")))
            .transpose()?,
        channel: query.channel,
        state: query.state,
        text: query.text.filter(|text| !text.trim().is_empty()),
        ..Filter::public(consultation.row.id)
    };
    let rows =
        list::page(state.store.read(), &filter, query.order, query.cursor.map(|cursor| cursor.0), query.limit.0 + 1)
            .await?;
    Ok(web::Json(Page::new(rows, query.limit, |row| row.id, |row| ProposalSummary::new(&consultation, row))))
}
