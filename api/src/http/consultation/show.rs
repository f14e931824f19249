//! `GET /consultations/{slug}`

use std::sync::Arc;

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use domain::{
    consultation::{ConsultationState, ModerationRule},
    text::{ExpectedChange, Problem as ProblemText, Solution, Title},
    vocabulary::{AgeBand, Channel, Gender, ParticipantType, Population},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    http::{problem::Problem, respond},
    localised::Localised,
    store::{
        self,
        consultation::{Attendance, Competence, Consultation, TerritoryKind},
        retention::{self, Privacy},
    },
};

/// A consultation with everything a form or a filter needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsultationView {
    slug: String,
    state: ConsultationState,
    title: Localised,
    description: Localised,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    /// Whether a proposal would be taken right now.
    accepts_proposals: bool,
    /// Whether proposals show before or after the first decision.
    moderation: ModerationRule,
    /// Part of it is invented for a demonstration.
    demo: bool,
    consent: ConsentView,
    /// Who answers for personal data, and how long it is kept.
    privacy: Privacy,
    axes: Vec<AxisView>,
    territories: Vec<TerritoryView>,
    competences: Vec<Competence>,
    /// How many people came to meetings, by territory.
    attendance: Vec<Attendance>,
    vocabulary: Vocabulary,
    limits: Limits,
    version: i64,
}

/// What a submitter agrees to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    version: String,
    text: Localised,
}

/// One of the consultation's themes.
#[derive(Debug, Serialize, ToSchema)]
pub struct AxisView {
    code: String,
    position: i64,
    label: Localised,
    hint: Localised,
}

/// A province or prefecture.
#[derive(Debug, Serialize, ToSchema)]
pub struct TerritoryView {
    code: String,
    kind: TerritoryKind,
    label: Localised,
}

/// The codes a form offers, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vocabulary {
    age_bands: Vec<AgeBand>,
    genders: Vec<Gender>,
    participant_types: Vec<ParticipantType>,
    /// Besides the territories.
    residences: Vec<&'static str>,
    populations: Vec<Population>,
    channels: Vec<Channel>,
}

/// How long texts may be, in characters.
#[derive(Debug, Serialize, ToSchema)]
pub struct Limits {
    title: Range,
    problem: Range,
    solution: Range,
    expected_change: Range,
}

/// From `min` to `max`, both included.
#[derive(Debug, Serialize, ToSchema)]
pub struct Range {
    min: usize,
    max: usize,
}

impl ConsultationView {
    /// What the public sees of `consultation` at `now`.
    #[must_use]
    pub fn new(consultation: Consultation, now: DateTime<Utc>) -> Self {
        let accepts_proposals = consultation.accepts_proposals(now);
        let Consultation { row, axes, territories } = consultation;
        let privacy = retention::privacy(&row);
        Self {
            slug: row.slug,
            state: row.state.0,
            title: row.title.0,
            description: row.description.0,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            accepts_proposals,
            moderation: row.moderation.0,
            demo: row.demo,
            consent: ConsentView { version: row.consent_version, text: row.consent_text.0 },
            privacy,
            axes: axes
                .into_iter()
                .map(|axis| AxisView {
                    code: axis.code,
                    position: axis.position,
                    label: axis.label.0,
                    hint: axis.hint.0,
                })
                .collect(),
            territories: territories
                .into_iter()
                .map(|territory| TerritoryView {
                    code: territory.code,
                    kind: territory.kind.0,
                    label: territory.label.0,
                })
                .collect(),
            competences: row.competences.0,
            attendance: row.attendance.0,
            vocabulary: Vocabulary {
                age_bands: AgeBand::ALL.to_vec(),
                genders: Gender::ALL.to_vec(),
                participant_types: ParticipantType::ALL.to_vec(),
                residences: vec!["outside_region", "not_stated"],
                populations: Population::ALL.to_vec(),
                channels: Channel::ALL.to_vec(),
            },
            limits: Limits {
                title: Range { min: Title::MIN, max: Title::MAX },
                problem: Range { min: ProblemText::MIN, max: ProblemText::MAX },
                solution: Range { min: Solution::MIN, max: Solution::MAX },
                expected_change: Range { min: 0, max: ExpectedChange::MAX },
            },
            version: row.version,
        }
    }
}

/// Loads a consultation that the public may know of.
///
/// # Errors
/// `not_found` for an unknown one and for a draft.
pub async fn public_consultation(state: &State, slug: &str) -> Result<Arc<Consultation>, Problem> {
    store::consultation::current(&state.store, slug)
        .await?
        .filter(|consultation| consultation.state() != ConsultationState::Draft)
        .ok_or_else(Problem::not_found)
}

/// Shows a consultation with its axes, territories, vocabulary and window.
#[utoipa::path(tag = "consultations", responses((status = 200, body = ConsultationView, headers(("ETag" = String)))))]
#[get("/consultations/{slug}")]
pub async fn show_consultation(state: web::Data<State>, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let consultation = Consultation::clone(&*public_consultation(&state, &slug).await?);
    let version = consultation.row.version;
    Ok(respond::versioned(version, &ConsultationView::new(consultation, state.clock.now())))
}
