//! `order`: any order that counts. While a run is live, further orders start none.

use super::rule::{Found, Start, TriggerRule};
use super::situation::Situation;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use jiff::civil::Date;

/// Any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyOrder;

impl TriggerRule for AnyOrder {
    fn form() -> String {
        "order".to_owned()
    }

    fn from_words(words: &str) -> Option<Self> {
        (words == "order").then_some(Self)
    }

    fn words(&self) -> String {
        "order".to_owned()
    }

    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        let last = situation.customer.folded.orders.last_counted(situation.now);
        let order = last.filter(|order| {
            let is_free = previous.is_none_or(|run| run.ended && run.id != order.id.as_str());
            is_free && situation.is_fresh(order.ordered_at())
        });
        let start = order.map(|order| Start {
            id: order.id.to_string(),
            at: order.ordered_at(),
            because: format!("order on {}", situation.day(order.ordered_at())),
        });
        start.into()
    }

    fn end(&self, situation: &Situation<'_>, _: &Run) -> Option<Reason> {
        (situation.purchases.occasions == 0).then_some(Reason::OrderUndone)
    }

    fn requirement(&self) -> Requirement {
        Requirement::Order
    }

    fn sentence(&self, day: Date) -> String {
        format!("an order on {day}")
    }

    fn is_in_experiments(&self) -> bool {
        true
    }
}
