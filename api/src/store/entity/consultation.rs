//! Table `consultation`.

use domain::consultation::{ConsultationState, ModerationRule};
use sea_orm::entity::prelude::*;

use crate::localised::Localised;
use crate::store::column::{Code, Doc};
use crate::store::consultation::{Attendance, Competence};
use crate::store::retention::Privacy;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consultation")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub slug: String,
    pub prefix: String,
    pub state: Code<ConsultationState>,
    pub moderation: Code<ModerationRule>,
    pub opens_at: DateTimeUtc,
    pub closes_at: DateTimeUtc,
    pub title: Doc<Localised>,
    pub description: Doc<Localised>,
    pub consent_version: String,
    pub consent_text: Doc<Localised>,
    pub competences: Doc<Vec<Competence>>,
    pub attendance: Doc<Vec<Attendance>>,
    pub demo: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub privacy: Option<Doc<Privacy>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
