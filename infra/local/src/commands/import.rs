//! `rekindle import`: posts an order history to a running endpoint.

use clap::Args;
use std::path::PathBuf;

/// x
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The history
    file: PathBuf,
}

pub(super) async fn run(_args: ImportArgs) -> anyhow::Result<()> {
    Ok(())
}
