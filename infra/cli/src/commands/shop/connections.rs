//! Connections to shop systems: what to enter where, the key, and the first delivery.

use super::shop_systems::ShopSystem;
use super::{Answer, load};
use crate::commands::admin_api::Api;
use crate::commands::output::print;
use crate::commands::progress::spinner;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The environment variable with the key of a shop system.
const SECRET: &str = "REKINDLE_CONNECTION_SECRET";
/// Pause between two looks for the first delivery.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After how long without a delivery a connection is remarked upon.
const SILENCE: SignedDuration = SignedDuration::from_hours(48);

/// Actions about connections to shop systems.
#[derive(Debug, Subcommand)]
pub(super) enum ConnectionAction {
    /// Connect a shop system: print what to enter there, store its signing key, wait for its first delivery. The key is read from
    /// the environment variable REKINDLE_CONNECTION_SECRET, else from the standard input
    Connect(ConnectArgs),
    /// List the connections: when each delivered last, and what became of the latest deliveries
    Connections,
    /// Remove a connection: its address answers nothing any more
    Disconnect {
        /// The shop system, or the name of the mapping
        system: String,
    },
    /// Read kept deliveries again, after a mapping was mended
    ReplayDeliveries {
        /// The shop system, or the name of the mapping
        system: String,
        /// All of them, not only those of which something was refused or ignored
        #[arg(long)]
        all: bool,
        /// Only those that came at this instant or later
        #[arg(long, value_name = "INSTANT")]
        since: Option<Timestamp>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ConnectArgs {
    /// shopify, woocommerce, stripe, or a name of your own with --mapping
    system: String,
    /// The mapping: a JSON file, or the name of one that comes with the engine
    #[arg(long, value_name = "FILE")]
    mapping: Option<String>,
    /// What the shop decides about reading: a JSON file
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// How many days bodies are kept: 7 to 90, or 0 for not at all
    #[arg(long, value_name = "DAYS")]
    keep_days: Option<u16>,
    /// The currency of amounts that come without one
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Customers are known by their address, because the shop posts events under other ids than the shop system's
    #[arg(long)]
    customers_by_address: bool,
    /// Store the connection and do not wait for a delivery
    #[arg(long)]
    no_wait: bool,
    /// The most minutes to wait for the first delivery
    #[arg(long, default_value = "15", value_name = "MINUTES")]
    wait: u64,
}

pub(super) fn act(api: &Api, action: &ConnectionAction, is_json: bool) -> anyhow::Result<Answer> {
    match action {
        ConnectionAction::Connect(args) => connect(api, args, is_json),
        ConnectionAction::Connections => list(api),
        ConnectionAction::Disconnect { system } => {
            api.call("DELETE", &path(system), None)?;
            Ok(Answer { text: format!("{system} is disconnected."), json: json!({ "success": true }) })
        }
        ConnectionAction::ReplayDeliveries { system, all, since } => {
            let asked = json!({ "which": if *all { "all" } else { "refused" }, "since": since });
            let answer = api.call_json("POST", &format!("{}/replay", path(system)), Some(&asked.to_string()))?;
            let rest = if answer["all"] == true { "" } else { "; there are more, run it again afterwards" };
            Ok(Answer { text: format!("{} deliveries are read again{rest}.", answer["deliveries"]), json: answer })
        }
    }
}

fn path(system: &str) -> String {
    let name = percent_encoding::utf8_percent_encode(system, percent_encoding::NON_ALPHANUMERIC);
    format!("/v1/connectors/{name}")
}

fn connect(api: &Api, args: &ConnectArgs, is_json: bool) -> anyhow::Result<Answer> {
    let system = ShopSystem::find(&args.system);
    if system.is_none() && args.mapping.is_none() {
        bail!("{} has no reader of its own: give its mapping with --mapping", args.system);
    }
    let known: Value = api.call_json("GET", "/v1/connectors", None)?;
    let is_known = known["connections"].as_array().into_iter().flatten().any(|one| one["connector"] == args.system);
    // The shop follows from the key, and the address holds it.
    let shop = known["shop"].as_str().context("the stack is older than this command: it does not say its shop")?;
    let address = format!("{}/v1/webhooks/{}/{shop}", api.endpoint(), args.system);
    let own_key = system.is_some_and(|system| system.takes_our_key).then(new_key);
    if !is_json {
        print(instructions(system, &address, own_key.as_deref()))?;
    }
    let secret = match own_key {
        Some(key) if !is_known => Some(key),
        _ => secret(is_known)?,
    };
    let before =
        api.call_json("GET", &path(&args.system), None).map_or(Value::Null, |it| it["last_delivery_at"].clone());
    let stored = api.call_json("PUT", &path(&args.system), Some(&wish(args, secret)?.to_string()))?;
    let can_wait = !args.no_wait && !is_json && std::io::stderr().is_terminal();
    if !can_wait {
        let text = format!("The connection is stored. {address} takes deliveries.");
        return Ok(Answer { text, json: json!({ "address": address, "connection": stored }) });
    }
    let first = wait_for_delivery(api, args, &before)?;
    let text = match &first {
        Some(deliveries) => arrived(system, deliveries)?,
        None => format!(
            "The connection is stored, and nothing came yet. `rekindle shop connections` shows when something does.\n{}",
            system.map_or("", |system| system.if_silent)
        ),
    };
    Ok(Answer { text, json: json!({ "address": address, "connection": stored, "deliveries": first }) })
}

fn instructions(system: Option<&ShopSystem>, address: &str, own_key: Option<&str>) -> String {
    let mut text = String::new();
    match system {
        Some(system) => {
            let _ = writeln!(text, "In {}: {}", system.title, system.place);
            let _ = writeln!(text, "  address   {address}");
            for topic in system.topics {
                let _ = writeln!(text, "  topic     {topic}");
            }
            let _ = writeln!(text, "  {}", system.format);
        }
        None => {
            let _ = writeln!(text, "Let the system post JSON to\n  address   {address}");
        }
    }
    match (own_key, system) {
        (Some(key), _) => {
            let _ = writeln!(text, "  secret    {key}");
        }
        (None, Some(system)) => {
            let _ = writeln!(text, "{}", system.key);
        }
        (None, None) => text.push_str("It signs as its mapping says.\n"),
    }
    text.trim_end().to_owned()
}

/// The key that the system signs with: from the environment, else a line of the standard input. Nothing if a stored one stays.
fn secret(is_known: bool) -> anyhow::Result<Option<String>> {
    if let Ok(secret) = std::env::var(SECRET) {
        return Ok(Some(secret));
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        let stays = if is_known { " (nothing: the stored one stays)" } else { "" };
        print(format_args!("Paste the key and press Enter{stays}:"))?;
    }
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    let line = line.trim().to_owned();
    if line.is_empty() && !is_known {
        bail!("no key: paste it, pipe it in, or set {SECRET}");
    }
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// A key that a shop system takes: letters and digits only, because WordPress changes other characters.
fn new_key() -> String {
    use rand::distr::{Alphanumeric, SampleString};
    Alphanumeric.sample_string(&mut rand::rng(), 40)
}

fn wish(args: &ConnectArgs, secret: Option<String>) -> anyhow::Result<Value> {
    let mut wish = json!({});
    if let Some(secret) = secret {
        wish["secrets"] = json!([secret]);
    }
    if let Some(mapping) = &args.mapping {
        let file = PathBuf::from(mapping);
        wish["mapping"] = if file.exists() {
            serde_json::from_str(&load(&file)?).with_context(|| format!("{mapping} is not JSON"))?
        } else {
            json!(mapping)
        };
    }
    if let Some(file) = &args.settings {
        wish["settings"] =
            serde_json::from_str(&load(file)?).with_context(|| format!("{} is not JSON", file.display()))?;
    }
    if let Some(days) = args.keep_days {
        wish["keep_days"] = json!(days);
    }
    if let Some(currency) = &args.currency {
        wish["currency"] = json!(currency);
    }
    if args.customers_by_address {
        wish["customers_by"] = json!("address");
    }
    Ok(wish)
}

/// The latest deliveries, once there is a new one; nothing if none came in time.
fn wait_for_delivery(api: &Api, args: &ConnectArgs, before: &Value) -> anyhow::Result<Option<Value>> {
    let bar = spinner(format!("waiting for the first delivery of {}", args.system));
    let until = Instant::now() + Duration::from_secs(60 * args.wait);
    while Instant::now() < until {
        let connection = api.call_json("GET", &path(&args.system), None)?;
        if connection["last_delivery_at"] != *before {
            let answer = api.call_json("GET", &format!("{}/deliveries", path(&args.system)), None)?;
            if answer["deliveries"].as_array().is_some_and(|deliveries| !deliveries.is_empty()) {
                bar.finish_and_clear();
                return Ok(Some(answer["deliveries"].clone()));
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
    bar.finish_and_clear();
    Ok(None)
}

/// What came, and which topics did not yet.
fn arrived(system: Option<&ShopSystem>, deliveries: &Value) -> anyhow::Result<String> {
    let deliveries: Vec<&Value> = deliveries.as_array().into_iter().flatten().collect();
    let mut text = String::from("Deliveries arrive, and are signed as they should be.\n");
    for one in deliveries.iter().take(5) {
        writeln!(text, "  {}", described(one))?;
    }
    let seen = |topic: &str| deliveries.iter().any(|one| one["topic"] == topic);
    let missing: Vec<&str> =
        system.into_iter().flat_map(|system| system.needed).copied().filter(|it| !seen(it)).collect();
    if !missing.is_empty() {
        writeln!(text, "Not seen yet: {}. Each comes when it happens.", missing.join(", "))?;
    }
    Ok(text.trim_end().to_owned())
}

fn described(delivery: &Value) -> String {
    let part = |name: &str| delivery[name].as_str().unwrap_or_default();
    let detail = if part("detail").is_empty() { String::new() } else { format!(": {}", part("detail")) };
    format!("{}  {:<28} {}{detail}", part("received_at"), part("topic"), part("outcome"))
}

fn list(api: &Api) -> anyhow::Result<Answer> {
    let mut answer = api.call_json("GET", "/v1/connectors", None)?;
    let mut text = String::new();
    let connections = answer["connections"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let mut shown = Vec::new();
    for mut connection in connections {
        let name = connection["connector"].as_str().unwrap_or_default().to_owned();
        let last: Option<Timestamp> = connection["last_delivery_at"].as_str().and_then(|at| at.parse().ok());
        let since = match last {
            None => "nothing came yet".to_owned(),
            Some(at) => {
                let age = Timestamp::now().duration_since(at);
                let silent = if age > SILENCE { "; is it still switched on there?" } else { "" };
                format!("delivered last at {at}{silent}")
            }
        };
        writeln!(text, "{name}: {since}")?;
        if let Some(error) = connection["error"].as_str() {
            writeln!(text, "  {error}")?;
        }
        let page = api.call_json("GET", &format!("{}/deliveries", path(&name)), None)?;
        for one in page["deliveries"].as_array().into_iter().flatten().take(5) {
            writeln!(text, "  {}", described(one))?;
        }
        connection["deliveries"] = page["deliveries"].clone();
        shown.push(connection);
    }
    if text.is_empty() {
        text.push_str("No shop system is connected. rekindle shop connect shopify connects one.");
    }
    Ok(Answer { text: text.trim_end().to_owned(), json: json!({ "connections": shown }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_enter_names_the_address_the_topics_and_where_the_key_is() {
        let address = "https://api.example.com/v1/webhooks/shopify/vinyl";
        let shopify = instructions(ShopSystem::find("shopify"), address, None);
        for said in
            [address, "Order creation", "Refund creation", "Product update", "Inventory level", "not the client secret"]
        {
            assert!(shopify.contains(said), "{shopify}");
        }
        let woocommerce = instructions(ShopSystem::find("woocommerce"), address, Some("KEY123"));
        for said in ["Order updated", "Product deleted", "secret    KEY123"] {
            assert!(woocommerce.contains(said), "{woocommerce}");
        }
        assert!(instructions(None, address, None).contains("as its mapping says"));
        let (one, other) = (new_key(), new_key());
        assert!(one != other && one.len() == 40 && one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[test]
    fn topics_that_did_not_come_yet_are_named() {
        let deliveries =
            json!([{ "received_at": "2026-03-02T10:00:00Z", "topic": "orders/create", "outcome": "events" }]);
        let text = arrived(ShopSystem::find("shopify"), &deliveries).expect("words");
        assert!(text.contains("orders/create") && text.contains("Not seen yet: orders/updated"), "{text}");
    }
}
