//! How much there is to do in a month.

use clap::ValueEnum;
use serde::Serialize;

/// What one customer brings on average in a month, and how the stack is set up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Workload {
    /// Orders.
    pub orders: f64,
    /// Of the orders, the share that is a customer's first.
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
    /// Months that log lines are kept.
    pub log_months: f64,
    /// Minutes between sweeps, as the stack's parameter says.
    pub sweep_minutes: f64,
    /// What a mail costs.
    pub email_plan: EmailPlan,
    /// Which processors the functions run on.
    pub architecture: Architecture,
}

/// SES's plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum EmailPlan {
    /// What new accounts have since July 2026.
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
    /// Rates between those of a music shop of the nineties (an order in six months) and of a shop that people come to every
    /// other month, with half a mail a month, as the default policy sends to such customers.
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
