//! The outcomes of a shop's last mails, and when too many of them bounced or led to complaints.

use crate::id::MessageId;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Mails that the rates are about, at least, once a shop has sent as many.
pub const WINDOW_MAILS: u64 = 1_000;
/// Mails in a bucket. The window is longer than [`WINDOW_MAILS`] by less than this.
const BUCKET_MAILS: u64 = 100;
/// Fewest bounces, or complaints, that can stop a shop.
const MIN_HARMS: u64 = 5;
/// Most bounces among a thousand mails that are allowed.
const MAX_BOUNCES_PER_THOUSAND: u64 = 30;
/// Most complaints among a thousand mails that are allowed.
const MAX_COMPLAINTS_PER_THOUSAND: u64 = 1;
/// Characters of its id by which a message is remembered: 60 bits, among at most a few thousand messages.
const MESSAGE_PREFIX_LEN: usize = 12;

/// How a mail harms the shop's reputation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// The address does not exist.
    Bounce,
    /// The recipient called it spam.
    Complaint,
}

/// The outcome of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailOutcome {
    /// The message.
    pub message: MessageId,
    /// When the mail was handed over.
    pub sent_at: Timestamp,
    /// When what is reported happened.
    pub at: Timestamp,
    /// Its first outcome: it counts as a mail.
    pub is_first: bool,
    /// The report moved the message; otherwise it was known already, and whether it was counted is not.
    pub moved: bool,
    /// How it harms, if it does.
    pub harm: Option<Harm>,
}

/// The record of a shop's last mails: the last thousand, or all of them if there are fewer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reputation {
    /// Mails sent before do not count.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    since: Option<Timestamp>,
    /// When the newest bucket that is gone was closed: what was known before may have been counted in it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    gone: Option<Timestamp>,
    /// The oldest first.
    #[serde(default)]
    buckets: Vec<Bucket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Bucket {
    /// When the last outcome was counted in it.
    #[serde(rename = "t", with = "millisecond::required")]
    until: Timestamp,
    #[serde(rename = "m")]
    mails: u64,
    #[serde(rename = "b", default, skip_serializing_if = "BTreeSet::is_empty")]
    bounced: BTreeSet<String>,
    #[serde(rename = "c", default, skip_serializing_if = "BTreeSet::is_empty")]
    complained: BTreeSet<String>,
}

impl Bucket {
    fn messages_with(&mut self, harm: Harm) -> &mut BTreeSet<String> {
        match harm {
            Harm::Bounce => &mut self.bounced,
            Harm::Complaint => &mut self.complained,
        }
    }

    fn has(&self, harm: Harm, message: &str) -> bool {
        match harm {
            Harm::Bounce => self.bounced.contains(message),
            Harm::Complaint => self.complained.contains(message),
        }
    }
}

impl Reputation {
    /// A new record, for mails sent from an instant on.
    #[must_use]
    pub fn since(at: Timestamp) -> Self {
        Self { since: Some(at), ..Self::default() }
    }

    /// Counts an outcome. Returns whether that changed anything.
    pub fn count(&mut self, outcome: &MailOutcome, now: Timestamp) -> bool {
        if self.since.is_some_and(|since| outcome.sent_at < since) {
            return false;
        }
        let message = &outcome.message.as_str()[..MESSAGE_PREFIX_LEN];
        let harm = outcome.harm.filter(|harm| {
            let counted = self.buckets.iter().any(|bucket| bucket.has(*harm, message));
            // Of what happened before the oldest bucket, only what moved the message was certainly not counted.
            !counted && (outcome.moved || self.gone.is_none_or(|gone| outcome.at > gone))
        });
        if !outcome.is_first && harm.is_none() {
            return false;
        }
        if self.buckets.last().is_none_or(|bucket| bucket.mails >= BUCKET_MAILS) {
            self.buckets.push(Bucket { until: now, mails: 0, bounced: BTreeSet::new(), complained: BTreeSet::new() });
        }
        if let Some(bucket) = self.buckets.last_mut() {
            bucket.until = bucket.until.max(now);
            bucket.mails += u64::from(outcome.is_first);
            if let Some(harm) = harm {
                bucket.messages_with(harm).insert(message.to_owned());
            }
        }
        while self.buckets.len() > 1 && self.mails() - self.buckets[0].mails >= WINDOW_MAILS {
            let oldest = self.buckets.remove(0);
            self.gone = self.gone.max(Some(oldest.until));
        }
        true
    }

