//! The environment of the functions on one machine: the same variables as on AWS.

use super::{ADVANCE_QUEUE, EVENT_BUS, HOOKS_QUEUE, SEND_QUEUE};
use rekindle_platform::Environment;
use rekindle_store::Store;

/// Texts a second at most: far above what one machine sends.
const TEXTS_PER_SECOND: &str = "1000";

/// The variables of all functions. `services_url` is where SQS is emulated, `link_keys` the ring of link keys as JSON.
pub(super) fn environment(store: &Store, services_url: &str, links_base_url: &str, link_keys: &str) -> Environment {
    let queue_url = |name: &str| format!("{services_url}/000000000000/{name}");
    let tables = store.tables();
    Environment::from_pairs([
        ("TABLE_CUSTOMERS", tables.customers.as_str()),
        ("TABLE_ACTIVITY", &tables.activity),
        ("TABLE_SHOPS", &tables.shops),
        ("TABLE_ERASURES", tables.erasures.as_deref().unwrap_or_default()),
        ("QUEUE_ADVANCE_URL", &queue_url(ADVANCE_QUEUE)),
        ("QUEUE_SEND_URL", &queue_url(SEND_QUEUE)),
        ("QUEUE_HOOKS_URL", &queue_url(HOOKS_QUEUE)),
        ("LINKS_BASE_URL", links_base_url),
        ("LINK_KEYS_SECRET", link_keys),
        ("SES_CONFIGURATION_SET", "rekindle"),
        ("EVENT_BUS_NAME", EVENT_BUS),
        ("TEXTS_PER_SECOND", TEXTS_PER_SECOND),
    ])
}
