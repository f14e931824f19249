//! `GET /audit/actors`

use actix_web::{get, web};
use domain::permission::Role;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    auth::AuditReader,
    http::{consultation::list::PageQuery, extract::Query, page::Page, problem::Problem},
    store::{self, account::Account},
};

/// Somebody the log may name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActorView {
    id: i64,
    name: String,
    role: Role,
}

/// Lists everybody who has or had an account, oldest first: whom the audit log can be searched by.
#[utoipa::path(tag = "administration", params(PageQuery), responses((status = 200, body = Page<AuditActorView>)))]
#[get("/audit/actors")]
pub async fn list_audit_actors(
    state: web::Data<State>,
    _reader: AuditReader,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<AuditActorView>>, Problem> {
    let rows = store::account::page(state.store.read(), query.cursor.map(|cursor| cursor.0), query.limit.0 + 1).await?;
    let view = |account: Account| AuditActorView { id: account.id, name: account.name, role: account.role };
    Ok(web::Json(Page::new(rows, query.limit, |account| account.id, view)))
}
