//! The promises that must hold in every history, whatever went wrong in it. The checker knows only what the outside saw
//! and what the engine's API returns in the end, and the rules of `policy.toml` as numbers of its own; it shares no
//! code with the engine.

use crate::history::{Accepted, Customer, History};
use crate::play::Seen;
use crate::script::{address, number};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3_600;
/// Messages to a customer in any [`WINDOW`], and the time between two.
const CAP: usize = 2;
const WINDOW: SignedDuration = SignedDuration::from_secs(48 * HOUR);
const GAP: SignedDuration = SignedDuration::from_secs(3 * HOUR);
/// An order that is counted so much later than it was placed starts no journey.
const LATE: SignedDuration = SignedDuration::from_secs(48 * HOUR);
/// When customers may be written to, in UTC, which is where they all live.
const OPEN: std::ops::Range<i8> = 9..20;
/// How long a message may take from the last check of the rules to the provider: the longest time of a call. What two clocks may
/// differ by is added to it.
const ON_THE_WAY: SignedDuration = SignedDuration::from_secs(15);
/// How long `send` runs at most: what it learnt of a bounce when it began may be as old.
const INVOCATION: SignedDuration = SignedDuration::from_secs(60);
/// The final states of a message.
const ENDS: [&str; 7] = ["cancelled", "failed", "unconfirmed", "accepted", "delivered", "bounced", "complained"];

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) kind: Kind,
    pub(crate) about: String,
}

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An acknowledged event is not in the state.
    Lost,
    /// The provider accepted a message twice.
    Doubled,
    /// A message has no end, or its end is not what the provider saw.
    Stuck,
    /// A customer who is due was not advanced.
    Asleep,
    /// Written to after a refusal.
    AgainstConsent,
    /// More than the cap allows, or at night.
    Pestered,
    /// Something of another shop.
    Crossed,
    /// Something of an erased customer is there, or came back.
    Remembered,
    /// Several people are taken for one.
    Mixed,
}

/// Everything that is wrong with a history.
pub(crate) fn check(seen: &Seen) -> Vec<Violation> {
    let mut found = Vec::new();
    for (customer, (record, timeline)) in &seen.told {
        let is_own = |one: &crate::history::Acknowledged| {
            one.customer == *customer && one.event["userId"] == customer.id.as_str()
        };
        // A guest and nothing else, or one of many behind an id: nobody knows them by an id of the shop.
        let is_unknown = seen.guests.contains(customer) && !seen.history.acknowledged.iter().any(is_own);
        let mut wrong = |kind, about: String| {
            found.push(Violation { kind, about: format!("{}/{}: {about}", customer.shop, customer.id) });
        };
        let accepted: Vec<&Accepted> = seen.history.accepted.iter().filter(|one| one.customer == *customer).collect();
        if let Some(erased) = seen.history.erased.get(customer) {
            forgotten(seen, *erased, record, timeline, &accepted, &mut wrong);
        } else if !is_unknown {
            orders(seen, customer, record, &mut wrong);
            messages(timeline, &accepted, &mut wrong);
            tasks(seen, timeline, &mut wrong);
            awake(seen, customer, record, timeline, &mut wrong);
        }
        once(&accepted, seen.guests.contains(customer), &mut wrong);
        consent(seen, customer, &accepted, &mut wrong);
        if is_unknown {
            // Whose mails went out under an id of many counts by address.
            for to in [address(customer), number(customer)] {
                let came: Vec<&Accepted> = accepted.iter().filter(|one| one.to == to).copied().collect();
                plan(seen, &came, &mut wrong);
            }
        } else {
            plan(seen, &accepted, &mut wrong);
        }
        mailbox(seen, customer, &mut wrong);
        own(customer, record, &accepted, &mut wrong);
    }
    for told in &seen.shared {
        let is_apart = !told["shared_since"].is_null() && told["orders"]["counted"] == 0;
        if !is_apart {
            found.push(Violation { kind: Kind::Mixed, about: format!("an id of many counts {}", told["orders"]) });
        }
    }
    let dead_links = seen.history.dead_links.iter();
    found.extend(
        dead_links
            .map(|who| Violation { kind: Kind::Lost, about: format!("a link of {}/{} is dead", who.shop, who.id) }),
    );
    let strangers = seen.history.accepted.iter().filter(|one| !seen.told.contains_key(&one.customer));
    found.extend(
        strangers.map(|one| Violation { kind: Kind::Crossed, about: format!("{:?} is unknown", one.customer) }),
    );
    found
}

