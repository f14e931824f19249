//! Black-box tests: what an outsider can see, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod support;

mod accounts;
mod administration;
mod architecture;
mod browsing;
mod command_line;
mod contract;
mod demo;
mod desk;
mod drafts;
mod durability;
mod files;
mod hostile;
mod import;
mod mail;
mod receipts;
mod role_matrix;
mod sessions;
mod statistics;
mod submission;
