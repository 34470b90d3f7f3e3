//! What is said about a history as a whole.

use super::summary::Overview;
use crate::day::Day;
use crate::estimate::MIN_AT_RISK;
use crate::language::Language;
use crate::statistics::float;
use serde::Serialize;

/// What the history holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverviewReport {
    /// Customers with an order.
    pub customers: u64,
    /// Days with an order, counted for each customer.
    pub occasions: u64,
    /// What they were worth, net of refunds, in major units.
    pub revenue: f64,
    /// The earliest order.
    pub from_day: Option<Day>,
    /// The last day looked at.
    pub through: Day,
    /// Days with an order that were worth nothing.
    pub zero_amount_occasions: u64,
    /// Days at the beginning in which first orders are not believed.
    pub burn_in: u32,
    /// The share of first orders that fall into the first tenth of the history; absent for a history of less than ten days and for
    /// fewer than 30 customers.
    pub first_orders_in_first_tenth: Option<f64>,
    /// Whether that is more than half although the history is said to start with the shop: then it probably does not, and every
    /// time until the second order comes out too short.
    pub may_begin_in_the_middle: bool,
}

impl OverviewReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &Overview) -> Self {
        let customers = summary.first_orders.values().sum();
        let from_day = summary.first_orders.keys().next().copied();
        let tenth = from_day.and_then(|from| first_tenth(summary, from));
        Self {
            customers,
            occasions: summary.occasions,
            revenue: summary.history.major(summary.value),
            from_day,
            through: summary.history.through,
            zero_amount_occasions: summary.without_value,
            burn_in: summary.history.complete_from.map_or(0, |_| summary.history.burn_in),
            first_orders_in_first_tenth: tenth,
            may_begin_in_the_middle: summary.history.complete_from.is_none() && tenth > Some(0.5),
        }
    }

    /// Customers, orders and value; with the warning if there is one.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let customers = language.customers(self.customers);
        let days = match language {
            Language::English => language.days(self.occasions),
            Language::Russian => language.whole(self.occasions),
        };
        let text = match language {
            Language::English => format!("{customers}, {days} with an order, until {}.", self.through),
            Language::Russian => format!("{customers}, дней с заказом: {days}, по {} включительно.", self.through),
        };
        if !self.may_begin_in_the_middle {
            return text;
        }
        match language {
            Language::English => format!(
                "{text} More than half of all first orders are at its beginning: if the shop is older than this history, say so, \
                 or the times until the second order come out too short."
            ),
            Language::Russian => format!(
                "{text} Больше половины первых заказов приходится на самое начало: если магазин старше этой истории, укажите это, \
                 иначе время до второго заказа окажется заниженным."
            ),
        }
    }
}

fn first_tenth(summary: &Overview, from: Day) -> Option<f64> {
    let tenth = (summary.history.through.since(from) + 1) / 10;
    let end = from.plus(i32::try_from(tenth).unwrap_or(i32::MAX));
    let within: u64 = summary.first_orders.range(..end).map(|(_, customers)| customers).sum();
    let all: u64 = summary.first_orders.values().sum();
    (tenth > 0 && all >= MIN_AT_RISK).then(|| float(within) / float(all))
}