/// What an event says of its order: its rank among the kinds of events, its time, the amount.
type Reported = (u8, Timestamp, String);

/// Every order is as its acknowledged events say, in any order of arrival: the latest change decides the amount, and a
/// cancelled order does not count.
fn orders(seen: &Seen, customer: &Customer, record: &Value, wrong: &mut impl FnMut(Kind, String)) {
    // By order: what each of its events says, and whether the order was cancelled.
    let mut expected: BTreeMap<String, (Vec<Reported>, bool)> = BTreeMap::new();
    let own = seen.history.acknowledged.iter().filter(|one| one.customer == *customer);
    for event in own.map(|one| &one.event) {
        let order = event["properties"]["order_id"].as_str().expect("an order").to_owned();
        let rank = match event["event"].as_str() {
            Some("Order Completed") => 1,
            Some("Order Updated") => 2,
            Some("Order Cancelled") => 3,
            other => panic!("{other:?}"),
        };
        let at: Timestamp = event["timestamp"].as_str().and_then(|text| text.parse().ok()).expect("an instant");
        let amount = event["properties"]["total"].as_str().expect("an amount").to_owned();
        let known = expected.entry(order).or_default();
        known.0.push((rank, at, amount));
        known.1 |= rank == 3;
    }
    let told = record["orders"]["latest"].as_array().cloned().unwrap_or_default();
    let unsure = unsure_times(seen);
    for (order, (reports, cancelled)) in &expected {
        let Some((rank, latest, _)) = reports.iter().max() else { continue };
        let decides = |report: &&Reported| report.0 == *rank && report.1 >= *latest - unsure;
        let amounts: Vec<&str> = reports.iter().filter(decides).map(|(_, _, amount)| amount.as_str()).collect();
        let Some(told) = told.iter().find(|told| told["order_id"] == order.as_str()) else {
            wrong(Kind::Lost, format!("the order {order} is unknown"));
            continue;
        };
        if told["counts"] == *cancelled {
            wrong(Kind::Lost, format!("whether the order {order} counts: {told}"));
        }
        let amount_told = told["amount"].as_str().unwrap_or_default();
        if !cancelled && !amounts.iter().any(|amount| amount_told.starts_with(amount)) {
            wrong(Kind::Lost, format!("the order {order} is of {amounts:?}, not of {amount_told}"));
        }
    }
    if told.len() != expected.len() {
        wrong(Kind::Lost, format!("{} orders, not {}", told.len(), expected.len()));
    }
}

/// Within which time of each other events may count in either order: none, unless clocks are off by more than a minute. From there on
/// `ingest` takes the difference for an error of the sender's clock, and corrects by whole minutes what it receives.
fn unsure_times(seen: &Seen) -> SignedDuration {
    let one_way = seen.clocks + SignedDuration::from_secs(30);
    if seen.clocks > SignedDuration::from_mins(1) { one_way * 2 } else { SignedDuration::ZERO }
}

