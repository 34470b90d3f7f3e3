//! Who is behind an order or a checkout of Shopify.

use crate::fields::Node;
use crate::person::{self, Person};
use crate::settings::Settings;
use serde_json::{Map, Value};

/// Who ordered. The customer may be absent: at the till, in drafts and for guests.
pub(super) fn buyer(order: &Node<'_>, settings: &Settings) -> Person {
    let customer = order.get("customer");
    let billing = order.get("billing_address");
    let shipping = order.get("shipping_address");
    let email = [order.get("email"), order.get("contact_email"), customer.get("email")];
    let phone = [order.get("phone"), customer.get("phone"), billing.get("phone"), shipping.get("phone")];
    let name = |field: &str| customer.get(field).text().or_else(|| billing.get(field).text());
    let default = customer.get("default_address");
    let address = [&billing, &shipping, &default].into_iter().find(|address| !address.get("country_code").is_null());
    Person {
        user_id: customer.get("id").id().or_else(|| customer.get("admin_graphql_api_id").id()),
        anonymous_id: anonymous_id(order, settings),
        email: email.iter().find_map(person::email),
        phone: phone.iter().find_map(Node::text),
        first_name: name("first_name"),
        last_name: name("last_name"),
        locale: order.get("customer_locale").text(),
        address: address.map(postal_address).unwrap_or_default(),
        ..Person::default()
    }
}

/// An address of Shopify.
pub(super) fn postal_address(address: &Node<'_>) -> Map<String, Value> {
    person::address(address, ["address1", "city", "province", "zip", "country_code"])
}

/// The visitor: by the id of a tracking library, if the shop passes it on, else by the cart. With it carts, of which Shopify
/// names no customer, become those of the customer who goes to the checkout with them.
pub(super) fn anonymous_id(object: &Node<'_>, settings: &Settings) -> Option<String> {
    let attributes = object.get("note_attributes").list();
    let of_library = attributes.iter().find_map(|attribute| {
        let name = attribute.get("name").text()?;
        settings.anonymous_id_fields.contains(&name).then(|| attribute.get("value").text()).flatten()
    });
    of_library.or_else(|| object.get("cart_token").id().map(|token| cart_visitor(&token)))
}

/// The name under which the visitor with a cart is known.
pub(super) fn cart_visitor(token: &str) -> String {
    format!("shopify-cart-{token}")
}
