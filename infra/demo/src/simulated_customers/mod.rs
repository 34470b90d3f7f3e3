//! Simulated customers, who open, click, answer, unsubscribe, order and recommend. They reach the engine only as real
//! customers do: through its public pages and the reports of its providers.
//!
//! - [`Rates`] say how often customers do what;
//! - [`DeliveredMessage`] is a delivered mail or text, [`Action`] a reaction to it;
//! - [`Model`] decides on reactions and their times. It is a function, without a clock or randomness;
//! - [`SimulatedCustomers`] performs them at their virtual times, between the engine's own instants;
//! - `orders` adds coupons and codes to the orders of the history, `addresses` changes with which address they are placed, and says what
//!   came of it ([`People`]); `staff` closes tasks;
//! - `browser` and `form` use pages, `reports` are the events that providers publish;
//! - [`Done`] counts what was done.

mod action;
mod addresses;
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

pub use action::{Action, Choice, TimedAction};
pub use addresses::{People, PeopleError};
pub use browser::BrowserError;
pub use delivered_message::DeliveredMessage;
pub use done::Done;
pub use model::Model;
pub use population::{SimulatedCustomers, SimulationError};
pub use rates::{MailRates, OrderRates, PeopleRates, Rates, RatesError, SurveyRates, TextRates};
pub use staff::StaffError;
