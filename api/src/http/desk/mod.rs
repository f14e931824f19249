//! The committee's desk. Everything here is for moderators, within their assignment, and coordinators.

use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject},
    permission::Actor,
    vocabulary::{AxisCode, Place, TerritoryCode},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Moderator,
    http::problem::{Problem, ProblemCode},
    store::{audit::Entry, consultation::Consultation, entity::proposal},
};

pub mod annotate;
pub mod assign;
pub mod clear_suspicion;
pub mod decide;
pub mod list_assignees;
pub mod list_queue;
pub mod show;
pub mod show_attachment;
pub mod summarise;

/// `/desk`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(summarise::summarise_desk)
        .service(list_queue::list_queue)
        .service(list_assignees::list_assignees)
        .service(show::show_desk_proposal)
        .service(show_attachment::show_desk_attachment)
        .service(decide::decide_proposal)
        .service(decide::decide_proposals)
        .service(annotate::set_remarks)
        .service(annotate::create_note)
        .service(assign::assign_proposal)
        .service(clear_suspicion::clear_suspicion);
}

/// Whether an account's assignment covers a proposal.
#[must_use]
pub fn covers(actor: &Actor, consultation: &Consultation, row: &proposal::Model) -> bool {
    let axis: Option<AxisCode> = consultation.axis_code(row.axis_id).parse().ok();
    let place = match row.territory_id {
        None => Some(Place::WholeRegion),
        Some(_) => consultation.place(row.territory_id).parse::<TerritoryCode>().ok().map(Place::Territory),
    };
    axis.zip(place).is_some_and(|(axis, place)| actor.may_moderate(&axis, &place))
}

/// Refuses a proposal outside the moderator's assignment.
///
/// # Errors
/// `forbidden`.
pub fn must_cover(moderator: &Moderator, consultation: &Consultation, row: &proposal::Model) -> Result<(), Problem> {
    if covers(&moderator.actor, consultation, row) { Ok(()) } else { Err(Problem::new(ProblemCode::Forbidden)) }
}

/// What the audit log is to say of something done to a proposal.
fn said(
    moderator: &Moderator,
    action: AuditAction,
    consultation: &Consultation,
    row: &proposal::Model,
    now: DateTime<Utc>,
) -> Entry {
    let reference = consultation.reference(row.id, row.submitted_at);
    moderator.signed_in.did(action, AuditObject::Proposal, reference, now).of(consultation.row.id)
}
