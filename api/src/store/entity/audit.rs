//! Table `audit`.

use domain::{
    audit::{AuditAction, AuditObject, AuditOutcome},
    permission::Role,
};
use sea_orm::entity::prelude::*;

use crate::store::column::Code;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: DateTimeUtc,
    pub account_id: Option<i64>,
    pub role: Option<Code<Role>>,
    pub action: Code<AuditAction>,
    pub object: Code<AuditObject>,
    pub object_key: String,
    pub consultation_id: Option<i64>,
    pub outcome: Code<AuditOutcome>,
    pub request_id: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
