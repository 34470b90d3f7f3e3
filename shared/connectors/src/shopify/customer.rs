//! Customers of Shopify.

use super::answer::{events, triggered_at, without_id};
use super::buyer::postal_address;
use super::consent;
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::person::{self, Person};
use crate::reading::Outcome;
use jiff::Timestamp;
use serde_json::Value;

/// Most tags of one event.
const MAX_TAGS: usize = 50;

pub(super) fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let customer = Node::root(call.body);
    let id = customer.get("id").id().or_else(|| customer.get("admin_graphql_api_id").id());
    let Some(id) = id else { return without_id("id") };
    let version = customer.get("updated_at").time(warnings).or_else(|| triggered_at(call.delivery));
    let person = Person {
        user_id: Some(id.clone()),
        email: person::email(&customer.get("email")),
        phone: customer.get("phone").text().or_else(|| customer.at(&["default_address", "phone"]).text()),
        first_name: customer.get("first_name").text(),
        last_name: customer.get("last_name").text(),
        locale: customer.get("locale").text(),
        address: postal_address(&customer.get("default_address")),
        ..Person::default()
    };
    let whose = person.identity();
    let mut draft = Draft::identify(version, person);
    draft.identity = vec!["customer".into(), id, version.map(|at| at.to_string()).unwrap_or_default()];
    let mut drafts = vec![draft];
    drafts.extend(consent::drafts_of_customer(&customer, &whose, warnings));
    (events(drafts, warnings), version)
}

/// Tags that were given to a customer or taken away.
pub(super) fn tags(call: &Call<'_>, action: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let body = Node::root(call.body);
    let id = body.get("customerId").id().or_else(|| body.get("customer_id").id());
    let Some(id) = id else { return without_id("customerId") };
    let version = body.get("occurredAt").time(warnings).or_else(|| triggered_at(call.delivery));
    let tags: Vec<Value> =
        body.get("tags").list().iter().filter_map(Node::text).take(MAX_TAGS).map(Value::from).collect();
    if tags.is_empty() {
        return (Outcome::ignored("no tags are named"), version);
    }
    let event = if action.ends_with("removed") { "Customer Tags Removed" } else { "Customer Tags Added" };
    let told = format!("{action}{tags:?}{}", version.map(|at| at.to_string()).unwrap_or_default());
    let person = Person { user_id: Some(id.clone()), ..Person::default() };
    let mut draft = Draft::track(event, version, person);
    draft.identity = vec!["tags".into(), id, crate::digest::digest(told.as_bytes())];
    draft.property("tags", Some(tags));
    (events(vec![draft], warnings), version)
}
