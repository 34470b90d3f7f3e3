//! What each step uses. Request units and bytes are measured: `tests/tests/units` compares each with what the engine uses. Times
//! are computed from measured CPU times and assumed waits; assumptions are marked as such.

/// DynamoDB request units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Units {
    /// Read request units.
    pub reads: f64,
    /// Write request units.
    pub writes: f64,
}

const fn units(reads: f64, writes: f64) -> Units {
    Units { reads, writes }
}

/// The steps of a bill, by their names in the table of request units.
pub const STEPS: [(&str, Units); 10] = [
    ("first order: stored", ORDER_STORED),
    ("first order: taken in, two journeys begin", FIRST_ORDER_TAKEN_IN),
    ("repeat order: stored", ORDER_STORED),
    ("repeat order: taken in, nothing due earlier", EVENT_TAKEN_IN),
    ("message: created, with the customer and the reason", MESSAGE_CREATED),
    ("message that an order would withdraw: sent", MESSAGE_SENT),
    ("message: reported as accepted", MESSAGE_ACCEPTED),
    ("message: reported as delivered", MESSAGE_DELIVERED),
    ("idle wake-up: nothing to do, the next one noted", IDLE_WAKE_UP),
    ("advance that comes twice", DELIVERED_TWICE),
];

/// An event becomes a fact.
pub const ORDER_STORED: Units = units(0.0, 1.0);
/// A first order makes a customer, asks for erasures of the id, the address and the number, notes the customer there, lists them by
/// stage, and starts journeys.
pub const FIRST_ORDER_TAKEN_IN: Units = units(6.0, 8.0);
/// Any other event changes the customer.
pub const EVENT_TAKEN_IN: Units = units(1.0, 1.0);
/// `advance` decides on a message.
pub const MESSAGE_CREATED: Units = units(1.0, 8.0);
/// `send` checks, reserves a slot, takes a place in the mailbox, claims, hands over and settles: the most expensive path.
pub const MESSAGE_SENT: Units = units(4.0, 13.0);
/// SES reports that it accepted a mail.
pub const MESSAGE_ACCEPTED: Units = units(1.0, 1.0);
/// SES reports that a mail was delivered.
pub const MESSAGE_DELIVERED: Units = units(2.0, 2.0);
/// A customer is due, but there is nothing to do yet.
pub const IDLE_WAKE_UP: Units = units(1.0, 3.0);
/// A queue delivers a message twice.
pub const DELIVERED_TWICE: Units = units(1.0, 0.0);

/// Reads of a sweep that finds no customer due: half a unit for each shard.
pub const EMPTY_SWEEP_READS: f64 = 4.0;
/// Reads of a sweep for each customer that is due, at most.
pub const DUE_READS: f64 = 0.015;

/// Bytes of a customer in the table and its indexes, with the hundred that DynamoDB adds to each item.
pub const CUSTOMER_BYTES: f64 = 1_500.0;
/// Bytes of an order's fact.
pub const ORDER_BYTES: f64 = 700.0;
/// Bytes that a mail adds to the table: the message, the decision, the reports.
pub const MESSAGE_BYTES: f64 = 1_500.0;

/// What one invocation uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Invocation {
    /// Milliseconds of a whole core. A warm invocation takes 0.08, each call of AWS with the tuned client 0.25 (both
    /// measured); what the function does by itself comes on top.
    pub cpu_ms: f64,
    /// Milliseconds of waiting for AWS. Assumed: 4 for a read or a write, 8 for a transaction, 80 for SES.
    pub wait_ms: f64,
    /// Megabytes of the function's memory, as the template gives them.
    pub memory_mb: f64,
}

impl Invocation {
    /// The billed milliseconds. Lambda gives a whole core at 1,769 MB, and less in proportion.
    #[must_use]
    pub fn gigabyte_seconds(self) -> f64 {
        let milliseconds = self.cpu_ms * 1_769.0 / self.memory_mb + self.wait_ms;
        milliseconds / 1_000.0 * self.memory_mb / 1_024.0
    }
}

const fn invocation(cpu_ms: f64, wait_ms: f64, memory_mb: f64) -> Invocation {
    Invocation { cpu_ms, wait_ms, memory_mb }
}

