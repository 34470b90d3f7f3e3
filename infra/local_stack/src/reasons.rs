//! Looks up for the inbox why a message was sent.

use crate::inbox::ReasonLookup;
use base64ct::{Base64UrlUnpadded, Encoding};
use futures::FutureExt;
use futures::future::BoxFuture;
use rekindle_emulators::MessageTags;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_store::{CustomerKey, Store};

/// Looks reasons up in the stored messages.
pub(super) struct StoredReasons(pub(super) Store);

impl ReasonLookup for StoredReasons {
    fn reason<'a>(&'a self, tags: &'a MessageTags) -> BoxFuture<'a, Option<String>> {
        async move {
            let customer = Base64UrlUnpadded::decode_vec(tags.customer.as_deref()?).ok()?;
            let customer = CustomerId::parse(&String::from_utf8(customer).ok()?).ok()?;
            let key = CustomerKey { shop: ShopId::parse(tags.shop.as_deref()?).ok()?, customer };
            let id = MessageId::parse(tags.message.as_deref()?).ok()?;
            let message = self.0.message(&key, &id).await.ok()??;
            Some(message.because)
        }
        .boxed()
    }
}
