//! The command line: one module for each command.

mod address;
mod admin_api;
mod costs;
mod demo;
mod display;
mod doctor;
mod erasures;
mod failure;
#[cfg(test)]
mod guides;
mod import;
mod import_options;
mod import_pinpoint;
mod import_preview;
mod learn;
mod link_keys;
mod orders_file;
mod output;
mod plan;
mod products;
mod progress;
mod proposals;
mod rebuild;
mod refused;
mod replay_dead_letters;
mod report;
mod send_test;
mod serve;
mod shop;
mod spoken;
mod stack_address;

use clap::{Parser, Subcommand};
use output::{OutputError, note};
use rekindle_local_stack::FUNCTIONS;
use rekindle_platform::Environment;
use std::process::ExitCode;

/// What is logged unless `RUST_LOG` says otherwise. It is little, since people watch the command's own output.
const DEFAULT_LOG: &str = "warn,dynoxide=error";

/// Keeps a shop's customers: from their first order to their next one.
#[derive(Debug, Parser)]
#[command(name = "rekindle", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a real shop's orders go through the whole engine, in virtual time
    Demo(demo::DemoArgs),
    /// Run the engine on this machine in real time, with its data kept in a directory
    Serve(serve::ServeArgs),
    /// Post orders or customers of a file to a running endpoint: of a shop system, or of any CSV or JSON
    Import(import::ImportArgs),
    /// What a history of orders tells: who comes back and when, who is lost, what is to come
    Learn(learn::LearnArgs),
    /// What a policy would do over a history of orders: stages, messages, peaks, cost; and what another one would change
    Plan(plan::PlanArgs),
    /// Take over what Amazon Pinpoint exported: endpoints, journeys, limits
    ImportPinpoint(import_pinpoint::ImportPinpointArgs),
    /// Show what a shop sells, and take in its product feed
    Products(products::ProductsArgs),
    /// What a running stack learned from a shop's history
    Report(report::ReportArgs),
    /// What a shop's history speaks for: show it, accept it, reject it
    Proposals(proposals::ProposalsArgs),
    /// Events of a shop that were refused: which, why, and taking them in again
    Refused(refused::RefusedArgs),
    /// What a deployment costs a month
    Costs(costs::CostsArgs),
    /// Create shops and their keys; show and change a shop's brand, policy and templates
    Shop(shop::ShopArgs),
    /// Check a deployed stack before its first send: what is missing, and the command that mends it
    #[command(visible_alias = "deploy-check")]
    Doctor(doctor::DoctorArgs),
    /// Send one mail of a shop of a deployed stack, filled with samples, to SES's mailbox simulator
    SendTest(send_test::SendTestArgs),
    /// Try dead letters of a deployed stack again: customers, messages and reports whose processing kept failing
    ReplayDeadLetters(replay_dead_letters::ReplayArgs),
    /// Count customers of a deployed stack again from their facts, for example after an outage
    Rebuild(rebuild::RebuildArgs),
    /// Make erasures hold in tables that were restored to an earlier moment
    Erasures(erasures::ErasuresArgs),
    /// Show the keys that seal the links of a deployed stack, and add a new one
    LinkKeys(link_keys::LinkKeysArgs),
}

/// Wrong usage that `clap` cannot detect, since it depends on several options.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUse(String);

/// Runs a command. The exit code is 0 on success, also if the reader of its output has ended; 1 on failure, with the reason
/// on standard error; 2 on wrong usage.
#[must_use]
pub(crate) fn run(cli: Cli) -> ExitCode {
    rekindle_platform::tracing::start(&Environment::from_process().with_default("RUST_LOG", DEFAULT_LOG), &FUNCTIONS);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::Import(args) => import::run(args).await,
            Command::Learn(args) => learn::run(&args),
            Command::Plan(args) => plan::run(&args),
            Command::ImportPinpoint(args) => import_pinpoint::run(args).await,
            Command::Products(args) => products::run(args).await,
            Command::Report(args) => report::run(args).await,
            Command::Proposals(args) => proposals::run(args).await,
            Command::Refused(args) => refused::run(args).await,
            Command::Costs(args) => costs::run(&args),
            Command::Shop(args) => shop::run(args).await,
            Command::Doctor(args) => doctor::run(args).await,
            Command::SendTest(args) => send_test::run(args).await,
            Command::ReplayDeadLetters(args) => replay_dead_letters::run(args).await,
            Command::Rebuild(args) => rebuild::run(args).await,
            Command::Erasures(args) => erasures::run(args).await,
            Command::LinkKeys(args) => link_keys::run(args).await,
        }
    });
    // Servers that still run in the background are not waited for.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Reports a failure with its causes, and returns the exit code.
fn failed(error: &anyhow::Error) -> ExitCode {
    if matches!(error.downcast_ref(), Some(OutputError::Closed)) {
        return ExitCode::SUCCESS;
    }
    note(format_args!("error: {}", failure::sentence(error)));
    if error.is::<WrongUse>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}