/// Every message ends, and ends as the provider saw it.
fn messages(timeline: &Value, accepted: &[&Accepted], wrong: &mut impl FnMut(Kind, String)) {
    let mut known = BTreeSet::new();
    for told in entries(timeline).filter(|entry| entry["what"] == "message") {
        let (id, state) = (told["id"].as_str().unwrap_or_default(), told["state"].as_str().unwrap_or_default());
        known.insert(id.to_owned());
        if !ENDS.contains(&state) {
            wrong(Kind::Stuck, format!("{} is {state}", told["step"]));
        }
        let taken = accepted.iter().any(|one| one.message == id);
        if told["channel"] == "handoff" || taken == matches!(state, "accepted" | "delivered" | "bounced" | "complained")
        {
            continue;
        }
        // A message without an answer and without events may stay unconfirmed, which is reported, or count as not sent.
        let unheard = accepted.iter().any(|one| one.message == id && one.unheard);
        if !(taken && (unheard || state == "unconfirmed")) {
            wrong(
                Kind::Stuck,
                format!(
                    "{} is {state}, and the provider {} it",
                    told["step"],
                    if taken { "took" } else { "did not take" }
                ),
            );
        }
    }
    for one in accepted.iter().filter(|one| !known.contains(&one.message)) {
        wrong(Kind::Crossed, format!("{} went out and is not in the timeline", one.step));
    }
}

/// Every task that a message creates for staff is on the shop's list once, and the bus accepted its event or refused it
/// for good.
fn tasks(seen: &Seen, timeline: &Value, wrong: &mut impl FnMut(Kind, String)) {
    let asked = entries(timeline).filter(|entry| entry["what"] == "message" && entry["channel"] == "handoff");
    for told in asked.filter(|entry| entry["state"] == "accepted") {
        let id = told["id"].as_str().unwrap_or_default();
        match seen.tasks.iter().filter(|task| task["id"] == id).count() {
            0 => wrong(Kind::Lost, format!("the task of {} is not on the list", told["step"])),
            1 => {}
            times => wrong(Kind::Doubled, format!("the task of {} is on the list {times} times", told["step"])),
        }
        let History { tasks, untold_tasks, .. } = &seen.history;
        if !tasks.iter().chain(untold_tasks).any(|task| task == id) {
            wrong(Kind::Lost, format!("the bus got no event about the task of {}", told["step"]));
        }
    }
}

/// No message and no step is accepted twice, unless the provider doubled it or all evidence of the first time was lost. Under
/// several ids a reminder may come again once the run that it belongs to is over.
fn once(accepted: &[&Accepted], have_several_ids: bool, wrong: &mut impl FnMut(Kind, String)) {
    let mut of_step: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let may_repeat = |one: &Accepted| have_several_ids && one.journey == "reengage";
    for one in accepted.iter().filter(|one| !one.doubled && !one.unheard && !may_repeat(one)) {
        *of_step.entry((&one.journey, &one.step)).or_default() += 1;
    }
    for ((journey, step), times) in of_step.into_iter().filter(|(_, times)| *times > 1) {
        wrong(Kind::Doubled, format!("{journey}/{step} went out {times} times"));
    }
}

/// Customers with one address are one recipient: the cap, the gap and each step hold for what comes to the address or the
/// number.
fn mailbox(seen: &Seen, customer: &Customer, wrong: &mut impl FnMut(Kind, String)) {
    for to in [address(customer), number(customer)] {
        // One of which nothing was heard counts as not sent, and a message under another id takes its place.
        let came = seen.history.accepted.iter().filter(|one| one.to == to && !one.unheard);
        let came: Vec<&Accepted> = came.collect();
        if came.iter().all(|one| one.customer == *customer) {
            continue;
        }
        plan(seen, &came, wrong);
        once(&came, true, wrong);
    }
}

