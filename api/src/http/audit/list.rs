//! `GET /audit`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject, AuditOutcome},
    permission::Role,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    application::State,
    auth::AuditReader,
    http::{
        desk::list_queue::{ColleagueView, colleague},
        extract::Query,
        page::{Cursor, Limit, Page},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
    },
    store::{self, audit::Filter, entity::audit},
};

/// The longest key there is: a route.
const KEY_LIMIT: usize = 100;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// An account's id.
    actor: Option<i64>,
    /// What was done.
    action: Option<AuditAction>,
    /// What kind of thing it was done to.
    object: Option<AuditObject>,
    /// Which one: its reference, number, slug or route, whole; up to 100 characters.
    #[param(max_length = 100)]
    key: Option<String>,
    /// Not before this instant.
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    to: Option<DateTime<Utc>>,
    /// 1 to 100, 20 if not given.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    id: i64,
    at: DateTime<Utc>,
    /// Null if somebody tried to sign in under an address that nobody has.
    actor: Option<ColleagueView>,
    /// What the account was then.
    role: Option<Role>,
    action: AuditAction,
    object: AuditObject,
    /// Its reference, number, slug or route.
    key: String,
    outcome: AuditOutcome,
    /// As the answer's `X-Request-Id` named it, and as the server's log does.
    request_id: String,
}

/// Searches what the committee, the analysts and the administrators did and read, newest first.
#[utoipa::path(tag = "administration", params(AuditQuery), responses((status = 200, body = Page<AuditView>)))]
#[get("/audit")]
pub async fn list_audit(
    state: web::Data<State>,
    _reader: AuditReader,
    query: Query<AuditQuery>,
) -> Result<web::Json<Page<AuditView>>, Problem> {
    let Query(query) = query;
    let no_key = |key: &String| key.chars().count() > KEY_LIMIT || key.chars().any(char::is_control);
    if query.key.as_ref().is_some_and(no_key) {
        let mut problem = Problem::new(ProblemCode::InvalidParameter);
        problem.errors = vec![FieldError::new("key", FieldCode::Invalid)];
        return Err(problem);
    }
    let filter = Filter {
        account_id: query.actor,
        action: query.action,
        object: query.object,
        key: query.key,
        from: query.from,
        to: query.to,
    };
    let db = state.store.read();
    let cursor = query.cursor.map(|cursor| cursor.0);
    let rows = store::audit::page(db, &filter, cursor, query.limit.0 + 1).await?;
    let names = store::desk::names(db, rows.iter().filter_map(|row| row.account_id)).await?;
    let view = |row: audit::Model| AuditView {
        id: row.id,
        at: row.at,
        actor: row.account_id.map(|id| colleague(&names, id)),
        role: row.role.map(|code| code.0),
        action: row.action.0,
        object: row.object.0,
        key: row.object_key,
        outcome: row.outcome.0,
        request_id: row.request_id,
    };
    Ok(web::Json(Page::new(rows, query.limit, |row| row.id, view)))
}
