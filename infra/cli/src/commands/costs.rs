//! `rekindle costs`: what a deployment costs a month.

use super::output::print;
use anyhow::{Context, bail};
use clap::Args;
use rekindle_operator::costs::{Architecture, Bill, EmailPlan, Prices, Workload, table};
use serde_json::json;
use std::path::PathBuf;

/// What a deployment costs a month, from measured request units and dated prices. Needs no account and no network.
#[derive(Debug, Args)]
pub(super) struct CostsArgs {
    /// Numbers of customers; each gets a column
    #[arg(long, value_delimiter = ',', default_values_t = [0, 10_000, 1_000_000, 100_000_000], value_name = "N,…")]
    customers: Vec<u64>,
    /// Orders of a customer in a month, on average
    #[arg(long, default_value_t = Workload::default().orders, value_name = "X")]
    orders_per_customer_month: f64,
    /// The share of these that are a customer's first order
    #[arg(long, default_value_t = Workload::default().first_orders, value_name = "SHARE")]
    first_order_share: f64,
    /// Other events of a customer in a month: identify, visits, clicks
    #[arg(long, default_value_t = Workload::default().other_events, value_name = "X")]
    events_per_customer_month: f64,
    /// Mails to a customer in a month
    #[arg(long, default_value_t = Workload::default().emails, value_name = "Y")]
    messages_per_customer_month: f64,
    /// Text messages to a customer in a month, in parts of 160 (70 for other alphabets) characters
    #[arg(long, default_value_t = Workload::default().texts, value_name = "Z")]
    texts_per_customer_month: f64,
    /// What a part of a text costs in your countries, in US dollars [default: the cheapest country's]
    #[arg(long, value_name = "USD")]
    text_price: Option<f64>,
    /// Events in one call of the API
    #[arg(long, default_value_t = Workload::default().events_per_call, value_name = "N")]
    events_per_call: f64,
    /// Months of history that are stored
    #[arg(long, default_value_t = Workload::default().months_kept, value_name = "N")]
    months_kept: f64,
    /// Months for which log lines are kept
    #[arg(long, default_value_t = Workload::default().log_months, value_name = "N")]
    log_months: f64,
    /// Minutes between sweeps: the stack's parameter SweepMinutes
    #[arg(long, default_value_t = Workload::default().sweep_minutes, value_name = "N")]
    sweep_minutes: f64,
    /// The plan of SES
    #[arg(long, value_enum, default_value = "essentials")]
    email_plan: EmailPlan,
    /// The stack's parameter Architecture
    #[arg(long, value_enum, default_value = "arm64")]
    architecture: Architecture,
    /// Prices of another region or day, in the form of infra/prices.toml
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Print the bills with all quantities as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CostsArgs) -> anyhow::Result<()> {
    let mut prices = match &args.prices {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            Prices::parse(&text).with_context(|| format!("{} cannot be used", file.display()))?
        }
        None => Prices::built_in()?,
    };
    if let Some(price) = args.text_price {
        prices.text_messages.price = amount("--text-price", price)?;
    }
    let workload = args.workload()?;
    let bills: Vec<Bill> = args.customers.iter().map(|customers| Bill::new(*customers, &workload, &prices)).collect();
    if args.json {
        let columns = bills.iter().map(|bill| {
            let lines = bill.lines.iter().map(|line| {
                let used = line.used.iter().map(|(amount, unit)| json!({ "amount": amount, "unit": unit }));
                json!({ "what": line.what, "usd": line.usd, "used": used.collect::<Vec<_>>() })
            });
            json!({ "customers": bill.customers, "usd": bill.total(), "lines": lines.collect::<Vec<_>>() })
        });
        print(json!({
            "prices": { "as_of": prices.as_of, "region": prices.region },
            "workload": workload,
            "months": columns.collect::<Vec<_>>(),
        }))?;
    } else {
        print(table(&bills, &workload, &prices).trim_end())?;
    }
    Ok(())
}

impl CostsArgs {
    fn workload(&self) -> anyhow::Result<Workload> {
        let positive = |name: &str, value: f64| match amount(name, value)? {
            0.0 => bail!("{name} is 0; give a number above it"),
            value => Ok(value),
        };
        let share = amount("--first-order-share", self.first_order_share)?;
        if share > 1.0 {
            bail!("--first-order-share is {share}; give a share between 0 and 1");
        }
        Ok(Workload {
            orders: amount("--orders-per-customer-month", self.orders_per_customer_month)?,
            first_orders: share,
            other_events: amount("--events-per-customer-month", self.events_per_customer_month)?,
            emails: amount("--messages-per-customer-month", self.messages_per_customer_month)?,
            texts: amount("--texts-per-customer-month", self.texts_per_customer_month)?,
            events_per_call: positive("--events-per-call", self.events_per_call)?,
            months_kept: amount("--months-kept", self.months_kept)?,
            log_months: amount("--log-months", self.log_months)?,
            sweep_minutes: positive("--sweep-minutes", self.sweep_minutes)?,
            email_plan: self.email_plan,
            architecture: self.architecture,
        })
    }
}

fn amount(name: &str, value: f64) -> anyhow::Result<f64> {
    if value.is_finite() && value >= 0.0 { Ok(value) } else { bail!("{name} is {value}; give a number, 0 or above") }
}
