//! Consents of Shopify.
//!
//! `not_subscribed` is what every customer has who was never asked: it says nothing, and takes nothing back that was said elsewhere. All
//! other states are passed on as they are, with their time, so that the newest of them counts.

use super::answer::{events, triggered_at, without_id};
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::person::{self, EMAIL_CONSENT, Person, SMS_CONSENT};
use crate::reading::Outcome;
use jiff::Timestamp;

/// Reads `customers_email_marketing_consent/update` and `customers_marketing_consent/update`, which name the customer differently.
pub(super) fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let body = Node::root(call.body);
    let of_email = !body.get(EMAIL_CONSENT).is_null();
    let field = if of_email { EMAIL_CONSENT } else { SMS_CONSENT };
    let content = body.get(field);
    if content.get("state").text().is_none() {
        return (Outcome::refused(format!("{field}.state"), "is missing"), None);
    }
    let whose = Person {
        user_id: body.get("customer_id").id().or_else(|| body.get("id").id()),
        email: person::email(&body.get("email_address")),
        phone: body.get("phone").text(),
        ..Person::default()
    };
    if !whose.is_named() {
        return without_id("customer_id");
    }
    let version = content.get("consent_updated_at").time(warnings).or_else(|| triggered_at(call.delivery));
    match draft(&content, field, &whose, version, warnings) {
        Some(draft) => (events(vec![draft], warnings), version),
        None => (Outcome::ignored("not_subscribed: the customer was never asked, which takes nothing back"), version),
    }
}

/// What a customer's body says about consent, one event a channel.
pub(super) fn drafts_of_customer(customer: &Node<'_>, whose: &Person, warnings: &mut Warnings) -> Vec<Draft> {
    let fallback = customer.get("updated_at").time(warnings);
    let mut drafts = Vec::new();
    for field in [EMAIL_CONSENT, SMS_CONSENT] {
        drafts.extend(draft(&customer.get(field), field, whose, fallback, warnings));
    }
    if customer.get(EMAIL_CONSENT).is_null() {
        drafts.extend(old_consent(customer, whose, warnings));
    }
    drafts
}

/// `accepts_marketing` of old versions. A `false` is the default.
fn old_consent(customer: &Node<'_>, whose: &Person, warnings: &mut Warnings) -> Option<Draft> {
    let at = customer.get("accepts_marketing_updated_at").time(warnings)?;
    if customer.get("accepts_marketing").truth() != Some(true) {
        return None;
    }
    let level = customer.get("marketing_opt_in_level").word();
    let mut person = whose.clone();
    person.consent =
        Some(person::consent(EMAIL_CONSENT, "subscribed", Some(at.to_string()), level, Some("shopify".into())));
    Some(identified(person, EMAIL_CONSENT, Some(at)))
}

fn draft(
    content: &Node<'_>,
    field: &'static str,
    whose: &Person,
    fallback: Option<Timestamp>,
    warnings: &mut Warnings,
) -> Option<Draft> {
    let state = content.get("state").word().filter(|state| state != "not_subscribed")?;
    let at = content.get("consent_updated_at").time(warnings);
    let level = content.get("opt_in_level").word().filter(|level| level != "unknown");
    let source = content.get("consent_collected_from").word().or_else(|| Some("shopify".to_owned()));
    let mut person = whose.clone();
    person.consent = Some(person::consent(field, &state, at.map(|at| at.to_string()), level, source));
    Some(identified(person, field, at.or(fallback)))
}

fn identified(person: Person, field: &str, at: Option<Timestamp>) -> Draft {
    let key = person.user_id.clone().or_else(|| person.email.clone()).or_else(|| person.phone.clone());
    let content = person.consent.as_ref().map(|(_, content)| content.to_string()).unwrap_or_default();
    let told = format!("{}{}{content}", key.unwrap_or_default(), at.map(|at| at.to_string()).unwrap_or_default());
    let mut draft = Draft::identify(at, person);
    draft.identity = vec![field.to_owned(), crate::digest::digest(told.as_bytes())];
    draft
}
