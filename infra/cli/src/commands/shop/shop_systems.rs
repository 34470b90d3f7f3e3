//! What people enter in which shop system. The words are those of its pages.

/// A shop system, and what its owner enters there.
pub(super) struct ShopSystem {
    name: &'static str,
    pub(super) title: &'static str,
    /// Where webhooks are made.
    pub(super) place: &'static str,
    /// The events to choose, in the system's words.
    pub(super) topics: &'static [&'static str],
    /// The topics without which orders are missing, as deliveries name them.
    pub(super) needed: &'static [&'static str],
    pub(super) format: &'static str,
    /// Where its key is.
    pub(super) key: &'static str,
    /// Whether its owner enters a key of our making.
    pub(super) takes_our_key: bool,
    /// What to look at when nothing comes.
    pub(super) if_silent: &'static str,
}

const SYSTEMS: [ShopSystem; 3] = [
    ShopSystem {
        name: "shopify",
        title: "Shopify",
        place: "Settings > Notifications > Webhooks > Create webhook, one for each topic",
        topics: &[
            "Order creation",
            "Order update",
            "Order cancellation",
            "Refund creation",
            "Customer creation",
            "Customer update",
            "Customer marketing consent update, e-mail and SMS",
            "Checkout creation",
            "Checkout update",
            "Product creation",
            "Product update",
            "Product deletion",
            "Inventory level update, where stock decides what mails may offer",
        ],
        needed: &["orders/create", "orders/updated"],
        format: "format    JSON, the latest stable API version",
        key: "The key is shown on that page below the webhooks, once there is one. It is not the client secret of an app.",
        takes_our_key: false,
        if_silent: "On that page, the menu of a webhook sends a test notification.",
    },
    ShopSystem {
        name: "woocommerce",
        title: "WooCommerce",
        place: "WooCommerce > Settings > Advanced > Webhooks > Add webhook, one for each topic, status Active",
        topics: &[
            "Order created",
            "Order updated",
            "Order deleted",
            "Customer created",
            "Customer updated",
            "Product created",
            "Product updated",
            "Product deleted",
        ],
        needed: &["order.created", "order.updated"],
        format: "version   WP REST API Integration v3",
        key: "Enter the same secret in every webhook there, of letters and digits only.",
        takes_our_key: true,
        if_silent: "WordPress posts when somebody visits the shop. Deliveries are logged under WooCommerce > Status > Logs.",
    },
    ShopSystem {
        name: "stripe",
        title: "Stripe",
        place: "Developers > Webhooks > Add endpoint",
        topics: &[
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
            "charge.refunded",
            "invoice.paid",
        ],
        needed: &["checkout.session.completed", "charge.refunded"],
        format: "live mode: events of the test mode are answered and not counted",
        key: "The key is the signing secret of the endpoint: it begins with whsec_.",
        takes_our_key: false,
        if_silent: "On the page of the endpoint, an event can be resent.",
    },
];

impl ShopSystem {
    /// The shop system of this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[ShopSystem] = &SYSTEMS;
        ALL.iter().find(|system| system.name == name)
    }
}
