//! The share of customers who have come back, day by day.

use super::numbers::Z;
use super::proportion::wilson_interval;

/// The longest time within which customers are called returning, in days.
pub const MAX_HORIZON: u32 = 365;

/// Quantiles are compared with this much slack, so that a share that is reached exactly is not missed by rounding.
const SLACK: f64 = 1e-12;

/// The Kaplan–Meier estimate of the time until an event, in whole days; events come before censorings of the same day.
///
/// The share within t days is 1 − S(t), with S(t) = prod (1 − d/r) over the days u ≤ t, r at risk and d events on each
/// (Kaplan and Meier 1958). The variance of S is S² · sum d/(r(r−d)) (Greenwood 1926); the interval is the one that is
/// symmetric on the scale of log(−log S), which stays within 0 to 1 (Kalbfleisch and Prentice 1980).
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnCurve {
    steps: Vec<Step>,
}

/// One day of a curve on which something ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Days since the beginning.
    pub day: u32,
    /// Customers (or their weight) for whom it had not happened before that day, and who were looked at that long.
    pub at_risk: f64,
    /// For whom it happened that day.
    pub events: f64,
    /// S: the share for whom it had not happened by the end of that day.
    pub survival: f64,
    /// The sum d/(r(r−d)) up to that day.
    pub greenwood: f64,
}

impl ReturnCurve {
    /// The curve of durations: days in ascending order with how many ended in an event and how many were cut off.
    #[must_use]
    pub fn from_days(days: impl IntoIterator<Item = (u32, f64, f64)>) -> Self {
        let days: Vec<(u32, f64, f64)> = days.into_iter().collect();
        let mut at_risk: f64 = days.iter().map(|(_, events, censored)| events + censored).sum();
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let steps = days.into_iter().map(|(day, events, censored)| {
            if events > 0.0 {
                survival *= 1.0 - events / at_risk;
                greenwood += events / (at_risk * (at_risk - events));
            }
            let step = Step { day, at_risk, events, survival, greenwood };
            at_risk -= events + censored;
            step
        });
        Self { steps: steps.collect() }
    }

    /// The days on which something ended.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Who was at risk on a day.
    #[must_use]
    pub fn at_risk(&self, day: u32) -> f64 {
        let next = self.steps.partition_point(|step| step.day < day);
        self.steps.get(next).map_or(0.0, |step| step.at_risk)
    }

    /// The share for whom it happened within this many days.
    #[must_use]
    pub fn share(&self, days: u32) -> f64 {
        self.last_until(days).map_or(0.0, |step| 1.0 - step.survival)
    }

    /// The standard error of [`ReturnCurve::share`].
    #[must_use]
    pub fn standard_error(&self, days: u32) -> f64 {
        match self.last_until(days) {
            Some(step) if step.survival > 0.0 => step.survival * step.greenwood.sqrt(),
            _ => 0.0,
        }
    }

    /// The 95 % interval of [`ReturnCurve::share`]. Where nothing or everything has happened the variance is not defined, and
    /// the interval is Wilson's for those still at risk on that day.
    #[must_use]
    pub fn interval(&self, days: u32) -> (f64, f64) {
        let (survival, greenwood) = self.last_until(days).map_or((1.0, 0.0), |step| (step.survival, step.greenwood));
        if survival >= 1.0 {
            let (_, lo, hi) = wilson_interval(0.0, self.at_risk(days));
            return (lo, hi);
        }
        if survival <= 0.0 {
            let at_risk = self.last_until(days).map_or(0.0, |step| step.at_risk);
            let (_, lo, hi) = wilson_interval(at_risk, at_risk);
            return (lo, hi);
        }
        let power = (Z * greenwood.sqrt() / survival.ln()).exp();
        // The logarithm is negative: the positive exponent gives the larger survival.
        (1.0 - survival.powf(power), 1.0 - survival.powf(1.0 / power))
    }

    /// The first day by which this share is reached.
    #[must_use]
    pub fn first_day_reaching(&self, share: f64) -> Option<u32> {
        let step = self.steps.iter().find(|step| 1.0 - step.survival >= share - SLACK);
        step.map(|step| step.day)
    }

