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

mod expected_orders;
mod fit;
mod gamma_gamma;
mod group;
mod likelihood;
mod model;
mod prediction;

pub use fit::{Fit, NoFit};
pub use gamma_gamma::{ValueFit, ValueGroup, ValueParameters};
pub use group::{Group, Standing, collapse};
pub use model::{Model, Parameters};
