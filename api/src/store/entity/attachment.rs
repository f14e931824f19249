//! Table `attachment`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub consultation_id: i64,
    pub token_hash: Vec<u8>,
    pub proposal_id: Option<i64>,
    pub number: Option<i64>,
    pub object: String,
    pub sha256: Vec<u8>,
    pub size: i64,
    pub width: i64,
    pub height: i64,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
