//! How the schema of Tachawor grew, on SQLite and PostgreSQL.
//!
//! A step is plain SQL with a few names for what the two engines spell differently (see `engine.rs`); an
//! arbitrary helper language between the reader and the schema would only hide it. A step never imports
//! the entities of the API: it must still mean the same in five years.

use sea_orm_migration::prelude::{DbErr, MigrationTrait};
pub use sea_orm_migration::prelude::{MigratorTrait, SchemaManager};

mod engine;
mod m20261123_000001_main_job;
mod m20261124_000002_ledger;
mod m20261124_000003_accounts;
mod m20261124_000005_audit;
mod m20261124_000006_privacy;
mod m20261124_000008_text;
mod m20261124_000009_limits;
mod m20261124_000010_attachments;
mod m20261128_000011_statistics;
mod m20261128_000012_exports;
mod m20261128_000013_imports;

/// All steps, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_main_job::Step),
            Box::new(m20261124_000002_ledger::Step),
            Box::new(m20261124_000003_accounts::Step),
            Box::new(m20261124_000005_audit::Step),
            Box::new(m20261124_000006_privacy::Step),
            Box::new(m20261124_000008_text::Step),
            Box::new(m20261124_000009_limits::Step),
            Box::new(m20261124_000010_attachments::Step),
            Box::new(m20261128_000011_statistics::Step),
            Box::new(m20261128_000013_imports::Step),
            Box::new(m20261128_000012_exports::Step),
        ]
    }
}

/// The result of a step.
type Done = Result<(), DbErr>;
