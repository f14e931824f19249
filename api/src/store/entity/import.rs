//! Table `import`.

use domain::import::{FileFault, ImportFormat, ImportState, mapping::Mapping};
use sea_orm::entity::prelude::*;

use crate::store::{
    column::{Code, Doc},
    import::Preview,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub consultation_id: i64,
    pub account_id: i64,
    pub sent_at: DateTimeUtc,
    pub object: Option<String>,
    pub size: i64,
    pub format: Code<ImportFormat>,
    pub preview: Option<Doc<Preview>>,
    pub mapping: Doc<Mapping>,
    pub state: Code<ImportState>,
    pub fault: Option<Code<FileFault>>,
    pub fault_row: Option<i64>,
    pub progress: i64,
    pub done_row: i64,
    pub row_count: i64,
    pub new_count: i64,
    pub known_count: i64,
    pub wrong_count: i64,
    pub imported_count: i64,
    pub claimed_until: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
