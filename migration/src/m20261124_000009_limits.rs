//! How often things may be done, and what is odd about the way a proposal came in.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::engine::{run, run_either};

/// Adds and drops the counters of limits and the marks of the form.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000009_up.sql")).await?;
        // nothing is lost if a crash empties it, and a counter need not wait for the disk
        run_either(manager, "", "ALTER TABLE rate_limit SET UNLOGGED").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000009_down.sql")).await
    }
}
