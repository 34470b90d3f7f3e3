//! The people who get the messages, simulated: they open, click, answer, leave, come back, pass codes on. They reach the
//! engine only as people do, through its public pages and its providers' reports.
//!
//! The cast:
//! - [`Rates`] say how often people do what;
//! - [`DeliveredMessage`] is a delivered mail or text, [`Action`] something that is done about it;
//! - [`Model`] tells what is done about a letter and when: a function, without a clock and without chance;
//! - [`SimulatedCustomers`] does it when the virtual time has come, between the engine's own instants;
//! - `orders` adds coupons and codes to the orders of the history, `staff` closes tasks;
//! - `browser` and `form` are how pages are used, `reports` what providers tell;
//! - [`Done`] counts.

mod action;
mod browser;
mod delivered_message;
mod done;
mod form;
mod model;
mod orders;
mod population;
mod rates;
mod reports;
mod staff;

pub use action::{Action, Choice, Timed};
pub use browser::BrowserError;
pub use delivered_message::DeliveredMessage;
pub use done::Done;
pub use model::Model;
pub use population::{CrowdError, SimulatedCustomers};
pub use rates::{MailRates, OrderRates, Rates, RatesError, SurveyRates, TextRates};
pub use staff::StaffError;
