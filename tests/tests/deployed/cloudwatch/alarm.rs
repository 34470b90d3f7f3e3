//! An alarm and the rule by which it rings. Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms
//! treat missing data".

use super::metrics::{Metric, Metrics};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Data points that CloudWatch looks at beyond the evaluation periods, if some are missing. AWS says that the number depends on the
/// period; its examples have two.
const MORE_DATA_POINTS: usize = 2;
/// How often CloudWatch evaluates an alarm.
pub(crate) const EVALUATION_INTERVAL: SignedDuration = SignedDuration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Ok,
    Alarm,
}

/// How the values of a period become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Statistic {
    Sum,
    Maximum,
    Minimum,
    Average,
    SampleCount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "CloudWatch's own names")]
pub(crate) enum Comparison {
    GreaterThanOrEqualToThreshold,
    GreaterThanThreshold,
    LessThanThreshold,
    LessThanOrEqualToThreshold,
}

/// What a period without a value counts as. CloudWatch also has `missing` and `ignore`; no alarm of ours says so, and one that did
/// would not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum MissingData {
    Breaching,
    NotBreaching,
}

/// An alarm on one metric.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) metric: Metric,
    pub(crate) statistic: Statistic,
    pub(crate) period: SignedDuration,
    pub(crate) evaluation_periods: usize,
    pub(crate) datapoints_to_alarm: usize,
    pub(crate) threshold: f64,
    pub(crate) comparison: Comparison,
    pub(crate) missing: MissingData,
}

/// An alarm as `DescribeAlarms` tells it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    alarm_name: String,
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    statistic: Statistic,
    period: i64,
    evaluation_periods: usize,
    datapoints_to_alarm: Option<usize>,
    threshold: f64,
    comparison_operator: Comparison,
    treat_missing_data: MissingData,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

impl Alarm {
    /// An alarm as `DescribeAlarms` tells it.
    ///
    /// # Errors
    /// It is on an expression of several metrics, or asks for something that is not known here.
    pub(crate) fn parse(described: &Value) -> Result<Self, String> {
        let name = &described["AlarmName"];
        if described["Metrics"].as_array().is_some_and(|metrics| !metrics.is_empty()) {
            return Err(format!("{name} is on an expression"));
        }
        let told = Described::deserialize(described).map_err(|error| format!("{name}: {error}"))?;
        let dimensions: BTreeMap<_, _> = told.dimensions.into_iter().map(|of| (of.name, of.value)).collect();
        let datapoints_to_alarm = told.datapoints_to_alarm.unwrap_or(told.evaluation_periods);
        if told.period < 60 || !(1..=told.evaluation_periods).contains(&datapoints_to_alarm) {
            return Err(format!("{name} has no usable period or number of data points"));
        }
        Ok(Self {
            name: told.alarm_name,
            metric: Metric { namespace: told.namespace, name: told.metric_name, dimensions },
            statistic: told.statistic,
            period: SignedDuration::from_secs(told.period),
            evaluation_periods: told.evaluation_periods,
            datapoints_to_alarm,
            threshold: told.threshold,
            comparison: told.comparison_operator,
            missing: told.treat_missing_data,
        })
    }

    /// The state at an instant.
    pub(crate) fn state(&self, metrics: &Metrics, at: Timestamp) -> State {
        let count = self.evaluation_periods + MORE_DATA_POINTS;
        self.state_of(&metrics.datapoints(&self.metric, self.statistic, self.period, count, at))
    }

    /// The state that data points lead to, the oldest first, none where a period has no value.
    ///
    /// The latest that exist count, as many as there are evaluation periods. Only if there are fewer, the others count as the alarm
    /// treats missing data.
    fn state_of(&self, datapoints: &[Option<f64>]) -> State {
        let existing: Vec<f64> = datapoints.iter().copied().flatten().collect();
        let missing = self.evaluation_periods.saturating_sub(existing.len());
        let latest = &existing[existing.len().saturating_sub(self.evaluation_periods)..];
        let breaching = latest.iter().filter(|value| self.is_breached_by(**value)).count();
        let breaching = match self.missing {
            MissingData::Breaching => breaching + missing,
            MissingData::NotBreaching => breaching,
        };
        if breaching >= self.datapoints_to_alarm { State::Alarm } else { State::Ok }
    }

    fn is_breached_by(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::GreaterThanOrEqualToThreshold => value >= self.threshold,
            Comparison::GreaterThanThreshold => value > self.threshold,
            Comparison::LessThanThreshold => value < self.threshold,
            Comparison::LessThanOrEqualToThreshold => value <= self.threshold,
        }
    }
}

