//! Events that were refused and can be told to be about a customer: they name one of the customer's ids or addresses.
//!
//! Refused events are kept by day and not by customer, for 90 days, so all of the shop's are read, of the days that have any: half a
//! read unit for each four kilobytes. A shop may have very many: one call reads a limited number of pages, and says where the next
//! one continues.

use futures::{StreamExt, stream};
use jiff::Timestamp;
use jiff::civil::Date;
use rekindle_lifecycle::contact::{Address, PhoneNumber};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::refused_place::RefusedPlace;
use rekindle_store::{Store, StoreError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::pin::pin;

/// Most pages with events in one call. A page is up to one megabyte and takes up to a tenth of a second.
pub(crate) const MAX_PAGES: usize = 100;
/// After how many bytes of events one call of an export ends; a page more may come.
pub(crate) const MAX_BYTES: usize = 2_000_000;
/// Days that are looked through between two notes of the place.
const DAYS_AT_A_TIME: usize = 31;
/// Days that are asked for at once.
const DAYS_AT_ONCE: usize = 8;
/// The fields that name a customer by the shop's id.
const ID_FIELDS: [&str; 6] = ["userId", "user_id", "customerId", "customer_id", "previousId", "anonymousId"];

/// Whose refused events are looked for.
pub(crate) struct Search<'a> {
    pub(crate) store: &'a Store,
    pub(crate) shop: &'a ShopId,
    pub(crate) now: Timestamp,
    /// The customer's ids.
    pub(crate) ids: BTreeSet<&'a str>,
    pub(crate) addresses: BTreeSet<Address>,
}

/// A refused event, by the day and the sort key under which it is stored.
pub(crate) struct Found {
    day: Date,
    sk: String,
    pub(crate) refused: Refused,
}

/// What a call may still do.
pub(crate) struct Budget {
    /// Pages with events to read.
    pub(crate) pages: usize,
    /// Bytes of events to find.
    pub(crate) bytes: usize,
}

impl Budget {
    fn is_spent(&self) -> bool {
        self.pages == 0 || self.bytes == 0
    }
}

