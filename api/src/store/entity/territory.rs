//! Table `territory`.

use sea_orm::entity::prelude::*;

use crate::localised::Localised;
use crate::store::column::{Code, Doc};
use crate::store::consultation::TerritoryKind;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "territory")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub consultation_id: i64,
    pub position: i64,
    pub code: String,
    pub kind: Code<TerritoryKind>,
    pub label: Doc<Localised>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
