//! `first_order`: the customer's first order, once in a customer's life.

use super::rule::{Found, Repeat, Start, TriggerRule};
use super::situation::Situation;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use jiff::civil::Date;

/// The customer's first order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstOrder;

impl TriggerRule for FirstOrder {
    fn form() -> String {
        "first_order".to_owned()
    }

    fn from_words(words: &str) -> Option<Self> {
        (words == "first_order").then_some(Self)
    }

    fn words(&self) -> String {
        "first_order".to_owned()
    }

    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        let ordered_at = situation.purchases.first_at.filter(|at| previous.is_none() && situation.is_fresh(*at));
        let start = ordered_at.map(|at| Start {
            id: "first".to_owned(),
            at,
            because: format!("first order on {}", situation.day(at)),
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
        format!("the first order on {day}")
    }

    fn is_in_experiments(&self) -> bool {
        true
    }

    fn repeats(&self) -> Repeat {
        Repeat::Never
    }
}
