//! `GET /dashboard/customers/{id}`: a customer's timeline, with the reason why each message was sent or not.

use super::Stack;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::CustomerId;
use rekindle_store::CustomerKey;
use std::collections::BTreeMap;

const PAGE: &str = include_str!("customer.html");
/// Most entries of the timeline on the page.
const MAX_ENTRIES: u16 = 300;

/// Renders the page; `None` if the customer is unknown. An error is a sentence for readers.
pub(super) async fn render(stack: &Stack, id: &str) -> Result<Option<String>, String> {
    let Ok(customer) = CustomerId::parse(id) else { return Ok(None) };
    let key = CustomerKey { shop: stack.shop.id.clone(), customer };
    let admin = &stack.handlers.admin;
    let described = admin::customer::describe(admin, &key).await.map_err(|problem| problem.detail().to_owned())?;
    let Some(customer) = described else { return Ok(None) };
    let timeline = admin::timeline::describe(admin, &key, MAX_ENTRIES).await;
    let timeline = timeline.map_err(|problem| problem.detail().to_owned())?.unwrap_or_default();
    // The timeline has the codes of channels.
    let words: BTreeMap<_, _> =
        Channel::KNOWN.into_iter().map(|channel| (channel.to_string(), channel.word())).collect();
    let mut pages = Environment::new();
    let page = pages.add_template("customer.html", PAGE).and_then(|()| {
        pages.get_template("customer.html")?.render(context! {
            customer => Value::from(Serde(&customer)),
            timeline => Value::from(Serde(&timeline)),
            words => words,
        })
    });
    page.map(Some).map_err(|error| format!("the page cannot be rendered: {error:#}"))
}
