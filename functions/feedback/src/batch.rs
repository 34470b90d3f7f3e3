//! Processing one batch: reports about one message and texts from one number one after the other, all others at the same
//! time. What fails is delivered again.

use crate::delivery_report::{DeliveryReport, ReportKind};
use crate::inbound_text::InboundText;
use crate::incoming::{self, Control, Incoming};
use crate::report::{AppliedReport, FeedbackError};
use crate::unreadable::Unreadable;
use crate::{Feedback, ReportEffect};
use aws_lambda_events::event::sqs::SqsMessage;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use rekindle_lifecycle::id::{MessageId, ShopId};
use rekindle_lifecycle::reputation::MailOutcome;
use rekindle_platform::batch::guarded;
use rekindle_platform::spans;
use rekindle_store::CustomerKey;
use rekindle_store::sending::reputation::CountError;
use std::collections::BTreeMap;
use tracing::{Instrument, Span};

/// Messages, and numbers, that are processed at the same time.
const CONCURRENCY: usize = 8;

/// How many of each kind there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, usize>);

impl Counts {
    fn add(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    /// How many there were of a kind.
    #[must_use]
    pub fn get(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(0)
    }

    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// The result of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// What it held.
    pub counts: Counts,
    /// The queue's ids of what has to be delivered again.
    pub failed: Vec<String>,
}

/// What applying a report gave; none if it panicked.
type Applied = Option<Result<AppliedReport, FeedbackError>>;

/// A report of a batch.
struct Queued {
    id: String,
    report: DeliveryReport,
    /// The unit of work that it is.
    span: Span,
    /// Kept only for a report of unknown type.
    body: Option<String>,
}

impl Feedback {
    /// Processes a batch of the queue.
    pub async fn process_batch(&self, records: Vec<SqsMessage>) -> Batch {
        let mut batch = Batch::default();
        // The reports about one message are applied one after the other, the highest first: the others then say nothing new.
        // The texts of one number are applied in the order in which they arrived.
        let mut by_message: BTreeMap<MessageId, Vec<Queued>> = BTreeMap::new();
        let mut by_number = BTreeMap::new();
        let mut canary_sent_at = None;
        for record in records {
            let arrived_at = arrived_at(&record).unwrap_or_else(|| self.clock.now());
            let (id, body) = (record.message_id.unwrap_or_default(), record.body.unwrap_or_default());
            let span = spans::queue_message(&id);
            let _entered = span.enter();
            match incoming::parse(&body, arrived_at) {
                Ok(Incoming::Report(report)) => {
                    let CustomerKey { shop, customer } = &report.customer;
                    spans::note_customer(shop, &self.link_keys.customer_fingerprint(shop, customer));
                    spans::note_message(&report.message);
                    let body = matches!(report.kind, ReportKind::Unknown { .. }).then_some(body);
                    let queued = Queued { id, report, span: span.clone(), body };
                    by_message.entry(queued.report.message.clone()).or_default().push(queued);
                }
                Ok(Incoming::Text(text)) => {
                    let texts: &mut Vec<_> = by_number.entry(text.from.clone()).or_default();
                    texts.push((id, text, span.clone()));
                }
                Ok(Incoming::Control(control)) => {
                    match control {
                        Control::WantsConfirmation => {
                            tracing::warn!("a topic waits until somebody confirms its subscription");
                        }
                        Control::Unsubscribed => {
                            tracing::error!("the subscription of a topic ended; its messages no longer come");
                        }
                        Control::Notice => tracing::info!("a notice about a topic came"),
                    }
                    batch.counts.add("control");
                }
                Ok(Incoming::Canary { sent_at }) => {
                    canary_sent_at = canary_sent_at.max(Some(sent_at));
                    batch.counts.add("canary");
                }
                Err(Unreadable::NotOurs) => batch.counts.add("not_ours"),
                Err(Unreadable::NotANumber) => batch.counts.add("text_from_no_number"),
                Err(error) => {
                    tracing::error!(error = %error, "it goes to the dead letters");
                    batch.counts.add("unreadable");
                    batch.failed.push(id);
                }
            }
        }
        let (reports, texts) = tokio::join!(
            stream::iter(by_message.into_values())
                .map(|reports| self.apply_reports(reports))
                .buffer_unordered(CONCURRENCY)
                .collect::<Vec<_>>(),
            stream::iter(by_number.into_values())
                .map(async |mut texts: Vec<(String, InboundText, Span)>| {
                    texts.sort_by_key(|(_, text, _)| text.at);
                    let mut effects = Vec::with_capacity(texts.len());
                    for (id, text, span) in texts {
                        effects.push((id, guarded(self.text(&text)).instrument(span.clone()).await, span));
                    }
                    effects
                })
                .buffer_unordered(CONCURRENCY)
                .collect::<Vec<_>>(),
        );
        for (id, effect, span) in texts.into_iter().flatten() {
            if let Some(effect) = span.in_scope(|| succeeded(&mut batch, id, effect)) {
                batch.counts.add(effect.name());
            }
        }
        let mut done = Vec::new();
        for (Queued { id, report, span, .. }, applied) in reports.into_iter().flatten() {
            if let Some(applied) = span.in_scope(|| succeeded(&mut batch, id.clone(), applied)) {
                batch.counts.add(match applied.effect {
                    ReportEffect::NoSuchMessage => "no_such_message",
                    _ if applied.is_no_reaction => "click_of_no_reaction",
                    _ => report.kind.name(),
                });
                done.push((id, report, applied.outcome));
            }
        }
        let through = done.iter().map(|(_, report, _)| report.sent_at).max().max(canary_sent_at);
        self.judge_shops(&mut batch, done).await;
        // Only a batch that succeeded as a whole is evidence: a report that is still to come may be about an earlier message.
        if let Some(through) = through.filter(|_| batch.failed.is_empty())
            && self.store.note_event(through, self.clock.now()).await.is_err()
        {
            tracing::warn!("how far the events have come was not noted; the next batch will note it");
        }
        if canary_sent_at.is_some() {
            tracing::info!(metric = "canary_seen", value = 1, "a canary came back");
        }
        tracing::info!(counts = batch.counts.to_json(), failed = batch.failed.len(), "a batch was processed");
        batch
    }

