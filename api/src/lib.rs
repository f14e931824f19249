//! How Tachawor is reached: HTTP, mail, the command line, the database. What is true stands in `domain`.

pub mod application;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod csv_out;
pub mod dataset;
pub mod http;
pub mod import;
pub mod jobs;
pub mod localised;
pub mod mail;
pub mod metrics;
pub mod picture;
pub mod random;
pub mod store;
pub mod workflow;
