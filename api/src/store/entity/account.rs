//! Table `account`.

use std::collections::BTreeSet;

use domain::permission::Role;
use domain::vocabulary::{AxisCode, Language, TerritoryCode};
use sea_orm::entity::prelude::*;

use crate::store::column::{Code, Doc};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub email: String,
    pub name: String,
    pub role: Code<Role>,
    pub axes: Option<Doc<BTreeSet<AxisCode>>>,
    pub territories: Option<Doc<BTreeSet<TerritoryCode>>>,
    pub password_hash: String,
    pub disabled: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub language: Code<Language>,
    pub totp_seed: Option<Vec<u8>>,
    pub totp_pending: Option<Vec<u8>>,
    pub totp_step: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
