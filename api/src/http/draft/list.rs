//! `GET /drafts`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::draft::DraftState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    auth::DraftReader,
    http::{
        extract::Query,
        page::{Cursor, Limit, Page},
        problem::Problem,
        proposal::list::unknown_value,
    },
    store::{self, draft::Filter},
};

/// Which drafts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DraftQuery {
    /// A consultation's slug.
    consultation: String,
    /// An axis of the consultation.
    axis: Option<String>,
    /// Where it stands.
    state: Option<DraftState>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// 1 to 100, 20 if not given.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
}

/// A draft in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftSummary {
    id: i64,
    title: String,
    axis: String,
    state: DraftState,
    /// How many proposals it is made from.
    sources: usize,
    /// How many findings block.
    blocking: i64,
    /// How many findings are advice.
    advice: i64,
    updated_at: DateTime<Utc>,
    version: i64,
}

/// Lists drafts, newest first.
#[utoipa::path(tag = "drafts", params(DraftQuery), responses((status = 200, body = Page<DraftSummary>)))]
#[get("/drafts")]
pub async fn list_drafts(
    state: web::Data<State>,
    _reader: DraftReader,
    query: Query<DraftQuery>,
) -> Result<web::Json<Page<DraftSummary>>, Problem> {
    let db = state.store.read();
    let consultation =
        store::consultation::current(&state.store, &query.consultation).await?.ok_or_else(Problem::not_found)?;
    let filter = Filter {
        consultation_id: consultation.row.id,
        axis_id: query
            .axis
            .as_ref()
            .map(|code| consultation.axis_id(code).ok_or_else(|| unknown_value("axis")))
            .transpose()?,
        state: query.state,
    };
    let rows = store::draft::page(db, &filter, query.cursor.map(|cursor| cursor.0), query.limit.0 + 1).await?;
    Ok(web::Json(Page::new(
        rows,
        query.limit,
        |(row, _)| row.id,
        |(row, sources)| DraftSummary {
            id: row.id,
            axis: consultation.axis_code(row.axis_id),
            title: row.title,
            state: row.state.0,
            sources,
            blocking: row.blocking,
            advice: row.advice,
            updated_at: row.updated_at,
            version: row.version,
        },
    )))
}
