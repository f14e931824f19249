//! Black-box tests: what an outsider can see, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod support;

mod command_line;
mod files;
mod import;
mod smoke;
mod statistics;
