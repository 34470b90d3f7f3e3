//! What arguments of `rekindle shop` are read as.

use rekindle_lifecycle::id::ShopId;
use rekindle_store::shop::senders::Sender;

pub(super) fn shop_id(text: &str) -> Result<ShopId, String> {
    ShopId::parse(text).map_err(|error| error.to_string())
}

pub(super) fn sender(text: &str) -> Result<Sender, String> {
    Sender::parse(text).map_err(|error| error.to_string())
}
