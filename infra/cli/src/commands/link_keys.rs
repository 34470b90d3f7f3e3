//! `rekindle link-keys`: the keys that seal the links in messages.

use super::output::print;
use super::stack_address::StackAddress;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rekindle_operator::deployment::link_keys::{KeyInfo, StoredKeys, new_secret};
use rekindle_operator::deployment::{AwsCli, Deployment, Outputs};
use serde_json::{Value, json};

/// Shows the keys that seal the links in messages of a deployed stack, or adds a key. Secrets are never shown, and never in
/// the arguments of a program.
#[derive(Debug, Args)]
pub(super) struct LinkKeysArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the keys by their ids, and say which one seals
    Show(Options),
    /// Add a key. It seals links in a quarter of an hour, when all functions know it; old keys still open their links
    Rotate(Options),
}

#[derive(Debug, Args)]
struct Options {
    #[command(flatten)]
    address: StackAddress,
    /// Print the keys as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: LinkKeysArgs) -> anyhow::Result<()> {
    let (options, rotates) = match args.action {
        Action::Show(options) => (options, false),
        Action::Rotate(options) => (options, true),
    };
    let now = Timestamp::now();
    let (aws, stack) = (options.address.aws(), options.address.stack().to_owned());
    let infos = tokio::task::spawn_blocking(move || -> anyhow::Result<Vec<KeyInfo>> {
        let outputs = Deployment::outputs_of(&aws, &stack)?;
        let (stored, version) = load(&aws, &outputs)?;
        let stored = StoredKeys::parse(&stored, now)?;
        if !rotates {
            return Ok(stored.infos(now));
        }
        let rotated = stored.rotated(new_secret()?, now)?;
        put(&aws, &outputs, &rotated, &version)?;
        Ok(rotated.infos(now))
    });
    let infos = infos.await??;
    if options.json {
        print(json!({ "keys": infos }))?;
        return Ok(());
    }
    for key in &infos {
        let from = key.seals_from.map_or("the beginning".to_owned(), |from| from.to_string());
        let what = match (key.seals, key.seals_from.is_some_and(|from| from > now)) {
            (true, _) => "seals",
            (false, true) => "is known, and does not seal yet",
            (false, false) => "opens old links",
        };
        print(format_args!("{:>3}  from {from:<20}  {what}", key.id))?;
    }
    Ok(())
}

/// The stored keys, and the version of their secret.
pub(super) fn load(aws: &AwsCli, outputs: &Outputs) -> anyhow::Result<(String, String)> {
    let mut answer = aws.call(&["secretsmanager", "get-secret-value", "--secret-id", &outputs.link_keys_secret_arn])?;
    let Value::String(stored) = answer["SecretString"].take() else {
        bail!("the secret with the link keys holds no text")
    };
    Ok((stored, answer["VersionId"].as_str().unwrap_or_default().to_owned()))
}

/// Stores the keys in place of `version`. If another operator does the same at the same time, one of the two new keys is
/// lost before it has sealed anything.
fn put(aws: &AwsCli, outputs: &Outputs, keys: &StoredKeys, version: &str) -> anyhow::Result<()> {
    let arn = &outputs.link_keys_secret_arn;
    let (_, before) = load(aws, outputs)?;
    if before != version {
        bail!("another operator changed the link keys at this moment; look at them and rotate again");
    }
    let command = ["secretsmanager", "put-secret-value", "--secret-id", arn, "--secret-string", "file:///dev/stdin"];
    aws.call_with_input(&command, &keys.to_json())
        .context("the new key is not stored; the old ones are as they were")?;
    let (stored, _) = load(aws, outputs)?;
    if stored != keys.to_json() {
        bail!("the link keys that are stored are not those that were put; look at them and rotate again");
    }
    Ok(())
}
