//! The `rekindle` command.

// They panic when a pipe is closed or a disk is full: `commands::output` has functions that do not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod commands;

use clap::Parser;
use commands::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Wrong usage ends with 2 and a usage line inside `parse`.
    commands::run(Cli::parse())
}
