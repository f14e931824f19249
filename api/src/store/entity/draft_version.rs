//! Table `draft_version`.

use domain::smart::DraftContent;
use sea_orm::entity::prelude::*;

use crate::store::column::Doc;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub draft_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    pub account_id: i64,
    pub at: DateTimeUtc,
    pub title: String,
    pub content: Doc<DraftContent>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
