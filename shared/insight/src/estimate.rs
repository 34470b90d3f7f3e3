//! A number with its interval, or what is missing for it.

use crate::language::Language;
use serde::Serialize;

/// What every result is: a number with an interval that holds it, or none yet and why.
///
/// `value`, `lo` and `hi` are there exactly if `shown` is [`Shown::Yes`], and finite then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: Option<f64>,
    /// The lower end of its interval: 95 %, unless the result says otherwise.
    pub lo: Option<f64>,
    /// The upper end of its interval.
    pub hi: Option<f64>,
    /// What it is computed from: customers, unless the result says otherwise.
    pub n: u64,
    /// Whether it may be shown.
    pub shown: Shown,
}

/// Whether a number may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// It may.
    Yes,
    /// Not with what is known today.
    NotYet {
        /// Why.
        because: Because,
        /// What is missing.
        needs: Needs,
    },
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Because {
    /// Fewer customers (or orders, or messages) than any number is computed from.
    TooFewAtRisk,
    /// Too few of them have come back.
    TooFewReturned,
    /// Too few customers have been active for long enough.
    TooFewLoyal,
    /// Enough was looked at, and nothing was found: that is the finding.
    NothingSeen,
    /// The history is too short.
    HistoryTooShort,
    /// What is known begins in the middle of the shop's life, and this would need its beginning.
    HistoryIncomplete,
    /// Amounts that cancel out, or all of the same customer, leave nothing to divide by.
    NothingToCompare,
    /// Something was found, but the interval is too wide to act upon.
    TooUncertain,
    /// The arms of a journey do not have the sizes that were planned, so they cannot be compared.
    ArmsOutOfProportion,
    /// A journey's effect is not proven.
    NotProven,
    /// A model did not converge, or fits anything equally well.
    ModelDoesNotFit,
    /// The model's last predictions were too far from what happened.
    BackTestFailed,
}

/// What is missing for a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Needs {
    /// So many more customers (or orders, or messages: whatever `n` counts).
    Customers(u64),
    /// So many more customers who came back.
    Returned(u64),
    /// So many more days.
    Days(u64),
    /// A larger or different group; more of the same may or may not help.
    OtherData,
}

/// The fewest at risk that a number is ever computed from.
pub const MIN_AT_RISK: u64 = 30;

impl Estimate {
    /// A number that may be shown. One that is not finite may not: it becomes [`Because::NothingToCompare`].
    #[must_use]
    pub fn shown(value: f64, lo: f64, hi: f64, n: u64) -> Self {
        if value.is_finite() && lo.is_finite() && hi.is_finite() {
            Self { value: Some(value), lo: Some(lo), hi: Some(hi), n, shown: Shown::Yes }
        } else {
            Self::not_yet(n, Because::NothingToCompare, Needs::OtherData)
        }
    }

    /// No number yet.
    #[must_use]
    pub const fn not_yet(n: u64, because: Because, needs: Needs) -> Self {
        Self { value: None, lo: None, hi: None, n, shown: Shown::NotYet { because, needs } }
    }

    /// No number because it would be computed from fewer than [`MIN_AT_RISK`]; says how many are missing.
    #[must_use]
    pub const fn too_few(n: u64) -> Self {
        Self::not_yet(n, Because::TooFewAtRisk, Needs::Customers(MIN_AT_RISK.saturating_sub(n)))
    }

    /// The number if it is computed from at least [`MIN_AT_RISK`].
    #[must_use]
    pub fn from_enough(value: f64, lo: f64, hi: f64, n: u64) -> Self {
        if n < MIN_AT_RISK { Self::too_few(n) } else { Self::shown(value, lo, hi, n) }
    }

    /// Whether it may be shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shown == Shown::Yes
    }

    /// Value and both ends, if it may be shown.
    #[must_use]
    pub fn numbers(&self) -> Option<(f64, f64, f64)> {
        Some((self.value?, self.lo?, self.hi?))
    }

    /// The same on another scale: with money in major units, for example. The interval turns round with a negative factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        match self.numbers() {
            Some((value, lo, hi)) => {
                let (lo, hi) = (lo * factor, hi * factor);
                Self::shown(value * factor, lo.min(hi), lo.max(hi), self.n)
            }
            None => self,
        }
    }
}

impl Shown {
    /// Says what is missing; nothing if nothing is.
    #[must_use]
    pub fn sentence(&self, language: Language) -> Option<String> {
        let Self::NotYet { because, needs } = self else { return None };
        let (because, needs) = (because.words(language), needs.words(language));
        Some(match language {
            Language::English => format!("Not yet: {because}{needs}."),
            Language::Russian => format!("Пока нет: {because}{needs}."),
        })
    }
}

