//! The visit in which an order or a checkout of Shopify began.

use crate::fields::Node;
use crate::landing;
use crate::members::put;
use serde_json::{Map, Value};

/// What brought the customer to the shop.
pub(super) fn context(object: &Node<'_>) -> Map<String, Value> {
    let mut context = Map::new();
    let landing_site = object.get("landing_site").text().unwrap_or_default();
    let (campaign, _) = landing::parameters(&landing_site);
    if !campaign.is_empty() {
        context.insert("campaign".into(), campaign.into());
    }
    let mut page = Map::new();
    let path = landing::without_parameters(&landing_site);
    put(&mut page, "path", Some(path).filter(|path| path.starts_with('/')));
    let referrer = object.get("referring_site").text().map(|site| landing::without_parameters(&site));
    put(&mut page, "referrer", referrer);
    if !page.is_empty() {
        context.insert("page".into(), page.into());
    }
    context
}
