//! What happens to events once somebody may send them: each becomes a fact of a customer, or is refused with the field and the reason.
//!
//! Whoever receives events, by HTTP, by a webhook or from the refused ones of earlier, gives them to [`Intake::take_in`]. It reads each
//! with the shop's settings, names guests by their addresses, and stores facts and refusals. Nothing is decided here.
mod event;
mod guests;
mod intake;
mod read_again;
mod shop_settings;

pub use event::SentEvent;
pub use guests::Guests;
pub use intake::{Frame, Intake, IntakeError, Outcome, Source};
pub use read_again::ReadAgain;
