//! `GET /exports/proposals.csv`

use std::borrow::Cow;

use actix_web::{HttpResponse, get, web, web::Bytes};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::audit::{AuditAction, AuditObject};
use futures_util::{Stream, stream};
use serde::Deserialize;
use utoipa::IntoParams;

use super::attachment;
use crate::{
    application::State,
    auth::Exporter,
    csv_out::{self, Row},
    http::{extract::Query, problem::Problem},
    store::{
        self, Store,
        consultation::Consultation,
        export::{Exported, batch},
    },
};

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposalsFileQuery {
    /// A consultation's slug.
    consultation: String,
    /// Whether the file starts with a byte order mark, which Excel needs to read Arabic.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    bom: bool,
}

/// The first line.
pub const COLUMNS: [&str; 20] = [
    "reference",
    "consultation",
    "state",
    "channel",
    "language",
    "axis",
    "territory",
    "populations",
    "submitted_at",
    "decided_at",
    "title",
    "problem",
    "solution",
    "expected_change",
    "organisation",
    "merged_into",
    "remarks",
    "reason",
    "response",
    "response_language",
];

/// Every published proposal as CSV: what the public list shows, in order of arrival. Nothing about authors.
#[utoipa::path(
    tag = "statistics",
    params(ProposalsFileQuery),
    responses((status = 200, content_type = "text/csv", body = String, headers(("Content-Disposition" = String))))
)]
#[get("/exports/proposals.csv")]
pub async fn export_proposals(
    state: web::Data<State>,
    exporter: Exporter,
    query: Query<ProposalsFileQuery>,
) -> Result<HttpResponse, Problem> {
    let found = store::consultation::current(&state.store, &query.consultation).await?;
    let consultation = found.ok_or_else(Problem::not_found)?;
    let (now, slug) = (state.clock.now(), &consultation.row.slug);
    let entry = exporter.signed_in.did(AuditAction::ExportProposals, AuditObject::Export, slug, now);
    store::audit::record_alone(&state.store, entry.of(consultation.row.id)).await?;
    let mut answer = attachment(slug, "proposals", now);
    Ok(answer.streaming(file(state.store.clone(), Consultation::clone(&consultation), query.bom)))
}

/// The file in pieces of one batch each; the next batch is read when the reader has taken the one before.
///
/// # Errors
/// The database failed; the file then breaks off, which a reader of HTTP notices.
pub fn file(
    store: Store,
    consultation: Consultation,
    bom: bool,
) -> impl Stream<Item = Result<Bytes, store::StoreError>> + Unpin {
    /// Where the next piece starts: `None` is the head of the file.
    type Position = (Store, Consultation, Option<i64>);
    let start: Position = (store, consultation, None);
    Box::pin(stream::try_unfold(start, move |(store, consultation, position)| async move {
        let Some(after) = position else {
            let mut head = if bom { csv_out::BOM.to_vec() } else { Vec::new() };
            head.extend(csv_out::lines([COLUMNS.map(Cow::Borrowed).to_vec()]));
            return Ok(Some((Bytes::from(head), (store, consultation, Some(0)))));
        };
        let rows = batch(store.read(), &consultation, after).await?;
        let Some(last) = rows.last().map(|row| row.row.id) else { return Ok(None) };
        let piece = csv_out::lines(rows.iter().map(|row| line(&consultation, row)));
        Ok(Some((Bytes::from(piece), (store, consultation, Some(last)))))
    }))
}

fn line<'a>(consultation: &'a Consultation, exported: &'a Exported) -> Row<'a> {
    let row = &exported.row;
    let optional = |text: &'a Option<String>| text.as_deref().unwrap_or_default().into();
    let codes = |list: &mut dyn Iterator<Item = &str>| list.collect::<Vec<_>>().join(" ").into();
    let (response, language) =
        exported.response.as_ref().map_or(("", None), |(text, language)| (text.as_str(), *language));
    vec![
        consultation.reference(row.id, row.submitted_at).to_string().into(),
        consultation.row.slug.as_str().into(),
        row.state.0.as_str().into(),
        row.channel.0.as_str().into(),
        row.language.0.as_str().into(),
        consultation.axis_code(row.axis_id).into(),
        consultation.place(row.territory_id).into(),
        codes(&mut row.populations.0.iter().map(|population| population.as_str())),
        instant(row.submitted_at).into(),
        row.decided_at.map(instant).unwrap_or_default().into(),
        row.title.as_str().into(),
        row.problem.as_str().into(),
        row.solution.as_str().into(),
        optional(&row.expected_change),
        row.organisation.as_deref().filter(|_| row.name_organisation).unwrap_or_default().into(),
        optional(&exported.merged_into),
        codes(&mut exported.remarks.iter().map(|remark| remark.as_str())),
        optional(&exported.reason),
        response.into(),
        language.map_or("", domain::vocabulary::Language::as_str).into(),
    ]
}

/// RFC 3339 in UTC, to the second.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