/// `ingest`, for a call with one event: one write.
pub const INGEST: Invocation = invocation(0.6, 4.0, 512.0);
/// `advance`, for one customer: one read, one transaction, one message to a queue.
pub const ADVANCE: Invocation = invocation(1.0, 16.0, 512.0);
/// `send`, for one message: reads, two transactions, rendering (1 ms), SES.
pub const SEND: Invocation = invocation(3.0, 112.0, 512.0);
/// `feedback`, for one report: a read, a write, the sending record.
pub const FEEDBACK: Invocation = invocation(0.9, 12.0, 256.0);
/// `collect`, for the events of 20 seconds: one read of the products that this process does not know.
pub const COLLECT: Invocation = invocation(1.0, 4.0, 256.0);
/// Events that `collect` takes at once. Assumed: events come evenly, and each shard of the stream has its own.
pub const COLLECTED_TOGETHER: f64 = 4.0;
/// Reads of `collect` for what it takes at once: half a unit for each of two products. Assumed; what is known is not written.
pub const PRODUCT_READS: f64 = 1.0;
/// `sweep`: eight queries, four at a time.
pub const SWEEP: Invocation = invocation(2.5, 12.0, 256.0);

/// A customer in a pass of `insight`: eight items of a kilobyte to a read unit, and 45 bytes in the pieces (`functions/insight/src/tests/sizes.rs`).
pub const CUSTOMER_IN_PASS: Units = Units { reads: 0.12, writes: 0.045 };
/// `insight`, for a thousand customers: reading, and computing the reports. Assumed.
pub const INSIGHT: Invocation = invocation(50.0, 100.0, 512.0);
/// Passes of a month.
pub const PASSES: f64 = HOURS / 24.0;

/// What SES reports about a mail: sent, delivered, and for some opened, clicked, bounced. Assumed.
pub const REPORTS_PER_EMAIL: f64 = 2.5;
/// Requests for one message through a queue, if each travels alone: sent, received, deleted.
pub const REQUESTS_PER_QUEUED: f64 = 3.0;
/// How often an order postpones something that was due: each time costs an idle wake-up. Assumed.
pub const IDLE_WAKE_UPS_PER_ORDER: f64 = 1.0;
/// Reads of settings (key, policy, brand) in one invocation. They are cached for a minute; assumed is an empty cache.
pub const SETTINGS_READS: f64 = 1.0;
/// Log bytes of one invocation. Assumed: one line; Lambda's own lines are switched off in the template.
pub const LOG_BYTES: f64 = 400.0;
/// Log bytes of one call of the public API.
pub const ACCESS_LOG_BYTES: f64 = 250.0;
/// Reads of the secret in a thousand invocations, at new starts and refreshes. Assumed.
pub const SECRET_READS_PER_THOUSAND: f64 = 1.0;

/// What the template has independently of the work.
pub mod stack {
    const TEMPLATE: &str = include_str!("../../../template.yaml");

    /// Alarms, each on one metric: as many as the template has.
    #[must_use]
    pub fn alarms() -> f64 {
        let alarms = TEMPLATE.lines().filter(|line| line.trim() == "Type: AWS::CloudWatch::Alarm");
        f64::from(u32::try_from(alarms.count()).unwrap_or(u32::MAX))
    }

    /// Metrics made of log lines.
    pub const LOG_METRICS: f64 = 10.0;
    /// Metrics that SES keeps for the configuration set: the rates of bounces and complaints.
    pub const MAIL_METRICS: f64 = 2.0;
    /// Dashboards.
    pub const DASHBOARDS: f64 = 1.0;
    /// Secrets.
    pub const SECRETS: f64 = 1.0;
    /// Queues that Lambda polls.
    pub const POLLED_QUEUES: f64 = 4.0;
    /// Requests of a month with which Lambda asks an empty queue: five connections, each for twenty seconds.
    pub const POLLS_PER_QUEUE: f64 = 5.0 * 3.0 * 60.0 * super::HOURS;
    /// Firings of the other schedules in a month: the canary and the mirror of opt-outs, both hourly, and the looks for deliveries that
    /// wait, for feeds that are due and for what is left of the day's pass, four times an hour each.
    pub const OTHER_FIRINGS: f64 = 14.0 * super::HOURS;
}

/// Hours of a month.
pub const HOURS: f64 = 730.0;
