//! The `rekindle` command.

use clap::Parser;
use rekindle::commands::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A wrong use ends with 2, and with what would be right, inside `parse`.
    rekindle::commands::run(Cli::parse())
}