/// Every customer who ordered is welcomed, or the reason why not is recorded; and no customer stays due without being
/// advanced.
fn awake(seen: &Seen, customer: &Customer, record: &Value, timeline: &Value, wrong: &mut impl FnMut(Kind, String)) {
    if let Some(due_at) = record["due_at"].as_str().and_then(|text| text.parse::<Timestamp>().ok())
        && due_at < seen.ended_at - SignedDuration::from_hours(1)
    {
        wrong(Kind::Asleep, format!("due at {due_at}, and it is {}", seen.ended_at));
    }
    let own = || seen.history.acknowledged.iter().filter(|one| one.customer == *customer);
    let called_off = own().any(|one| one.event["event"] == "Order Cancelled");
    // An order that is counted two days late starts nothing.
    let was_left_behind = seen.history.left_behind.iter().any(|letter| letter.contains(customer.shop.as_str()));
    let is_late = seen.was_deaf || (was_left_behind && was_counted_late(own().map(|one| &one.event), timeline));
    if own().next().is_none() || called_off || is_late {
        return;
    }
    for step in seen.rules.welcome() {
        let names = |entry: &Value| {
            entry["journey"] == "welcome"
                && (entry["step"] == *step || (entry["what"] == "decision" && entry["step"].is_null()))
        };
        let about = |entry: &Value| entry["what"] == "message" || entry.to_string().contains("reason");
        // A guest may have been counted for one customer with the address before they turned out to be the other one.
        let had_guest = seen.guests.iter().any(|guest| address(guest) == address(customer));
        let of_others = seen.told.iter().filter(|(other, _)| had_guest && address(other) == address(customer));
        let timelines = of_others.map(|(_, (_, timeline))| timeline).chain([timeline]);
        if !timelines.flat_map(entries).any(|entry| names(entry) && about(entry)) {
            wrong(Kind::Asleep, format!("nothing is recorded about {step}"));
        }
    }
}

/// Whether the customer's first stage was decided more than [`LATE`] after their first order.
fn was_counted_late<'a>(orders: impl Iterator<Item = &'a Value>, timeline: &Value) -> bool {
    let instant = |text: &Value| text.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let ordered_at = orders.filter_map(|order| instant(&order["timestamp"])).min();
    let transitions = entries(timeline).filter(|entry| entry["entry"] == "transition");
    let counted_at = transitions.filter_map(|entry| instant(&entry["at"])).min();
    ordered_at.zip(counted_at).is_some_and(|(ordered_at, counted_at)| counted_at - LATE > ordered_at)
}

/// Nothing is claimed after a refusal was answered as done, nor after a bounce or complaint was taken in.
fn consent(seen: &Seen, customer: &Customer, accepted: &[&Accepted], wrong: &mut impl FnMut(Kind, String)) {
    let history = &seen.history;
    if let Some(one) = accepted.iter().find(|one| {
        seen.closed.contains(customer)
            && one.channel == "email"
            && ["welcome", "reengage"].contains(&one.journey.as_str())
    }) {
        wrong(Kind::AgainstConsent, format!("{} went out, and the shop's word is no clear yes", one.step));
    }
    for one in accepted {
        let claims = history.claims.get(&one.message).map_or(&[][..], Vec::as_slice);
        // The message was sent under its last claim before that instant.
        let Some(claimed_at) = claims.iter().rev().find(|at| **at <= one.at) else {
            wrong(Kind::Doubled, format!("{} went out without a claim", one.step));
            continue;
        };
        // What was refused under another id with the address counts when the message takes its place, right before the claim.
        let places = history.places.get(&one.message).map_or(&[][..], Vec::as_slice);
        let placed_at = places.iter().rev().find(|at| *at <= claimed_at).unwrap_or(claimed_at);
        for (who, channel, at) in history.refused.iter().filter(|(who, ..)| address(who) == address(customer)) {
            let is_same_id = who == customer && !seen.guests.contains(customer);
            let checked_at = if is_same_id { claimed_at } else { placed_at };
            if *channel == one.channel && checked_at > at {
                wrong(
                    Kind::AgainstConsent,
                    format!("{} was claimed at {claimed_at}, after the refusal of {at} by {}", one.step, who.id),
                );
            }
        }
        for (_, at) in history.harmed.iter().filter(|(who, _)| address(who) == address(customer)) {
            if one.channel == "email" && *claimed_at > *at + INVOCATION + seen.clocks {
                wrong(
                    Kind::AgainstConsent,
                    format!("{} was claimed at {claimed_at}, after the bounce of {at}", one.step),
                );
            }
        }
    }
}

