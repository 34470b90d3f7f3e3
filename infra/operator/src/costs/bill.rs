//! A month's bill.

use super::measured::{self, Invocation, Units, stack};
use super::prices::Prices;
use super::workload::{Architecture, EmailPlan, Workload};
use serde::Serialize;

const GIGABYTE: f64 = 1_000_000_000.0;

/// The costs of a month, line by line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// The number of customers.
    pub customers: u64,
    /// The lines, which are the same in every bill.
    pub lines: Vec<Line>,
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What it is for.
    pub what: &'static str,
    /// The used amounts and their units.
    pub used: Vec<(f64, &'static str)>,
    /// US dollars.
    pub usd: f64,
}

impl Bill {
    /// The bill of a stack with a number of customers. Without customers, it is what an idle stack costs.
    #[must_use]
    pub fn new(customers: u64, workload: &Workload, prices: &Prices) -> Self {
        let month = Month::new(customers as f64, workload);
        Self { customers, lines: month.lines(workload, prices) }
    }

    /// The sum of all lines.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.lines.iter().map(|line| line.usd).sum()
    }
}

/// What happens in a month.
struct Month {
    units: Units,
    table_bytes: f64,
    api_calls: f64,
    invocations: f64,
    gigabyte_seconds: f64,
    queued: f64,
    emails: f64,
    texts: f64,
    reports: f64,
    firings: f64,
}

impl Month {
    fn new(customers: f64, workload: &Workload) -> Self {
        let orders = customers * workload.orders;
        let first_orders = orders * workload.first_orders;
        let events = orders + customers * workload.other_events;
        let (emails, texts) = (customers * workload.emails, customers * workload.texts);
        let messages = emails + texts;
        let idle = orders * measured::IDLE_WAKE_UPS_PER_ORDER;
        let due = messages + idle;
        let sweeps = measured::HOURS * 60.0 / workload.sweep_minutes;
        let reports = emails * measured::REPORTS_PER_EMAIL;
        let collected = events / measured::COLLECTED_TOGETHER;
        let api_calls = events / workload.events_per_call;

        let invoked: [(f64, Invocation); 7] = [
            (api_calls, measured::INGEST),
            // Assumed are batches of one event in the stream and of one customer in the queue.
            (events + due, measured::ADVANCE),
            (messages + measured::HOURS, measured::SEND),
            (reports + measured::HOURS / 24.0, measured::FEEDBACK),
            (sweeps, measured::SWEEP),
            (collected, measured::COLLECT),
            (customers / 1_000.0 * measured::PASSES, measured::INSIGHT),
        ];
        let invocations = invoked.iter().map(|(times, _)| times).sum();
        let gigabyte_seconds = invoked.iter().map(|(times, each)| times * each.gigabyte_seconds()).sum();

        let units = Used::default()
            .add(events, measured::ORDER_STORED)
            .add(first_orders, measured::FIRST_ORDER_TAKEN_IN)
            .add(events - first_orders, measured::EVENT_TAKEN_IN)
            .add(messages, measured::MESSAGE_CREATED)
            .add(messages, measured::MESSAGE_SENT)
            .add(emails, measured::MESSAGE_ACCEPTED)
            .add(emails, measured::MESSAGE_DELIVERED)
            .add(idle, measured::IDLE_WAKE_UP)
            .add(sweeps, Units { reads: measured::EMPTY_SWEEP_READS, writes: 0.0 })
            .add(collected, Units { reads: measured::PRODUCT_READS, writes: 0.0 })
            .add(customers * measured::PASSES, measured::CUSTOMER_IN_PASS)
            .add(due, Units { reads: measured::DUE_READS, writes: 0.0 })
            .add(invocations, Units { reads: measured::SETTINGS_READS, writes: 0.0 });
        let kept = events * measured::ORDER_BYTES + messages * measured::MESSAGE_BYTES;
        Self {
            units: units.0,
            table_bytes: customers * measured::CUSTOMER_BYTES + kept * workload.months_kept,
            api_calls,
            invocations,
            gigabyte_seconds,
            queued: due + messages + reports,
            emails,
            texts,
            reports,
            firings: sweeps + stack::OTHER_FIRINGS,
        }
    }

