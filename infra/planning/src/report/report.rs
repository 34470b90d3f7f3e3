//! One plan with what is needed to tell of it.

use crate::counts::{Day, Planned};
use crate::span::Span;
use jiff::civil::Date;
use rekindle_lifecycle::time::Calendar;
use serde::Serialize;

/// One plan with what is needed to tell of it.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the policy does.
    pub planned: Planned,
    /// The days of the beginning and of the end, which is the first that is not part of it.
    pub days: [Date; 2],
    /// Whether there was a history before the beginning, so that the policy is switched on in the middle of it.
    pub has_backlog: bool,
    /// How many mails SES takes in 24 hours.
    pub daily_quota: Option<u64>,
    /// What it costs.
    pub cost: Cost,
}

/// What the stack costs over the span, at the workload of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cost {
    /// US dollars over the whole span.
    pub usd: f64,
    /// US dollars for a month on average.
    pub usd_a_month: f64,
    /// The months of the span.
    pub months: f64,
    /// The lines of the bill of such a month.
    pub lines: Vec<CostLine>,
}

/// A line of the bill of a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostLine {
    /// What it is for.
    pub what: String,
    /// US dollars.
    pub usd: f64,
}

impl Report {
    /// A report of a plan that was made by `calendar` over `span`. `began_before` says that there are facts from before it.
    #[must_use]
    pub fn new(planned: Planned, span: Span, calendar: &Calendar, began_before: bool) -> Self {
        Self {
            planned,
            days: [calendar.day(span.from), calendar.day(span.until)],
            has_backlog: began_before,
            daily_quota: None,
            cost: Cost::default(),
        }
    }

    /// What went out on the first day, if the policy was switched on in the middle of a history.
    #[must_use]
    pub fn first_day(&self) -> Option<Day> {
        let first = || self.planned.days.iter().find(|day| day.day == self.days[0]).cloned();
        self.has_backlog.then(|| first().unwrap_or_else(|| Day { day: self.days[0], ..Day::default() }))
    }

    /// The days on which more mails go out than the quota allows.
    #[must_use]
    pub fn days_above_quota(&self) -> Vec<&Day> {
        let above = |day: &&Day| self.daily_quota.is_some_and(|quota| day.emails > quota);
        self.planned.days.iter().filter(above).collect()
    }
}
