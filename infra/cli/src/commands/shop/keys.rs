//! The shops of a deployed stack, and the keys with which they call the HTTP API.

use super::Answer;
use super::arguments::{sender, shop_id};
use crate::commands::stack_address::StackAddress;
use anyhow::{Context, anyhow, bail};
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::KeyLimits;
use rekindle_store::Store;
use rekindle_store::shop::api_keys::{ApiKeyRecord, Role, hash_of};
use rekindle_store::shop::senders::Sender;
use serde_json::{Value, json};
use std::fmt::Write;

/// Characters of a key's id that are shown: 48 bits of its hash.
const SHOWN_ID_LEN: usize = 12;

/// Actions on the tables of a deployed stack.
#[derive(Debug, Subcommand)]
pub(super) enum KeyAction {
    /// Create a shop in a deployed stack and print its write key and its admin key; they are shown this once
    Create {
        /// Its name: lower-case letters, digits and hyphens
        #[arg(value_parser = shop_id)]
        shop: ShopId,
        /// An address that it may send from, or all at a domain: @shop.example.com; several times for several
        #[arg(long, value_parser = sender)]
        sender: Vec<Sender>,
    },
    /// List the shops of a deployed stack
    List,
    /// List the keys of a shop in a deployed stack by their ids: what each is for, and since when
    Keys {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
    },
    /// Create a key for a shop in a deployed stack and print it; it is shown this once, and old keys go on working
    RotateKey {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
        /// What the key is for: sending events, everything else, or visits and carts from pages and apps
        #[arg(long, value_enum)]
        role: KeyRole,
    },
    /// Revoke a key of a shop in a deployed stack; it is refused within a minute
    RevokeKey {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
        /// The key's id, from `shop keys`, or as much of it as is unambiguous
        #[arg(value_parser = key_id)]
        key: String,
    },
    /// Change how many calls and events a second a key may send in the long run; bursts of a minute's worth are accepted. In
    /// effect within a minute, for each running instance of a function
    LimitKey {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
        /// The key's id, from `shop keys`, or as much of it as is unambiguous
        #[arg(value_parser = key_id)]
        key: String,
        /// Calls a second
        #[arg(long, default_value_t = KeyLimits::DEFAULT.requests_per_second)]
        requests: f64,
        /// Events a second
        #[arg(long, default_value_t = KeyLimits::DEFAULT.events_per_second)]
        events: f64,
    },
}

/// What a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KeyRole {
    Write,
    Admin,
    Public,
}

impl From<KeyRole> for Role {
    fn from(role: KeyRole) -> Self {
        match role {
            KeyRole::Write => Self::Write,
            KeyRole::Admin => Self::Admin,
            KeyRole::Public => Self::Public,
        }
    }
}

impl KeyAction {
    pub(super) async fn run(&self, address: &StackAddress) -> anyhow::Result<Answer> {
        let deployment = address.find().await?;
        let (store, url) = (&deployment.store, &deployment.outputs.public_url);
        match self {
            Self::Create { shop, sender } => create(store, shop, sender, url, &address.options()).await,
            Self::List => list(store).await,
            Self::Keys { shop } => keys(store, shop).await,
            Self::RotateKey { shop, role } => rotate(store, shop, (*role).into(), &address.options()).await,
            Self::RevokeKey { shop, key } => revoke(store, shop, key).await,
            Self::LimitKey { shop, key, requests, events } => {
                let limits = KeyLimits { requests_per_second: *requests, events_per_second: *events };
                limit(store, shop, key, limits).await
            }
        }
    }
}

/// Lists the shop, then creates its keys. After an interruption in between, creating it again continues, since it has no keys
/// yet; a shop with keys is not created again.
async fn create(store: &Store, shop: &ShopId, senders: &[Sender], url: &str, options: &str) -> anyhow::Result<Answer> {
    let now = Timestamp::now();
    let is_new = store.list_shop(shop, now).await.context("the shop was not created")?;
    if !is_new && !store.keys_of(shop).await?.is_empty() {
        bail!(
            "the shop {shop} exists already; a new key is made with: rekindle shop rotate-key {shop} --role write {options}"
        );
    }
    store.list_refused_days_from(shop, now).await.context("the shop has no keys yet; create it again")?;
    for sender in senders {
        store.grant_sender(shop, sender).await.context("the shop has no keys yet; create it again")?;
    }
    let write = store.create_key(shop, Role::Write, now).await.context("the shop has no keys yet; create it again")?;
    let admin = store.create_key(shop, Role::Admin, now).await.with_context(|| {
        format!("the shop has no admin key yet: make one with rekindle shop rotate-key {shop} --role admin {options}")
    })?;
    let grant = if senders.is_empty() {
        format!("  rekindle shop grant-sender {shop} hello@shop.example.com {options}\n")
    } else {
        String::new()
    };
    let text = format!(
        "The shop {shop} is created.\n\nwrite key  {write}\nadmin key  {admin}\n\nKeep them: they are shown this once.\n\
         Events go to {url}/v1/track. Next, set the sender:\n{grant}  REKINDLE_ADMIN_KEY={}… rekindle shop set-brand brand.json \
         {options}",
        Role::Admin.prefix()
    );
    Ok(Answer { text, json: json!({ "shop": shop, "write_key": write, "admin_key": admin, "endpoint": url }) })
}

