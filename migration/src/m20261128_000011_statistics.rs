//! Counts that are kept instead of taken, and their published editions.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::engine::{run, run_either};

/// Creates and drops the tally, the triggers that keep it true, and the editions.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000011_up.sql")).await?;
        run_either(
            manager,
            include_str!("sql/000011_guard_up.sqlite.sql"),
            include_str!("sql/000011_guard_up.postgres.sql"),
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers = "DROP TRIGGER tally_insert; DROP TRIGGER tally_update; DROP TRIGGER tally_delete";
        // a trigger goes with its table on both engines, but the proposals stay; PostgreSQL keeps the functions
        run_either(manager, triggers, "DROP FUNCTION tally_proposal CASCADE").await?;
        run(manager, include_str!("sql/000011_down.sql")).await?;
        run_either(manager, "", "DROP FUNCTION refuse_edition_change").await
    }
}
