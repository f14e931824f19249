//! Table `ledger_pending`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_pending")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub leaf: Vec<u8>,
    pub entry: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
