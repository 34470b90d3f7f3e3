//! A metric filter: which log lines become a value of which metric.

use super::metrics::Metric;
use serde_json::Value;
use std::collections::BTreeMap;

/// A filter on one field of JSON lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetricFilter {
    pub(crate) log_group: String,
    /// The field, and the text that it has to have.
    field: String,
    text: String,
    /// The field with the value.
    value: String,
    metric: Metric,
}

impl MetricFilter {
    /// A filter as `DescribeMetricFilters` tells it.
    ///
    /// # Errors
    /// Its pattern is not `{ $.field = "text" }`, its value is no field, or it has more than one metric, or dimensions.
    pub(crate) fn parse(described: &Value) -> Result<Self, String> {
        let refuse = |what: &str| format!("{} {what}", described["filterName"]);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let pattern = described["filterPattern"].as_str().unwrap_or_default();
        let pattern = pattern.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let (field, wanted) =
            pattern.and_then(|rest| rest.split_once('=')).ok_or_else(|| refuse("has another pattern"))?;
        let field = field.trim().strip_prefix("$.").ok_or_else(|| refuse("has another pattern"))?;
        let wanted = wanted.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let [transformation] = described["metricTransformations"].as_array().map_or(&[][..], Vec::as_slice) else {
            return Err(refuse("has not one metric"));
        };
        if transformation.get("dimensions").is_some_and(|dimensions| !dimensions.is_null()) {
            return Err(refuse("has dimensions"));
        }
        let value = transformation["metricValue"].as_str().and_then(|value| value.strip_prefix("$."));
        let named = text(&transformation["metricNamespace"]).zip(text(&transformation["metricName"]));
        let (namespace, name) = named.ok_or_else(|| refuse("names no metric"))?;
        Ok(Self {
            log_group: text(&described["logGroupName"]).ok_or_else(|| refuse("has no log group"))?,
            field: field.to_owned(),
            text: wanted.ok_or_else(|| refuse("has another pattern"))?.to_owned(),
            value: value.ok_or_else(|| refuse("has a value that is no field"))?.to_owned(),
            metric: Metric { namespace, name, dimensions: BTreeMap::new() },
        })
    }

    /// The value that a log line gives, if it gives one.
    pub(crate) fn value_of(&self, line: &str) -> Option<(&Metric, f64)> {
        let line: Value = serde_json::from_str(line).ok()?;
        let fits = line[&self.field].as_str() == Some(&self.text);
        let value = line[&self.value].as_f64().filter(|_| fits)?;
        Some((&self.metric, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described() -> Value {
        json!({
            "filterName": "f", "logGroupName": "/aws/lambda/send", "filterPattern": "{ $.metric = \"messages_refused\" }",
            "metricTransformations": [
                { "metricNamespace": "Rekindle/rekindle", "metricName": "messages_refused", "metricValue": "$.value" },
            ],
        })
    }

    #[test]
    fn a_line_with_the_wanted_text_gives_its_value_and_others_none() {
        let filter = MetricFilter::parse(&described()).expect("a filter");
        let value = |line: &str| filter.value_of(line).map(|(metric, value)| (metric.name.clone(), value));
        let line = r#"{"level":"ERROR","metric":"messages_refused","value":2,"span":{"metric":"other"}}"#;
        assert_eq!(value(line), Some(("messages_refused".to_owned(), 2.0)));
        for other in [
            r#"{"metric":"messages_unknown","value":1}"#,
            r#"{"metric":"messages_refused"}"#,
            r#"{"span":{"metric":"messages_refused"},"value":1}"#,
            "REPORT RequestId: 1 messages_refused",
        ] {
            assert_eq!(value(other), None, "{other}");
        }
    }

    #[test]
    fn a_filter_of_another_kind_is_refused_by_name() {
        for (pointer, value) in [
            ("/filterPattern", json!("{ $.metric = \"a\" && $.value > 1 }")),
            ("/filterPattern", json!("ERROR")),
            ("/metricTransformations", json!([])),
            ("/metricTransformations/0/metricValue", json!("1")),
            ("/metricTransformations/0/dimensions", json!({ "shop": "$.span.shop" })),
        ] {
            let mut filter = described();
            let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
            filter.pointer_mut(parent).expect("a part")[name] = value;
            let error = MetricFilter::parse(&filter).expect_err(pointer);
            assert!(error.starts_with("\"f\" "), "{pointer}: {error}");
        }
    }
}
