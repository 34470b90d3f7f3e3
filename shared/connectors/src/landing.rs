//! The page with which a visit began, and what brought the visitor there.

use crate::members::put;
use serde_json::{Map, Value};

/// Longest address that is looked at, in bytes.
const MAX_ADDRESS_LEN: usize = 4_000;

/// What an address says of a campaign, and a referral code if it has one.
pub(crate) fn parameters(address: &str) -> (Map<String, Value>, Option<String>) {
    let address = if address.len() > MAX_ADDRESS_LEN { "" } else { address };
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let mut campaign = Map::new();
    let mut referral_code = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        let own = match &*name {
            "utm_source" => "source",
            "utm_medium" => "medium",
            "utm_campaign" => "name",
            "utm_term" => "term",
            "utm_content" => "content",
            "referral_code" => {
                referral_code = Some(value.chars().take(100).collect());
                continue;
            }
            _ => continue,
        };
        put(&mut campaign, own, Some(value.chars().take(100).collect::<String>()));
    }
    (campaign, referral_code)
}

/// The address without its parameters, which hold ids of clicks and visitors.
pub(crate) fn without_parameters(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().chars().take(500).collect()
}
