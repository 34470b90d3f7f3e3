//! The week after which weekly counts fall to a lower level.

use crate::statistics::float;

/// A fall from one level to a lower one, found in weekly counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The likeliest number of weeks before the fall; 0 if the counts never fall.
    pub weeks: usize,
    /// How much likelier it is than none: 2 ln of the ratio of likelihoods, divided by the overdispersion.
    pub likelihood_ratio: f64,
    /// Mean count per week before it.
    pub early: f64,
    /// Mean count per week after it.
    pub later: f64,
    /// The 5, 50 and 95 % points of the number of weeks, all steps being equally likely beforehand.
    pub posterior: [usize; 3],
}

impl Step {
    /// How many times as high the level was before.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.weeks == 0 { 1.0 } else { self.early / self.later }
    }
}

/// Finds the fall in counts that vary `overdispersion` times as much as Poisson counts (at least 1).
///
/// For a fall after week tau, with C of all counts Ctot before it and means a > b before and after, the log-likelihood against no
/// fall is LL = C ln a + (Ctot − C) ln b − Ctot ln(Ctot/W); each tau weighs exp(LL/phi).
#[must_use]
pub fn find_step(weekly: &[u64], overdispersion: f64) -> Step {
    let weeks = weekly.len();
    let total: u64 = weekly.iter().sum();
    let mean = float(total) / float(weeks as u64);
    let mut before = 0;
    let mut steps = Vec::new();
    for (week, count) in weekly.iter().enumerate().take(weeks.saturating_sub(1)) {
        before += count;
        let (early, later) =
            (float(before) / float(week as u64 + 1), float(total - before) / float((weeks - week - 1) as u64));
        if early > later {
            let likelihood = times_ln(before, early) + times_ln(total - before, later) - times_ln(total, mean);
            steps.push((week + 1, early, later, likelihood / overdispersion));
        }
    }
    let Some(&(weeks, early, later, most)) =
        steps.iter().reduce(|best, step| if step.3 > best.3 { step } else { best })
    else {
        return Step { weeks: 0, likelihood_ratio: 0.0, early: mean, later: mean, posterior: [0; 3] };
    };
    let weights: Vec<(usize, f64)> = steps.iter().map(|step| (step.0, (step.3 - most).exp())).collect();
    let posterior = [0.05, 0.5, 0.95].map(|share| quantile(&weights, share));
    Step { weeks, likelihood_ratio: 2.0 * most, early, later, posterior }
}

/// `count` · ln `mean`; 0 for no counts.
fn times_ln(count: u64, mean: f64) -> f64 {
    if count == 0 { 0.0 } else { float(count) * mean.ln() }
}

/// The smallest number of weeks with at least this share of the weight up to it.
fn quantile(weights: &[(usize, f64)], share: f64) -> usize {
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    let reached = weights.iter().find(|(_, weight)| {
        sum += weight;
        sum >= share * total - 1e-12
    });
    reached.or(weights.last()).map_or(0, |(weeks, _)| *weeks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FALLING: [u64; 13] = [30, 28, 31, 27, 18, 16, 17, 15, 16, 14, 15, 16, 17];

    #[test]
    fn a_fall_after_four_weeks_is_found() {
        let step = find_step(&FALLING, 1.0);
        assert_eq!((step.weeks, step.early, step.later, step.posterior), (4, 29.0, 16.0, [3, 4, 5]));
        assert!((step.likelihood_ratio - 21.937_402_31).abs() < 1e-8, "{}", step.likelihood_ratio);
        assert_eq!(step.ratio(), 1.8125);
    }

    #[test]
    fn counts_that_vary_more_say_less() {
        let step = find_step(&FALLING, 1.5);
        assert!((step.likelihood_ratio - 14.624_934_88).abs() < 1e-8, "{}", step.likelihood_ratio);
        assert_eq!(step.posterior, [3, 4, 6]);
    }

    #[test]
    fn counts_that_never_fall_have_no_step() {
        for counts in [&[5_u64, 9, 12, 12, 13, 12, 13, 12, 12, 13, 12, 13, 12][..], &[0; 13], &[4; 13], &[7], &[]] {
            let step = find_step(counts, 1.0);
            assert_eq!((step.weeks, step.likelihood_ratio, step.ratio(), step.posterior), (0, 0.0, 1.0, [0; 3]));
        }
    }

    #[test]
    fn a_fall_to_nothing_has_no_end_of_its_ratio() {
        let step = find_step(&[9, 9, 0, 0, 0], 1.0);
        assert_eq!((step.weeks, step.ratio()), (2, f64::INFINITY));
    }
}
