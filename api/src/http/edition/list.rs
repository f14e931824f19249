//! `GET /consultations/{slug}/editions`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    http::{
        consultation::{list::PageQuery, show::public_consultation},
        extract::Query,
        page::Page,
        problem::Problem,
    },
    store,
};

/// What there is to read.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionItem {
    number: u64,
    /// The instant of every number in it, and when it was published.
    taken_at: DateTime<Utc>,
    /// Proposals submitted and not withdrawn.
    base: u64,
    /// The SHA-256 of its text as it is answered, hexadecimal.
    checksum: String,
}

/// Lists the editions of a consultation, newest first.
#[utoipa::path(tag = "statistics", params(PageQuery), responses((status = 200, body = Page<EditionItem>)))]
#[get("/consultations/{slug}/editions")]
pub async fn list_editions(
    state: web::Data<State>,
    slug: web::Path<String>,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<EditionItem>>, Problem> {
    let consultation = public_consultation(&state, &slug).await?;
    let cursor = query.cursor.map(|cursor| cursor.0);
    let rows = store::edition::list(state.store.read(), consultation.row.id, cursor, query.limit.0 + 1).await?;
    Ok(web::Json(Page::new(
        rows,
        query.limit,
        |row| row.number,
        |row| EditionItem {
            number: row.number.unsigned_abs(),
            taken_at: row.taken_at,
            base: row.base.unsigned_abs(),
            checksum: row.checksum,
        },
    )))
}