    /// The first day by which this share is reached, with the days by which the ends of the interval reach it, as far as at least
    /// `at_risk` are. An end that is not reached is infinite.
    #[must_use]
    pub fn days_reaching(&self, share: f64, at_risk: f64) -> Option<(f64, f64, f64)> {
        let enough = || self.steps.iter().take_while(|step| step.at_risk >= at_risk);
        let first = |reaches: &dyn Fn(u32) -> f64| {
            enough().find(|step| reaches(step.day) >= share - SLACK).map(|step| f64::from(step.day))
        };
        let value = first(&|day| self.share(day))?;
        let (lo, hi) = (first(&|day| self.interval(day).1), first(&|day| self.interval(day).0));
        Some((value, lo.unwrap_or(value), hi.unwrap_or(f64::INFINITY)))
    }

    /// The day by which this part of those for whom it happens within `horizon` days is reached. Conditioning on the return
    /// leaves out customers who never come back, who would push any quantile of all to infinity.
    #[must_use]
    pub fn day_of_returners(&self, part: f64, horizon: u32) -> Option<u32> {
        let share = self.share(horizon);
        if share > 0.0 { self.first_day_reaching(part * share) } else { None }
    }

    fn last_until(&self, days: u32) -> Option<&Step> {
        self.steps[..self.steps.partition_point(|step| step.day <= days)].last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Durations 5, 8, 8+, 12, 12+, 20, 21+.
    fn curve() -> ReturnCurve {
        ReturnCurve::from_days([(5, 1.0, 0.0), (8, 1.0, 1.0), (12, 1.0, 1.0), (20, 1.0, 0.0), (21, 0.0, 1.0)])
    }

    #[test]
    fn events_come_before_censorings_of_the_same_day() {
        let found: Vec<_> =
            curve().steps().iter().map(|step| (step.day, step.at_risk, step.survival)).take(4).collect();
        let expected = [(5, 7.0, 6.0 / 7.0), (8, 6.0, 5.0 / 7.0), (12, 4.0, 15.0 / 28.0), (20, 2.0, 15.0 / 56.0)];
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!((found.0, found.1), (expected.0, expected.1));
            assert!((found.2 - expected.2).abs() < 1e-12);
        }
        assert!((curve().steps()[3].greenwood - 0.640_476_190_5).abs() < 1e-10);
    }

    #[test]
    fn the_interval_is_symmetric_on_the_scale_of_the_double_logarithm() {
        let (lo, hi) = curve().interval(12);
        assert!((curve().share(12) - 0.464_285_714_3).abs() < 1e-10);
        assert!((lo - 0.175_002_96).abs() < 1e-8 && (hi - 0.868_011_82).abs() < 1e-8, "{lo} {hi}");
        assert_eq!(curve().interval(13), curve().interval(12));
    }

    #[test]
    fn days_before_between_and_after_the_steps() {
        assert_eq!((curve().share(4), curve().at_risk(4), curve().standard_error(4)), (0.0, 7.0, 0.0));
        assert_eq!((curve().at_risk(9), curve().at_risk(21), curve().at_risk(22)), (4.0, 1.0, 0.0));
        assert_eq!(curve().first_day_reaching(2.0 / 7.0), Some(8));
        assert_eq!(curve().first_day_reaching(0.9), None);
        assert_eq!(curve().day_of_returners(0.5, 20), Some(12), "half of 73 %");
        assert_eq!(curve().day_of_returners(0.5, 4), None);
    }

    #[test]
    fn a_share_is_reached_between_the_days_of_the_ends_of_its_interval() {
        let days = (1..=100).map(|day| (day, 8.0, 0.0)).chain([(101, 0.0, 200.0)]);
        let curve = ReturnCurve::from_days(days);
        let (day, lo, hi) = curve.days_reaching(0.4, 30.0).expect("half of 80 %");
        // The standard error of 40 % of 1,000 is 1.5 points, which are two days either way.
        assert!(day == 50.0 && lo == 47.0 && hi == 54.0, "{lo} {day} {hi}");
        assert_eq!(curve.days_reaching(0.4, 700.0), None, "too few are at risk by then");
        assert_eq!(curve.days_reaching(0.79, 30.0).expect("just").2, f64::INFINITY);
    }

    #[test]
    fn nobody_and_everybody_have_an_interval() {
        let nobody = ReturnCurve::from_days([(50, 0.0, 40.0)]);
        let (lo, hi) = nobody.interval(30);
        assert!(lo == 0.0 && 0.05 < hi && hi < 0.1, "{hi}");
        let everybody = ReturnCurve::from_days([(3, 40.0, 0.0)]);
        let (lo, hi) = everybody.interval(30);
        assert!(hi == 1.0 && 0.9 < lo && lo < 0.95, "{lo}");
        assert_eq!(everybody.standard_error(3), 0.0);
    }
}
