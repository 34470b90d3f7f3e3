//! The routes of the function.

use rekindle_platform::Route;

/// What can be called. The ids are those of the operations in the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Takes what a shop system delivers.
    TakeDelivery,
    /// The same, where the address has a secret part because the sender signs nothing.
    TakeDeliveryByAddress,
}

/// Everything that this function answers to. Who calls is shown by the signature of the body, not by a key.
pub const ROUTES: [Route<Operation>; 2] = [
    Route::public(Operation::TakeDelivery, &["POST"], "/v1/webhooks/{connector}/{shop}"),
    Route::public(Operation::TakeDeliveryByAddress, &["POST"], "/v1/webhooks/{connector}/{shop}/{token}"),
];
