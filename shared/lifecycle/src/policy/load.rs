//! The default policy, and a shop's own from its text.

use super::error::PolicyError;
use super::policy::Policy;
use super::text;
use super::values::PolicyValues;
use std::sync::LazyLock;

impl Policy {
    /// The policy of the default file.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Policy> =
            LazyLock::new(|| PolicyValues::default().policy().expect("the default policy is valid; a test reads it"));
        &BUILT_IN
    }

    /// Reads a shop's policy: what `text` leaves out has its default, except that a text with journeys
    /// has only those. What is stored is read by way of [`PolicyValues`].
    ///
    /// # Errors
    /// Says where the first mistake is and what would be right.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        text::parse(text)
    }
}
