//! `GET /proposals/{reference}`

use std::sync::Arc;

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::{
    consultation::ConsultationState,
    draft::DraftState,
    proposal::{Edge, LinkKind, ProposalState},
    reference::Reference,
    vocabulary::{Channel, Language, Population},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    http::{attachment::AttachmentView, problem::Problem},
    localised::Localised,
    store::{
        self, StoreError,
        consultation::Consultation,
        entity::{proposal, proposal_event},
        proposal::Referral,
    },
};

/// A proposal with its public history. No demographic field, and nobody's name but the organisation's that
/// asked for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProposalView {
    pub(crate) reference: String,
    /// The consultation's slug.
    pub(crate) consultation: String,
    pub(crate) title: String,
    pub(crate) title_translations: Localised,
    pub(crate) problem: String,
    pub(crate) solution: String,
    pub(crate) expected_change: Option<String>,
    pub(crate) language: Language,
    pub(crate) axis: String,
    /// The territory concerned, or `whole_region`.
    pub(crate) territory: String,
    pub(crate) channel: Channel,
    pub(crate) state: ProposalState,
    pub(crate) populations: Vec<Population>,
    pub(crate) submitted_at: DateTime<Utc>,
    /// The organisation that asked to be named as the author.
    pub(crate) organisation: Option<String>,
    /// Oldest step first.
    pub(crate) history: Vec<EventView>,
    pub(crate) merged_into: Option<LinkView>,
    pub(crate) merged_from: Vec<LinkView>,
    pub(crate) drafts: Vec<FedDraftView>,
    /// Its photos; whoever sees these may fetch them.
    pub(crate) attachments: Vec<AttachmentView>,
}

/// One step of a proposal's path, without the name of who took it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    edge: Edge,
    from: Option<ProposalState>,
    to: ProposalState,
    at: DateTime<Utc>,
    /// A reason code.
    reason: Option<String>,
    /// The question, the answer or the reasoned response.
    text: Option<String>,
    text_language: Option<Language>,
    /// Where it was sent on to.
    referral: Option<Referral>,
    /// The reference it was merged into.
    target: Option<String>,
}

/// Another proposal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkView {
    reference: String,
    title: String,
}

/// A SMART draft that a proposal feeds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FedDraftView {
    id: i64,
    /// Once both coordinators have signed it; until then it is a working paper.
    title: Option<String>,
    state: DraftState,
    link: LinkKind,
}

impl EventView {
    /// The public side of a step; `None` for steps that stay at the desk.
    #[must_use]
    pub fn new(consultation: &Consultation, row: proposal_event::Model, targets: &[proposal::Model]) -> Option<Self> {
        let edge = row.edge.0;
        if matches!(edge, Edge::RequestWithhold | Edge::CancelWithhold) {
            return None;
        }
        let target = row.target_id.and_then(|id| targets.iter().find(|target| target.id == id));
        Some(Self {
            edge,
            from: row.from_state.map(|code| code.0),
            to: row.to_state.0,
            at: row.at,
            // the words of an appeal or a reopening are between its author and the committee
            reason: row.reason.filter(|_| !matches!(edge, Edge::Appeal | Edge::Reopen)),
            text: row.text,
            text_language: row.text_language.map(|code| code.0),
            referral: row.competence.map(|doc| doc.0),
            target: target
                .filter(|target| target.public)
                .map(|target| consultation.reference(target.id, target.submitted_at).to_string()),
        })
    }
}

impl ProposalView {
    /// Everything the public may read about a row; the caller has checked that it may read the row.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(state: &State, consultation: &Consultation, row: proposal::Model) -> Result<Self, StoreError> {
        let db = state.store.read();
        let events = store::proposal::events(db, row.id).await?;
        let linked = events.iter().filter_map(|event| event.target_id).chain(row.merged_into);
        let targets = store::proposal::titles(db, linked).await?;
        let merged_from = store::proposal::merged_from(db, row.id).await?;
        let drafts = store::draft::fed_by(db, row.id).await?;
        let photos = store::attachment::of(db, row.id).await?;
        let link = |other: &proposal::Model| LinkView {
            reference: consultation.reference(other.id, other.submitted_at).to_string(),
            title: other.title.clone(),
        };
        Ok(Self {
            reference: consultation.reference(row.id, row.submitted_at).to_string(),
            consultation: consultation.row.slug.clone(),
            merged_into: row
                .merged_into
                .and_then(|id| targets.iter().find(|target| target.id == id && target.public))
                .map(link),
            merged_from: merged_from.iter().filter(|other| other.public).map(link).collect(),
            history: events.into_iter().filter_map(|event| EventView::new(consultation, event, &targets)).collect(),
            drafts: drafts
                .into_iter()
                .map(|(draft, kind)| FedDraftView {
                    id: draft.id,
                    title: Some(draft.title).filter(|_| draft.state.0.is_published()),
                    state: draft.state.0,
                    link: kind,
                })
                .collect(),
            attachments: photos.iter().map(AttachmentView::new).collect(),
            title: row.title,
            title_translations: row.title_translations.0,
            problem: row.problem,
            solution: row.solution,
            expected_change: row.expected_change,
            language: row.language.0,
            axis: consultation.axis_code(row.axis_id),
            territory: consultation.place(row.territory_id),
            channel: row.channel.0,
            state: row.state.0,
            populations: row.populations.0,
            submitted_at: row.submitted_at,
            organisation: row.organisation.filter(|_| row.name_organisation),
        })
    }
}

/// Reads a reference from a path; one that is none is simply not found.
///
/// # Errors
/// `not_found`.
pub fn reference(text: &str) -> Result<Reference, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// Finds a proposal that everybody may read.
///
/// # Errors
/// `not_found` for what is not published as for what does not exist.
pub async fn public_proposal(state: &State, text: &str) -> Result<(Arc<Consultation>, proposal::Model), Problem> {
    let found = store::proposal::look_up(&state.store, &reference(text)?).await?;
    found.filter(|(of, row)| row.public && of.state() != ConsultationState::Draft).ok_or_else(Problem::not_found)
}

/// Shows a published proposal with its path and the reasoned response.
///
/// A proposal that is not published answers 404, as one that does not exist.
#[utoipa::path(tag = "proposals", responses((status = 200, body = ProposalView)))]
#[get("/proposals/{reference}")]
pub async fn show_proposal(
    state: web::Data<State>,
    path: web::Path<String>,
) -> Result<web::Json<ProposalView>, Problem> {
    let (consultation, row) = public_proposal(&state, &path).await?;
    Ok(web::Json(ProposalView::load(&state, &consultation, row).await?))
}
