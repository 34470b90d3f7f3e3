//! What is said about orders to come.

use super::assumptions::Assumptions;
use super::back_test::BackTest;
use super::forecast::{Forecast, UseFor};
use super::model::Model;
use super::order_values::OrderValues;
use super::summary::OrdersToCome;
use crate::day::Day;
use crate::estimate::Estimate;
use crate::language::Language;
use serde::Serialize;

/// How many orders are to come and what they are worth, beside what the same models expected some time ago and what then happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrdersToComeReport {
    /// The last day that was looked at.
    pub through: Day,
    /// From that day on.
    pub forecast: Forecast,
    /// From an earlier day until that day.
    #[serde(flatten)]
    pub back_test: BackTest,
}

impl OrdersToComeReport {
    /// Fits the models and compares. Both summaries are of the same history.
    #[must_use]
    pub fn new(orders: &OrdersToCome, values: &OrderValues, assumptions: &Assumptions) -> Self {
        let back_test = BackTest::new(orders, assumptions);
        Self {
            through: orders.history().through,
            forecast: Forecast::new(orders, values, &back_test, assumptions),
            back_test,
        }
    }

    /// How many orders are expected, and how far off the same forecast was the last time.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let forecast = self.forecast.of(Model::MbgNbd);
        let last = self.last_time(language);
        let days = u64::from(self.forecast.horizon_days);
        match (forecast.use_for, forecast.expected_occasions.numbers(), forecast.sum_p_order.value) {
            (UseFor::RankingAndTotals, Some(orders), Some(ordering)) => {
                let whole = |value: f64| language.whole(rounded(value));
                let (orders, lo, hi) = (language.orders(rounded(orders.0)), whole(orders.1), whole(orders.2));
                let days = language.days(days);
                let customers = language.by_customers(rounded(ordering));
                match language {
                    Language::English => {
                        format!("About {orders} ({lo}–{hi}) are expected in the next {days}, {customers}. {last}")
                    }
                    Language::Russian => {
                        format!("В ближайшие {days} ожидается около {orders} ({lo}–{hi}) {customers}. {last}")
                    }
                }
            }
            (UseFor::Ranking, ..) => self.ranking_sentence(language, &last),
            _ => forecast.expected_occasions.shown.sentence(language).unwrap_or_default(),
        }
    }

    fn ranking_sentence(&self, language: Language, last: &str) -> String {
        let Some(area) = self.back_test.mbgnbd.auc_p_order_vs_actual.value else {
            return self.forecast.mbgnbd.expected_occasions.shown.sentence(language).unwrap_or_default();
        };
        let right = rounded(area * 100.0);
        match language {
            Language::English => format!(
                "No total is shown. {last} But of two customers of whom one ordered, it gave that one the higher chance in \
                 {right} of 100 cases."
            ),
            Language::Russian => format!(
                "Сумма не показана. {last} Но из двух покупателей, один из которых сделал заказ, больший шанс был у него в \
                 {right} случаях из 100."
            ),
        }
    }

    /// How the last forecast compares with what happened.
    fn last_time(&self, language: Language) -> String {
        let days = language.days(self.back_test.holdout_days.into());
        let Some(ratio) = self.back_test.mbgnbd.expected_to_actual.value else { return String::new() };
        let off = rounded((ratio - 1.0).abs() * 100.0);
        match (language, off, ratio > 1.0) {
            (Language::English, 0, _) => format!("The same forecast, made {days} before, expected what came."),
            (Language::English, _, true) => {
                format!("The same forecast, made {days} before, expected {off}\u{a0}% more orders than came.")
            }
            (Language::English, _, false) => {
                format!("The same forecast, made {days} before, expected {off}\u{a0}% fewer orders than came.")
            }
            (Language::Russian, 0, _) => {
                format!("Такой же прогноз, сделанный за {days} до этого, обещал столько заказов, сколько пришло.")
            }
            (Language::Russian, _, true) => {
                format!(
                    "Такой же прогноз, сделанный за {days} до этого, обещал на {off}\u{a0}% больше заказов, чем пришло."
                )
            }
            (Language::Russian, _, false) => {
                format!(
                    "Такой же прогноз, сделанный за {days} до этого, обещал на {off}\u{a0}% меньше заказов, чем пришло."
                )
            }
        }
    }

    /// What today's customers are expected to bring within a year.
    #[must_use]
    pub fn value_sentence(&self, language: Language) -> String {
        let worth: &Estimate = &self.forecast.mbgnbd.clv_365_sum;
        let Some((value, lo, hi)) = worth.numbers() else {
            return worth.shown.sentence(language).unwrap_or_default();
        };
        let [value, lo, hi] = [value, lo, hi].map(|value| language.whole(rounded(value)));
        match language {
            Language::English => format!("Today's customers are expected to bring {value} ({lo}–{hi}) within a year."),
            Language::Russian => {
                format!("Нынешние покупатели принесут в течение года, по ожиданию, {value} ({lo}–{hi}).")
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn rounded(value: f64) -> u64 {
    value.round().clamp(0.0, 1e18) as u64
}

impl Language {
    fn orders(self, orders: u64) -> String {
        match self {
            Self::English => self.count(orders, ["order", "orders", ""]),
            Self::Russian => self.count(orders, ["заказа", "заказов", "заказов"]),
        }
    }

    fn by_customers(self, customers: u64) -> String {
        match self {
            Self::English => format!("from {}", self.customers(customers)),
            Self::Russian => {
                format!("от {}", self.count(customers, ["покупателя", "покупателей", "покупателей"]))
            }
        }
    }
}