    /// The mails that the rates are about.
    #[must_use]
    pub fn mails(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.mails).sum()
    }

    /// The bounces among them.
    #[must_use]
    pub fn bounces(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.bounced.len() as u64).sum()
    }

    /// The complaints about them.
    #[must_use]
    pub fn complaints(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.complained.len() as u64).sum()
    }

    /// Returns what there is too much of, complaints first: more than 0.1 % complaints or 3 % bounces, and at least five.
    #[must_use]
    pub fn too_many(&self) -> Option<Harm> {
        let beyond = |count: u64, per_thousand: u64| count >= MIN_HARMS && count * 1_000 > self.mails() * per_thousand;
        if beyond(self.complaints(), MAX_COMPLAINTS_PER_THOUSAND) {
            Some(Harm::Complaint)
        } else if beyond(self.bounces(), MAX_BOUNCES_PER_THOUSAND) {
            Some(Harm::Bounce)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::short_digest;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).expect("an instant")
    }

    fn outcome(number: i64, harm: Option<Harm>) -> MailOutcome {
        let message = MessageId::parse(&short_digest(&[&number.to_string()], 26)).expect("an id");
        MailOutcome { message, sent_at: second(number), at: second(number), is_first: true, moved: true, harm }
    }

    /// A record of mails, of which some bounced or were complained about.
    fn record(mails: i64, harm: impl Fn(i64) -> Option<Harm>) -> Reputation {
        let mut record = Reputation::default();
        for number in 0..mails {
            assert!(record.count(&outcome(number, harm(number)), second(number)));
        }
        record
    }

    #[test]
    fn a_shop_is_stopped_beyond_the_limits_and_not_at_them() {
        let bounces = |mails, count| record(mails, |n| (n < count).then_some(Harm::Bounce)).too_many();
        let complaints = |mails, count| record(mails, |n| (n < count).then_some(Harm::Complaint)).too_many();
        assert_eq!(bounces(4, 4), None, "four are too few, even of four");
        assert_eq!(bounces(5, 5), Some(Harm::Bounce));
        assert_eq!(bounces(1_000, 30), None);
        assert_eq!(bounces(1_000, 31), Some(Harm::Bounce));
        assert_eq!(bounces(200, 6), None);
        assert_eq!(bounces(200, 7), Some(Harm::Bounce));
        assert_eq!(complaints(1_000, 4), None);
        assert_eq!(complaints(1_000, 5), Some(Harm::Complaint));
    }

    #[test]
    fn only_the_last_thousand_mails_count_and_the_record_stays_small() {
        let mut record = record(100, |_| Some(Harm::Bounce));
        for number in 100..20_000 {
            record.count(&outcome(number, (number % 100 == 0).then_some(Harm::Bounce)), second(number));
            assert!(
                number < 1_100 || (WINDOW_MAILS..WINDOW_MAILS + BUCKET_MAILS).contains(&record.mails()),
                "{}",
                record.mails()
            );
        }
        assert_eq!(record.too_many(), None);
        assert!((10..=11).contains(&record.bounces()), "{}", record.bounces());
        let length = serde_json::to_string(&record).expect("JSON").len();
        assert!(length < 900, "{length} bytes: one write unit");
    }

    #[test]
    fn a_repeated_report_counts_once_even_after_its_bucket_has_expired() {
        let mut record = record(10, |n| (n == 3).then_some(Harm::Complaint));
        let again = MailOutcome { is_first: false, moved: false, ..outcome(3, Some(Harm::Complaint)) };
        assert!(!record.count(&again, second(11)));
        for number in 10..2_000 {
            record.count(&outcome(number, None), second(number));
        }
        assert_eq!(record.complaints(), 0);
        assert!(!record.count(&again, second(2_000)));
        assert_eq!(record.complaints(), 0);
    }

    #[test]
    fn a_known_but_uncounted_report_is_counted_when_it_is_repeated() {
        let mut record = record(10, |_| None);
        // Its message was updated, but the count was interrupted.
        let known = MailOutcome { is_first: false, moved: false, ..outcome(10, Some(Harm::Bounce)) };
        assert!(record.count(&known, second(11)));
        assert!(!record.count(&known, second(12)));
        assert_eq!((record.mails(), record.bounces()), (10, 1));
    }

    #[test]
    fn a_complaint_about_a_mail_that_arrived_is_no_second_mail() {
        let mut record = record(10, |_| None);
        let complaint = MailOutcome { is_first: false, ..outcome(3, Some(Harm::Complaint)) };
        assert!(record.count(&complaint, second(11)));
        assert_eq!((record.mails(), record.complaints()), (10, 1));
    }

    #[test]
    fn the_record_is_read_as_it_was_written() {
        let record = record(250, |n| (n % 50 == 0).then_some(Harm::Bounce));
        let json = serde_json::to_string(&record).expect("JSON");
        assert_eq!(serde_json::from_str::<Reputation>(&json).expect("a record"), record);
    }
}
