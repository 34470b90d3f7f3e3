//! The stages of a customer's life with a shop.

crate::stored_codes! {
    /// A customer's position in the lifecycle.
    pub enum Stage {
        /// Has not ordered.
        Prospect = "prospect",
        /// Ordered for the first time not long ago.
        New = "new",
        /// Orders now and then.
        Active = "active",
        /// Orders often.
        Loyal = "loyal",
        /// Without an order for longer than usual.
        Inactive = "inactive",
        /// Without an order for a time after which they count as lost.
        Lapsed = "lapsed",
    }
}
