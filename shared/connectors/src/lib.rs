//! Shop systems and payment services that post what happened to a webhook.
//!
//! Two steps, because a webhook has to answer at once. [`Connector::accept`] checks the signature over the raw bytes; whoever calls it
//! stores the delivery and answers. [`Connector::read`] later turns the stored delivery into what it means ([`Reading`]): events in the
//! form of `POST /v1/track`, products, stock levels, a request about a person, or nothing, with the reason.
//!
//! Everything is a function of its arguments: the same delivery gives the same reading, whenever and however often it is read.
//!
//! ```text
//! systems   the table of shop systems: name, signature, reader
//! verify    signatures, one file a scheme
//! shopify, woocommerce, stripe   readers, one file an object
//! shopify_pixel   what browsers post
//! mapping   any other system: a stored description with expressions
//! ```
mod amount;
mod connector;
mod delivery;
mod digest;
mod draft;
mod fields;
mod landing;
mod lines;
pub mod mapping;
mod members;
mod owner;
mod person;
mod product;
mod reading;
mod settings;
mod shopify;
mod shopify_pixel;
mod stripe;
mod systems;
mod topic;
pub mod verify;
mod woocommerce;

pub use connector::{Accepted, Connector};
pub use delivery::{Delivery, Headers, MAX_BODY_BYTES};
pub use owner::{Owner, owner};
pub use product::{Availability, Product, StockLevel, Variant};
pub use reading::{FieldError, Outcome, PersonRequest, PersonRequestKind, Reading, ShopRequest};
pub use settings::{ConsentChannel, ConsentField, Settings, StatusMeaning};
pub use systems::{CONNECTORS, connector};
