//! `POST /receipts/export`

use actix_web::{post, web};
use chrono::{DateTime, Utc};
use domain::{
    proposal::{Edge, ProposalState, Remark},
    vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Population},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{find, look_up::ReceiptLookup};
use crate::{
    application::State,
    http::{attachment::AttachmentView, caller::Caller, extract::Body, problem::Problem},
    localised::Localised,
    mail::MailKind,
    store::{self, proposal::Referral},
};

/// Everything that is stored about one's proposal and oneself. Who of the committee did something is not told.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDataView {
    reference: String,
    consultation: String,
    exported_at: DateTime<Utc>,
    erased_at: Option<DateTime<Utc>>,
    submitted_at: DateTime<Utc>,
    state: ProposalState,
    state_since: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    /// Whether others can read it.
    public: bool,
    channel: Channel,
    language: Language,
    axis: String,
    /// The territory concerned, or `whole_region`.
    territory: String,
    title: String,
    title_translations: Localised,
    problem: String,
    solution: String,
    expected_change: Option<String>,
    populations: Vec<Population>,
    organisation: Option<String>,
    /// Whether the organisation is named as the author.
    name_organisation: bool,
    email: Option<String>,
    demographics: OwnDemographicsView,
    consent: Option<GivenConsentView>,
    /// Under which number the one who imported it knows it.
    external_id: Option<String>,
    /// One's photos; `POST /receipts/attachment` gives the files.
    attachments: Vec<AttachmentView>,
    /// What the committee noticed.
    remarks: Vec<Remark>,
    /// Oldest step first.
    history: Vec<OwnEventView>,
    /// What was written to one, and what waits to be sent.
    mails: Vec<OwnMailView>,
}

/// What one said about oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDemographicsView {
    age_band: AgeBand,
    gender: Gender,
    participant_type: ParticipantType,
    residence: String,
}

/// What one agreed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenConsentView {
    version: String,
    language: Option<Language>,
    at: Option<DateTime<Utc>>,
}

/// A step of one's proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnEventView {
    edge: Edge,
    from: Option<ProposalState>,
    to: ProposalState,
    at: DateTime<Utc>,
    /// `participant`, `account` (the committee), `clock` or `import`.
    by: String,
    /// A reason code, or one's own words with an appeal.
    reason: Option<String>,
    text: Option<String>,
    text_language: Option<Language>,
    referral: Option<Referral>,
}

/// A mail to oneself. What it said is forgotten once it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnMailView {
    kind: String,
    written_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    /// Whether it waits to be sent.
    pending: bool,
}

/// Gives everything stored about one's proposal and oneself, as a file to keep.
#[utoipa::path(tag = "receipts", request_body = ReceiptLookup, responses((status = 200, body = OwnDataView)))]
#[post("/receipts/export")]
pub async fn export_own_data(
    state: web::Data<State>,
    caller: Caller,
    input: Body<ReceiptLookup>,
) -> Result<web::Json<OwnDataView>, Problem> {
    let (consultation, row) = find(&state, caller, &input.code).await?;
    let db = state.store.read();
    let events = store::proposal::events(db, row.id).await?;
    let remarks = store::desk::remarks(db, [row.id]).await?.remove(&row.id).unwrap_or_default();
    let photos = store::attachment::of(db, row.id).await?;
    let mails = store::outbox::about(db, row.id).await?;
    Ok(web::Json(OwnDataView {
        reference: consultation.reference(row.id, row.submitted_at).to_string(),
        consultation: consultation.row.slug.clone(),
        exported_at: state.clock.now(),
        erased_at: row.erased_at,
        submitted_at: row.submitted_at,
        state: row.state.0,
        state_since: row.state_since,
        decided_at: row.decided_at,
        public: row.public,
        channel: row.channel.0,
        language: row.language.0,
        axis: consultation.axis_code(row.axis_id),
        territory: consultation.place(row.territory_id),
        title: row.title,
        title_translations: row.title_translations.0,
        problem: row.problem,
        solution: row.solution,
        expected_change: row.expected_change,
        populations: row.populations.0,
        organisation: row.organisation,
        name_organisation: row.name_organisation,
        email: row.email,
        demographics: OwnDemographicsView {
            age_band: row.age_band.0,
            gender: row.gender.0,
            participant_type: row.participant_type.0,
            residence: row.residence.0.to_string(),
        },
        consent: row.consent_version.map(|version| GivenConsentView {
            version,
            language: row.consent_language.map(|code| code.0),
            at: row.consent_at,
        }),
        external_id: row.external_id,
        attachments: photos.iter().map(AttachmentView::new).collect(),
        remarks,
        history: events
            .into_iter()
            // that somebody asks for a text to be withheld stays at the desk until another confirms it
            .filter(|event| !matches!(event.edge.0, Edge::RequestWithhold | Edge::CancelWithhold))
            .map(|event| OwnEventView {
                edge: event.edge.0,
                from: event.from_state.map(|code| code.0),
                to: event.to_state.0,
                at: event.at,
                by: event.actor,
                // why a coordinator reopens is between them and the committee
                reason: event.reason.filter(|_| event.edge.0 != Edge::Reopen),
                text: event.text,
                text_language: event.text_language.map(|code| code.0),
                referral: event.competence.map(|doc| doc.0),
            })
            .collect(),
        mails: mails
            .into_iter()
            .map(|mail| OwnMailView {
                kind: MailKind::to_string(&mail.kind.0),
                written_at: mail.created_at,
                sent_at: mail.sent_at,
                pending: mail.next_attempt_at.is_some(),
            })
            .collect(),
    }))
}
