//! Black-box tests: what an outsider can see, on SQLite and on PostgreSQL.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod command_line;
mod files;
mod import;
mod statistics;
