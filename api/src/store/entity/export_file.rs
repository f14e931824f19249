//! Table `export_file`.

use domain::dataset::{Dataset, FileState, Format};
use sea_orm::entity::prelude::*;

use crate::store::column::Code;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "export_file")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub consultation_id: i64,
    pub dataset: Code<Dataset>,
    pub format: Code<Format>,
    pub state: Code<FileState>,
    pub object: Option<String>,
    pub mark: Option<String>,
    pub taken: Option<String>,
    pub rows_done: i64,
    pub rows_total: i64,
    pub size: Option<i64>,
    pub sha256: Option<Vec<u8>>,
    pub asked_at: DateTimeUtc,
    pub claimed_until: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
