//! The work of a month.

use clap::ValueEnum;
use serde::Serialize;

/// The work that a customer causes in a month on average, and how the stack is set up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Workload {
    /// Orders.
    pub orders: f64,
    /// The share of orders that are a customer's first.
    pub first_orders: f64,
    /// Other events: identify, visits, clicks.
    pub other_events: f64,
    /// Mails.
    pub emails: f64,
    /// Text messages, in parts.
    pub texts: f64,
    /// Events in one call of the API. Most libraries send a few together.
    pub events_per_call: f64,
    /// Months of history that are stored.
    pub months_kept: f64,
    /// Months for which log lines are kept.
    pub log_months: f64,
    /// Minutes between sweeps, as the stack's parameter says.
    pub sweep_minutes: f64,
    /// The plan of SES.
    pub email_plan: EmailPlan,
    /// The processors of the functions.
    pub architecture: Architecture,
}

/// SES's plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum EmailPlan {
    /// The plan of new accounts since July 2026.
    Essentials,
    /// Without a plan, as before.
    ALaCarte,
}

/// Lambda's processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
pub enum Architecture {
    /// Graviton.
    #[value(name = "arm64")]
    #[serde(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[value(name = "x86_64")]
    #[serde(rename = "x86_64")]
    X86,
}

impl Default for Workload {
    /// Rates between those of a music shop of the nineties (an order in six months) and of a shop with an order every other
    /// month, and half a mail a month, as the default policy sends.
    fn default() -> Self {
        Self {
            orders: 0.2,
            first_orders: 0.2,
            other_events: 1.0,
            emails: 0.5,
            texts: 0.0,
            events_per_call: 1.0,
            months_kept: 12.0,
            log_months: 1.0,
            sweep_minutes: 5.0,
            email_plan: EmailPlan::Essentials,
            architecture: Architecture::Arm64,
        }
    }
}
