//! `GET /drafts/{id}` and `GET /drafts/{id}/versions/{version}`

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use domain::{
    draft::{DraftEdge, DraftState},
    permission::Actor,
    proposal::{LinkKind, ProposalState},
    smart::{DraftContent, Finding},
    vocabulary::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{findings, stands_on};
use crate::{
    application::State,
    auth::DraftReader,
    http::{problem::Problem, respond},
    store::{self, entity::draft},
};

/// A draft with the citizens' words beside it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    id: i64,
    /// The consultation's slug.
    consultation: String,
    title: String,
    axis: String,
    state: DraftState,
    /// Of the record, for `If-Match`.
    version: i64,
    /// Of the text: the newest of `versions`.
    text_version: i64,
    content: DraftContent,
    /// S, M, A, R, T; empty if there is nothing to say.
    findings: Vec<Finding>,
    sources: Vec<SourceView>,
    /// Oldest first.
    remarks: Vec<DraftRemarkView>,
    signatures: Vec<SignatureView>,
    /// Newest first.
    versions: Vec<VersionView>,
    /// Oldest first.
    history: Vec<DraftEventView>,
    /// The day of the council's session that adopted it.
    adopted_session: Option<String>,
    /// The edges the caller may take now.
    allowed: Vec<DraftEdge>,
    /// Whether the caller may change the text now.
    editable: bool,
}

/// A proposal in its author's words.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    reference: String,
    link: LinkKind,
    language: Language,
    territory: String,
    state: ProposalState,
    /// Null if its text was erased (the draft still stands on it), or withheld or taken back since: then the draft does not stand on it any more.
    words: Option<SourceWords>,
}

/// What its author wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceWords {
    title: String,
    problem: String,
    solution: String,
    expected_change: Option<String>,
}

/// A remark on a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftRemarkView {
    id: i64,
    field: String,
    text: String,
    author: String,
    at: DateTime<Utc>,
    /// The version of the text that answered it.
    closed_by_version: Option<i64>,
}

/// A coordinator's signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureView {
    name: String,
    at: DateTime<Utc>,
    /// The version of the text that was signed; a later one does not inherit it.
    version: i64,
}

/// A version of the text.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    version: i64,
    author: String,
    at: DateTime<Utc>,
}

/// A step of a draft's life.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftEventView {
    edge: DraftEdge,
    from: DraftState,
    to: DraftState,
    by: String,
    at: DateTime<Utc>,
    reason: Option<String>,
}

impl DraftView {
    /// For `ETag`.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Everything about a draft, for a caller who may read it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(state: &State, actor: &Actor, draft: draft::Model) -> Result<Self, Problem> {
        let db = state.store.read();
        let consultation =
            store::consultation::by_id(db, draft.consultation_id).await?.ok_or_else(Problem::not_found)?;
        let content =
            store::draft::version(db, draft.id, draft.text_version).await?.map(|row| row.content.0).unwrap_or_default();
        let sources = store::draft::sources(db, draft.id).await?;
        let remarks = store::draft::remarks(db, draft.id).await?;
        let signatures = store::draft::signatures(db, draft.id).await?;
        let signed = store::draft::signed(db, &draft).await?;
        let versions = store::draft::versions(db, draft.id).await?;
        let history = store::draft::history(db, draft.id).await?;
        let people = remarks.iter().map(|row| row.account_id).chain(signatures.iter().map(|row| row.account_id));
        let people = people.chain(versions.iter().map(|row| row.1)).chain(history.iter().map(|row| row.account_id));
        let names = store::desk::names(db, people).await?;
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let findings = findings(&content, sources.iter().map(|(row, _)| row));
        let axis = consultation.axis_code(draft.axis_id);
        let assigned =
            axis.parse().is_ok_and(|axis| actor.may_moderate(&axis, &domain::vocabulary::Place::WholeRegion));
        Ok(Self {
            id: draft.id,
            consultation: consultation.row.slug.clone(),
            state: draft.state.0,
            version: draft.version,
            text_version: draft.text_version,
            adopted_session: draft.adopted_session,
            allowed: if assigned {
                domain::draft::allowed(draft.state.0, actor, &signed, &findings)
            } else {
                Vec::new()
            },
            editable: assigned && draft.state.0.is_editable(),
            title: draft.title,
            axis,
            findings,
            content,
            sources: sources
                .into_iter()
                .map(|(row, link)| SourceView {
                    reference: consultation.reference(row.id, row.submitted_at).to_string(),
                    link,
                    language: row.language.0,
                    territory: consultation.place(row.territory_id),
                    state: row.state.0,
                    words: (stands_on(&row) && row.erased_at.is_none()).then_some(SourceWords {
                        title: row.title,
                        problem: row.problem,
                        solution: row.solution,
                        expected_change: row.expected_change,
                    }),
                })
                .collect(),
            remarks: remarks
                .into_iter()
                .map(|row| DraftRemarkView {
                    id: row.id,
                    field: row.field,
                    text: row.text,
                    author: name(row.account_id),
                    at: row.at,
                    closed_by_version: row.closed_by_version,
                })
                .collect(),
            signatures: signatures
                .into_iter()
                .map(|row| SignatureView { name: name(row.account_id), at: row.at, version: row.version })
                .collect(),
            versions: versions
                .into_iter()
                .map(|(version, author, at)| VersionView { version, author: name(author), at })
                .collect(),
            history: history
                .into_iter()
                .map(|row| DraftEventView {
                    edge: row.edge.0,
                    from: row.from_state.0,
                    to: row.to_state.0,
                    by: name(row.account_id),
                    at: row.at,
                    reason: row.reason,
                })
                .collect(),
        })
    }
}

/// Shows a draft with its sources, findings, remarks, signatures and versions.
#[utoipa::path(tag = "drafts", responses((status = 200, body = DraftView, headers(("ETag" = String)))))]
#[get(r"/drafts/{id:\d+}")]
pub async fn show_draft(
    state: web::Data<State>,
    reader: DraftReader,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let draft = store::draft::by_id(state.store.read(), *id).await?.ok_or_else(Problem::not_found)?;
    let view = DraftView::load(&state, &reader.actor, draft).await?;
    Ok(respond::versioned(view.version, &view))
}

/// An older text of a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftVersionView {
    version: i64,
    author: String,
    at: DateTime<Utc>,
    title: String,
    content: DraftContent,
}

/// Shows one version of a draft's text.
#[utoipa::path(tag = "drafts", responses((status = 200, body = DraftVersionView)))]
#[get("/drafts/{id}/versions/{version}")]
pub async fn show_draft_version(
    state: web::Data<State>,
    _reader: DraftReader,
    path: web::Path<(i64, i64)>,
) -> Result<web::Json<DraftVersionView>, Problem> {
    let db = state.store.read();
    let (id, version) = path.into_inner();
    let row = store::draft::version(db, id, version).await?.ok_or_else(Problem::not_found)?;
    let author = store::desk::names(db, [row.account_id]).await?.remove(&row.account_id).unwrap_or_default();
    Ok(web::Json(DraftVersionView { version, author, at: row.at, title: row.title, content: row.content.0 }))
}
