//! How a shop speaks: its brand and its templates, read from its settings.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{Brand, TemplateOverride, Templates};
use rekindle_store::shops::{BRAND, TEMPLATE};
use rekindle_store::{Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How long what was read is used before it is read again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// A shop's brand and templates.
#[derive(Debug)]
pub struct Voice {
    /// Name, sender, postal address, colour.
    pub brand: Brand,
    /// The built-in templates with the shop's own in their place.
    pub templates: Templates,
}

/// Voices read lately, and when, by shop.
type KnownVoices = HashMap<ShopId, (Timestamp, Arc<Voice>)>;

/// Knows the voices of shops; reads each at most once a minute.
#[derive(Clone)]
pub struct Voices {
    built_in: Arc<Templates>,
    known: Arc<Mutex<KnownVoices>>,
}

/// A shop cannot speak.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    /// The settings could not be read.
    #[error("the shop's settings could not be read")]
    Store(#[from] StoreError),
    /// The shop has no brand, or one that this version cannot read.
    #[error("the shop has no valid brand: store its name, sender, postal address and URL first")]
    NoBrand,
}

impl Voices {
    /// Knows nothing but the built-in templates yet.
    #[must_use]
    pub fn new(built_in: Templates) -> Self {
        Self { built_in: Arc::new(built_in), known: Arc::default() }
    }

    /// The voice of a shop at `now`.
    ///
    /// # Errors
    /// The shop has no brand or its settings cannot be read.
    pub async fn of(&self, store: &Store, shop: &ShopId, now: Timestamp) -> Result<Arc<Voice>, VoiceError> {
        if let Some(voice) = self.known_voice(shop, now) {
            return Ok(voice);
        }
        let brand = store.get_setting(shop, BRAND).await?.and_then(|brand| serde_json::from_value(brand).ok());
        let brand = brand.ok_or(VoiceError::NoBrand)?;
        let mut templates = (*self.built_in).clone();
        for (name, value) in store.settings_with_prefix(shop, TEMPLATE).await? {
            // Checked when it was stored: what cannot be used now was written by another version.
            let own = serde_json::from_value::<TemplateOverride>(value).ok();
            match own.and_then(|own| templates.with_override(&own).ok()) {
                Some(with_own) => templates = with_own,
                None => tracing::error!(setting = name, "a template of the shop cannot be used; the built-in one is"),
            }
        }
        let voice = Arc::new(Voice { brand, templates });
        if let Ok(mut known) = self.known.lock() {
            known.insert(shop.clone(), (now, Arc::clone(&voice)));
        }
        Ok(voice)
    }

    fn known_voice(&self, shop: &ShopId, now: Timestamp) -> Option<Arc<Voice>> {
        let known = self.known.lock().ok()?;
        let (read_at, voice) = known.get(shop)?;
        let age = now.duration_since(*read_at);
        (age >= SignedDuration::ZERO && age < FRESH).then(|| Arc::clone(voice))
    }
}

impl std::fmt::Debug for Voices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Voices")
    }
}