    /// Applies the reports about one message, the highest first: what the others say about its state is then known without
    /// reading the message again.
    async fn apply_reports(&self, mut reports: Vec<Queued>) -> Vec<(Queued, Applied)> {
        reports.sort_by_key(|queued| std::cmp::Reverse(queued.report.kind.state()));
        let mut done: Vec<(Queued, Applied)> = Vec::with_capacity(reports.len());
        for queued in reports {
            let first = done.first().and_then(|(first, applied)| Some((first, applied.as_ref()?.as_ref().ok()?)));
            let is_known = first.is_some_and(|(first, applied)| {
                applied.effect != ReportEffect::NoSuchMessage
                    && first.report.kind.state().is_some()
                    && first.report.customer == queued.report.customer
            });
            let applied = if is_known && queued.report.kind.is_only_a_state() {
                Some(Ok(AppliedReport { effect: ReportEffect::Known, is_no_reaction: false, outcome: None }))
            } else {
                guarded(self.apply_and_keep(&queued)).instrument(queued.span.clone()).await
            };
            done.push((queued, applied));
        }
        done
    }

    async fn apply_and_keep(&self, queued: &Queued) -> Result<AppliedReport, FeedbackError> {
        let applied = self.apply_report(&queued.report).await?;
        if let (Some(body), ReportKind::Unknown { field }) = (&queued.body, &queued.report.kind)
            && applied.effect != ReportEffect::NoSuchMessage
        {
            self.keep_unknown(&queued.report, field, body).await?;
        }
        Ok(applied)
    }

    /// Judges each shop by the outcomes of its messages. If that fails, the harmful reports are delivered again; the others
    /// are not counted.
    async fn judge_shops(&self, batch: &mut Batch, done: Vec<(String, DeliveryReport, Option<MailOutcome>)>) {
        let mut by_shop: BTreeMap<ShopId, (Vec<MailOutcome>, Vec<String>)> = BTreeMap::new();
        for (id, report, outcome) in done {
            let Some(outcome) = outcome else { continue };
            let (outcomes, harms) = by_shop.entry(report.customer.shop).or_default();
            harms.extend(outcome.harm.is_some().then_some(id));
            outcomes.push(outcome);
        }
        for (shop, (outcomes, harms)) in by_shop {
            let Err(error) = self.judge(&shop, &outcomes).await else { continue };
            if harms.is_empty() && matches!(error, FeedbackError::Count(CountError::Busy(_))) {
                continue;
            }
            tracing::warn!(error = &error as &dyn std::error::Error, shop = shop.as_str(), "a shop was not judged");
            batch.failed.extend(harms);
        }
    }
}

/// The value of what succeeded. What failed is noted to be delivered again.
fn succeeded<T>(batch: &mut Batch, id: String, outcome: Option<Result<T, FeedbackError>>) -> Option<T> {
    match outcome {
        Some(Ok(value)) => return Some(value),
        Some(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the event stays on the queue");
        }
        None => tracing::error!("the work on an event panicked; it stays on the queue"),
    }
    batch.counts.add("failed");
    batch.failed.push(id);
    None
}

/// When the queue got a message.
fn arrived_at(record: &SqsMessage) -> Option<Timestamp> {
    let sent = record.attributes.get("SentTimestamp")?.parse().ok()?;
    Timestamp::from_millisecond(sent).ok()
}
