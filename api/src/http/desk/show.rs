//! `GET /desk/proposals/{reference}`

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use domain::{
    audit::AuditAction,
    form::Suspicion,
    personal::PersonalKind,
    proposal::{Edge, ProposalState, Remark, WithholdReason},
    vocabulary::{AgeBand, Gender, Language, ParticipantType},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    list_queue::{ColleagueView, colleague},
    must_cover, said,
};
use crate::{
    application::State,
    auth::Moderator,
    http::{
        problem::Problem,
        proposal::show::{ProposalView, reference},
        respond,
    },
    store::{self, consultation::Consultation, entity::proposal, list, proposal::Referral},
    workflow,
};

/// A proposal as the committee sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskProposalView {
    proposal: ProposalView,
    pub(super) version: i64,
    /// Whether the public can read it.
    public: bool,
    /// When its text and its author's data were erased, if they were.
    erased_at: Option<DateTime<Utc>>,
    demographics: DemographicsView,
    organisation: Option<String>,
    name_organisation: bool,
    /// Whether the author can be written to; the address itself stays with the system.
    has_email: bool,
    remarks: Vec<Remark>,
    assigned_to: Option<ColleagueView>,
    notes: Vec<NoteView>,
    /// Oldest step first, with who took it.
    history: Vec<DeskEventView>,
    /// Likely duplicates, most similar first.
    duplicates: Vec<DuplicateView>,
    /// Proposals that are nearly the same text; null if there are none.
    copies: Option<CopyGroupView>,
    /// What looks like personal data in the texts, field by field.
    personal_data: Vec<PersonalDataView>,
    /// Whether the author said that it is to stay, knowing that everybody may read it.
    personal_data_acknowledged: bool,
    /// What is odd about the way it came in; a program may have sent it.
    suspicion: Vec<Suspicion>,
    withhold_request: Option<WithholdRequestView>,
    /// The edges the caller may take now.
    allowed: Vec<Edge>,
    waiting_days: i64,
}

/// What the author said about themselves at submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemographicsView {
    age_band: AgeBand,
    gender: Gender,
    participant_type: ParticipantType,
    residence: String,
}

/// An internal note.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteView {
    id: i64,
    author: String,
    text: String,
    at: DateTime<Utc>,
}

/// Who took a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorView {
    kind: ActorKindView,
    /// The name of an account.
    name: Option<String>,
}

/// The kinds of actor.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKindView {
    /// The holder of the receipt.
    Participant,
    /// Somebody with an account.
    Account,
    /// A deadline.
    Clock,
    /// An import.
    Import,
}

/// A step of a proposal's path as the committee sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskEventView {
    edge: Edge,
    from: Option<ProposalState>,
    to: ProposalState,
    at: DateTime<Utc>,
    actor: ActorView,
    /// A reason code, or the words of an appeal or reopening.
    reason: Option<String>,
    text: Option<String>,
    text_language: Option<Language>,
    referral: Option<Referral>,
    target: Option<String>,
}

/// A proposal that may be the same idea.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateView {
    reference: String,
    title: String,
    excerpt: String,
    language: Language,
    axis: String,
    territory: String,
    state: ProposalState,
    /// 0 to 1: the share of four-letter pieces both texts hold.
    similarity: f64,
}

/// The group of proposals that are nearly the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopyGroupView {
    /// How many, this one included.
    size: u64,
    /// Ten or more came within a day: likely a campaign.
    campaign: bool,
    /// The first hundred of the others, by arrival.
    others: Vec<CopyView>,
}

/// A proposal that is nearly the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopyView {
    reference: String,
    title: String,
    language: Language,
    state: ProposalState,
    submitted_at: DateTime<Utc>,
}

/// Where a text holds what looks like personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonalDataView {
    /// `title`, `problem`, `solution`, `expected_change` or `organisation`.
    field: String,
    kind: PersonalKind,
    /// The first UTF-16 code unit, as the strings of a browser count.
    start: usize,
    /// The one after the last.
    end: usize,
}

/// Somebody wants the text withheld.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithholdRequestView {
    reason: Option<WithholdReason>,
    by: ColleagueView,
    /// Whether the caller asked for it, and so cannot confirm it.
    mine: bool,
}

