//! Why a message was sent: known to the store, not to the mailbox.

use rekindle_emulators::MessageTags;
use futures::future::BoxFuture;

/// Knows why a message was sent.
pub trait ReasonLookup: Send + Sync {
    /// The reason in a sentence for people, `None` when none is known. Shown as text, never as HTML.
    fn reason<'a>(&'a self, tags: &'a MessageTags) -> BoxFuture<'a, Option<String>>;
}
