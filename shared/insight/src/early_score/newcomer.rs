//! What is known of a customer 30 days after the first order.

use crate::buyer::AsOf;
use serde::{Deserialize, Serialize};

/// Days after the first order that a score knows of.
pub(super) const EARLY_DAYS: u32 = 30;
/// Days after those in which customers show whether they are loyal.
pub(super) const LATE_DAYS: u32 = 180;
/// Days with an order in the late days that make a customer loyal.
pub(super) const LOYAL_FROM: u32 = 2;

/// What a customer did in the first days, from the first order until 30 days after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FirstDays {
    /// Value of the first day with an order, in minor units.
    pub first_value: i64,
    /// Lines (or units) of it.
    pub first_lines: u32,
    /// Days with an order after it.
    pub more: u32,
    /// Days from the first to the second of them; `None` without one.
    pub second_after: Option<u32>,
    /// Value of the days after the first, in minor units.
    pub more_value: i64,
    /// What else the shop knows.
    pub signals: Signals,
}

/// What else a shop may know of a customer 30 days after the first order. What is not known is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signals {
    /// Whether the first order was made with a coupon.
    pub coupon: Option<bool>,
    /// Clicks in messages.
    pub clicks: Option<u32>,
    /// The answer to "would you recommend us", 0 to 10.
    pub nps: Option<u8>,
    /// Hour of the first order in the shop's zone, 0 to 23.
    pub hour: Option<u8>,
    /// Channel of the first order: a number below 8 that the shop gives to it.
    pub channel: Option<u8>,
}

/// A customer whose late days are over, with what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Newcomer {
    /// The first day, as days since 1970-01-01.
    pub(super) first_day: i32,
    pub(super) first_days: FirstDays,
    /// Days with an order in the late days.
    pub(super) late: u32,
}

impl FirstDays {
    /// What a customer did in the first 30 days, without later ones.
    #[must_use]
    pub fn new(known: &AsOf<'_>, signals: Signals) -> Self {
        let early = known.occasions.iter().skip(1).take_while(|day| day.day.since(known.first) <= EARLY_DAYS);
        let mut first_days = known.occasions.first().map_or_else(Self::default, |first| Self {
            first_value: first.value,
            first_lines: first.lines,
            signals,
            ..Self::default()
        });
        for day in early {
            first_days.more += 1;
            first_days.second_after = first_days.second_after.or(Some(day.day.since(known.first)));
            first_days.more_value = first_days.more_value.saturating_add(day.value);
        }
        first_days
    }
}

impl Newcomer {
    /// Nothing if the late days are not over.
    pub(super) fn new(known: &AsOf<'_>, signals: Signals) -> Option<Self> {
        if known.age < EARLY_DAYS + LATE_DAYS {
            return None;
        }
        let late = known.occasions.iter().map(|day| day.day.since(known.first));
        let late = late.filter(|after| (EARLY_DAYS + 1..=EARLY_DAYS + LATE_DAYS).contains(after)).count();
        Some(Self {
            first_day: known.first.number(),
            first_days: FirstDays::new(known, signals),
            late: u32::try_from(late).unwrap_or(u32::MAX),
        })
    }

    pub(super) fn is_loyal(&self) -> bool {
        self.late >= LOYAL_FROM
    }

    pub(super) fn has_left(&self) -> bool {
        self.late == 0
    }
}
