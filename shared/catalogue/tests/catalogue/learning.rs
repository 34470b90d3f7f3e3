//! What orders and visits show.

use crate::{euros, now};
use rekindle_catalogue::Sighting;
use rekindle_lifecycle::facts::{
    Event, Fact, Line, Lines, OrderEvent, OrderStatus, Quantity, RefundEvent, ShoppingAction, ShoppingEvent, Traits,
};
use rekindle_lifecycle::id::OrderId;
use serde_json::json;

fn fact(event: Event) -> Fact {
    Fact { at: now(), id: "m1".to_owned(), event, traits: Traits::default() }
}

fn line(product: &str) -> Line {
    Line {
        product: Some(product.to_owned()),
        variant: Some("100 g".to_owned()),
        name: Some("Green tea".to_owned()),
        quantity: Some(Quantity::ONE),
        unit_price: Some(1_250),
        ..Line::default()
    }
}

fn shopping(action: ShoppingAction) -> ShoppingEvent {
    let mut event = ShoppingEvent::new(action);
    event.lines = Lines::new(vec![line("T-100")]);
    event.currency = Some(euros(1).currency);
    event.link = Some("https://tea.example/p/green".to_owned());
    let properties = json!({ "Image_URL": "https://tea.example/i.jpg", "brand": "Leaf", "category": "Tea" });
    event.properties = properties.as_object().cloned().expect("an object");
    event
}

#[test]
fn an_order_shows_each_of_its_products_at_the_time_when_it_was_placed() {
    let mut order = OrderEvent::new(OrderId::parse("o1").expect("an id"), OrderStatus::Completed, Some(euros(2_500)));
    order.details.lines = Lines::new(vec![line("T-100"), line("T-200"), Line::default()]);
    order.details.ordered_at = Some(now() - jiff::SignedDuration::from_hours(30));
    let seen = Sighting::all_of(&fact(Event::Order(order)));
    let ids: Vec<String> = seen.iter().map(|sighting| sighting.id.to_string()).collect();
    assert_eq!(ids, ["T-100, 100 g", "T-200, 100 g"]);
    assert_eq!(seen[0].price, Some(euros(1_250)));
    assert_eq!(seen[0].at, now() - jiff::SignedDuration::from_hours(30));
}

#[test]
fn a_visit_shows_page_picture_brand_and_category_too() {
    let seen = Sighting::all_of(&fact(Event::Shopping(shopping(ShoppingAction::ProductViewed))));
    let [sighting] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(sighting.url.as_deref(), Some("https://tea.example/p/green"));
    assert_eq!(sighting.image.as_deref(), Some("https://tea.example/i.jpg"));
    assert_eq!((sighting.brand.as_deref(), sighting.category.as_deref()), (Some("Leaf"), Some("Tea")));
}

#[test]
fn what_is_said_beside_several_products_is_about_none_of_them() {
    let mut event = shopping(ShoppingAction::CheckoutStarted);
    event.lines = Lines::new(vec![line("T-100"), line("T-200")]);
    let seen = Sighting::all_of(&fact(Event::Shopping(event)));
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|sighting| sighting.image.is_none() && sighting.url.is_none()), "{seen:?}");
}

#[test]
fn the_link_of_a_cart_is_no_products_page() {
    let mut event = shopping(ShoppingAction::ProductAdded);
    event.cart = Some("c1".to_owned());
    assert_eq!(Sighting::all_of(&fact(Event::Shopping(event)))[0].url, None);
}

#[test]
fn a_picture_that_no_mail_could_show_is_not_learned() {
    for address in ["/i.jpg", "http://tea.example/i.jpg", "javascript:alert(1)", "data:image/png;base64,AA", ""] {
        let mut event = shopping(ShoppingAction::ProductViewed);
        event.properties = json!({ "image_url": address }).as_object().cloned().expect("an object");
        assert_eq!(Sighting::all_of(&fact(Event::Shopping(event)))[0].image, None, "{address}");
    }
}

#[test]
fn what_anybody_could_have_made_up_is_not_learned() {
    let mut event = shopping(ShoppingAction::ProductViewed);
    event.is_public = true;
    assert_eq!(Sighting::all_of(&fact(Event::Shopping(event))), []);
}

#[test]
fn programs_refunds_and_prices_of_nothing_show_nothing() {
    let mut event = shopping(ShoppingAction::ProductViewed);
    event.by_program = true;
    assert_eq!(Sighting::all_of(&fact(Event::Shopping(event))), []);
    let mut refund = RefundEvent::new(OrderId::parse("o1").expect("an id"), None);
    refund.lines = Lines::new(vec![line("T-100")]);
    assert_eq!(Sighting::all_of(&fact(Event::Refund(refund))), []);
    let mut gift = shopping(ShoppingAction::ProductAdded);
    gift.lines.kept[0].unit_price = Some(0);
    assert_eq!(Sighting::all_of(&fact(Event::Shopping(gift)))[0].price, None);
}
