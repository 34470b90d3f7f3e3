//! What a base of contacts is worth.

use crate::estimate::Estimate;
use crate::language::Language;
use serde::Serialize;

/// The profit of writing to a base of contacts: contacts · reachable share · sum over the offers of (take-up · margin).
#[derive(Debug, Clone, PartialEq)]
pub struct ValueFormula {
    /// Contacts in the base.
    pub contacts: f64,
    /// The share that can be reached, as measured: neither bounced nor suppressed nor dead.
    pub reachable: Estimate,
    /// What is offered.
    pub offers: Vec<Offer>,
}

/// One offer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// The share of those reached who take it.
    pub take_up: TakeUp,
    /// What one of them leaves, in major units.
    pub margin: f64,
}

/// How many take an offer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeUp {
    /// A proven lift.
    Proven(Estimate),
    /// What somebody assumes. What follows from it is called assumed, too.
    Assumed(f64),
}

impl ValueFormula {
    /// The profit in major units. Its interval goes from all lower to all upper ends: it is wider than 95 %, and right whatever
    /// goes along with what. Not shown if a part is not.
    #[must_use]
    pub fn profit(&self) -> Estimate {
        let Some(reachable) = self.reachable.numbers() else { return self.reachable };
        let mut sum = Estimate::shown(0.0, 0.0, 0.0, self.reachable.n);
        for offer in &self.offers {
            let part = match offer.take_up {
                TakeUp::Proven(share) => share.times(offer.margin),
                TakeUp::Assumed(share) => {
                    let margin = share * offer.margin;
                    Estimate::shown(margin, margin, margin, self.reachable.n)
                }
            };
            let (Some(a), Some(b)) = (sum.numbers(), part.numbers()) else { return part };
            sum = Estimate::shown(a.0 + b.0, a.1 + b.1, a.2 + b.2, sum.n.min(part.n));
        }
        let Some((value, lo, hi)) = sum.numbers() else { return sum };
        // A loss is largest where most are reached.
        let ends = [lo * reachable.1, lo * reachable.2, hi * reachable.1, hi * reachable.2];
        let (lowest, highest) =
            ends.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), end| (lo.min(*end), hi.max(*end)));
        Estimate::shown(value * reachable.0, lowest, highest, sum.n).times(self.contacts)
    }

    /// What the contacts are worth, and whether that is assumed.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let profit = self.profit();
        let Some(numbers) = profit.numbers() else { return profit.shown.sentence(language).unwrap_or_default() };
        let amount = language.amount_between(numbers);
        match (self.is_assumed(), language) {
            (false, Language::English) => format!("These contacts are worth {amount}."),
            (true, Language::English) => {
                format!("These contacts are worth {amount} by assumed numbers, which nothing has proven yet.")
            }
            (false, Language::Russian) => format!("Эта база стоит {amount}."),
            (true, Language::Russian) => {
                format!("Эта база стоит {amount} по предполагаемым, ещё не доказанным числам.")
            }
        }
    }

    /// Whether any part of it is assumed.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.offers.iter().any(|offer| matches!(offer.take_up, TakeUp::Assumed(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(value: f64) -> Estimate {
        Estimate::shown(value, value, value, 1_000)
    }

    #[test]
    fn a_dealers_base_is_worth_its_reachable_part_times_its_offers() {
        let offers = vec![
            Offer { take_up: TakeUp::Assumed(0.07), margin: 50.0 },
            Offer { take_up: TakeUp::Assumed(0.02), margin: 800.0 },
        ];
        let formula = ValueFormula { contacts: 100_000.0, reachable: exactly(0.7), offers };
        assert!((formula.profit().value.expect("shown") - 1_365_000.0).abs() < 1e-6);
        assert!(formula.is_assumed());
        assert_eq!(
            formula.sentence(Language::English),
            "These contacts are worth 1,365,000.00 (1,365,000.00–1,365,000.00) by assumed numbers, which nothing has proven yet."
        );
    }

    #[test]
    fn the_interval_holds_all_ends() {
        let take_up = TakeUp::Proven(Estimate::shown(0.1, -0.1, 0.2, 500));
        let reachable = Estimate::shown(0.5, 0.4, 0.6, 1_000);
        let formula = ValueFormula { contacts: 10.0, reachable, offers: vec![Offer { take_up, margin: 100.0 }] };
        let (value, lo, hi) = formula.profit().numbers().expect("shown");
        assert!((value - 50.0).abs() < 1e-9 && (lo + 60.0).abs() < 1e-9 && (hi - 120.0).abs() < 1e-9, "{lo} {hi}");
        assert_eq!((formula.profit().n, formula.is_assumed()), (500, false));
        assert_eq!(formula.sentence(Language::Russian), "Эта база стоит 50,00 (-60,00–120,00).");
    }

    #[test]
    fn what_is_not_known_is_not_shown() {
        let unknown = Estimate::too_few(3);
        let offers = vec![Offer { take_up: TakeUp::Proven(unknown), margin: 100.0 }];
        assert_eq!(ValueFormula { contacts: 10.0, reachable: exactly(0.5), offers: offers.clone() }.profit(), unknown);
        assert_eq!(ValueFormula { contacts: 10.0, reachable: unknown, offers }.profit(), unknown);
    }
}
