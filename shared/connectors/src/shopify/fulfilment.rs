//! Shipments of Shopify.

use super::answer::{events, without_id};
use super::line;
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::lines::{self, Line, MAX_LINES};
use crate::person::{self, Person};
use crate::reading::Outcome;
use jiff::Timestamp;

/// What the shop's own words for a shipment become; nothing of those in between.
fn event(status: &str) -> Option<&'static str> {
    match status {
        "success" | "in_transit" => Some("Confirmed Shipment"),
        "delivered" => Some("Delivered Shipment"),
        _ => None,
    }
}

pub(super) fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let shipment = Node::root(call.body);
    let Some(order_id) = shipment.get("order_id").id() else { return without_id("order_id") };
    let Some(id) = shipment.get("id").id() else { return without_id("id") };
    let version = shipment.get("updated_at").time(warnings);
    if matches!(shipment.get("status").word().as_deref(), Some("cancelled" | "error" | "failure")) {
        return (Outcome::ignored("the shipment did not take place"), version);
    }
    // What the carrier says tells more than that the parcel was handed over.
    let status = [shipment.get("shipment_status").word(), shipment.get("status").word()];
    let Some(event) = status.iter().flatten().find_map(|status| event(status)) else {
        return (Outcome::ignored("nothing was shipped or delivered yet"), version);
    };
    let whose = Person { email: person::email(&shipment.get("email")), ..Person::default() };
    // A shipment was handed over when it was made; delivered when it was last changed.
    let at =
        if event == "Delivered Shipment" { version } else { shipment.get("created_at").time(warnings).or(version) };
    let mut draft = draft(event, at, whose, &order_id, &id);
    draft.property("tracking_company", shipment.get("tracking_company").text());
    draft.property("tracking_url", shipment.get("tracking_url").text());
    let lines = shipment.get("line_items").list();
    let lines: Vec<Line> = lines.iter().take(MAX_LINES).map(|item| line::line(item, None, warnings)).collect();
    draft.property("products", lines::to_json(lines));
    (events(vec![draft], warnings), version)
}

pub(super) fn read_event(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let body = Node::root(call.body);
    let Some(order_id) = body.get("order_id").id() else { return without_id("order_id") };
    let Some(id) = body.get("fulfillment_id").id() else { return without_id("fulfillment_id") };
    let version = body.get("updated_at").time(warnings);
    let Some(event) = body.get("status").word().and_then(|status| event(&status)) else {
        return (Outcome::ignored("nothing was shipped or delivered yet"), version);
    };
    let at = body.get("happened_at").time(warnings).or(version);
    (events(vec![draft(event, at, Person::default(), &order_id, &id)], warnings), version)
}

/// One event for each stage of a shipment, however often it is reported.
fn draft(event: &'static str, at: Option<Timestamp>, whose: Person, order_id: &str, id: &str) -> Draft {
    let mut draft = Draft::track(event, at, whose);
    draft.identity = vec![event.to_lowercase().replace(' ', "-"), id.into()];
    draft.property("order_id", Some(order_id));
    draft.property("shipment_id", Some(id));
    draft
}
