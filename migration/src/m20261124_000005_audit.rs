//! The audit log, and the signatures under an administrator's export.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::engine::{run, run_either};

/// Creates and drops the audit log, its guards, and the approvals of exports.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000005_up.sql")).await?;
        run_either(
            manager,
            include_str!("sql/000005_guard_up.sqlite.sql"),
            include_str!("sql/000005_guard_up.postgres.sql"),
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("sql/000005_down.sql")).await?;
        // a trigger goes with its table on both engines; PostgreSQL keeps the function
        run_either(manager, "", "DROP FUNCTION refuse_audit_change").await
    }
}