/// The alarms that begin to ring between two instants, by name: not those that rang before.
pub(crate) fn ringing(alarms: &[Alarm], metrics: &Metrics, from: Timestamp, until: Timestamp) -> BTreeSet<String> {
    let begins_to_ring = |alarm: &&Alarm| {
        let mut before = alarm.state(metrics, from);
        let mut at = from;
        while at < until {
            at += EVALUATION_INTERVAL;
            let now = alarm.state(metrics, at);
            if now == State::Alarm && before == State::Ok {
                return true;
            }
            before = now;
        }
        false
    };
    alarms.iter().filter(begins_to_ring).map(|alarm| alarm.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described() -> Value {
        json!({
            "AlarmName": "a", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Period": 300,
            "Dimensions": [{ "Name": "FunctionName", "Value": "send" }], "Statistic": "Sum", "EvaluationPeriods": 3,
            "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut alarm = described();
        alarm[name] = value;
        alarm
    }

    /// The examples of the user guide: `X` breaches, `0` does not, `-` is missing. In both tables the evaluation range is five data
    /// points and there are three evaluation periods.
    #[test]
    fn states_are_those_of_the_tables_in_the_user_guide() {
        use State::{Alarm as Rings, Ok as Quiet};
        for (needed, points, breaching, not_breaching) in [
            (3, "0-X-X", Quiet, Quiet),
            (3, "----0", Quiet, Quiet),
            (3, "-----", Rings, Quiet),
            (3, "0XX-X", Rings, Rings),
            (3, "--X--", Rings, Quiet),
            (2, "0-X-X", Rings, Rings),
            (2, "00X0X", Rings, Rings),
            (2, "0-X--", Rings, Quiet),
            (2, "----0", Rings, Quiet),
            (2, "---X-", Rings, Quiet),
        ] {
            let value = |point| match point {
                'X' => Some(1.0),
                '0' => Some(0.0),
                _ => None,
            };
            let points: Vec<_> = points.chars().map(value).collect();
            let mut alarm = Alarm::parse(&with("DatapointsToAlarm", json!(needed))).expect("an alarm");
            for (missing, expected) in [(MissingData::Breaching, breaching), (MissingData::NotBreaching, not_breaching)]
            {
                alarm.missing = missing;
                assert_eq!(alarm.state_of(&points), expected, "{needed} of {points:?}, {missing:?}");
            }
        }
    }

    #[test]
    fn a_threshold_is_compared_as_the_operator_says() {
        for (operator, below, at, above) in [
            ("GreaterThanOrEqualToThreshold", false, true, true),
            ("GreaterThanThreshold", false, false, true),
            ("LessThanThreshold", true, false, false),
            ("LessThanOrEqualToThreshold", true, true, false),
        ] {
            let alarm = Alarm::parse(&with("ComparisonOperator", json!(operator))).expect("an alarm");
            assert_eq!([0.5, 1.0, 1.5].map(|value| alarm.is_breached_by(value)), [below, at, above], "{operator}");
        }
    }

    #[test]
    fn without_a_number_of_data_points_all_periods_have_to_breach() {
        assert_eq!(Alarm::parse(&described()).expect("an alarm").datapoints_to_alarm, 3);
    }

    #[test]
    fn what_is_not_evaluated_here_is_refused_by_name() {
        for (name, value) in [
            ("TreatMissingData", json!("ignore")),
            ("TreatMissingData", Value::Null),
            ("Statistic", json!("p99")),
            ("ComparisonOperator", json!("LessThanLowerThreshold")),
            ("Metrics", json!([{ "Id": "e1", "Expression": "m1 / m2" }])),
            ("DatapointsToAlarm", json!(4)),
            ("Period", json!(10)),
        ] {
            let error = Alarm::parse(&with(name, value.clone())).expect_err(name);
            assert!(error.contains("\"a\""), "{name} = {value}: {error}");
        }
    }

    #[test]
    fn an_alarm_that_rang_before_does_not_begin_to_ring() {
        let alarm = Alarm::parse(&with("EvaluationPeriods", json!(1))).expect("an alarm");
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let mut metrics = Metrics::default();
        metrics.add(&alarm.metric, at(10), 1.0);
        let rings = |metrics: &Metrics, from, until| {
            !ringing(std::slice::from_ref(&alarm), metrics, at(from), at(until)).is_empty()
        };
        assert!(rings(&metrics, 5, 15) && rings(&metrics, 9, 10));
        assert!(!rings(&metrics, 0, 9), "nothing has happened yet");
        assert!(!rings(&metrics, 12, 20), "it rings already");
        metrics.add(&alarm.metric, at(60), 1.0);
        assert!(rings(&metrics, 12, 70), "it was quiet in between");
    }
}
