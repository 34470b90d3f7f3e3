//! How many orders are to come: BG/NBD and MBG/NBD, and what they are worth: Gamma-Gamma.
//!
//! Both order models say the same of a customer while they are a customer: orders come at random, at a rate that differs between
//! customers (gamma distributed with shape `r` and rate `alpha`), until the customer is lost after one of them, with a chance
//! that differs as well (beta distributed with `a` and `b`). In BG/NBD a customer can be lost after a repeated order only, so that
//! everybody who ordered once counts as alive; in MBG/NBD after the first one, too.
//!
//! - Fader, Hardie, Lee: "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model (2005): BG/NBD.
//! - Batislam, Denizel, Filiztekin: Empirical validation and comparison of models for customer base analysis (2007): MBG/NBD.
//! - Fader, Hardie: The Gamma-Gamma Model of Monetary Value (2013).
//!
//! Orders are days with an order. Time is in weeks, `days / 7`, not rounded.

mod assumptions;
mod back_test;
mod expected_orders;
mod fit;
mod fitted_order_model;
mod fitted_value_model;
mod forecast;
mod gamma_gamma;
mod group;
mod likelihood;
mod minimum;
mod model;
mod order_model_back_test;
mod order_values;
mod past_group;
mod prediction;
mod report;
mod summary;
mod totals;
mod worth;

pub use assumptions::Assumptions;
pub use back_test::BackTest;
pub use fit::{Fit, NoFit};
pub use fitted_order_model::{FittedOrderModel, LogErrors};
pub use fitted_value_model::FittedValueModel;
pub use forecast::{Forecast, OrderModelForecast, UseFor};
pub use gamma_gamma::{ValueFit, ValueGroup, ValueParameters};
pub use group::{Group, Standing, collapse};
pub use minimum::{MIN_CUSTOMERS, MIN_REPEATERS};
pub use model::{Model, Parameters};
pub use order_model_back_test::{ChanceBand, OrderModelBackTest};
pub use order_values::OrderValues;
pub use report::OrdersToComeReport;
pub use summary::{DEFAULT_HORIZON, OrdersToCome};
