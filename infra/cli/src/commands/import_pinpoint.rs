//! `rekindle import-pinpoint`: takes over what Amazon Pinpoint exported.

mod endpoints;
mod journeys;

use clap::{Args, Subcommand};

/// Takes over what Amazon Pinpoint exported before its support ended on 30 October 2026. What each thing becomes is in
/// infra/leaving-pinpoint.md.
#[derive(Debug, Args)]
pub(super) struct ImportPinpointArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Post exported endpoints or segments to a running endpoint as customers
    Endpoints(endpoints::EndpointsArgs),
    /// Make a policy of journeys, limits and quiet time
    Journeys(journeys::JourneysArgs),
}

pub(super) async fn run(args: ImportPinpointArgs) -> anyhow::Result<()> {
    match args.what {
        What::Endpoints(args) => endpoints::run(args).await,
        What::Journeys(args) => journeys::run(&args),
    }
}
