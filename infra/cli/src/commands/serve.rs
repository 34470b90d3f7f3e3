//! `rekindle serve`: the engine on this machine in real time.

use super::address::listen;
use super::output::{note, try_note};
use clap::Args;
use jiff::Timestamp;
use rekindle_emulators::Durability;
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, Stack, StackTime, http};
use rekindle_store::shop::api_keys::Role;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// A file that exists once the keys were shown. They were not if the first start was killed early, or was a demo.
const KEYS_SHOWN_FILE: &str = "keys-told";

/// Runs the engine on this machine as on AWS: an HTTP API for shops, and an inbox that shows all mails and texts. Everything
/// that it acknowledged survives a kill at any moment.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Port of the HTTP API, the console and the inbox; 0 takes any
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The directory in which data is kept between runs
    #[arg(long, default_value = ".rekindle", value_name = "DIR")]
    data: PathBuf,
    /// Start at this virtual time; POST /local/clock {"advance":"3d"}, as application/json, moves it
    #[arg(long, value_name = "RFC 3339")]
    clock: Option<Timestamp>,
}

pub(super) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let data = Arc::new(DataDir::take(&args.data)?);
    let (listener, url) = listen(args.port).await?;
    let time = match args.clock {
        Some(start) => StackTime::virtual_from(start, &data)?,
        None => StackTime::Real,
    };
    let stack = Arc::new(Stack::start(data, time, Durability::Full, &url).await?);
    if stack.data.load(KEYS_SHOWN_FILE)?.is_none() {
        let now = stack.time.now();
        let write = stack.shop.new_key(&stack.store, Role::Write, now).await?;
        let admin = stack.shop.new_key(&stack.store, Role::Admin, now).await?;
        let public = stack.shop.new_key(&stack.store, Role::Public, now).await?;
        let shown = format!(
            "write key  {write}\nadmin key  {admin}\npublic key {public}\nKeep them: they are shown this once. The public one may stand in pages.\n"
        );
        // Keys that could not be shown are of no use: the next start makes new ones.
        if try_note(shown).is_ok() {
            stack.data.replace(KEYS_SHOWN_FILE, &now.to_string())?;
        }
    }
    let progress = Arc::new(Progress::from_overview(&Overview::default()));
    let pump = Arc::new(Mutex::new(Pump::new(Arc::clone(&stack), progress)?));
    let by_hand = args.clock.map(|_| Arc::clone(&pump));
    let server = http::serve(listener, http::router(Arc::clone(&stack), by_hand));
    note(format_args!(
        "API        {url}/v1/track (and /v1/identify, /v1/batch)\nconsole    {url}/console (sign in with the admin key)\ninbox      {url}/inbox"
    ));
    tokio::select! {
        served = server => served?,
        never = trigger(&pump, args.clock.is_some()) => match never {},
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

/// Triggers the functions. Virtual time moves by calls of the API, which use the same pump; what was posted meanwhile is
/// processed in between.
async fn trigger(pump: &Mutex<Pump>, is_virtual: bool) -> Infallible {
    if !is_virtual {
        return pump.lock().await.run().await;
    }
    loop {
        if let Err(error) = pump.lock().await.settle().await {
            tracing::error!(error = &error as &dyn std::error::Error, "a trigger failed; it is tried again");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
