//! The table of shop systems.

use crate::connector::Connector;
use crate::{shopify, shopify_pixel, stripe, woocommerce};

/// All shop systems. A new one is a file and a line here.
pub const CONNECTORS: &[Connector] =
    &[shopify::CONNECTOR, shopify_pixel::CONNECTOR, woocommerce::CONNECTOR, stripe::CONNECTOR];

/// Finds a shop system by its name.
#[must_use]
pub fn connector(name: &str) -> Option<&'static Connector> {
    CONNECTORS.iter().find(|connector| connector.name == name)
}
