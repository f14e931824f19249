//! Black-box tests: what an outsider can see, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod support;

mod abuse;
mod accounts;
mod administration;
mod approvals;
mod architecture;
mod assure;
mod attachments;
mod audit;
mod browsing;
mod command_line;
mod contract;
mod demo;
mod desk;
mod drafts;
mod editions;
mod enumeration;
mod export;
mod files;
mod fuzz;
mod headers;
mod hostile;
mod import;
mod imports;
mod injection;
mod ledger;
mod mail;
mod privacy;
mod receipts;
mod role_matrix;
mod sessions;
mod smuggling;
mod statistics;
mod submission;
mod texts;
mod workbooks;
