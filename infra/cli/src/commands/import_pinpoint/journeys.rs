//! `rekindle import-pinpoint journeys`: translates journeys, limits and quiet time into a policy.

use crate::commands::output::{note, print};
use anyhow::{Context, bail};
use clap::Args;
use rekindle_imports::pinpoint::journeys::{Choices, Input, translate};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Translates the output of `aws pinpoint get-journey` or `list-journeys` into a policy. What cannot be carried over is
/// listed in it as comments, and on standard error.
#[derive(Debug, Args)]
pub(super) struct JourneysArgs {
    /// JSON of get-journey, list-journeys, get-campaign or get-campaigns
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// JSON of get-application-settings
    #[arg(long, value_name = "FILE")]
    settings: Vec<PathBuf>,
    /// The trigger of a journey, by its name in Pinpoint, such as "Win back=stage:lapsed"; once for each journey
    #[arg(long = "trigger", value_name = "NAME=TRIGGER", value_parser = pair)]
    triggers: Vec<(String, String)>,
    /// Add the journeys of the default policy
    #[arg(long)]
    keep_default_journeys: bool,
    /// The file for the policy [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print policy and notes as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &JourneysArgs) -> anyhow::Result<()> {
    let mut input = Input::default();
    for file in args.files.iter().chain(&args.settings) {
        let document = load_json(file)?;
        input.add(document).with_context(|| file.display().to_string())?;
    }
    let triggers = args.triggers.iter().cloned().collect();
    let choices = Choices { triggers, keep_default_journeys: args.keep_default_journeys };
    let translation = translate(&input, &choices)?;
    if let Some(out) = &args.out {
        std::fs::write(out, &translation.policy).with_context(|| format!("{} cannot be written", out.display()))?;
    }
    for not_carried_over in &translation.notes {
        note(not_carried_over);
    }
    if args.json {
        print(json!({
            "policy": translation.policy,
            "notes": translation.notes,
            "journeys": translation.journeys,
            "set_aside": translation.set_aside,
        }))?;
    } else if args.out.is_none() {
        print(translation.policy.trim_end())?;
    } else {
        note(format_args!(
            "{} journeys are in force, {} are comments, {} notes need a look",
            translation.journeys,
            translation.set_aside,
            translation.notes.len()
        ));
    }
    Ok(())
}

fn load_json(file: &Path) -> anyhow::Result<serde_json::Value> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match serde_json::from_str(text) {
        Ok(document) => Ok(document),
        Err(error) => bail!("{} is not JSON: {error}", file.display()),
    }
}

/// Parses `NAME=TRIGGER`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((name, trigger)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), trigger.trim().to_owned())),
        _ => Err("should be like \"Win back=stage:lapsed\"".to_owned()),
    }
}