impl Because {
    const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::TooFewAtRisk, Language::English) => "too few customers",
            (Self::TooFewAtRisk, Language::Russian) => "слишком мало покупателей",
            (Self::TooFewReturned, Language::English) => "too few customers have come back",
            (Self::TooFewReturned, Language::Russian) => "слишком мало покупателей вернулось",
            (Self::TooFewLoyal, Language::English) => "too few customers stayed long enough",
            (Self::TooFewLoyal, Language::Russian) => "слишком мало покупателей осталось надолго",
            (Self::NothingSeen, Language::English) => "nothing of the kind can be seen",
            (Self::NothingSeen, Language::Russian) => "ничего такого не видно",
            (Self::HistoryTooShort, Language::English) => "the history is too short",
            (Self::HistoryTooShort, Language::Russian) => "история слишком короткая",
            (Self::HistoryIncomplete, Language::English) => "the history begins in the middle of the shop's life",
            (Self::HistoryIncomplete, Language::Russian) => "история начинается не с открытия магазина",
            (Self::NothingToCompare, Language::English) => "there is nothing to compare",
            (Self::NothingToCompare, Language::Russian) => "сравнивать не с чем",
            (Self::TooUncertain, Language::English) => "the range is too wide to act upon",
            (Self::TooUncertain, Language::Russian) => "разброс слишком велик, чтобы на него опираться",
            (Self::ArmsOutOfProportion, Language::English) => "the groups do not have the planned sizes",
            (Self::ArmsOutOfProportion, Language::Russian) => "размеры групп не соответствуют плану",
            (Self::NotProven, Language::English) => "no effect is proven",
            (Self::NotProven, Language::Russian) => "эффект не доказан",
            (Self::ModelDoesNotFit, Language::English) => "your customers do not differ enough for a forecast",
            (Self::ModelDoesNotFit, Language::Russian) => "покупатели слишком похожи друг на друга для прогноза",
            (Self::BackTestFailed, Language::English) => "the last forecasts were too far from what happened",
            (Self::BackTestFailed, Language::Russian) => "прошлые прогнозы слишком разошлись с действительностью",
        }
    }
}

impl Needs {
    fn words(self, language: Language) -> String {
        match (self, language) {
            (Self::Customers(more), Language::English) => {
                format!("; {}", language.count(more, ["more is needed", "more are needed", ""]))
            }
            (Self::Customers(more), Language::Russian) => {
                format!("; не хватает {}", language.count(more, ["покупателя", "покупателей", "покупателей"]))
            }
            (Self::Returned(more), Language::English) => {
                format!("; {} who came back", language.count(more, ["more is needed", "more are needed", ""]))
            }
            (Self::Returned(more), Language::Russian) => format!("; не хватает вернувшихся: {more}"),
            (Self::Days(more), Language::English) => {
                format!("; {}", language.count(more, ["more day is needed", "more days are needed", ""]))
            }
            (Self::Days(more), Language::Russian) => {
                format!("; не хватает {}", language.count(more, ["дня", "дней", "дней"]))
            }
            (Self::OtherData, _) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_an_interval_or_is_none() {
        assert_eq!(Estimate::shown(0.2, 0.1, 0.3, 40).numbers(), Some((0.2, 0.1, 0.3)));
        for bad in [Estimate::shown(f64::NAN, 0.1, 0.3, 40), Estimate::shown(0.2, f64::NEG_INFINITY, 0.3, 40)] {
            assert_eq!((bad.numbers(), bad.is_shown()), (None, false));
        }
    }

    #[test]
    fn fewer_than_thirty_make_no_number() {
        assert!(Estimate::from_enough(0.2, 0.1, 0.3, 30).is_shown());
        let few = Estimate::from_enough(0.2, 0.1, 0.3, 29);
        assert_eq!(few.shown, Shown::NotYet { because: Because::TooFewAtRisk, needs: Needs::Customers(1) });
    }

    #[test]
    fn a_negative_factor_turns_the_interval_round() {
        assert_eq!(Estimate::shown(2.0, 1.0, 4.0, 40).times(-0.5).numbers(), Some((-1.0, -2.0, -0.5)));
        assert_eq!(Estimate::too_few(3).times(2.0), Estimate::too_few(3));
    }

    #[test]
    fn what_is_missing_is_said() {
        let shown = Estimate::too_few(28).shown;
        assert_eq!(shown.sentence(Language::English).expect("one"), "Not yet: too few customers; 2 more are needed.");
        let days = Shown::NotYet { because: Because::HistoryTooShort, needs: Needs::Days(21) };
        assert_eq!(
            days.sentence(Language::Russian).expect("one"),
            "Пока нет: история слишком короткая; не хватает 21 дня."
        );
        assert_eq!(Shown::Yes.sentence(Language::English), None);
    }

    #[test]
    fn json_has_the_five_keys() {
        let json = serde_json::to_string(&Estimate::shown(0.5, 0.25, 0.75, 40)).expect("JSON");
        assert_eq!(json, r#"{"value":0.5,"lo":0.25,"hi":0.75,"n":40,"shown":"yes"}"#);
        let json = serde_json::to_string(&Estimate::too_few(0)).expect("JSON");
        assert!(
            json.ends_with(r#""shown":{"not_yet":{"because":"too_few_at_risk","needs":{"customers":30}}}}"#),
            "{json}"
        );
    }
}
