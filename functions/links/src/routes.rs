//! The routes of the function.

use rekindle_platform::Route;

/// The pages. Their ids are those of the operations in the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageId {
    /// No more messages on a channel.
    Unsubscribe,
    /// What a customer wants to receive.
    Preferences,
    /// How likely a customer is to recommend the shop.
    Nps,
    /// A customer's own yes to a channel.
    Confirm,
    /// Where a friend arrives.
    Referral,
}

const METHODS: &[&str] = &["GET", "HEAD", "POST"];

/// Everything that this function answers to. No page asks for a key: its link is the permission.
pub const ROUTES: [Route<PageId>; 5] = [
    Route::public(PageId::Unsubscribe, METHODS, "/u/{token}"),
    Route::public(PageId::Preferences, METHODS, "/p/{token}"),
    Route::public(PageId::Nps, METHODS, "/n/{token}"),
    Route::public(PageId::Confirm, METHODS, "/c/{token}"),
    Route::public(PageId::Referral, METHODS, "/r/{code}"),
];
