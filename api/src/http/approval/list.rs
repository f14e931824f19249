//! `GET /export-approvals`

use actix_web::{get, web};

use super::ExportApprovalView;
use crate::{
    application::State,
    auth::ApprovalReader,
    http::{consultation::list::PageQuery, extract::Query, page::Page, problem::Problem},
    store,
};

/// Lists requests for an export, newest first.
#[utoipa::path(tag = "administration", params(PageQuery), responses((status = 200, body = Page<ExportApprovalView>)))]
#[get("/export-approvals")]
pub async fn list_export_approvals(
    state: web::Data<State>,
    reader: ApprovalReader,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<ExportApprovalView>>, Problem> {
    let Query(PageQuery { limit, cursor }) = query;
    let rows = store::approval::page(state.store.read(), cursor.map(|cursor| cursor.0), limit.0 + 1).await?;
    let views = ExportApprovalView::all(&state.store, rows, &reader.actor, state.clock.now()).await?;
    Ok(web::Json(Page::new(views, limit, |view| view.id, |view| view)))
}
