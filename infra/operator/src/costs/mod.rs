//! The monthly costs of a deployment.
//!
//! - [`measured`] is what each step uses in request units, bytes and time: measured figures, and assumptions marked as such;
//! - [`Prices`] are AWS's prices, from a dated file;
//! - [`Workload`] is how much there is to do;
//! - [`Bill`] multiplies them, and `table` prints several bills side by side.
//!
//! Nothing here uses a clock, a network or an account: the same input gives the same bill.

mod bill;
pub mod measured;
mod prices;
mod table;
mod workload;

pub use bill::{Bill, Line};
pub use prices::{Price, Prices, PricesError};
pub use table::table;
pub use workload::{Architecture, EmailPlan, Workload};
