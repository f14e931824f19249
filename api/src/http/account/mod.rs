//! Accounts: made, changed and disabled by administrators. Nothing is deleted, so that every decision keeps
//! the name of who took it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::permission::{Role, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    http::problem::{FieldCode, FieldError, Problem},
    store::account::Account,
};

pub mod create;
pub mod edit;
pub mod invite;
pub mod list;
pub mod reset_second_factor;

/// `/admin/accounts`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_accounts)
        .service(create::create_account)
        .service(edit::edit_account)
        .service(invite::invite_account)
        .service(invite::revoke_invitation)
        .service(reset_second_factor::reset_second_factor);
}

/// An account without its password.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    id: i64,
    email: String,
    name: String,
    role: Role,
    /// The axes it is assigned to; null is all.
    axes: Option<Vec<String>>,
    /// The territories it is assigned to; null is all.
    territories: Option<Vec<String>>,
    /// A disabled account cannot sign in.
    disabled: bool,
    created_at: DateTime<Utc>,
    version: i64,
    /// Whether its owner has chosen a password.
    has_password: bool,
    /// Whether a second factor is set up.
    second_factor: bool,
    /// Until when the invitation in its owner's mail is good; null if there is none.
    invited_until: Option<DateTime<Utc>>,
}

impl AccountView {
    fn new(account: Account, invited_until: Option<DateTime<Utc>>) -> Self {
        Self {
            id: account.id,
            email: account.email,
            name: account.name,
            role: account.role,
            axes: account.scope.axes.map(|codes| codes.iter().map(ToString::to_string).collect()),
            territories: account.scope.territories.map(|codes| codes.iter().map(ToString::to_string).collect()),
            disabled: account.disabled,
            created_at: account.created_at,
            version: account.version,
            has_password: account.has_password,
            second_factor: account.second_factor,
            invited_until,
        }
    }
}

/// Reads an assignment; every wrong code is named.
fn scope(axes: Option<&[String]>, territories: Option<&[String]>) -> Result<Scope, Problem> {
    fn codes<T: std::str::FromStr + Ord>(
        field: &str,
        codes: Option<&[String]>,
        errors: &mut Vec<FieldError>,
    ) -> Option<BTreeSet<T>> {
        let codes = codes?;
        let mut set = BTreeSet::new();
        for (index, code) in codes.iter().enumerate() {
            match code.parse() {
                Ok(code) => drop(set.insert(code)),
                Err(_) => errors.push(FieldError::new(format!("{field}[{index}]"), FieldCode::Invalid)),
            }
        }
        Some(set)
    }
    let mut errors = Vec::new();
    let scope =
        Scope { axes: codes("axes", axes, &mut errors), territories: codes("territories", territories, &mut errors) };
    if errors.is_empty() { Ok(scope) } else { Err(Problem::fields(errors)) }
}
