//! Table `proposal`.

use domain::form::Suspicion;
use domain::proposal::{ProposalState, WithholdReason};
use domain::vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Population, Residence};
use sea_orm::entity::prelude::*;

use crate::localised::Localised;
use crate::store::column::{Code, Doc};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "proposal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub consultation_id: i64,
    pub axis_id: i64,
    pub territory_id: Option<i64>,
    pub version: i64,
    pub state: Code<ProposalState>,
    pub channel: Code<Channel>,
    pub language: Code<Language>,
    pub age_band: Code<AgeBand>,
    pub gender: Code<Gender>,
    pub participant_type: Code<ParticipantType>,
    pub residence: Code<Residence>,
    pub public: bool,
    pub decided_before: bool,
    pub sealed: bool,
    pub appealed: bool,
    pub assigned_to: Option<i64>,
    pub merged_into: Option<i64>,
    pub submitted_at: DateTimeUtc,
    pub state_since: DateTimeUtc,
    pub decided_at: Option<DateTimeUtc>,
    pub clarification_due: Option<DateTimeUtc>,
    pub withhold_requested_by: Option<i64>,
    pub withhold_reason: Option<Code<WithholdReason>>,
    pub code_seed: Option<Vec<u8>>,
    pub code_hash: Option<Vec<u8>>,
    pub external_id: Option<String>,
    pub organisation: Option<String>,
    pub name_organisation: bool,
    pub email: Option<String>,
    pub consent_version: Option<String>,
    pub consent_language: Option<Code<Language>>,
    pub consent_at: Option<DateTimeUtc>,
    pub populations: Doc<Vec<Population>>,
    pub title: String,
    pub title_translations: Doc<Localised>,
    pub problem: String,
    pub solution: String,
    pub expected_change: Option<String>,
    pub erased_at: Option<DateTimeUtc>,
    pub personal_data: bool,
    pub personal_data_acknowledged: bool,
    pub compared: bool,
    pub suspicion: Option<Doc<Vec<Suspicion>>>,
    pub remarks: String,
    pub received_at: Option<DateTimeUtc>,
    pub first_answered_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
