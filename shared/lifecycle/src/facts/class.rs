//! What a fact is about, in words that every version of the engine reads.

crate::stored_codes! {
    /// What a fact is about. It is stored beside each fact, so that a version that does not know the kind of a fact still
    /// knows what depends on it. A class is never added without need: an unknown one counts as a permission.
    pub enum FactClass {
        /// An order, or money of an order.
        Order = "o",
        /// Who the customer is, where they can be reached, what they allowed, and whether a channel is open.
        Permission = "p",
        /// What the customer did or answered.
        Reaction = "r",
        /// Which ids are one customer.
        Identity = "i",
        /// Anything else.
        Other = "x",
    }
}
