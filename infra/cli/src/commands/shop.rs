//! `rekindle shop`: shows and changes a shop's settings over the HTTP API of a running stack; creates shops of a deployed
//! stack and their keys.

mod arguments;
mod connections;
mod keys;
mod policy;
mod sending;
mod shop_systems;

use super::WrongUse;
use super::admin_api::{AdminArgs, Api};
use super::output::print;
use anyhow::Context;
use clap::{Args, Subcommand};
use connections::ConnectionAction;
use keys::KeyAction;
use sending::SendingAction;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Shows and changes a shop's brand, policy and templates. Invalid ones are refused, with the place of the mistake; a change
/// is in effect everywhere within a minute. With --stack the shop is one of a deployed stack, which can have several.
#[derive(Debug, Args)]
pub(super) struct ShopArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    admin: AdminArgs,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    #[command(flatten)]
    Keys(KeyAction),
    #[command(flatten)]
    Sending(SendingAction),
    #[command(flatten)]
    Connections(ConnectionAction),
    #[command(flatten)]
    Settings(SettingsAction),
}

/// Actions of the shop's own administrators, over HTTP.
#[derive(Debug, Subcommand)]
enum SettingsAction {
    /// Print brand, own templates and policy
    Show,
    /// Replace the brand with a JSON file: name, sender_address, sender_name, postal_address, shop_url, …
    SetBrand {
        /// The file
        file: PathBuf,
    },
    /// Replace the policy with a TOML file; settings that it leaves out have their defaults
    SetPolicy {
        /// The file
        file: PathBuf,
        /// Store nothing: print how many customers would change their stage and which messages would go out now
        #[arg(long)]
        dry_run: bool,
    },
    /// List the stored versions of the policy, newest first, with who stored each and when
    PolicyVersions,
    /// Store the policy of an earlier version again, as a new version
    RestorePolicy {
        /// The number of the version, from policy-versions
        version: u32,
    },
    /// Store a template of the shop's own from a TOML file: name, language, channel, and subject, preheader, mjml, text
    /// for a mail or sms for a text message
    SetTemplate {
        /// The file
        file: PathBuf,
    },
    /// Remove a template of the shop's own; the built-in one of that name is used again
    RemoveTemplate {
        /// Its name
        name: String,
        /// Its language
        language: String,
    },
}

pub(super) async fn run(args: ShopArgs) -> anyhow::Result<()> {
    let address = args.admin.stack();
    let deployed = WrongUse("this action is for a deployed stack: name one with --stack".to_owned());
    let answer = match args.action {
        Action::Keys(action) => action.run(&address.ok_or(deployed)?).await?,
        Action::Sending(action) => action.run(&address.ok_or(deployed)?).await?,
        Action::Connections(action) => {
            let api = args.admin.api().await?;
            tokio::task::spawn_blocking(move || connections::act(&api, &action, args.json)).await??
        }
        Action::Settings(action) => {
            let api = args.admin.api().await?;
            tokio::task::spawn_blocking(move || act(&api, &action)).await??
        }
    };
    if args.json {
        print(answer.json)?;
    } else {
        print(answer.text)?;
    }
    Ok(())
}

/// The result of an action, for people and for programs.
struct Answer {
    text: String,
    json: Value,
}

fn act(api: &Api, action: &SettingsAction) -> anyhow::Result<Answer> {
    let done = |text: String| Answer { text, json: json!({ "success": true }) };
    match action {
        SettingsAction::Show => show(api),
        SettingsAction::SetBrand { file } => {
            api.call("PUT", "/v1/brand", Some(&load(file)?))?;
            Ok(done("The brand is stored.".to_owned()))
        }
        SettingsAction::SetPolicy { file, dry_run: true } => {
            policy::dry_run(&api.call_json("POST", "/v1/policy/dry-run", Some(&load(file)?))?)
        }
        SettingsAction::SetPolicy { file, dry_run: false } => {
            policy::stored(api.call_json("PUT", "/v1/policy", Some(&load(file)?))?)
        }
        SettingsAction::PolicyVersions => policy::versions(|path| api.call_json("GET", path, None)),
        SettingsAction::RestorePolicy { version } => {
            policy::stored(api.call_json("POST", &format!("/v1/policy/versions/{version}/restore"), None)?)
        }
        SettingsAction::SetTemplate { file } => {
            let template: toml::Table = toml::from_str(&load(file)?)
                .map_err(|error| anyhow::anyhow!("{} is not TOML: {error}", file.display()))?;
            let path = template_path(&word(&template, "name", file)?, &word(&template, "language", file)?);
            api.call("PUT", &path, Some(&serde_json::to_string(&template)?))?;
            Ok(done("The template is stored.".to_owned()))
        }
        SettingsAction::RemoveTemplate { name, language } => {
            api.call("DELETE", &template_path(name, language), None)?;
            Ok(done("The template is removed.".to_owned()))
        }
    }
}

fn show(api: &Api) -> anyhow::Result<Answer> {
    let brand: Value = serde_json::from_str(&api.call("GET", "/v1/brand", None)?)?;
    let mut templates: Value = serde_json::from_str(&api.call("GET", "/v1/templates", None)?)?;
    let templates = templates["templates"].take();
    let policy = api.call("GET", "/v1/policy", None)?;
    let listed = templates.as_array().into_iter().flatten().map(|own| {
        let part = |name: &str| own[name].as_str().unwrap_or_default();
        format!("  {} ({}, {})\n", part("name"), part("channel"), part("language"))
    });
    let listed: String = listed.collect();
    let listed = if listed.is_empty() { "  none: the built-in ones are used\n" } else { &listed };
    let text = format!("Brand\n{brand:#}\n\nOwn templates\n{listed}\nPolicy\n{}", policy.trim_end());
    Ok(Answer { text, json: json!({ "brand": brand, "templates": templates, "policy": policy }) })
}

fn template_path(name: &str, language: &str) -> String {
    let encoded =
        |part: &str| percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("/v1/templates/{}/{}", encoded(name), encoded(language))
}

fn word(template: &toml::Table, name: &str, file: &Path) -> anyhow::Result<String> {
    let value = template.get(name).and_then(toml::Value::as_str);
    value.map(str::to_owned).with_context(|| format!("{} has no {name}", file.display()))
}

fn load(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}
