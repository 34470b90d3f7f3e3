//! `rekindle import-pinpoint`: imports what Amazon Pinpoint exported.

mod endpoints;
mod journeys;

use clap::{Args, Subcommand};

/// Imports what Amazon Pinpoint exported before its support ended on 30 October 2026. infra/leaving-pinpoint.md says what
/// becomes of what.
#[derive(Debug, Args)]
pub(super) struct ImportPinpointArgs {
    #[command(subcommand)]
    export: Export,
}

#[derive(Debug, Subcommand)]
enum Export {
    /// Post exported endpoints or segments to a running endpoint as customers
    Endpoints(endpoints::EndpointsArgs),
    /// Translate journeys, limits and quiet time into a policy
    Journeys(journeys::JourneysArgs),
}

pub(super) async fn run(args: ImportPinpointArgs) -> anyhow::Result<()> {
    match args.export {
        Export::Endpoints(args) => endpoints::run(args).await,
        Export::Journeys(args) => journeys::run(&args),
    }
}
