//! `GET /imports`

use actix_web::{get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::ImportView;
use crate::{
    application::State,
    auth::Importer,
    http::{
        extract::Query,
        page::{Cursor, Limit, Page},
        problem::Problem,
    },
    store,
};

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportsQuery {
    /// A consultation's slug.
    consultation: String,
    /// 1 to 100, 20 if not given.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Lists the files that were sent for a consultation, newest first.
#[utoipa::path(tag = "imports", params(ImportsQuery), responses((status = 200, body = Page<ImportView>)))]
#[get("/imports")]
pub async fn list_imports(
    state: web::Data<State>,
    _importer: Importer,
    query: Query<ImportsQuery>,
) -> Result<web::Json<Page<ImportView>>, Problem> {
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let (db, cursor) = (state.store.read(), query.cursor.map(|cursor| cursor.0));
    let rows = store::import::page(db, consultation.row.id, cursor, query.limit.0 + 1).await?;
    let names = store::desk::names(db, rows.iter().map(|row| row.account_id)).await?;
    let slug = &consultation.row.slug;
    Ok(web::Json(Page::new(
        rows,
        query.limit,
        |row| row.id,
        |row| {
            let name = names.get(&row.account_id).cloned();
            ImportView::new(row, slug.clone(), name)
        },
    )))
}
