//! Customers of WooCommerce.

use super::answer::{events, modified_at, without_id};
use super::meta;
use super::order::postal_address;
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::person::{self, Person};
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) fn read(call: &Call<'_>, event: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let customer = Node::root(call.body);
    let Some(id) = customer.get("id").id() else { return without_id() };
    if event == "deleted" {
        let reason = "the account was deleted in WooCommerce; to erase the person here as well, erase the customer";
        return (Outcome::ignored(reason), None);
    }
    let version = modified_at(&customer, warnings);
    let billing = customer.get("billing");
    let email = person::email(&customer.get("email")).or_else(|| person::email(&billing.get("email")));
    let name = |field: &str| customer.get(field).text().or_else(|| billing.get(field).text());
    let person = Person {
        user_id: Some(id.clone()),
        email: email.map(|email| email.to_lowercase()),
        phone: billing.get("phone").text(),
        first_name: name("first_name"),
        last_name: name("last_name"),
        locale: meta::language(&customer, &call.settings.language_fields),
        address: postal_address(&billing),
        ..Person::default()
    };
    let mut draft = Draft::identify(version, person);
    draft.identity = vec!["customer".into(), id, version.map(|at| at.to_string()).unwrap_or_default()];
    (events(vec![draft], warnings), version)
}
