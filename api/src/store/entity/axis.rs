//! Table `axis`.

use sea_orm::entity::prelude::*;

use crate::localised::Localised;
use crate::store::column::Doc;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "axis")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub consultation_id: i64,
    pub position: i64,
    pub code: String,
    pub label: Doc<Localised>,
    pub hint: Doc<Localised>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
