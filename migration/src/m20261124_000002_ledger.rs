//! The public ledger: every step of every proposal, in one order that nobody can change.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::engine::{run, run_either};

/// Creates and drops the ledger.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000002_up.sql")).await?;
        run_either(
            manager,
            include_str!("sql/000002_guard_up.sqlite.sql"),
            include_str!("sql/000002_guard_up.postgres.sql"),
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000002_down.sql")).await?;
        run_either(manager, "", "DROP FUNCTION refuse_change").await
    }
}
