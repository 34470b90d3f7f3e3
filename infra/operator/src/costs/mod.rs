//! What a deployment costs a month.
//!
//! The cast:
//! - [`measured`] has what things take, in request units, bytes and time: measured figures, and assumptions that are
//!   named as such;
//! - [`Prices`] is what AWS charges, from a dated file;
//! - [`Workload`] is how much there is to do;
//! - [`Bill`] is one multiplied by the other, and `table` prints several beside each other.
//!
//! Nothing here looks at a clock, a network or an account: the same input gives the same bill.

mod bill;
pub mod measured;
mod prices;
mod table;
mod workload;

pub use bill::{Bill, Line};
pub use prices::{Price, Prices, PricesError};
pub use table::table;
pub use workload::{Architecture, EmailPlan, Workload};
