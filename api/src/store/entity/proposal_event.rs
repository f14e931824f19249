//! Table `proposal_event`.

use domain::proposal::{Edge, ProposalState};
use domain::vocabulary::Language;
use sea_orm::entity::prelude::*;

use crate::store::column::{Code, Doc};
use crate::store::proposal::Referral;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "proposal_event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub proposal_id: i64,
    pub edge: Code<Edge>,
    pub from_state: Option<Code<ProposalState>>,
    pub to_state: Code<ProposalState>,
    pub actor: String,
    pub account_id: Option<i64>,
    pub at: DateTimeUtc,
    pub reason: Option<String>,
    pub target_id: Option<i64>,
    pub competence: Option<Doc<Referral>>,
    pub text_language: Option<Code<Language>>,
    pub text: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub leaf: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
