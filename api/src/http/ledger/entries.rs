//! `GET /ledger/entries`

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    http::{consultation::list::PageQuery, extract::Query, page::Page, problem::Problem},
    store::{self, entity::ledger},
};

/// One entry at its place.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// From 0.
    position: i64,
    /// The line whose bytes are hashed.
    entry: String,
}

impl From<ledger::Model> for EntryView {
    fn from(row: ledger::Model) -> Self {
        Self { position: row.position, entry: row.entry }
    }
}

/// Lists entries in their order, the first first.
#[utoipa::path(tag = "ledger", params(PageQuery), responses((status = 200, body = Page<EntryView>)))]
#[get("/ledger/entries")]
pub async fn list_ledger_entries(
    state: web::Data<State>,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<EntryView>>, Problem> {
    let from = query.cursor.map_or(0, |cursor| cursor.0.saturating_add(1));
    let rows = store::ledger::entries(state.store.read(), from, query.limit.0 + 1).await?;
    Ok(web::Json(Page::new(rows, query.limit, |row| row.position, EntryView::from)))
}
