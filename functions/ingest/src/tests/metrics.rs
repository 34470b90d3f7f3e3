//! The numbers that an operator sees.

use super::*;
use serde_json::json;
use std::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::span;

/// Collects the metrics among the log lines of this thread.
#[derive(Clone, Default)]
struct Metrics(Arc<Mutex<Vec<(String, u64)>>>);

impl tracing::Subscriber for Metrics {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        if let Some(metric) = line.metric {
            self.0.lock().expect("no panic").push((metric, line.value));
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The metric of a log line, if it has one.
#[derive(Default)]
struct Line {
    metric: Option<String>,
    value: u64,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "metric" {
            self.metric = Some(value.to_owned());
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "value" {
            self.value = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Metrics {
    fn of(&self, name: &str) -> Vec<u64> {
        let all = self.0.lock().expect("no panic");
        all.iter().filter(|(metric, _)| metric == name).map(|(_, value)| *value).collect()
    }
}

#[tokio::test]
async fn people_who_are_left_out_of_a_public_keys_events_are_counted_and_those_of_a_secret_key_are_taken_in() {
    let metrics = Metrics::default();
    let _listening = tracing::subscriber::set_default(metrics.clone());
    let visit = |message: &str| json!({ "type": "page", "anonymousId": "d1", "messageId": message, "name": "Tea" });
    let mut named = visit("m1");
    named["userId"] = json!("anna");
    let identify =
        json!({ "type": "identify", "anonymousId": "d2", "messageId": "m2", "traits": { "email": "a@example.com" } });
    let batch = json!({ "batch": [named, identify, visit("m3")] }).to_string();
    let public = Shop { rig: Rig::new(Role::Public, |store| Ingest::new(store, guests(), clock_at(NOW))).await };
    assert_eq!(public.post("/v1/batch", batch.clone()).await.status, 200);
    assert_eq!(metrics.of("people_left_out"), [2]);
    assert_eq!(public.post("/v1/track", visit("m4").to_string()).await.status, 200);
    let secret = Shop::new().await;
    assert_eq!(secret.post("/v1/batch", batch).await.status, 200);
    assert_eq!(metrics.of("people_left_out"), [2], "nobody else is left out");
}
