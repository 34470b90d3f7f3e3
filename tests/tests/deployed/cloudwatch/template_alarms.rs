//! Every alarm of the template, as it is defined: it rings when its metric is at its threshold for as long as it says, and no other
//! alarm rings then; it is quiet just below the threshold, and before the last period that it needs.

use super::alarm::{Alarm, Comparison, MissingData, Statistic, ringing};
use super::metrics::{Metric, Metrics};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use std::collections::BTreeSet;

/// How often a metric has a value while all is well.
const VALUE_INTERVAL: SignedDuration = SignedDuration::from_mins(5);
/// How long all has been well before: longer than the longest period.
const WELL_BEFORE: SignedDuration = SignedDuration::from_hours(6);

/// The alarms of the template, in a stack with the name `s`. A resource is called by its own name.
fn alarms() -> Vec<Alarm> {
    let template: Yaml = serde_yaml_ng::from_str(include_str!("../../../../infra/template.yaml")).expect("YAML");
    let resources = template["Resources"].as_mapping().expect("resources").values();
    let alarms = resources.filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    let described = alarms.map(|alarm| resolved(&alarm["Properties"]));
    described.map(|described| Alarm::parse(&described).expect("an alarm as it is known here")).collect()
}

/// The YAML as JSON, with names in place of what refers to them.
fn resolved(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => json!(tagged.value.as_str().expect("a name").replace("${AWS::StackName}", "s")),
        Yaml::Sequence(parts) => parts.iter().map(resolved).collect(),
        Yaml::Mapping(fields) => {
            let field = |(name, value): (&Yaml, &Yaml)| (name.as_str().expect("a name").to_owned(), resolved(value));
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        plain => serde_json::to_value(plain).expect("a plain value"),
    }
}

/// How an alarm's metric behaves once all is no longer well.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// It is as the threshold says, in this many periods.
    AtThreshold(usize),
    /// It is nearly so.
    Nearly,
    /// It has no values any more.
    NoValues,
}

/// What happens in a stack: all is well, and from an instant on the metric of one alarm is not.
struct Story {
    metrics: Metrics,
    from: Timestamp,
    until: Timestamp,
}

impl Story {
    fn tell(alarms: &[Alarm], troubled: &Alarm, trouble: Trouble) -> Self {
        let from = Timestamp::from_second(1_800_000_000).expect("an instant");
        let periods = i32::try_from(troubled.evaluation_periods + 3).expect("few");
        let until = from + troubled.period * periods;
        let mut metrics = Metrics::default();
        let all: BTreeSet<&Metric> = alarms.iter().map(|alarm| &alarm.metric).collect();
        for metric in all {
            let alarm = alarms.iter().find(|alarm| alarm.metric == *metric).expect("its alarm");
            let ends = *metric == troubled.metric && matches!(trouble, Trouble::NoValues);
            let mut at = from - WELL_BEFORE;
            while at <= if ends { from } else { until } {
                metrics.add(metric, at, alarm.usual());
                at += VALUE_INTERVAL;
            }
        }
        let (periods, value) = match trouble {
            Trouble::AtThreshold(periods) => (periods, troubled.threshold),
            Trouble::Nearly => (troubled.evaluation_periods, troubled.threshold * 0.999),
            Trouble::NoValues => (0, 0.0),
        };
        for period in 0..periods {
            let at = from + troubled.period * i32::try_from(period).expect("few") + troubled.period / 2;
            if troubled.statistic == Statistic::Sum {
                // In two parts: they count together.
                metrics.add(&troubled.metric, at, value / 2.0);
                metrics.add(&troubled.metric, at - SignedDuration::from_secs(1), value / 2.0);
            } else {
                metrics.add(&troubled.metric, at, value);
            }
        }
        Self { metrics, from, until }
    }

    fn rings(&self, alarms: &[Alarm]) -> BTreeSet<String> {
        ringing(alarms, &self.metrics, self.from, self.until)
    }
}

impl Alarm {
    /// A value of its metric while all is well.
    fn usual(&self) -> f64 {
        if self.rings_for_little() { self.threshold } else { 0.0 }
    }

    /// Whether it rings because something does not happen.
    fn rings_for_little(&self) -> bool {
        matches!(self.comparison, Comparison::LessThanThreshold | Comparison::LessThanOrEqualToThreshold)
    }
}

#[test]
fn every_alarm_of_the_template_rings_at_its_threshold_and_no_other_rings_then() {
    let alarms = alarms();
    assert!(alarms.len() > 40, "{}", alarms.len());
    for alarm in &alarms {
        let told = |trouble| Story::tell(&alarms, alarm, trouble).rings(&alarms);
        let only_this = BTreeSet::from([alarm.name.clone()]);
        if alarm.rings_for_little() {
            assert_eq!(alarm.missing, MissingData::Breaching, "{}: what does not happen has no values", alarm.name);
            assert_eq!(told(Trouble::NoValues), only_this, "{} without values", alarm.name);
            assert_eq!(told(Trouble::AtThreshold(0)), BTreeSet::new(), "{} while all is well", alarm.name);
            continue;
        }
        assert_eq!(alarm.missing, MissingData::NotBreaching, "{}: without calls there is nothing to say", alarm.name);
        assert_eq!(told(Trouble::AtThreshold(alarm.datapoints_to_alarm)), only_this, "{} at its threshold", alarm.name);
        assert_eq!(told(Trouble::Nearly), BTreeSet::new(), "{} just below its threshold", alarm.name);
        assert_eq!(told(Trouble::NoValues), BTreeSet::new(), "{} without values", alarm.name);
        let too_short = Trouble::AtThreshold(alarm.datapoints_to_alarm - 1);
        assert_eq!(told(too_short), BTreeSet::new(), "{} before its last period", alarm.name);
    }
}
