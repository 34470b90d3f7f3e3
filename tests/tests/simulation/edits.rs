//! What the people of a shop and its operator change while everything runs: rules, texts of the brand, the keys that seal links.

use crate::script::Rules;
use crate::time::instant;
use crate::world::Shared;
use http::{Request, StatusCode};
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// Seconds that Lambda lets `settings` run, by the template.
const SETTINGS: u64 = 29;
/// The longest pause before a retry.
const LONGEST_PAUSE: u64 = 1_800;
/// How long after a rotation a function may still work with the keys from before it, in seconds: it loads them every five minutes.
const KEYS_READ_EVERY: u64 = 300;
/// How long after a rotation the new key begins to seal, in seconds.
const SEALING_DELAY: u64 = 900;

const SECOND_SECRET: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The policy: the delay of one step.
    Policy,
    /// The brand: the postal address below every mail.
    Brand,
}

/// A change of a shop's settings.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    /// Seconds after the beginning.
    pub(crate) at: u64,
    pub(crate) shop: String,
    pub(crate) what: What,
    /// Changes of one thing differ in this.
    pub(crate) number: u8,
}

impl Rules {
    /// The policy after a change. The steps are the same, and so is every number that the checker knows.
    fn edited(self, number: u8) -> String {
        let policy = self.policy();
        match self {
            Self::All => policy.replace("delay = \"20h\"", &format!("delay = \"{}h\"", 20 + number)),
            Self::Thanks => policy.replacen("delay = \"0h\"", &format!("delay = \"{}m\"", 10 * number), 1),
        }
    }
}

/// The brand of a shop. Its edition is in its postal address.
pub(crate) fn brand(shop: &str, edition: u8) -> Value {
    json!({
        "name": format!("House of {shop}"), "sender_address": format!("hello@{shop}.example.com"), "sender_name": shop,
        "postal_address": format!("{} Main Street", edition + 1), "shop_url": format!("https://{shop}.example.com"),
        "accent_colour": "#1f4f7a",
    })
}

/// Stores a change, again until the answer says that it is done.
pub(crate) async fn edit(world: Shared, edit: Edit, rules: Rules, admin_key: String) {
    sleep(Duration::from_secs(edit.at)).await;
    let (path, body) = match edit.what {
        What::Policy => ("/v1/policy", rules.edited(edit.number)),
        What::Brand => ("/v1/brand", brand(&edit.shop, edit.number).to_string()),
    };
    let mut pause = 1;
    loop {
        let request = Request::put(path).header("authorization", format!("Bearer {admin_key}"));
        let request = request.body(Body::from(body.clone())).expect("a request");
        let answer = world.invoke("settings", SETTINGS, async |it| settings::handle(&it.settings, request).await).await;
        match answer {
            Some(answer) if answer.status() == StatusCode::OK => {
                world.history().edits += 1;
                return;
            }
            Some(answer) if matches!(answer.status().as_u16(), 400..=404 | 422) => {
                crate::call::not_simulated(&format!("{path}: {} {:?}", answer.status(), answer.body()));
            }
            _ => sleep(Duration::from_secs(pause)).await,
        }
        pause = (pause * 4).min(LONGEST_PAUSE);
    }
}

/// The keys that seal links, as they are stored at a second of the history, with the old one or, by mistake, without.
pub(crate) fn ring(rotated_at: Option<u64>, now: u64, with_old: bool) -> String {
    let first = json!({ "id": 1, "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" });
    let Some(at) = rotated_at.filter(|at| *at <= now) else { return json!({ "keys": [first] }).to_string() };
    let second = |seals_from| json!({ "id": 2, "secret": SECOND_SECRET, "seals_from": seals_from });
    if !with_old {
        return json!({ "keys": [second(None)], "fingerprints": first["secret"] }).to_string();
    }
    json!({ "keys": [second(Some(instant(at + SEALING_DELAY).to_string())), first] }).to_string()
}

/// Whether an instance that loaded its keys at `loaded_at` has to load them again.
pub(crate) fn must_load_keys(rotated_at: Option<u64>, loaded_at: u64, now: u64) -> bool {
    rotated_at.is_some_and(|at| loaded_at < at + SEALING_DELAY && now >= loaded_at + KEYS_READ_EVERY)
}
