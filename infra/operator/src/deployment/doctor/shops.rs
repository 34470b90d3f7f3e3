//! Checks that the shops can send: brand, templates, policy, keys.

use super::facts::{Facts, Shop};
use super::finding::Finding;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::policy::{Policy, PolicyError};
use rekindle_messaging::{Brand, BrandSettings, CheckedTemplate, Templates};
use rekindle_store::sending::pause::SendingPaused;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::shop::senders::Senders;
use rekindle_store::shop::settings::TEMPLATE;
use serde_json::Value;

const CHECK: &str = "shops";
/// After how long without a delivery a connection is remarked upon.
const SILENCE: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    match &facts.shops {
        Err(reason) => vec![Finding::problem(
            CHECK,
            format!("the tables cannot be read: {reason}"),
            format!("aws dynamodb describe-table --table-name {}{}", facts.outputs.shops_table, facts.aws_options),
        )],
        Ok(shops) if shops.is_empty() => {
            let mend = format!("rekindle shop create NAME {}", facts.options);
            vec![Finding::problem(CHECK, "there is no shop yet", mend)]
        }
        Ok(shops) => shops.iter().flat_map(|shop| check_shop(facts, shop)).collect(),
    }
}

fn check_shop(facts: &Facts, shop: &Shop) -> Vec<Finding> {
    let (id, options) = (&shop.id, &facts.options);
    let mut findings = Vec::new();
    match brand(shop) {
        Ok(brand) => findings.extend(check_sender(facts, shop, &brand)),
        Err(wrong) => findings.push(Finding::problem(
            CHECK,
            format!("{id} cannot send: {wrong}"),
            format!("REKINDLE_ADMIN_KEY=… rekindle shop set-brand brand.json {options}"),
        )),
    }
    for (setting, value) in &shop.templates {
        // `channel#language#name`
        let mut parts = setting.trim_start_matches(TEMPLATE).splitn(3, '#');
        let (_, language, name) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let what = format!("{id}: its template {name} ({language})");
        let again = format!(
            "REKINDLE_ADMIN_KEY=… rekindle shop set-template FILE {options}, or remove-template {name} {language}"
        );
        match template(value) {
            Ok(own) if is_up_to_date(&own) => {}
            Ok(_) => findings.push(Finding::warning(
                CHECK,
                format!("{what} was compiled by another version of Rekindle, and is used as it was then"),
                again,
            )),
            Err(wrong) => findings.push(Finding::problem(
                CHECK,
                format!("{what} cannot be used, the built-in one is: {wrong}"),
                again,
            )),
        }
    }
    let store_again = format!("REKINDLE_ADMIN_KEY=… rekindle shop set-policy policy.toml {options}");
    let wrong = match Policy::parse(shop.policy.as_deref().unwrap_or_default()) {
        Err(beyond @ PolicyError::BeyondLimit { .. }) => Some(format!("a part of its policy does not apply: {beyond}")),
        Err(wrong) => Some(format!("its policy cannot be read: {wrong}")),
        Ok(_) if shop.policy_is_outdated => {
            let since = "its policy was stored by another version of Rekindle";
            Some(format!("{since}, and nothing is decided until it is stored again"))
        }
        Ok(_) => None,
    };
    findings.extend(wrong.map(|wrong| Finding::problem(CHECK, format!("{id}: {wrong}"), store_again)));
    for role in Role::NEEDED.into_iter().filter(|role| !shop.keys.contains(role.name())) {
        findings.push(Finding::warning(
            CHECK,
            format!("{id} has no {} key", role.name()),
            format!("rekindle shop rotate-key {id} --role {} {options}", role.name()),
        ));
    }
    if let Some(SendingPaused { at, why, .. }) = &shop.paused {
        findings.push(Finding::problem(
            CHECK,
            format!("{id} does not send: it was stopped {}: {why}", at.strftime("%Y-%m-%d %H:%M UTC")),
            format!("mend the cause, then: rekindle shop resume {id} {options}"),
        ));
    }
    findings.extend(shop.connections.iter().filter_map(|(name, last)| check_connection(facts, shop, name, *last)));
    if findings.is_empty() {
        let own = shop.templates.len();
        findings.push(Finding::ok(CHECK, format!("{id} can send; {own} templates of its own")));
    }
    findings
}

/// A shop system that stops posting says nothing: WooCommerce switches a webhook off, a key is changed there.
fn check_connection(facts: &Facts, shop: &Shop, name: &str, last: Option<Timestamp>) -> Option<Finding> {
    let found = match last {
        None => format!("{}: {name} is connected and never delivered", shop.id),
        Some(last) if facts.now.duration_since(last) > SILENCE => {
            format!("{}: {name} delivered last on {}", shop.id, last.strftime("%Y-%m-%d %H:%M UTC"))
        }
        Some(_) => return None,
    };
    let mend = format!(
        "look there whether the webhooks are on and which key they have, then: REKINDLE_ADMIN_KEY=… rekindle shop connect {name} {}",
        facts.options
    );
    Some(Finding::warning(CHECK, found, mend))
}

fn check_sender(facts: &Facts, shop: &Shop, brand: &Brand) -> Option<Finding> {
    let (id, address) = (&shop.id, &brand.settings().sender_address);
    let grant = format!("rekindle shop grant-sender {id} {} {}", address.as_str(), facts.options);
    match &shop.senders {
        senders if !senders.allow(address) => {
            let found = format!("{id} does not send: {} was not granted to it", address.as_str());
            Some(Finding::problem(CHECK, found, grant))
        }
        Senders::FromBefore => {
            let found = format!("{id} sends from {}, which was never granted to it", address.as_str());
            Some(Finding::warning(CHECK, found, format!("if the address is its own: {grant}")))
        }
        Senders::Granted(_) => None,
    }
}

fn brand(shop: &Shop) -> Result<Brand, String> {
    let Some(stored) = &shop.brand else { return Err("it has no brand, and so no sender".to_owned()) };
    let settings: BrandSettings =
        serde_json::from_value(stored.clone()).map_err(|error| format!("its brand cannot be read: {error}"))?;
    Brand::new(settings).map_err(|error| format!("its brand is refused: {error}"))
}

/// Why a template of the shop's own is not used.
fn template(stored: &Value) -> Result<CheckedTemplate, String> {
    let own: CheckedTemplate = serde_json::from_value(stored.clone()).map_err(|error| error.to_string())?;
    Templates::built_in().with(&own).map_err(|error| error.to_string())?;
    Ok(own)
}

/// Whether the template would be stored in the same form today: the frame and the rules may have changed since.
fn is_up_to_date(own: &CheckedTemplate) -> bool {
    own.written.clone().check().is_ok_and(|today| today == *own)
}
