//! What is said about returning customers.

use super::summary::Repeat;
use crate::estimate::{Because, Estimate, Needs};
use crate::language::Language;
use crate::statistics::wilson;
use serde::Serialize;

/// Customers who ordered again, and what part of the last year was theirs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepeatReport {
    /// Customers with an order.
    pub customers: u64,
    /// Those with a second day with an order.
    pub repeaters: u64,
    /// Their share. It is too low while many customers are young: the shares within a time, in the report on second orders, are
    /// not.
    pub ever: Estimate,
    /// The last 365 days.
    pub last_365: LastYear,
}

/// How much of the last 365 days came from customers who had ordered before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastYear {
    /// Days with an order.
    pub occasions: u64,
    /// Those that were not the customer's first.
    pub by_returning: u64,
    /// Their share.
    pub share_of_occasions_by_returning: Estimate,
    /// What all these days were worth, in major units.
    pub revenue: f64,
    /// The share of it that was not of customers' first days.
    pub revenue_share_returning: Estimate,
    /// Customers who ordered.
    pub customers: u64,
    /// Customers who ordered on two days at least.
    pub customers_with_2plus_in_window: u64,
}

impl RepeatReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &Repeat) -> Self {
        let share = |share: Estimate| match first_orders_unknown_for(summary) {
            0 => share,
            days => Estimate::not_yet(share.n, Because::HistoryIncomplete, Needs::Days(days)),
        };
        Self {
            customers: summary.customers,
            repeaters: summary.repeaters,
            ever: wilson(summary.repeaters, summary.customers),
            last_365: LastYear {
                occasions: u64::try_from(summary.occasions.b).unwrap_or(u64::MAX),
                by_returning: u64::try_from(summary.occasions.a).unwrap_or(u64::MAX),
                share_of_occasions_by_returning: share(summary.occasions.share()),
                revenue: summary.history.major(summary.value.b),
                revenue_share_returning: share(summary.value.share()),
                customers: summary.value.n,
                customers_with_2plus_in_window: summary.twice_in_year,
            },
        }
    }

    /// What share of customers have ordered again, and of the last year's value was theirs.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Some(ever) = self.ever.numbers() else { return self.ever.shown.sentence(language).unwrap_or_default() };
        let ever = language.percent_between(ever);
        let Some(value) = self.last_365.revenue_share_returning.numbers() else {
            return match language {
                Language::English => format!("{ever} of customers have ordered again; young ones may still."),
                Language::Russian => format!("{ever} покупателей заказали снова; новые ещё могут это сделать."),
            };
        };
        let value = language.percent_between(value);
        match language {
            Language::English => format!(
                "{ever} of customers have ordered again; young ones may still. {value} of last year's sales came from customers who \
                 had ordered before."
            ),
            Language::Russian => format!(
                "{ever} покупателей заказали снова; новые ещё могут это сделать. {value} продаж за последний год пришлось на тех, кто \
                 уже заказывал."
            ),
        }
    }
}

/// For how many days more the last year will hold days on which first orders are not believed.
fn first_orders_unknown_for(summary: &Repeat) -> u64 {
    let history = &summary.history;
    let burn_in = i32::try_from(history.burn_in).unwrap_or(i32::MAX);
    let believed_from = history.complete_from.map(|from| from.plus(burn_in));
    believed_from.map_or(0, |from| u64::from(from.since(summary.before_year().plus(1))))
}
