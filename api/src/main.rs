//! The `tachawor` program.

use std::process::ExitCode;

use api::cli::Command;
use clap::Parser as _;

#[actix_web::main]
async fn main() -> ExitCode {
    match Command::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tachawor: {error:#}");
            ExitCode::FAILURE
        }
    }
}
