//! `GET /admin/accounts`

use actix_web::{get, web};
use domain::audit::{AuditAction, AuditObject};

use super::AccountView;
use crate::{
    application::State,
    auth::AccountManager,
    http::{consultation::list::PageQuery, extract::Query, page::Page, problem::Problem},
    store::{self, account::Account},
};

/// Lists accounts, oldest first.
#[utoipa::path(tag = "administration", params(PageQuery), responses((status = 200, body = Page<AccountView>)))]
#[get("/admin/accounts")]
pub async fn list_accounts(
    state: web::Data<State>,
    manager: AccountManager,
    query: Query<PageQuery>,
) -> Result<web::Json<Page<AccountView>>, Problem> {
    let rows = store::account::page(state.store.read(), query.cursor.map(|cursor| cursor.0), query.limit.0 + 1).await?;
    let entry = manager.signed_in.did(AuditAction::ListAccounts, AuditObject::Account, "all", state.clock.now());
    store::audit::record_alone(&state.store, entry).await?;
    let ids = rows.iter().map(|account| account.id);
    let invited = store::invitation::until(state.store.read(), ids, state.clock.now()).await?;
    let view = |account: Account| {
        let until = invited.get(&account.id).copied();
        AccountView::new(account, until)
    };
    Ok(web::Json(Page::new(rows, query.limit, |account| account.id, view)))
}
