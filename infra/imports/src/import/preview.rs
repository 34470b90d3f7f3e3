//! What an import would do, found without posting anything.

use super::{Rows, Totals};
use crate::history::{ColumnNames, ReadError, RowError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_inbound::{Parsed, Received, Whose};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::facts::{LeftOutReason, ReportedConsent, Traits};
use rekindle_lifecycle::money::Currency;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// Most rejected rows and most warnings that are kept.
const MAX_REJECTED: usize = 1_000;
/// How many entries are shown as they will be posted.
const MAX_SAMPLES: usize = 3;

/// What an import of a file would do. Customers are counted by their latest row, so memory grows with customers and not with
/// rows: some 40 bytes each.
#[derive(Debug, Default)]
pub struct Preview {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that would be rejected.
    pub rejected: u64,
    /// The first thousand reasons.
    pub first_rejected: Vec<RowError>,
    /// How much would be left out of the others, by the importer.
    pub warnings: u64,
    /// The first thousand of it.
    pub first_warnings: Vec<RowError>,
    /// What would be posted, in sum.
    pub totals: Totals,
    /// The line and the events of the first three entries.
    pub samples: Vec<(u64, Vec<Value>)>,
    /// How many values of each column would be left out.
    pub left_out: BTreeMap<String, u64>,
    customers: HashMap<u64, LatestAnswers>,
    closing: BTreeMap<(String, &'static str), HashSet<u64>>,
}

/// The latest answer of a customer about each channel, e-mail first.
#[derive(Debug, Default, Clone, Copy)]
struct LatestAnswers([Option<(Timestamp, Closes)>; 2]);

/// Whether an answer closes a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closes {
    No,
    Plainly,
    UntilClear,
}

impl Preview {
    /// Reads all rows. `country` is that of phone numbers without a country code, `now` the time of the import.
    ///
    /// # Errors
    /// The file cannot be read to its end.
    pub fn from_rows<R: Rows>(rows: &mut R, country: Option<Country>, now: Timestamp) -> Result<Self, ReadError> {
        let history = Received::history(TimeZone::UTC, Currency::US_DOLLAR, now);
        let received = Received { country, zone: None, ..history };
        let (mut preview, hashes) = (Self::default(), RandomState::new());
        let columns = rows.columns();
        while let Some(entry) = rows.next_entry() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(refused) => {
                    preview.rows += refused.rows;
                    preview.reject(refused.rows, refused.error);
                    continue;
                }
            };
            preview.rows += entry.rows;
            preview.warnings += entry.warnings.len() as u64;
            let room = MAX_REJECTED - preview.first_warnings.len();
            preview.first_warnings.extend(entry.warnings.into_iter().take(room));
            let mut rejection = None;
            for event in &entry.events {
                match rekindle_inbound::parse(event, None, &received) {
                    Ok(Parsed { whose, fact, .. }) => {
                        let customer = match &whose {
                            Whose::Id(id) => hashes.hash_one(id.as_str()),
                            Whose::Guest(address) => hashes.hash_one(address.as_str().to_lowercase()),
                        };
                        preview.add(&columns, customer, fact.at, &fact.traits);
                        preview.totals.add(event);
                    }
                    Err(error) => {
                        let (line, field) = (entry.line, columns.column(&error.field));
                        rejection = Some(RowError { line, field, reason: error.reason });
                    }
                }
            }
            match rejection {
                Some(rejection) => preview.reject(entry.rows, rejection),
                None if preview.samples.len() < MAX_SAMPLES => preview.samples.push((entry.line, entry.events)),
                None => {}
            }
        }
        rows.finish()?;
        Ok(preview)
    }

    fn reject(&mut self, rows: u64, error: RowError) {
        self.rejected += rows;
        if self.first_rejected.len() < MAX_REJECTED {
            self.first_rejected.push(error);
        }
    }

    fn add(&mut self, columns: &ColumnNames, customer: u64, at: Timestamp, traits: &Traits) {
        let known = self.customers.entry(customer).or_default();
        for left_out in &traits.left_out {
            *self.left_out.entry(columns.column(&left_out.field)).or_default() += 1;
        }
        for consent in traits.consents() {
            let closes = match (consent.granted, consent.is_clear) {
                (true, _) => Closes::No,
                (false, true) => Closes::Plainly,
                (false, false) => Closes::UntilClear,
            };
            let answer = &mut known.0[usize::from(consent.channel == Channel::Sms)];
            if answer.is_none_or(|(known_at, _)| known_at <= at) {
                *answer = Some((at, closes));
            }
            if closes != Closes::No {
                let field = columns.column(&field_of(&consent, traits));
                self.closing.entry((field, word(consent.channel))).or_default().insert(customer);
            }
        }
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// How many customers the file would close for a channel: by a plain no, and until the shop says clearly what it means.
    #[must_use]
    pub fn closed(&self, channel: Channel) -> (usize, usize) {
        let count = |closes| {
            let place = usize::from(channel == Channel::Sms);
            self.customers.values().filter(|known| known.0[place].is_some_and(|(_, answer)| answer == closes)).count()
        };
        (count(Closes::Plainly), count(Closes::UntilClear))
    }

    /// How many customers each column would close, for each channel it speaks of, in any of its rows.
    pub fn closing_columns(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.closing.iter().map(|((column, channel), customers)| (column.as_str(), *channel, customers.len()))
    }
}