async fn list(store: &Store) -> anyhow::Result<Answer> {
    let shops = store.listed_shops().await?;
    let mut text = shops.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        text.push_str("There is no shop yet: rekindle shop create NAME makes one.");
    }
    Ok(Answer { text, json: json!({ "shops": shops }) })
}

async fn keys(store: &Store, shop: &ShopId) -> anyhow::Result<Answer> {
    let mut keys = store.keys_of(shop).await?;
    keys.sort_by_key(|key| (key.created_at, key.role.name()));
    let mut text = String::new();
    for key in &keys {
        writeln!(text, "{}  {:<6}  {}", id_of(key), key.role.name(), key.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"))?;
    }
    if text.is_empty() {
        text = format!("The shop {shop} has no keys.");
    }
    let listed: Vec<Value> = keys.iter().map(to_json).collect();
    Ok(Answer { text: text.trim_end().to_owned(), json: json!({ "shop": shop, "keys": listed }) })
}

async fn rotate(store: &Store, shop: &ShopId, role: Role, options: &str) -> anyhow::Result<Answer> {
    let old: Vec<ApiKeyRecord> = store.keys_of(shop).await?;
    if old.is_empty() {
        bail!("there is no shop {shop}, or it has no keys; create it with: rekindle shop create {shop} {options}");
    }
    let old: Vec<ApiKeyRecord> = old.into_iter().filter(|key| key.role == role).collect();
    let key = store.create_key(shop, role, Timestamp::now()).await?;
    let mut text = format!("{} key  {key}\n\n{}", role.name(), keeping(role));
    if !old.is_empty() {
        write!(text, " These go on working until they are revoked:")?;
    }
    for key in &old {
        write!(text, "\n  rekindle shop revoke-key {shop} {} {options}", id_of(key))?;
    }
    let still_valid: Vec<Value> = old.iter().map(to_json).collect();
    let id = &hash_of(&key)[..SHOWN_ID_LEN];
    Ok(Answer { text, json: json!({ "shop": shop, "role": role.name(), "key": key, "id": id, "old": still_valid }) })
}

/// What is done with a new key.
fn keeping(role: Role) -> &'static str {
    match role {
        Role::Write | Role::Admin => "Keep it: it is shown this once.",
        Role::Public => "It may stand in pages and apps: it reports visits and carts of devices, and nothing else.",
    }
}

async fn revoke(store: &Store, shop: &ShopId, id: &str) -> anyhow::Result<Answer> {
    let keys = store.keys_of(shop).await?;
    let key = only(&keys, shop, id)?;
    store.revoke_key(shop, &key.hash).await?;
    let left = keys.iter().filter(|other| other.role == key.role).count() - 1;
    let mut text = format!("The {} key {} is revoked; it is refused within a minute.", key.role.name(), id_of(key));
    if left == 0 {
        write!(text, " The shop has no {} key any more.", key.role.name())?;
    }
    Ok(Answer { text, json: json!({ "shop": shop, "revoked": id_of(key), "role": key.role.name(), "left": left }) })
}

async fn limit(store: &Store, shop: &ShopId, id: &str, limits: KeyLimits) -> anyhow::Result<Answer> {
    let limits = limits.check().map_err(|name| anyhow!("{name} must be above 0 and at most 1000000"))?;
    let keys = store.keys_of(shop).await?;
    let key = only(&keys, shop, id)?;
    store.limit_key(shop, &key.hash, limits).await?;
    let KeyLimits { requests_per_second: requests, events_per_second: events } = limits;
    let text = format!(
        "The {} key {} may send {requests} calls and {events} events a second, within a minute.",
        key.role.name(),
        id_of(key)
    );
    let json = json!({ "shop": shop, "key": id_of(key), "requests_per_second": requests, "events_per_second": events });
    Ok(Answer { text, json })
}

/// The only key whose id begins with a text.
fn only<'k>(keys: &'k [ApiKeyRecord], shop: &ShopId, id: &str) -> anyhow::Result<&'k ApiKeyRecord> {
    let mut found = keys.iter().filter(|key| key.hash.starts_with(id));
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        _ => {
            bail!("{id} is the id of no key of the shop {shop}, or of several; `rekindle shop keys {shop}` lists them")
        }
    }
}

fn id_of(key: &ApiKeyRecord) -> &str {
    &key.hash[..SHOWN_ID_LEN.min(key.hash.len())]
}

fn to_json(key: &ApiKeyRecord) -> Value {
    json!({ "id": id_of(key), "role": key.role.name(), "created_at": key.created_at })
}

/// Parses the id of a key. A key in place of its id is accepted too.
fn key_id(text: &str) -> Result<String, String> {
    let text = text.trim();
    if Role::ALL.iter().any(|role| text.starts_with(role.prefix())) {
        return Ok(hash_of(text));
    }
    let hexadecimal = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if hexadecimal && (6..=64).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("the id of a key is at least 6 hexadecimal digits, as `rekindle shop keys` lists them".to_owned())
    }
}
