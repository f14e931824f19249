//! An administrator's export: asked for, signed by both coordinators, taken away once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{approval::ApprovalState, permission::Actor};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    http::{
        desk::list_queue::{ColleagueView, colleague},
        problem::Problem,
    },
    store::{self, Store, approval::Row},
};

pub mod ask;
pub mod fetch;
pub mod list;
pub mod sign;

/// `/export-approvals`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_export_approvals)
        .service(ask::request_export)
        .service(sign::sign_export)
        .service(fetch::fetch_export);
}

/// A request for an export.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportApprovalView {
    id: i64,
    /// The slug of the consultation whose proposals are asked for.
    consultation: String,
    reason: String,
    asked_by: ColleagueView,
    asked_at: DateTime<Utc>,
    state: ApprovalState,
    /// Who has signed, oldest first.
    signatures: Vec<ExportSignatureView>,
    /// Until when the file can be taken away, once both have signed.
    until: Option<DateTime<Utc>>,
    used_at: Option<DateTime<Utc>>,
    /// Whether the caller can sign now.
    may_sign: bool,
    /// Whether the caller can take the file away now.
    may_fetch: bool,
}

/// A coordinator's signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportSignatureView {
    by: ColleagueView,
    at: DateTime<Utc>,
}

impl ExportApprovalView {
    /// How `caller` sees a request.
    fn new(row: Row, slug: String, names: &BTreeMap<i64, String>, caller: &Actor, now: DateTime<Utc>) -> Self {
        let Row { row, approval } = row;
        Self {
            id: row.id,
            consultation: slug,
            reason: row.reason,
            asked_by: colleague(names, row.asked_by),
            asked_at: row.asked_at,
            state: approval.state(now),
            until: approval.until(),
            used_at: row.used_at,
            may_sign: approval.sign(caller).is_ok(),
            may_fetch: approval.fetch(caller, now).is_ok(),
            signatures: approval
                .signed
                .into_iter()
                .map(|(id, at)| ExportSignatureView { by: colleague(names, id.0), at })
                .collect(),
        }
    }

    /// Some requests, with the names of those concerned.
    async fn all(store: &Store, rows: Vec<Row>, caller: &Actor, now: DateTime<Utc>) -> Result<Vec<Self>, Problem> {
        let db = store.read();
        let people =
            rows.iter().flat_map(|row| row.approval.signed.iter().map(|(id, _)| id.0).chain([row.row.asked_by]));
        let names = store::desk::names(db, people).await?;
        let mut slugs = BTreeMap::new();
        for row in &rows {
            let id = row.row.consultation_id;
            if let std::collections::btree_map::Entry::Vacant(place) = slugs.entry(id) {
                let consultation = store::consultation::by_id(db, id).await?.ok_or_else(Problem::not_found)?;
                place.insert(consultation.row.slug);
            }
        }
        let slug = |id| slugs.get(&id).cloned().unwrap_or_default();
        Ok(rows
            .into_iter()
            .map(|row| (slug(row.row.consultation_id), row))
            .map(|(slug, row)| Self::new(row, slug, &names, caller, now))
            .collect())
    }

    /// One request.
    async fn one(store: &Store, row: Row, caller: &Actor, now: DateTime<Utc>) -> Result<Self, Problem> {
        Self::all(store, vec![row], caller, now).await?.pop().ok_or_else(Problem::not_found)
    }
}
