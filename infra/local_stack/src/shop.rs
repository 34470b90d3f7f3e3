//! The one shop of a local stack: its keys and its brand.

use super::DataDir;
use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use rand::TryRng;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::KeyRing;
use rekindle_store::Store;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::shop::senders::Sender;
use rekindle_store::shop::settings::BRAND;
use serde_json::{Value, json};
use std::sync::Arc;

/// The id of the shop of every local stack.
pub const SHOP: &str = "shop";
const LINK_KEYS: &str = "link-keys.json";

/// The shop of a local stack.
#[derive(Clone)]
pub struct LocalShop {
    /// Its id.
    pub id: ShopId,
    /// The keys that seal the links in its messages.
    pub link_keys: Arc<KeyRing>,
    /// The same keys as JSON, as the functions' environment has them.
    pub(super) ring: String,
}

/// Shows no key.
impl std::fmt::Debug for LocalShop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalShop").field("id", &self.id).finish_non_exhaustive()
    }
}

impl LocalShop {
    /// Loads the shop, or creates it with new link keys and a sample brand.
    pub(super) async fn set_up(data: &DataDir, store: &Store, now: Timestamp) -> Result<Self, String> {
        let id = ShopId::parse(SHOP).map_err(|error| error.to_string())?;
        let ring = match data.load(LINK_KEYS).map_err(|error| error.to_string())? {
            Some(ring) => ring,
            None => {
                let ring = new_ring()?;
                data.replace(LINK_KEYS, &ring).map_err(|error| error.to_string())?;
                ring
            }
        };
        let link_keys =
            KeyRing::parse(&ring, Timestamp::UNIX_EPOCH).map_err(|error| format!("{LINK_KEYS}: {error}"))?;
        let brand = store.get_setting(&id, BRAND).await.map_err(|error| error.to_string())?;
        if brand.is_none() {
            store.list_refused_days_from(&id, now).await.map_err(|error| error.to_string())?;
            store.put_setting(&id, BRAND, &sample_brand()).await.map_err(|error| error.to_string())?;
        }
        // The shop has no neighbours whose name it could send in.
        store.grant_sender(&id, &Sender::any()).await.map_err(|error| error.to_string())?;
        // A policy that another version stored is parsed again from its text; on AWS `doctor` asks for that.
        if store.stored_policy(&id).await.is_err()
            && let Some(text) = store.policy_text(&id).await.map_err(|error| error.to_string())?
        {
            store.put_policy(&id, &text).await.map_err(|error| format!("the shop's policy: {error}"))?;
        }
        Ok(Self { id, link_keys: Arc::new(link_keys), ring })
    }

    /// Creates a key for the HTTP API and returns it. It cannot be read again.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn new_key(
        &self,
        store: &Store,
        role: Role,
        now: Timestamp,
    ) -> Result<String, rekindle_store::StoreError> {
        store.create_key(&self.id, role, now).await
    }
}

fn new_ring() -> Result<String, String> {
    let mut secret = [0_u8; 32];
    rand::rngs::SysRng.try_fill_bytes(&mut secret).map_err(|error| error.to_string())?;
    Ok(json!({ "current": 1, "keys": [{ "id": 1, "secret": Base64::encode_string(&secret) }] }).to_string())
}

/// The brand of a shop that has none of its own yet.
#[must_use]
pub fn sample_brand() -> Value {
    json!({
        "name": "Harbour Records",
        "sender_address": "hello@harbour-records.example",
        "sender_name": "Marta at Harbour Records",
        "postal_address": "12 Harbour Lane, Bristol BS1 4RW, United Kingdom",
        "shop_url": "https://harbour-records.example",
        "accent_colour": "#1f4f7a",
    })
}
