//! The metrics of the deployed stack and the alarms that look at them, while the stack is in use.
//!
//! - From the log lines that the functions wrote, by the metric filters as they are deployed.
//! - Of Lambda: each invocation writes a line when it begins; that one failed, Lambda says itself, here in the emulator's log.
//! - Of the queues: how many messages are visible, asked every few seconds, and since when there have been some: no message is older.
//! - Of the API: its answers with 5xx, which the caller counts.
//! - Of SES: which part of the mails that it reported bounced, or were called spam.
//!
//! The emulator tells neither how old the records of the stream are nor that Lambda had no room: no drill makes those alarms ring, but
//! a test makes every alarm of the template ring by its definition ([`crate::cloudwatch`]).

use crate::cloudwatch::alarm::{Alarm, EVALUATION_INTERVAL, State, ringing};
use crate::cloudwatch::metric_filter::MetricFilter;
use crate::cloudwatch::metrics::{Metric, Metrics};
use crate::emulator::Emulator;
use crate::stack::{self, Stack};
use aws_sdk_sqs::types::QueueAttributeName;
use jiff::{SignedDuration, Timestamp};
use rekindle_local_stack::FUNCTIONS;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Lines of a log that the emulator tells at once.
const MAX_EVENTS: usize = 10_000;
/// How often the queues are asked.
const QUEUE_INTERVAL: Duration = Duration::from_secs(2);

/// The alarms of a stack, and the metrics that its queues and its callers give while it is watched.
pub(crate) struct Watch<'s> {
    stack: &'s Stack<'s>,
    alarms: Vec<Alarm>,
    filters: Vec<MetricFilter>,
    own: Arc<Mutex<Metrics>>,
    /// Mails that SES reported so far: sent, bounced for good, called spam.
    reported: Mutex<[usize; 3]>,
    stopped: Arc<AtomicBool>,
    queues: Option<JoinHandle<()>>,
}

impl<'s> Watch<'s> {
    /// Reads the alarms and the filters as they are deployed, and begins to ask the queues.
    pub(crate) fn begin(stack: &'s Stack<'s>) -> Self {
        let list = |arguments: &[&str], name: &str| -> Vec<Value> {
            stack.emulator.aws(arguments)[name].as_array().unwrap_or_else(|| panic!("no {name}")).clone()
        };
        let alarms = list(&["cloudwatch", "describe-alarms", "--alarm-name-prefix", stack::NAME], "MetricAlarms");
        let alarms: Result<Vec<_>, _> = alarms.iter().map(Alarm::parse).collect();
        let alarms = alarms.expect("alarms as they are known here");
        // A metric without an alarm is for people to look at.
        let has_alarm = |filter: &&Value| {
            let name = filter["metricTransformations"][0]["metricName"].as_str();
            alarms.iter().any(|alarm| Some(alarm.metric.name.as_str()) == name)
        };
        let filters = list(&["logs", "describe-metric-filters"], "metricFilters");
        let filters: Result<Vec<_>, _> = filters.iter().filter(has_alarm).map(MetricFilter::parse).collect();
        let filters = filters.expect("filters on one field");
        assert!(alarms.len() > 30 && filters.len() > 7, "{} alarms, {} filters", alarms.len(), filters.len());

        let (own, stopped) = (Arc::<Mutex<Metrics>>::default(), Arc::<AtomicBool>::default());
        let sqs = stack.emulator.clients().sqs();
        let queues = stack.outputs.values().filter(|url| is_queue(url)).cloned().collect();
        let asking = Asking { sqs, queues, metrics: Arc::clone(&own), stopped: Arc::clone(&stopped) };
        let queues = std::thread::spawn(move || asking.ask());
        Self { stack, alarms, filters, own, reported: Mutex::default(), stopped, queues: Some(queues) }
    }

    /// Notes an answer of the public API.
    pub(crate) fn note_answer(&self, status: u16) {
        let of_api = self.alarms.iter().find(|alarm| alarm.metric.namespace == "AWS/ApiGateway");
        let metric = &of_api.expect("an alarm on the API").metric;
        let failed = if status >= 500 { 1.0 } else { 0.0 };
        self.own.lock().expect("no panic").add(metric, Timestamp::now(), failed);
    }

    /// Notes what SES reported of mails, as it tells its reputation: the parts that bounced for good, and that were called spam.
    pub(crate) fn note_reputation(&self, events: &[Value]) {
        let count = |kind: &str| events.iter().filter(|event| event["eventType"] == kind).count();
        let mut reported = self.reported.lock().expect("no panic");
        let bounces = events.iter().filter(|event| event["bounce"]["bounceType"] == "Permanent").count();
        for (known, new) in reported.iter_mut().zip([count("Send"), bounces, count("Complaint")]) {
            *known += new;
        }
        let [sent, bounced, complained] = *reported;
        for (name, part) in [("Reputation.BounceRate", bounced), ("Reputation.ComplaintRate", complained)] {
            let of_mails = self.alarms.iter().find(|alarm| alarm.metric.name == name);
            let metric = &of_mails.expect("an alarm on the reputation").metric;
            #[expect(clippy::cast_precision_loss, reason = "few mails")]
            let rate = part as f64 / sent.max(1) as f64;
            self.own.lock().expect("no panic").add(metric, Timestamp::now(), rate);
        }
    }

