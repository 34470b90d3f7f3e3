//! Taking in one batch: what belongs together one after the other, the rest at once; what fails comes again.

use crate::inbound_text::InboundText;
use crate::incoming::{self, Incoming, Unread};
use crate::report::{FeedbackError, Report};
use crate::ses_event::{SesEvent, SesEventKind};
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

/// Messages and numbers whose events are taken in at once within one invocation.
const AT_ONCE: usize = 8;

/// How many of each kind there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, usize>);

impl Counts {
    fn add(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    /// How many there were of a kind.
    #[must_use]
    pub fn of(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(0)
    }

    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// What was in it.
    pub counts: Counts,
    /// What has to be delivered again, by the queue's ids.
    pub failed: Vec<String>,
}

/// A report on its way through a batch.
struct Queued {
    id: String,
    event: SesEvent,
    /// The unit of work that it is.
    span: Span,
    /// Kept only for an event of unknown type.
    body: Option<String>,
}

impl Feedback {
    /// Takes in a batch of the queue.
    pub async fn take_in(&self, records: Vec<SqsMessage>) -> Batch {
        let mut batch = Batch::default();
        // The events of one message one after the other, the highest first: the others then say nothing new. The texts
        // of one number in the order in which they came.
        let mut by_message: BTreeMap<MessageId, Vec<Queued>> = BTreeMap::new();
        let mut by_number = BTreeMap::new();
        let mut canary_sent_at = None;
        for record in records {
            let arrived_at = arrived_at(&record).unwrap_or_else(|| self.clock.now());
            let (id, body) = (record.message_id.unwrap_or_default(), record.body.unwrap_or_default());
            let span = spans::queue_message(&id);
            let _entered = span.enter();
            match incoming::read(&body, arrived_at) {
                Ok(Incoming::Report(event)) => {
                    let CustomerKey { shop, customer } = &event.customer;
                    spans::note_customer(shop, &self.link_keys.customer_fingerprint(shop, customer));
                    spans::note_message(&event.message);
                    let body = (event.told == SesEventKind::Unknown).then_some(body);
                    let queued = Queued { id, event, span: span.clone(), body };
                    by_message.entry(queued.event.message.clone()).or_default().push(queued);
                }
                Ok(Incoming::Text(text)) => {
                    let texts: &mut Vec<_> = by_number.entry(text.from.clone()).or_default();
                    texts.push((id, text, span.clone()));
                }
                Ok(Incoming::Canary { sent_at }) => {
                    canary_sent_at = canary_sent_at.max(Some(sent_at));
                    batch.counts.add("canary");
                }
                Err(Unread::NotOurs) => batch.counts.add("not_ours"),
                Err(Unread::NotANumber) => batch.counts.add("text_from_no_number"),
                Err(error) => {
                    tracing::error!(error = %error, "it goes to the dead letters");
                    batch.counts.add("unreadable");
                    batch.failed.push(id);
                }
            }
        }
        let (reports, texts) = tokio::join!(
            stream::iter(by_message.into_values())
                .map(|events| self.reports(events))
                .buffer_unordered(AT_ONCE)
                .collect::<Vec<_>>(),
            stream::iter(by_number.into_values())
                .map(async |mut texts: Vec<(String, InboundText, Span)>| {
                    texts.sort_by_key(|(_, text, _)| text.at);
                    let mut applied = Vec::with_capacity(texts.len());
                    for (id, text, span) in texts {
                        applied.push((id, guarded(self.text(&text)).instrument(span.clone()).await, span));
                    }
                    applied
                })
                .buffer_unordered(AT_ONCE)
                .collect::<Vec<_>>(),
        );
        for (id, applied, span) in texts.into_iter().flatten() {
            if let Some(applied) = span.in_scope(|| settle(&mut batch, id, applied)) {
                batch.counts.add(applied.name());
            }
        }
        let reports = reports.into_iter().flatten();
        let mut taken = Vec::new();
        for (queued, report) in reports {
            let Queued { id, event, span, .. } = queued;
            if let Some(report) = span.in_scope(|| settle(&mut batch, id.clone(), report)) {
                batch.counts.add(match report.taken {
                    ReportEffect::NoSuchMessage => "no_such_message",
                    _ if report.is_no_reaction => "click_of_no_reaction",
                    _ => event.told.name(),
                });
                taken.push((id, event, report.outcome));
            }
        }
        let through = taken.iter().map(|(_, event, _)| event.sent_at).max().max(canary_sent_at);
        self.judge_all(&mut batch, taken).await;
        // Evidence only ever from a batch that was taken in whole: an event still to come may be of an earlier mail.
        if let Some(through) = through.filter(|_| batch.failed.is_empty())
            && self.store.note_event(through, self.clock.now()).await.is_err()
        {
            tracing::warn!("how far the events have come was not noted; the next batch will");
        }
        if canary_sent_at.is_some() {
            tracing::info!(metric = "canary_seen", value = 1, "a canary came back");
        }
        tracing::info!(counts = batch.counts.to_json(), failed = batch.failed.len(), "a batch was taken in");
        batch
    }

    /// Takes in the events of one message that were reported together, the highest first: what the others
    /// say of its state is then known without another look.
    async fn reports(&self, mut events: Vec<Queued>) -> Vec<(Queued, Option<Result<Report, FeedbackError>>)> {
        events.sort_by_key(|queued| std::cmp::Reverse(queued.event.told.report()));
        let mut reports: Vec<(Queued, Option<Result<Report, FeedbackError>>)> = Vec::with_capacity(events.len());
        for queued in events {
            let first = reports.first().and_then(|(first, report)| Some((first, report.as_ref()?.as_ref().ok()?)));
            let is_known = first.is_some_and(|(first, report)| {
                report.taken != ReportEffect::NoSuchMessage
                    && first.event.told.report().is_some()
                    && first.event.customer == queued.event.customer
            });
            let report = if is_known && !Self::says_more_than_its_state(&queued.event) {
                Some(Ok(Report { taken: ReportEffect::Known, is_no_reaction: false, outcome: None }))
            } else {
                guarded(self.report_and_keep(&queued)).instrument(queued.span.clone()).await
            };
            reports.push((queued, report));
        }
        reports
    }

    async fn report_and_keep(&self, queued: &Queued) -> Result<Report, FeedbackError> {
        let report = self.report(&queued.event).await?;
        if let (Some(body), true) = (&queued.body, report.taken != ReportEffect::NoSuchMessage) {
            self.keep_unknown(&queued.event, body).await?;
        }
        Ok(report)
    }

    /// Has each shop judged by what became of its mails. What harms comes again if that fails; the rest is forgone.
    async fn judge_all(&self, batch: &mut Batch, taken: Vec<(String, SesEvent, Option<MailOutcome>)>) {
        let mut by_shop: BTreeMap<ShopId, (Vec<MailOutcome>, Vec<String>)> = BTreeMap::new();
        for (id, event, outcome) in taken {
            let Some(outcome) = outcome else { continue };
            let (outcomes, harms) = by_shop.entry(event.customer.shop).or_default();
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

/// The value of what went well; what did not comes again.
fn settle<T>(batch: &mut Batch, id: String, outcome: Option<Result<T, FeedbackError>>) -> Option<T> {
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
