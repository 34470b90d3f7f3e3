//! What the person who imports a file says about it.

use crate::columns::MapOption;
use crate::file::FileEncoding;
use crate::orders::AmountRule;
use crate::presets::{self, Preset};
use crate::values::{DateOrder, OrderState, Statuses};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::money::Currency;

/// What amounts of several rows of one order are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatedAmounts {
    /// Amounts of lines, which are summed.
    Items,
    /// The amount of the order, which counts once.
    Orders,
}

impl From<RepeatedAmounts> for AmountRule {
    fn from(repeated: RepeatedAmounts) -> Self {
        match repeated {
            RepeatedAmounts::Items => Self::SumOfRows,
            RepeatedAmounts::Orders => Self::OfOrder,
        }
    }
}

/// What the person who imports a file says about it. The default says nothing: the file has to be unmistakable.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The system that wrote it, by its name; otherwise it is recognised, or its columns are.
    pub from: Option<String>,
    /// What columns are.
    pub map: Vec<MapOption>,
    /// The decimal mark of all amounts: a point or a comma.
    pub decimal: Option<char>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// The form of all dates, as in `strftime`.
    pub date_pattern: Option<String>,
    /// The zone of times without an offset.
    pub time_zone: Option<TimeZone>,
    /// The encoding.
    pub encoding: Option<FileEncoding>,
    /// The currency of amounts without one.
    pub currency: Option<Currency>,
    /// What words for states mean.
    pub statuses: Vec<(String, OrderState)>,
    /// What amounts of several rows of one order are.
    pub repeated_amounts: Option<RepeatedAmounts>,
    /// The amounts of the file replace those of an earlier import.
    pub is_correction: bool,
    /// The owner's statement that the people of the file agreed to marketing.
    pub consent_statement: Option<String>,
    /// The moment of the import, for what has no moment of its own.
    pub started_at: Timestamp,
}

impl Options {
    /// The words for states: the shop's own and those of its system.
    pub(crate) fn statuses_with(&self, preset: &Preset) -> Statuses {
        let own = self.statuses.iter().map(|(word, state)| (word.as_str(), *state));
        Statuses::new(preset.statuses.iter().copied().chain(own))
    }

    /// Everything that decides what is posted, in one line: other options make another import.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { from, map, decimal, date_order, date_pattern, time_zone, encoding, currency, statuses, .. } = self;
        let zone = time_zone.as_ref().map(|zone| format!("{zone:?}"));
        let (repeated, correct, consent) = (self.repeated_amounts, self.is_correction, &self.consent_statement);
        let is_default = from.is_none()
            && map.is_empty()
            && decimal.is_none()
            && date_order.is_none()
            && date_pattern.is_none()
            && zone.is_none()
            && encoding.is_none()
            && currency.is_none()
            && statuses.is_empty()
            && repeated.is_none()
            && !correct
            && consent.is_none();
        if is_default {
            return String::new();
        }
        format!(
            "{from:?} {map:?} {decimal:?} {date_order:?} {date_pattern:?} {zone:?} {encoding:?} {currency:?} {statuses:?} {repeated:?} \
             {correct} {consent:?}"
        )
    }

    /// Whether there is a system of this name.
    ///
    /// # Errors
    /// There is none; the message lists all.
    pub fn check_from(name: &str) -> Result<String, String> {
        let names = presets::names();
        let name = name.trim().to_lowercase();
        if names.contains(&name.as_str()) {
            return Ok(name);
        }
        Err(format!("no system {name:?} is known; use one of {}, or say what columns are with --map", names.join(", ")))
    }
}
