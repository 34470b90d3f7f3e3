//! The `rekindle` command.

mod commands;

use clap::Parser;
use commands::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Wrong usage ends with 2 and a usage line inside `parse`.
    commands::run(Cli::parse())
}
