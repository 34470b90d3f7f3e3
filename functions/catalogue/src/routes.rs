//! The routes of the function.

use rekindle_platform::{Route, Scope};

/// What can be called. The ids are those of the operations in the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Takes in what the shop says of products.
    StoreProducts,
    /// The products that are known.
    ListProducts,
    /// One product with its variants.
    ReadProduct,
    /// The feeds that are fetched.
    ListFeeds,
    /// Stores a feed to be fetched.
    StoreFeed,
    /// Removes a feed.
    RemoveFeed,
    /// Makes a feed due.
    FetchFeed,
}

/// Everything that this function answers to. The first path that fits a request decides.
pub const ROUTES: [Route<Operation>; 7] = [
    Route::new(Operation::StoreProducts, Scope::Edit, &["PUT"], "/v1/products"),
    Route::new(Operation::ListProducts, Scope::Read, &["GET"], "/v1/products"),
    Route::new(Operation::ReadProduct, Scope::Read, &["GET"], "/v1/products/{id+}"),
    Route::new(Operation::ListFeeds, Scope::Read, &["GET"], "/v1/feeds"),
    Route::new(Operation::StoreFeed, Scope::Edit, &["PUT"], "/v1/feeds/{name}"),
    Route::new(Operation::RemoveFeed, Scope::Edit, &["DELETE"], "/v1/feeds/{name}"),
    Route::new(Operation::FetchFeed, Scope::Edit, &["POST"], "/v1/feeds/{name}/fetch"),
];
