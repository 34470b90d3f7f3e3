//! The reason why a message was sent, which the store knows and the mailbox does not.

use futures::future::BoxFuture;
use rekindle_emulators::MessageTags;

/// Looks up why a message was sent.
pub trait ReasonLookup: Send + Sync {
    /// The reason in a sentence for readers, if one is known. It is shown as text, never as HTML.
    fn reason<'a>(&'a self, tags: &'a MessageTags) -> BoxFuture<'a, Option<String>>;
}
