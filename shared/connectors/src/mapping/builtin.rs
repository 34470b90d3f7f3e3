//! Mappings that come with the engine: examples to begin with, and the proof that the form is enough for what they say.

/// A mapping that comes with the engine.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// The stored form.
    pub json: &'static str,
}

/// All of them. They say what native code says of the same deliveries, except for what the mapping's documentation names.
pub const BUILTIN: &[Builtin] = &[
    Builtin { name: "woocommerce-orders", json: include_str!("../../mappings/woocommerce-orders.json") },
    Builtin { name: "stripe-sessions", json: include_str!("../../mappings/stripe-sessions.json") },
    Builtin { name: "shopify-orders", json: include_str!("../../mappings/shopify-orders.json") },
];