impl DeskProposalView {
    /// Everything the committee may read about a row.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(
        state: &State,
        moderator: &Moderator,
        consultation: &Consultation,
        row: proposal::Model,
    ) -> Result<Self, Problem> {
        let db = state.store.read();
        let now = state.clock.now();
        let events = store::proposal::events(db, row.id).await?;
        let notes = store::desk::notes(db, row.id).await?;
        let duplicates = store::desk::duplicates(db, consultation, &row).await?;
        let group = store::likeness::groups(db, [row.id]).await?.remove(&row.id);
        let copies = match group {
            None => None,
            Some(group) => {
                let others = store::likeness::others(db, group.id, row.id).await?;
                Some(CopyGroupView {
                    size: group.size,
                    campaign: group.campaign,
                    others: others
                        .into_iter()
                        .map(|other| CopyView {
                            reference: consultation.reference(other.id, other.submitted_at).to_string(),
                            title: other.title,
                            language: other.language.0,
                            state: other.state.0,
                            submitted_at: other.submitted_at,
                        })
                        .collect(),
                })
            }
        };
        let remarks = store::desk::remarks(db, [row.id]).await?.remove(&row.id).unwrap_or_default();
        let people = events.iter().filter_map(|event| event.account_id);
        let people = people
            .chain(notes.iter().map(|note| note.account_id))
            .chain(row.assigned_to)
            .chain(row.withhold_requested_by);
        let names = store::desk::names(db, people).await?;
        let targets = store::proposal::titles(db, events.iter().filter_map(|event| event.target_id)).await?;
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let history = events
            .into_iter()
            .map(|event| DeskEventView {
                edge: event.edge.0,
                from: event.from_state.map(|code| code.0),
                to: event.to_state.0,
                at: event.at,
                actor: ActorView {
                    kind: match event.actor.as_str() {
                        "account" => ActorKindView::Account,
                        "clock" => ActorKindView::Clock,
                        "import" => ActorKindView::Import,
                        _ => ActorKindView::Participant,
                    },
                    name: event.account_id.map(name),
                },
                reason: event.reason,
                text: event.text,
                text_language: event.text_language.map(|code| code.0),
                referral: event.competence.map(|doc| doc.0),
                target: event
                    .target_id
                    .and_then(|id| targets.iter().find(|target| target.id == id))
                    .map(|target| consultation.reference(target.id, target.submitted_at).to_string()),
            })
            .collect();
        Ok(Self {
            version: row.version,
            public: row.public,
            erased_at: row.erased_at,
            demographics: DemographicsView {
                age_band: row.age_band.0,
                gender: row.gender.0,
                participant_type: row.participant_type.0,
                residence: row.residence.0.to_string(),
            },
            organisation: row.organisation.clone(),
            name_organisation: row.name_organisation,
            has_email: row.email.is_some(),
            remarks,
            assigned_to: row.assigned_to.map(|id| colleague(&names, id)),
            notes: notes
                .into_iter()
                .map(|note| NoteView { id: note.id, author: name(note.account_id), text: note.text, at: note.at })
                .collect(),
            history,
            duplicates: duplicates
                .into_iter()
                .map(|(other, similarity)| DuplicateView {
                    reference: consultation.reference(other.id, other.submitted_at).to_string(),
                    excerpt: list::excerpt(&other.problem),
                    language: other.language.0,
                    axis: consultation.axis_code(other.axis_id),
                    territory: consultation.place(other.territory_id),
                    state: other.state.0,
                    title: other.title,
                    similarity,
                })
                .collect(),
            copies,
            personal_data: personal_data(&row),
            personal_data_acknowledged: row.personal_data_acknowledged,
            suspicion: row.suspicion.clone().map(|doc| doc.0).unwrap_or_default(),
            withhold_request: row.withhold_requested_by.map(|id| WithholdRequestView {
                reason: row.withhold_reason.map(|code| code.0),
                by: colleague(&names, id),
                mine: id == moderator.id(),
            }),
            allowed: domain::proposal::allowed(&workflow::as_domain(&row), &moderator.actor, now),
            waiting_days: domain::count::waiting_days(row.state_since, now),
            proposal: ProposalView::load(state, consultation, row).await?,
        })
    }
}

/// Looked for anew: the rules may know more than when it was sent.
fn personal_data(row: &proposal::Model) -> Vec<PersonalDataView> {
    let texts = [
        ("title", Some(&row.title)),
        ("problem", Some(&row.problem)),
        ("solution", Some(&row.solution)),
        ("expected_change", row.expected_change.as_ref()),
        ("organisation", row.organisation.as_ref()),
    ];
    let texts = texts.into_iter().filter_map(|(field, text)| text.map(|text| (field, text)));
    texts
        .flat_map(|(field, text)| {
            domain::personal::find(text).into_iter().map(move |found| PersonalDataView {
                field: field.into(),
                kind: found.kind,
                start: found.start,
                end: found.end,
            })
        })
        .collect()
}

/// Shows a proposal with its notes, its likely duplicates and what the caller may do.
#[utoipa::path(tag = "desk", responses((status = 200, body = DeskProposalView, headers(("ETag" = String)))))]
#[get("/desk/proposals/{reference}")]
pub async fn show_desk_proposal(
    state: web::Data<State>,
    moderator: Moderator,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let found = store::proposal::look_up(&state.store, &reference(&path)?).await?;
    let (consultation, row) = found.ok_or_else(Problem::not_found)?;
    must_cover(&moderator, &consultation, &row)?;
    let entry = said(&moderator, AuditAction::OpenProposal, &consultation, &row, state.clock.now());
    // side by side: whoever waits for the page does not wait for the log first, but gets no page without it
    let recorded = async { Ok(store::audit::record_alone(&state.store, entry).await?) };
    let (view, ()) = tokio::try_join!(DeskProposalView::load(&state, &moderator, &consultation, row), recorded)?;
    Ok(respond::versioned(view.version, &view))
}
