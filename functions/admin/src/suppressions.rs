//! The addresses that the shop must not write to: listing, exporting, importing, lifting.

use crate::Admin;
use crate::csv;
use crate::suppression_lines::{Line, Wrong, parse};
use futures::{StreamExt, stream};
use http::{HeaderValue, Response, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_admin_api::{Call, Problem, answer};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Permissions;
use rekindle_lifecycle::facts::{Event, Fact, SuppressionCause, Traits, Unsuppression};
use rekindle_messaging::ReleaseError;
use rekindle_platform::gateway::Body;
use rekindle_store::CustomerKey;
use rekindle_store::sending::suppressions::SuppressedAddress;
use serde_json::{Value, json};

/// Most entries in one response.
const MAX_PAGE_LENGTH: u16 = 500;
/// After how many bytes an answer of CSV ends. Lambda takes answers of 6 MB, in which every line break and quote is escaped; a page more
/// fits in.
const MAX_CSV_BYTES: usize = 4_000_000;
/// Most lines in one import: what can be written within the time of one call.
const MAX_LINES: usize = 20_000;
/// Entries written at the same time.
const CONCURRENCY: usize = 16;

/// The columns of an export, which can be imported again.
const COLUMNS: [&str; 7] = ["channel", "address", "cause", "at", "until", "fingerprint", "erased"];

/// A page of the list.
pub(crate) async fn list(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let limit = call.number("limit", MAX_PAGE_LENGTH, MAX_PAGE_LENGTH)?;
    let page = admin.store.suppressions(&call.shop, call.after()?, limit).await?;
    let entries: Vec<Value> = page.entries.iter().map(to_json).collect();
    Ok(json!({ "suppressions": entries, "next_after": page.next }))
}

/// A part of the list as CSV.
pub(crate) struct Exported {
    /// The rows, below the names of the columns.
    pub(crate) csv: String,
    /// Where the next part begins.
    pub(crate) next: Option<String>,
}

/// The list as CSV, from where the part before ended: as many entries as the call asks for, else as much as fits into one answer.
pub(crate) async fn export(admin: &Admin, call: &Call) -> Result<Exported, Problem> {
    let length = call.number("limit", MAX_PAGE_LENGTH, MAX_PAGE_LENGTH)?;
    let max_bytes = if call.parameter("limit").is_some() { 0 } else { MAX_CSV_BYTES };
    let mut csv = csv::row(COLUMNS);
    let mut next = call.after()?.map(str::to_owned);
    loop {
        let page = admin.store.suppressions(&call.shop, next.as_deref(), length).await?;
        for entry in page.entries {
            csv.push_str(&csv::row([
                entry.channel.code(),
                entry.address.as_deref().unwrap_or_default(),
                entry.cause.code(),
                &entry.at.to_string(),
                &entry.until.map(|until| until.to_string()).unwrap_or_default(),
                &entry.fingerprint,
                if entry.erased { "true" } else { "" },
            ]));
        }
        next = page.next;
        if next.is_none() || csv.len() >= max_bytes {
            return Ok(Exported { csv, next });
        }
    }
}

impl Exported {
    /// The answer. Its header `Link` leads to the next part.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = answer::text(self.csv, "text/csv; charset=utf-8");
        let next = self.next.map(|after| utf8_percent_encode(&after, NON_ALPHANUMERIC).to_string());
        let link = next.map(|after| format!("</v1/suppressions?format=csv&after={after}>; rel=\"next\""));
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// Adds to the list, line by line. A line that cannot be read is reported with its number and field; the others are added.
/// Importing the same list again changes nothing.
pub(crate) async fn import(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let (now, lines) = (admin.clock.now(), parse(&call.body));
    if lines.len() > MAX_LINES {
        return Err(Problem::too_large(format!("The list has more than {MAX_LINES} lines. Send it in parts.")));
    }
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for line in lines {
        match line.and_then(|line| entry(admin, &line, now).map_err(|field| Wrong { line: line.number, ..field })) {
            Ok(entry) => good.push(entry),
            Err(line) => wrong.push(line),
        }
    }
    let accepted = good.len();
    // An address that comes twice is written twice, one after the other: at the same time they would only conflict.
    good.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    let groups: Vec<Vec<SuppressedAddress>> =
        good.chunk_by(|one, other| one.fingerprint == other.fingerprint).map(<[_]>::to_vec).collect();
    let mut written = stream::iter(groups)
        .map(|group| async move {
            let mut changed = 0_usize;
            for entry in group {
                changed += usize::from(admin.store.put_suppression(&call.shop, &entry).await?);
            }
            Ok::<_, Problem>(changed)
        })
        .buffer_unordered(CONCURRENCY);
    let mut changed = 0;
    while let Some(group) = written.next().await {
        changed += group?;
    }
    let rejected: Vec<Value> =
        wrong.iter().map(|wrong| json!({ "line": wrong.line, "field": wrong.field, "reason": wrong.reason })).collect();
    Ok(json!({ "success": rejected.is_empty(), "accepted": accepted, "changed": changed, "rejected": rejected }))
}

fn entry(admin: &Admin, line: &Line, now: jiff::Timestamp) -> Result<SuppressedAddress, Wrong> {
    let address = line.channel.row().address.parse(&line.address);
    let address = address.map_err(|error| Wrong { line: line.number, field: "address", reason: error.to_string() })?;
    Ok(SuppressedAddress {
        channel: line.channel,
        fingerprint: admin.link_keys.address_fingerprint(&address),
        cause: line.cause,
        at: line.at.unwrap_or(now),
        until: line.until,
        address: Some(address.as_str().to_owned()),
        customer: None,
        erased: false,
    })
}

/// Takes an address off the list, and opens that channel again for the customer whom it is known to belong to. Only the
/// customer can take back what they said themselves, a complaint or a STOP.
pub(crate) async fn lift(admin: &Admin, call: &Call, channel: Channel, address: &str) -> Result<(), Problem> {
    let address = channel.row().address.parse(address);
    let address = address.map_err(|_| Problem::bad_request("The address is none of this channel."))?;
    let fingerprint = admin.link_keys.address_fingerprint(&address);
    let found = admin.store.suppression(&call.shop, channel, &fingerprint).await?;
    let found = found.ok_or_else(|| Problem::missing("The address is not on the list."))?;
    if let Some(refusal) = refusal(found.cause) {
        return Err(Problem::in_use(refusal));
    }
    // First of all: what the provider does not take back is not answered as done.
    admin.provider_lists.release_for_shop(&address).await.map_err(|error| match error {
        ReleaseError::OptedOut | ReleaseError::TooSoon => Problem::in_use(ONLY_AFTER_STOP),
        ReleaseError::Unavailable { .. } => {
            tracing::warn!(error = %error, "an address was not lifted");
            Problem::unavailable()
        }
    })?;
    let opened_at = admin.clock.now();
    if let Some(customer) = &found.customer {
        let key = CustomerKey { shop: call.shop.clone(), customer: customer.clone() };
        let event = Event::Unsuppressed(Unsuppression { channel });
        let fact = Fact { at: opened_at, id: format!("lifted {fingerprint}"), event, traits: Traits::default() };
        // Before the entry is removed: a call that stops in between is repeated and does both.
        admin.store.put_facts(&[(key, fact)]).await?;
    }
    let mut opened = Permissions::default();
    opened.closures_mut().open(channel, opened_at);
    admin.store.note_in_mailbox(&admin.link_keys.mailbox_of(&call.shop, channel, &address), &opened).await?;
    admin.store.remove_suppression(&call.shop, channel, &fingerprint).await?;
    Ok(())
}

const ONLY_AFTER_STOP: &str = "The customer asked for no more texts. Only they can take that back: on their preferences page, or by texting START.";

/// Why the shop cannot take an entry back, where only the customer can.
fn refusal(cause: SuppressionCause) -> Option<&'static str> {
    match cause {
        SuppressionCause::Complaint => {
            Some("The customer called a message spam. Only they can take that back: on their preferences page.")
        }
        SuppressionCause::Stop => Some(ONLY_AFTER_STOP),
        // It may be the customer's own.
        SuppressionCause::Unrecognised(_) => Some(
            "A later version of the system closed the address, perhaps because the customer asked. Only they can take that back: on their preferences page.",
        ),
        SuppressionCause::PermanentBounce
        | SuppressionCause::RepeatedBounce
        | SuppressionCause::Manual
        | SuppressionCause::ProviderList
        | SuppressionCause::Erased => None,
    }
}

/// An entry as JSON.
pub(crate) fn to_json(entry: &SuppressedAddress) -> Value {
    json!({
        "channel": entry.channel,
        "address": entry.address,
        "cause": entry.cause,
        "because": entry.cause.sentence(),
        "at": entry.at,
        "until": entry.until,
        "customer": entry.customer,
        "erased": entry.erased,
        "fingerprint": entry.fingerprint,
    })
}
