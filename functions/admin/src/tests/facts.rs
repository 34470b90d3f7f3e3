//! What facts say beside their kind, in the timeline and in an export.

use super::{now, rig, shop};
use rekindle_lifecycle::facts::{
    Campaign, Context, Event, Fact, Line, Lines, OrderDetails, OrderEvent, OrderStatus, OtherEvent, Quantity,
    RefundEvent, ShoppingAction, ShoppingEvent, Traits,
};
use rekindle_lifecycle::id::{CustomerId, OrderId};
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_store::CustomerKey;
use serde_json::{Value, json};

fn tea() -> Line {
    Line {
        product: Some("17".to_owned()),
        name: Some("Green tea".to_owned()),
        quantity: Some(Quantity { thousandths: 1_500 }),
        unit_price: Some(1_250),
        ..Line::default()
    }
}

fn events() -> [Event; 4] {
    let id = OrderId::parse("o1").expect("an id");
    let amount = Some(Money { minor: 2_750, currency: Currency::parse("EUR").expect("EUR") });
    let campaign = Campaign { source: Some("news".to_owned()), ..Campaign::default() };
    let context = Context { campaign, ..Context::default() };
    let details =
        OrderDetails { shipping: Some(300), lines: Lines::new(vec![tea(); 22]), context, ..OrderDetails::default() };
    let order = OrderEvent { details, ..OrderEvent::new(id.clone(), OrderStatus::Completed, amount) };
    let refund = RefundEvent { lines: Lines::new(vec![tea()]), ..RefundEvent::new(id, amount) };
    let cart = ShoppingEvent {
        cart: Some("c7".to_owned()),
        value: amount,
        lines: Lines::new(vec![tea()]),
        ..ShoppingEvent::new(ShoppingAction::CheckoutStarted)
    };
    let properties = json!({"score": 7}).as_object().cloned().expect("an object");
    let other = OtherEvent { properties, ..OtherEvent::named("Quiz Answered") };
    [Event::Order(order), Event::Refund(refund), Event::Shopping(cart), Event::Other(other)]
}

#[tokio::test]
async fn timeline_and_export_show_products_amounts_properties_and_circumstances_in_full() {
    let rig = rig().await;
    let key = CustomerKey { shop: shop(), customer: CustomerId::parse("anna").expect("an id") };
    for (number, event) in (1_i64..).zip(events()) {
        let at = now() - jiff::SignedDuration::from_mins(number);
        let fact = Fact { at, id: format!("m{number}"), event, traits: Traits::default() };
        rig.store.store_and_apply(&key, &[fact], now()).await.expect("applied");
    }
    let timeline = rig.json("GET", "/v1/customers/anna/timeline", "").await;
    let export = rig.json("GET", "/v1/customers/anna/export", "").await;
    let product = json!({"product_id": "17", "name": "Green tea", "quantity": 1.5, "price": "12.50 EUR"});
    for (shown, name) in [(&timeline["entries"], "timeline"), (&export["facts"], "export")] {
        let rows = shown.as_array().expect("a list");
        let with = |field: &str, value: Value| {
            let found = rows.iter().find(|row| row[field] == value);
            found.unwrap_or_else(|| panic!("no {field} {value} in the {name}: {shown}"))
        };
        let order = with("products_left_out", json!(2));
        assert_eq!(
            (&order["products"][19], &order["units"], &order["shipping"]),
            (&product, &json!(33), &json!("3.00 EUR"))
        );
        assert_eq!(order["context"], json!({"campaign": {"source": "news"}}), "{name}");
        let cart = with("cart", json!("c7"));
        assert_eq!((&cart["value"], &cart["products"]), (&json!("27.50 EUR"), &json!([product])), "{name}");
        assert_eq!(with("name", json!("Quiz Answered"))["properties"], json!({"score": 7}), "{name}");
        let refunds = rows.iter().filter(|row| row["kind"] == "refund" || row["kind"] == "refunded");
        assert_eq!(refunds.map(|row| row["products"].clone()).collect::<Vec<_>>(), [json!([product])], "{name}");
    }
}
