//! What a process learned lately, so that the same need not be read again for every order.

use jiff::{SignedDuration, Timestamp};
use rekindle_catalogue::Sighting;
use rekindle_lifecycle::id::{ShopId, hash};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How long something that was learned is not looked up again. Another process may have learned a later value meanwhile.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(1);
/// Most sightings that are remembered: some 5 MB. When they are full, all are forgotten.
const MAX_REMEMBERED: usize = 50_000;

/// Sightings that were applied lately, whatever their time. Clones share them.
#[derive(Clone, Default)]
pub struct Learned(Arc<Mutex<HashMap<[u8; 16], Timestamp>>>);

impl Learned {
    /// Whether the same was applied within the last hour before `now`.
    #[must_use]
    pub fn knows(&self, shop: &ShopId, sighting: &Sighting, now: Timestamp) -> bool {
        let Ok(learned) = self.0.lock() else { return false };
        let learned_at = learned.get(&digest(shop, sighting));
        learned_at.is_some_and(|at| (SignedDuration::ZERO..MAX_AGE).contains(&now.duration_since(*at)))
    }

    /// Remembers what was applied.
    pub fn remember<'s>(&self, shop: &ShopId, sightings: impl Iterator<Item = &'s Sighting>, now: Timestamp) {
        let Ok(mut learned) = self.0.lock() else { return };
        for sighting in sightings {
            if learned.len() >= MAX_REMEMBERED {
                learned.clear();
            }
            learned.insert(digest(shop, sighting), now);
        }
    }
}

impl std::fmt::Debug for Learned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Learned").finish_non_exhaustive()
    }
}

/// What a sighting shows, without its time.
fn digest(shop: &ShopId, sighting: &Sighting) -> [u8; 16] {
    let Sighting { id, at: _, name, url, image, brand, category, sku, price } = sighting;
    let price = price.map(|price| format!("{} {}", price.minor, price.currency.code()));
    let texts = [name, url, image, brand, category, sku, &price].map(|text| text.as_deref().unwrap_or("\0"));
    let [name, url, image, brand, category, sku, price] = texts;
    let (product, variant) = (id.product(), id.variant().unwrap_or("\0"));
    let whole = hash(&[shop.as_str(), product, variant, name, url, image, brand, category, sku, price]);
    whole.first_chunk().copied().expect("a hash has 32 bytes")
}