fn word(channel: Channel) -> &'static str {
    channel.row().word
}

/// The path of the field that a consent comes from.
fn field_of(consent: &ReportedConsent<'_>, traits: &Traits) -> String {
    let is_sms = consent.channel == Channel::Sms;
    let unclear = if is_sms { LeftOutReason::UnclearSmsConsent } else { LeftOutReason::UnclearEmailConsent };
    let left_out = traits.left_out.iter().find(|left_out| left_out.reason == unclear && !consent.is_clear);
    let own = if is_sms { "sms_marketing_consent" } else { "email_marketing_consent" };
    let field = left_out.map(|left_out| left_out.field.as_str());
    field.or(consent.evidence.map(|evidence| evidence.field.as_str())).unwrap_or(own).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Reader;

    #[test]
    fn a_preview_counts_the_customers_that_a_file_and_each_of_its_columns_would_close() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = "customer_id,order_id,ordered_at,amount,email_marketing_consent,Accepts SMS marketing,phone\n\
                    anna,o1,2026-02-20,10,nein,yes,+442071838750\n\
                    anna,o2,2026-02-21,10,N,yes,020 7183 8750\n\
                    bo,o3,2026-02-20,10,NEVER_SUBSCRIBED,off,\n\
                    cy,o4,2026-02-20,10,perhaps,,\n\
                    di,o5,2026-02-20,10,no,,\n\
                    di,o6,2026-02-22,10,ja,,\n\
                    ed,o7,2026-02-20,10,,,hello\n\
                    ed,o8,never,10,,,\n";
        std::fs::write(file.path(), text).expect("written");
        let mut rows = Reader::open(file.path()).expect("a history");
        let now = "2026-03-01T00:00:00Z".parse().expect("an instant");
        let preview = Preview::from_rows(&mut rows, Country::parse("GB").ok(), now).expect("read");
        assert_eq!((preview.rows, preview.rejected, preview.customers()), (8, 1, 5));
        assert_eq!(preview.closed(Channel::Email), (2, 1), "anna and bo; cy until it is clear; di said yes later");
        assert_eq!(preview.closed(Channel::Sms), (1, 0));
        let columns: Vec<_> = preview.closing_columns().collect();
        assert_eq!(columns, [("accepts sms marketing", "sms", 1), ("email_marketing_consent", "email", 4)]);
        assert_eq!(
            preview.left_out,
            BTreeMap::from([("email_marketing_consent".to_owned(), 1), ("phone".to_owned(), 1)])
        );
    }

    /// A file from a folder that is not part of the repository.
    #[test]
    fn every_way_to_say_no_in_a_column_closes_its_customer() {
        let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
            println!("skipped: REKINDLE_CASES names no folder");
            return;
        };
        let path = std::path::Path::new(&cases).join("cases/orders/consent_values.csv");
        let mut rows = Reader::open(&path).expect("a history");
        let now = "2026-03-01T00:00:00Z".parse().expect("an instant");
        let preview = Preview::from_rows(&mut rows, None, now).expect("read");
        assert_eq!(preview.customers(), 10);
        assert_eq!(preview.closed(Channel::Email), (9, 0), "an empty cell says nothing");
    }
}