/// Nothing from before an erasure is left or comes back, and nothing is sent after it was answered as complete.
fn forgotten(
    seen: &Seen,
    (began, answered): (Timestamp, Timestamp),
    record: &Value,
    timeline: &Value,
    accepted: &[&Accepted],
    wrong: &mut impl FnMut(Kind, String),
) {
    if record["orders"]["latest"].as_array().is_some_and(|orders| !orders.is_empty()) {
        wrong(Kind::Remembered, format!("orders of an erased customer: {}", record["orders"]["latest"]));
    }
    if record["profile"]["email"].is_object() || record["profile"]["first_name"].is_object() {
        wrong(Kind::Remembered, format!("the profile of an erased customer: {}", record["profile"]));
    }
    let at = |entry: &Value| entry["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    // Two clocks differ.
    let before = began - seen.clocks * 2;
    if let Some(entry) = entries(timeline).find(|entry| at(entry).is_some_and(|at| at < before)) {
        wrong(Kind::Remembered, format!("erased at {began}, and the timeline has {entry}"));
    }
    for one in accepted {
        let claims = seen.history.claims.get(&one.message).map_or(&[][..], Vec::as_slice);
        if claims.iter().any(|at| *at > answered && *at <= one.at) {
            wrong(Kind::Remembered, format!("{} was claimed after the erasure of {answered}", one.step));
        }
    }
}

/// The frequency cap and the quiet hours hold, whatever was late.
fn plan(seen: &Seen, accepted: &[&Accepted], wrong: &mut impl FnMut(Kind, String)) {
    let mut sent: Vec<(Timestamp, &str)> = Vec::new();
    let on_the_way = ON_THE_WAY + seen.clocks * 2;
    for one in accepted.iter().filter(|one| !one.doubled) {
        let claims = seen.history.claims.get(&one.message).map_or(&[][..], Vec::as_slice);
        let at = claims.iter().rev().find(|at| **at <= one.at).copied().unwrap_or(one.at);
        let (earliest, latest) = (at - on_the_way, at + on_the_way);
        let hour = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).hour();
        if !OPEN.contains(&hour(earliest)) && !OPEN.contains(&hour(latest)) {
            wrong(Kind::Pestered, format!("{} went out at {at}", one.step));
        }
        // If all evidence of the first time was lost, the second one is the same message.
        if !sent.iter().any(|(_, message)| *message == one.message) {
            sent.push((at, &one.message));
        }
    }
    sent.sort_unstable();
    for pair in sent.windows(2) {
        if pair[1].0.duration_since(pair[0].0) < GAP - on_the_way {
            wrong(Kind::Pestered, format!("two messages at {} and {}", pair[0].0, pair[1].0));
        }
    }
    for many in sent.windows(CAP + 1) {
        if many[CAP].0.duration_since(many[0].0) < WINDOW - on_the_way {
            wrong(Kind::Pestered, format!("{} messages from {} to {}", CAP + 1, many[0].0, many[CAP].0));
        }
    }
}

/// Nothing of another shop is in a customer's messages or in their record.
fn own(customer: &Customer, record: &Value, accepted: &[&Accepted], wrong: &mut impl FnMut(Kind, String)) {
    let other = if customer.shop == "anchor" { "birch" } else { "anchor" };
    if record.to_string().contains(other) {
        wrong(Kind::Crossed, format!("{other} is in the record"));
    }
    for one in accepted {
        let fits = if one.channel == "email" { one.to == address(customer) } else { one.to == number(customer) };
        if !fits || one.text.contains(other) {
            wrong(Kind::Crossed, format!("{} went to {} and says {other}", one.step, one.to));
        }
    }
}

fn entries(timeline: &Value) -> impl Iterator<Item = &Value> {
    timeline["entries"].as_array().into_iter().flatten()
}
