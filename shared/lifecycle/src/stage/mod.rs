//! Stages: a customer's position in the lifecycle, and the reason for it.

mod assess;
mod explain;
mod purchases;
mod stage;

pub use assess::{Assessment, SilenceBasis, assess};
pub use explain::explain;
pub use purchases::Purchases;
pub use stage::Stage;