    fn lines(&self, workload: &Workload, prices: &Prices) -> Vec<Line> {
        let line = |what, used: Vec<(f64, &'static str)>, usd| Line { what, used, usd };
        let gigabytes = self.table_bytes / GIGABYTE;
        let seconds = match workload.architecture {
            Architecture::Arm64 => &prices.lambda_arm64,
            Architecture::X86 => &prices.lambda_x86_64,
        };
        let email = match workload.email_plan {
            EmailPlan::Essentials => &prices.email_essentials,
            EmailPlan::ALaCarte => &prices.email_a_la_carte,
        };
        let polls = stack::POLLED_QUEUES * stack::POLLS_PER_QUEUE;
        let requests = polls + self.queued * measured::REQUESTS_PER_QUEUED;
        let log_bytes = self.invocations * measured::LOG_BYTES + self.api_calls * measured::ACCESS_LOG_BYTES;
        let logs = log_bytes / GIGABYTE;
        let metrics = stack::LOG_METRICS + stack::MAIL_METRICS;
        let secret_reads = self.invocations * measured::SECRET_READS_PER_THOUSAND / 1_000.0;
        vec![
            line(
                "DynamoDB writes",
                vec![(self.units.writes, "write request units")],
                prices.dynamodb_writes.for_quantity(self.units.writes),
            ),
            line(
                "DynamoDB reads",
                vec![(self.units.reads, "read request units")],
                prices.dynamodb_reads.for_quantity(self.units.reads),
            ),
            line(
                "DynamoDB storage, recovery",
                vec![(gigabytes, "GB")],
                prices.dynamodb_storage.for_quantity(gigabytes) + prices.dynamodb_backup.for_quantity(gigabytes),
            ),
            line(
                "Lambda",
                vec![(self.invocations, "invocations"), (self.gigabyte_seconds, "GB-seconds")],
                prices.lambda_requests.for_quantity(self.invocations) + seconds.for_quantity(self.gigabyte_seconds),
            ),
            line("SQS", vec![(requests, "requests")], prices.sqs_requests.for_quantity(requests)),
            line("HTTP API", vec![(self.api_calls, "calls")], prices.http_api_calls.for_quantity(self.api_calls)),
            line("SES mails", vec![(self.emails, "mails")], email.for_quantity(self.emails)),
            line("SNS reports of SES", vec![(self.reports, "reports")], prices.sns_reports.for_quantity(self.reports)),
            line("SMS", vec![(self.texts, "parts of texts")], prices.text_messages.for_quantity(self.texts)),
            line(
                "CloudWatch logs",
                vec![(logs, "GB")],
                prices.log_ingestion.for_quantity(logs) + prices.log_storage.for_quantity(logs * workload.log_months),
            ),
            line(
                "CloudWatch alarms, metrics",
                vec![(stack::alarms(), "alarms"), (metrics, "metrics"), (stack::DASHBOARDS, "dashboards")],
                prices.alarms.for_quantity(stack::alarms())
                    + prices.metrics.for_quantity(metrics)
                    + prices.dashboards.for_quantity(stack::DASHBOARDS),
            ),
            line(
                "Secrets Manager",
                vec![(stack::SECRETS, "secrets"), (secret_reads, "calls")],
                prices.secrets.for_quantity(stack::SECRETS) + prices.secret_calls.for_quantity(secret_reads),
            ),
            line("Schedules", vec![(self.firings, "firings")], prices.schedules.for_quantity(self.firings)),
        ]
    }
}

/// Adds units.
struct Used(Units);

impl Default for Used {
    fn default() -> Self {
        Self(Units { reads: 0.0, writes: 0.0 })
    }
}

impl Used {
    fn add(self, times: f64, each: Units) -> Self {
        let Self(sum) = self;
        Self(Units { reads: sum.reads + times * each.reads, writes: sum.writes + times * each.writes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(customers: u64, workload: &Workload) -> Bill {
        Bill::new(customers, workload, &Prices::built_in().expect("prices"))
    }

    fn line(bill: &Bill, what: &str) -> f64 {
        bill.lines.iter().find(|line| line.what == what).expect("a line").usd
    }

    #[test]
    fn a_month_of_orders_and_mails_is_what_it_adds_up_to_by_hand() {
        let bill = bill(1_000_000, &Workload::default());
        // 200,000 orders, 40,000 of them first ones, 1,000,000 other events, 500,000 mails, 200,000 idle wake-ups:
        // 1,200,000 + 40,000 × 8 + 1,160,000 + 500,000 × (8 + 13 + 1 + 2) + 200,000 × 3 = 15,280,000 writes, and of a pass a day
        // 1,000,000 × 0.045 × 730/24 = 1,368,750.
        assert_eq!(bill.lines[0].used, [(16_648_750.0, "write request units")]);
        assert!((line(&bill, "DynamoDB writes") - 10.405_468_75).abs() < 1e-9);
        assert!((line(&bill, "SES mails") - 80.0).abs() < 1e-9);
        assert!((line(&bill, "HTTP API") - 1.2).abs() < 1e-9);
        assert_eq!(line(&bill, "SMS"), 0.0);
    }

    #[test]
    fn a_stack_without_customers_costs_its_fixed_parts_its_polling_and_its_sweeps() {
        let idle = bill(0, &Workload::default());
        for nothing in ["DynamoDB writes", "DynamoDB storage, recovery", "HTTP API", "SES mails", "SMS"] {
            assert_eq!(line(&idle, nothing), 0.0, "{nothing}");
        }
        for something in ["DynamoDB reads", "Lambda", "SQS", "CloudWatch alarms, metrics", "Secrets Manager"] {
            assert!(line(&idle, something) > 0.0, "{something}");
        }
        assert!((5.0..20.0).contains(&idle.total()), "{}", idle.total());
    }

    #[test]
    fn everything_that_depends_on_customers_is_in_proportion_to_them() {
        let workload = Workload { texts: 0.1, ..Workload::default() };
        let [none, some, more] = [0, 1_000_000, 3_000_000].map(|customers| bill(customers, &workload));
        for (index, line) in none.lines.iter().enumerate() {
            let (one, three) = (some.lines[index].usd - line.usd, more.lines[index].usd - line.usd);
            assert!((three - 3.0 * one).abs() < 1e-6 * (1.0 + three), "{}: {one} {three}", line.what);
        }
    }

    #[test]
    fn fewer_calls_another_plan_and_rarer_sweeps_cost_less() {
        let usual = Workload::default();
        let less = |workload: Workload, what: &str| {
            let (before, after) = (bill(100_000, &usual), bill(100_000, &workload));
            assert!(line(&after, what) < line(&before, what), "{what}");
        };
        less(Workload { events_per_call: 10.0, ..usual.clone() }, "HTTP API");
        less(Workload { email_plan: EmailPlan::ALaCarte, ..usual.clone() }, "SES mails");
        less(Workload { sweep_minutes: 15.0, ..usual.clone() }, "Schedules");
        less(Workload { months_kept: 3.0, ..usual.clone() }, "DynamoDB storage, recovery");
        let dearer = Workload { architecture: Architecture::X86, ..usual.clone() };
        assert!(line(&bill(100_000, &dearer), "Lambda") > line(&bill(100_000, &usual), "Lambda"));
    }
}
