//! What a plan costs, by the bill of `rekindle costs`.

use super::PlanArgs;
use rekindle_operator::costs::{Bill, Prices, Workload};
use rekindle_planning::{Cost, CostLine, Planned, Span};

/// Seconds of a month on average.
const MONTH: f64 = 365.25 / 12.0 * 86_400.0;

/// The bill of an average month of the plan, and what that makes over the span. What a history does not say, such as how often
/// customers visit the shop, is as `rekindle costs` assumes it.
pub(super) fn of(planned: &Planned, span: Span, args: &PlanArgs) -> anyhow::Result<Cost> {
    let mut prices = Prices::built_in()?;
    if let Some(price) = args.text_price {
        prices.text_messages.price = price;
    }
    let months = span.until.duration_since(span.from).as_secs_f64() / MONTH;
    let all = planned.in_all();
    let [customers, orders] = [planned.customers, planned.orders].map(|count| count as f64);
    // Per customer and month; no customer has no messages either.
    let rate = |count: u64| if customers == 0.0 { 0.0 } else { count as f64 / customers / months };
    let workload = Workload {
        orders: rate(planned.orders),
        first_orders: if orders == 0.0 { 0.0 } else { (customers / orders).min(1.0) },
        emails: rate(all.emails),
        texts: rate(all.text_parts),
        email_plan: args.email_plan,
        ..Workload::default()
    };
    let bill = Bill::new(planned.customers, &workload, &prices);
    let lines = bill.lines.iter().map(|line| CostLine { what: line.what.to_owned(), usd: line.usd }).collect();
    Ok(Cost { usd: bill.total() * months, usd_a_month: bill.total(), months, lines })
}
