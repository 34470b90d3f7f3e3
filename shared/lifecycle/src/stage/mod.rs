//! Stages: where a customer stands in the lifecycle, and why.

mod assess;
mod explain;
mod purchases;
mod stage;

pub use assess::{Assessment, assess};
pub use explain::explain;
pub use purchases::Purchases;
pub use stage::Stage;