impl Search<'_> {
    /// Looks through events from a place on (without one: from the oldest), until the budget is spent. Returns what was found,
    /// oldest first, and the place at which to continue; none after the last page.
    pub(crate) async fn find_all(
        &self,
        from: Option<RefusedPlace>,
        mut budget: Budget,
    ) -> Result<(Vec<Found>, Option<RefusedPlace>), StoreError> {
        let days = self.store.refused_days(self.shop, self.now).await?;
        let (mut found, mut place) = (Vec::new(), from);
        loop {
            let (more, next) = self.find(&days, place, &mut budget).await?;
            found.extend(more);
            if next.is_none() || budget.is_spent() {
                return Ok((found, next));
            }
            place = next;
        }
    }

    /// Removes what is found in at most `max_pages` pages with events, from the place that an earlier call stored on. Returns how many were
    /// removed, and whether all were looked at; only then no place is stored any more.
    pub(crate) async fn remove_all(&self, fingerprint: &str, max_pages: usize) -> Result<(u32, bool), StoreError> {
        let (mut removed, mut budget) = (0, Budget { pages: max_pages, bytes: usize::MAX });
        let days = self.store.refused_days(self.shop, self.now).await?;
        let mut place = self.store.refused_place(fingerprint).await?;
        loop {
            let (found, next) = self.find(&days, place, &mut budget).await?;
            self.remove(&found).await?;
            removed += u32::try_from(found.len()).unwrap_or(u32::MAX);
            let Some(next) = next else {
                self.store.remove_refused_place(fingerprint).await?;
                return Ok((removed, true));
            };
            self.store.put_refused_place(fingerprint, &next).await?;
            if budget.is_spent() {
                return Ok((removed, false));
            }
            place = Some(next);
        }
    }

    /// Looks through a month of the days, or until the budget is spent.
    async fn find(
        &self,
        days: &[Date],
        from: Option<RefusedPlace>,
        budget: &mut Budget,
    ) -> Result<(Vec<Found>, Option<RefusedPlace>), StoreError> {
        let mut left = days.iter().copied().filter(|day| from.as_ref().is_none_or(|from| *day >= from.day));
        let now: Vec<Date> = left.by_ref().take(DAYS_AT_A_TIME).collect();
        let following = left.next();
        let first_pages = now.into_iter().map(|day| {
            let after = from.as_ref().filter(|from| day == from.day).and_then(|from| from.after.clone());
            let place = RefusedPlace { day, after: after.clone() };
            async move { Ok::<_, StoreError>((place, self.store.refused_items_on(self.shop, day, after).await?)) }
        });
        // A day has few, so several are asked for at once.
        let mut first_pages = pin!(stream::iter(first_pages).buffered(DAYS_AT_ONCE));
        let mut found = Vec::new();
        while let Some(answer) = first_pages.next().await {
            let (mut place, (mut page, mut next)) = answer?;
            loop {
                if !page.is_empty() {
                    if budget.is_spent() {
                        return Ok((found, Some(place)));
                    }
                    budget.pages -= 1;
                }
                let theirs = page.into_iter().filter(|(_, refused)| self.is_about(refused));
                let theirs: Vec<_> = theirs.collect();
                let bytes: usize = theirs.iter().map(|(_, refused)| refused.body.len()).sum();
                budget.bytes = budget.bytes.saturating_sub(bytes);
                found.extend(theirs.into_iter().map(|(sk, refused)| Found { day: place.day, sk, refused }));
                let Some(sk) = next else { break };
                place.after = Some(sk.clone());
                (page, next) = self.store.refused_items_on(self.shop, place.day, Some(sk)).await?;
            }
        }
        Ok((found, following.map(|day| RefusedPlace { day, after: None })))
    }

    /// Removes refused events that were found. Removing them twice is harmless.
    async fn remove(&self, found: &[Found]) -> Result<(), StoreError> {
        for of_day in found.chunk_by(|one, next| one.day == next.day) {
            let sks: Vec<String> = of_day.iter().map(|one| one.sk.clone()).collect();
            self.store.remove_refused(self.shop, of_day[0].day, &sks).await?;
        }
        Ok(())
    }

    /// Whether an event, or the context of its batch, names the customer.
    fn is_about(&self, refused: &Refused) -> bool {
        let context = refused.call.as_ref().and_then(|call| call.context.as_ref());
        self.is_named_in_text(&refused.body) || context.is_some_and(|context| self.is_named_in(context))
    }

    /// Whether a body names the customer. One that is not JSON, or was cut, is searched as text.
    fn is_named_in_text(&self, body: &str) -> bool {
        let Ok(value) = serde_json::from_str::<Value>(body) else {
            let body = body.to_lowercase();
            let names_id = |id: &&str| {
                let id = Value::from(*id).to_string().to_lowercase();
                let fields = ID_FIELDS.map(|field| format!("\"{}\":", field.to_lowercase()));
                let follows = |rest: &str| rest.trim_start().starts_with(id.as_str());
                fields.iter().any(|field| body.split(field.as_str()).skip(1).any(follows))
            };
            return self.ids.iter().any(names_id) || self.addresses.iter().any(|address| contains(&body, address));
        };
        self.is_named_in(&value)
    }

    fn is_named_in(&self, value: &Value) -> bool {
        match value {
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                let is_id = ID_FIELDS.contains(&name.as_str());
                is_id && text(value).is_some_and(|id| self.ids.contains(id.as_str())) || self.is_named_in(value)
            }),
            Value::Array(items) => items.iter().any(|item| self.is_named_in(item)),
            Value::String(text) => self.addresses.iter().any(|address| match address {
                Address::Email(email) => text.trim().eq_ignore_ascii_case(email.as_str()),
                Address::Phone(number) => PhoneNumber::parse(text).is_ok_and(|typed| typed == *number),
            }),
            _ => false,
        }
    }
}

fn contains(body: &str, address: &Address) -> bool {
    match address {
        Address::Email(email) => body.contains(&email.as_str().to_lowercase()),
        Address::Phone(number) => body.contains(number.as_str()),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
