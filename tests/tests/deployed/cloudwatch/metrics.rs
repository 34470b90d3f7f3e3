//! Metrics: values with a time, under a name with dimensions.

use super::alarm::Statistic;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Which metric: two with other dimensions are two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// A metric with one dimension.
    pub(crate) fn of(namespace: &str, name: &str, dimension: &str, value: &str) -> Self {
        let dimensions = BTreeMap::from([(dimension.to_owned(), value.to_owned())]);
        Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }
}

/// The values of many metrics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics(BTreeMap<Metric, Vec<(Timestamp, f64)>>);

impl Metrics {
    /// Adds a value.
    pub(crate) fn add(&mut self, metric: &Metric, at: Timestamp, value: f64) {
        self.0.entry(metric.clone()).or_default().push((at, value));
    }

    /// Adds all values of others.
    pub(crate) fn extend(&mut self, others: Self) {
        for (metric, values) in others.0 {
            self.0.entry(metric).or_default().extend(values);
        }
    }

    /// The data points of the `count` periods that end at an instant, the oldest first; none of a period without a value.
    pub(crate) fn datapoints(
        &self,
        metric: &Metric,
        statistic: Statistic,
        period: SignedDuration,
        count: usize,
        until: Timestamp,
    ) -> Vec<Option<f64>> {
        let values = self.0.get(metric).map_or(&[][..], Vec::as_slice);
        let datapoint = |periods_ago: usize| {
            let end = until - period * i32::try_from(periods_ago).expect("few periods");
            let within = |at: Timestamp| end - period < at && at <= end;
            let values: Vec<f64> = values.iter().filter(|(at, _)| within(*at)).map(|(_, value)| *value).collect();
            statistic.of(&values)
        };
        (0..count).rev().map(datapoint).collect()
    }
}

impl Statistic {
    /// Of the values of one period; none if there are none.
    #[expect(clippy::cast_precision_loss, reason = "few values")]
    fn of(self, values: &[f64]) -> Option<f64> {
        let (sum, count) = (values.iter().sum::<f64>(), values.len() as f64);
        let of_any = match self {
            Self::Sum => Some(sum),
            Self::Average => Some(sum / count),
            Self::SampleCount => Some(count),
            Self::Maximum => values.iter().copied().reduce(f64::max),
            Self::Minimum => values.iter().copied().reduce(f64::min),
        };
        of_any.filter(|_| !values.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_data_points_by_period_and_statistic_and_stay_with_their_dimensions() {
        let (metric, other) =
            (Metric::of("AWS/SQS", "Age", "QueueName", "send"), Metric::of("AWS/SQS", "Age", "QueueName", "advance"));
        let at = |seconds| Timestamp::from_second(seconds).expect("an instant");
        let mut metrics = Metrics::default();
        for (seconds, value) in [(70, 1.0), (110, 3.0), (120, 2.0), (121, 7.0)] {
            metrics.add(&metric, at(seconds), value);
        }
        metrics.add(&other, at(115), 100.0);
        let of = |statistic| metrics.datapoints(&metric, statistic, SignedDuration::from_secs(60), 3, at(180));
        assert_eq!(of(Statistic::Sum), [None, Some(6.0), Some(7.0)]);
        assert_eq!(of(Statistic::Maximum), [None, Some(3.0), Some(7.0)]);
        assert_eq!(of(Statistic::Minimum), [None, Some(1.0), Some(7.0)]);
        assert_eq!(of(Statistic::Average), [None, Some(2.0), Some(7.0)]);
        assert_eq!(of(Statistic::SampleCount), [None, Some(3.0), Some(1.0)]);
    }
}
