//! The main job: consultations, proposals and their path, accounts, SMART drafts, the outbox.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::engine::{run, run_either};

/// Creates and drops the whole of the first schema.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000001_up.sql")).await?;
        run_either(
            manager,
            include_str!("sql/000001_search_up.sqlite.sql"),
            include_str!("sql/000001_search_up.postgres.sql"),
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000001_down.sql")).await
    }
}
