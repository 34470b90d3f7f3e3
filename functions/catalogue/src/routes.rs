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
}

/// Everything that this function answers to. The first path that fits a request decides.
pub const ROUTES: [Route<Operation>; 3] = [
    Route::new(Operation::StoreProducts, Scope::Edit, &["PUT"], "/v1/products"),
    Route::new(Operation::ListProducts, Scope::Read, &["GET"], "/v1/products"),
    Route::new(Operation::ReadProduct, Scope::Read, &["GET"], "/v1/products/{id+}"),
];
