//! Table `draft_event`.

use domain::draft::{DraftEdge, DraftState};
use sea_orm::entity::prelude::*;

use crate::store::column::Code;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub draft_id: i64,
    pub edge: Code<DraftEdge>,
    pub from_state: Code<DraftState>,
    pub to_state: Code<DraftState>,
    pub account_id: i64,
    pub at: DateTimeUtc,
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
