//! Table `import_mistake`.

use domain::import::{ImportColumn, MistakeCode};
use sea_orm::entity::prelude::*;

use crate::store::column::Code;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_mistake")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub import_id: i64,
    pub line: i64,
    pub field: Option<Code<ImportColumn>>,
    pub code: Code<MistakeCode>,
    pub found: Option<String>,
    pub suggestion: Option<String>,
    pub number: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