    /// The alarms that began to ring since an instant, without the name of the stack.
    pub(crate) fn rings_since(&self, from: Timestamp) -> BTreeSet<String> {
        let until = Timestamp::now();
        let metrics = self.metrics();
        let names = ringing(&self.alarms, &metrics, from, until + EVALUATION_INTERVAL);
        let own = |name: &String| name.trim_start_matches(&format!("{}-", stack::NAME)).to_owned();
        names.iter().map(own).collect()
    }

    /// Whether an alarm on a queue, named without the stack, does not ring now.
    pub(crate) fn is_quiet(&self, name: &str) -> bool {
        let alarm = self.alarms.iter().find(|alarm| alarm.name == format!("{}-{name}", stack::NAME));
        let metrics = self.own.lock().expect("no panic").clone();
        alarm.expect("an alarm").state(&metrics, Timestamp::now()) == State::Ok
    }

    /// Everything that is known so far.
    fn metrics(&self) -> Metrics {
        let mut metrics = self.own.lock().expect("no panic").clone();
        for function in FUNCTIONS {
            let group = format!("/aws/lambda/{}", Stack::function(function));
            let told: Value = serde_json::from_str(&self.stack.log(function)).unwrap_or_default();
            let of = |name| Metric::of("AWS/Lambda", name, "FunctionName", &Stack::function(function));
            let (invocations, errors) = (of("Invocations"), of("Errors"));
            let events = told["events"].as_array().cloned().unwrap_or_default();
            assert!(events.len() < MAX_EVENTS, "the log of {function} is longer than one answer");
            for event in &events {
                let line = event["message"].as_str().unwrap_or_default();
                let at = event["timestamp"].as_i64().and_then(|at| Timestamp::from_millisecond(at).ok());
                let at = at.expect("every event has a time");
                if line.starts_with("START RequestId: ") {
                    metrics.add(&invocations, at, 1.0);
                    // Lambda counts no error of each call that succeeded, so that an alarm sees that it is over.
                    metrics.add(&errors, at, 0.0);
                }
                for filter in self.filters.iter().filter(|filter| filter.log_group == group) {
                    if let Some((metric, value)) = filter.value_of(line) {
                        metrics.add(metric, at, value);
                    }
                }
            }
        }
        metrics.extend(failures(self.stack.emulator));
        metrics
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(queues) = self.queues.take() {
            let _ = queues.join();
        }
    }
}

/// Whether an output of the stack is the URL of a queue.
fn is_queue(output: &str) -> bool {
    output.starts_with("http") && output.contains("/000000000000/")
}

/// The invocations that failed, of queues and the stream, as the emulator notes them.
fn failures(emulator: &Emulator) -> Metrics {
    let mut metrics = Metrics::default();
    for line in emulator.log().lines() {
        let failed = line.split_once("ESM: Lambda ").and_then(|(_, rest)| rest.split_once(" failed processing "));
        let Some((function, _)) = failed else { continue };
        let at: Timestamp = format!("{}Z", &line[..19]).parse().expect("a line begins with the time");
        metrics.add(&Metric::of("AWS/Lambda", "Errors", "FunctionName", function), at, 1.0);
    }
    metrics
}

/// Asks the queues again and again.
struct Asking {
    sqs: aws_sdk_sqs::Client,
    queues: Vec<String>,
    metrics: Arc<Mutex<Metrics>>,
    stopped: Arc<AtomicBool>,
}

impl Asking {
    fn ask(self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut filled_since: BTreeMap<&str, Timestamp> = BTreeMap::new();
        while !self.stopped.load(Ordering::Relaxed) {
            for url in &self.queues {
                let name = url.rsplit('/').next().expect("a name");
                let call = self.sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
                let Ok(told) = runtime.block_on(async { call.send().await }) else { continue };
                let count = |name| told.attributes().and_then(|all| all.get(&name)?.parse::<f64>().ok()).unwrap_or(0.0);
                let visible = count(QueueAttributeName::ApproximateNumberOfMessages);
                let held = count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
                let now = Timestamp::now();
                let mut metrics = self.metrics.lock().expect("no panic");
                let of = |metric| Metric::of("AWS/SQS", metric, "QueueName", name);
                metrics.add(&of("ApproximateNumberOfMessagesVisible"), now, visible);
                let since = filled_since.entry(name).or_insert(now);
                if visible + held == 0.0 {
                    *since = now;
                }
                let age: SignedDuration = now.duration_since(*since);
                metrics.add(&of("ApproximateAgeOfOldestMessage"), now, age.as_secs_f64());
            }
            std::thread::sleep(QUEUE_INTERVAL);
        }
    }
}
