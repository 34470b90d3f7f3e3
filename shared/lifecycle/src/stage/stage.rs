//! The stages of a customer's life with a shop.

crate::stored_codes! {
    /// Where a customer stands.
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
        /// Without an order for so long that they are as good as lost.
        Lapsed = "lapsed",
    }
}
