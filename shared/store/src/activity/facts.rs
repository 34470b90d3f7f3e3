//! Storing facts and reading them back.
//!
//! The item of a fact is a function of the fact and the customer alone: `pk`, `sk`, `fact`, the fact as JSON, and `class`,
//! what it is about in a word that every version reads. No time of arrival is inside, so that storing a fact again writes
//! the same bytes. A fact that this version cannot read is answered with as it is stored (see
//! [`Event::Unrecognised`](rekindle_lifecycle::facts::Event::Unrecognised)), and never fails its neighbours.

use crate::store::Store;
use crate::table::calls::Item;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::facts::Fact;
use std::collections::HashMap;

/// The attribute that holds the fact as JSON.
const FACT: &str = "fact";
/// The attribute that holds the code of its class. It is no part of the JSON, whose digest is the fact's identity.
const CLASS: &str = "class";

impl Store {
    /// Stores facts durably. Facts that are stored already stay as they are; a fact that comes several
    /// times is stored once. Facts up to one kilobyte (all usual ones) cost one write unit each.
    ///
    /// # Errors
    /// The database refused, did not answer, or took only some of them in spite of repetitions. Some
    /// may be stored; calling again with the same facts is harmless.
    pub async fn put_facts(&self, facts: &[(CustomerKey, Fact)]) -> Result<(), StoreError> {
        let items = facts.iter().map(|(customer, fact)| fact_item(customer, fact)).collect();
        self.put_items(&self.tables.activity, items).await
    }

    /// All facts of a customer, page by page: orders first, then the others, each by time. Strongly
    /// consistent.
    #[must_use]
    pub fn facts_of(&self, customer: &CustomerKey) -> FactPages {
        let families = vec![keys::FACT, keys::ORDER];
        FactPages { store: self.clone(), pk: customer.pk(), families, next: None }
    }
}

/// The facts of a customer, page by page. See [`Store::facts_of`].
#[derive(Debug)]
pub struct FactPages {
    store: Store,
    pk: String,
    /// Beginnings of the sort keys still to be read, the next one last.
    families: Vec<&'static str>,
    next: Option<Item>,
}

impl FactPages {
    /// The next page (at most 1 MB of items; may be empty), or `None` after the last.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item has no key of a fact. Calling again tries the same
    /// page again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Fact>>, StoreError> {
        let Some(family) = self.families.last() else { return Ok(None) };
        let query = self
            .store
            .client
            .query()
            .table_name(&self.store.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .expression_attribute_values(":family", AttributeValue::S((*family).to_owned()))
            .set_exclusive_start_key(self.next.clone())
            .consistent_read(true);
        let answer = self.store.page(query).await?;
        let items = answer.items.unwrap_or_default().into_iter();
        let page = items.map(|item| Ok(parse_fact_item(item)?.1)).collect::<Result<_, StoreError>>()?;
        self.next = answer.last_evaluated_key;
        if self.next.is_none() {
            self.families.pop();
        }
        Ok(Some(page))
    }

    /// All pages in one list.
    ///
    /// # Errors
    /// As [`FactPages::next_page`].
    pub async fn all(mut self) -> Result<Vec<Fact>, StoreError> {
        let mut facts = Vec::new();
        while let Some(page) = self.next_page().await? {
            facts.extend(page);
        }
        Ok(facts)
    }
}

/// The item of a fact.
pub(crate) fn fact_item(customer: &CustomerKey, fact: &Fact) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(customer.pk())),
        ("sk".to_owned(), AttributeValue::S(keys::fact_sk(fact))),
        (FACT.to_owned(), AttributeValue::S(fact.to_json().into_owned())),
        (CLASS.to_owned(), AttributeValue::S(fact.class().code().to_owned())),
    ])
}

/// Reads a fact from an item of a query or from the new image of a stream record. Ask
/// [`keys::is_fact`] first where other families may come.
///
/// # Errors
/// [`StoreError::Unreadable`] names the part of the key that is missing or malformed. Whatever else is wrong with the item,
/// the fact is answered with as one that is not recognised.
pub fn parse_fact_item(item: impl Into<serde_dynamo::Item>) -> Result<(CustomerKey, Fact), StoreError> {
    let item = item.into().into_inner();
    let text = |name| match item.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
        _ => None,
    };
    let unreadable = |attribute| StoreError::Unreadable { family: FACT, attribute };
    let customer = text("pk").and_then(CustomerKey::parse).ok_or_else(|| unreadable("pk"))?;
    let (json, class) = (text(FACT).unwrap_or_default(), text(CLASS));
    let fact = match Fact::parse(json, class) {
        Some(fact) => fact,
        None => {
            let sk = text("sk").ok_or_else(|| unreadable("sk"))?;
            let at = keys::fact_at(sk).ok_or_else(|| unreadable("sk"))?;
            Fact::unreadable(at, sk.to_owned(), class, json)
        }
    };
    Ok((customer, fact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use rekindle_lifecycle::contact::EmailAddress;
    use rekindle_lifecycle::facts::{
        Campaign, Context, Event, Line, Lines, OrderDetails, OrderEvent, OrderStatus, OtherEvent, Quantity, Traits,
    };
    use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
    use rekindle_lifecycle::money::{Currency, Money};

    fn customer(name: &str) -> CustomerKey {
        let shop = ShopId::parse("vinyl").expect("an id");
        CustomerKey { shop, customer: CustomerId::parse(name).expect("an id") }
    }

    /// The order with this number, placed as many hours after the start of 2026.
    fn order(number: i64) -> Fact {
        let at = "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("an instant");
        let order_id = OrderId::parse(&format!("o{number}")).expect("an id");
        let amount = Some(Money { minor: 2_999, currency: Currency::parse("EUR").expect("a currency") });
        let event = OrderEvent::new(order_id.clone(), OrderStatus::Completed, amount);
        let at = at + jiff::SignedDuration::from_hours(number);
        Fact { at, id: order_id.to_string(), event: Event::Order(event), traits: Traits::default() }
    }

    #[test]
    fn an_item_without_a_customers_key_is_refused_and_any_other_is_a_fact_that_may_be_unrecognised() {
        let error = |item: Item| parse_fact_item(item).expect_err("no customer's fact").to_string();
        assert!(error(Item::new()).contains("pk"));
        let mut item = fact_item(&customer("anna"), &order(1));
        item.insert(FACT.to_owned(), AttributeValue::S("{\"no\":\"fact\"}".to_owned()));
        let (key, fact) = parse_fact_item(item.clone()).expect("a fact that is kept");
        assert_eq!((key, fact.at), (customer("anna"), order(1).at), "its time comes from the key");
        assert_eq!(fact.class().code(), order(1).class().code(), "and its class is the one beside it");
        assert!(matches!(&fact.event, Event::Unrecognised(_)), "{fact:?}");
        item.insert("sk".to_owned(), AttributeValue::S("fact#yesterday".to_owned()));
        assert!(error(item).contains("sk"));
    }

    /// An order as a shop system reports it: five products with names of 60 characters, amounts, coupon, locale and campaign.
    fn order_of_five_lines() -> Fact {
        let line = |number: u64| Line {
            product: Some((8_123_456_789_012 + number).to_string()),
            variant: Some((45_678_901_234_567 + number).to_string()),
            name: Some(
                format!("{:<60}", format!("A product with a name of usual length, number {number}")).replace(' ', "x"),
            ),
            quantity: Some(Quantity { thousandths: 2_000 }),
            unit_price: Some(12_950),
            discount: Some(1_250),
            sku: None,
        };
        let mut fact = order(1);
        fact.at = "2026-11-22T11:58:00.250Z".parse().expect("an instant");
        fact.id = "5678901234567".to_owned();
        fact.traits = Traits {
            email: EmailAddress::parse("anna.example@example.com").ok(),
            first_name: Some("Anna".to_owned()),
            language: Some("de-AT".to_owned()),
            ..Traits::default()
        };
        let Event::Order(event) = &mut fact.event else { panic!("an order") };
        event.order_id = OrderId::parse("5678901234567").expect("an id");
        event.coupon = Some("WELCOME10".to_owned());
        event.details = OrderDetails {
            ordered_at: "2026-11-22T11:50:00Z".parse().ok(),
            shipping: Some(490),
            tax: Some(2_170),
            discount: Some(1_250),
            lines: Lines::new((0..5).map(line).collect()),
            context: Context {
                // The same as the customer's language, which says it.
                locale: None,
                campaign: Campaign {
                    source: Some("newsletter".to_owned()),
                    medium: Some("email".to_owned()),
                    name: Some("spring-sale".to_owned()),
                },
                ..Context::default()
            },
            currency: None,
        };
        fact
    }

    #[test]
    fn an_order_of_five_lines_takes_one_write_unit_and_a_large_one_three_at_most() {
        let bytes = |fact: &Fact| {
            let item = fact_item(&customer("7301544870041"), fact);
            let length = |(name, value): (&String, &AttributeValue)| name.len() + value.as_s().expect("a text").len();
            item.iter().map(length).sum::<usize>()
        };
        let usual = order_of_five_lines();
        assert!(bytes(&usual) <= 1_024, "{} bytes: {}", bytes(&usual), usual.to_json());
        let mut large = usual;
        if let Event::Order(event) = &mut large.event {
            let line = event.details.lines.kept[0].clone();
            event.details.lines = Lines::new(vec![line; 200]);
        }
        assert!(bytes(&large) <= 3_072, "{} bytes", bytes(&large));
    }

    proptest! {
        #[test]
        fn a_fact_is_read_from_its_item_as_it_was(number in 0_i64..69_000_000, name in "\\PC{0,60}") {
            let fact = Fact { id: name.clone(), event: Event::Other(OtherEvent::named(name)), ..order(number) };
            for fact in [fact, order(number)] {
                let item = fact_item(&customer("anna#1"), &fact);
                let from_stream = serde_dynamo::Item::from(item.clone());
                prop_assert_eq!(parse_fact_item(item).expect("a fact"), (customer("anna#1"), fact.clone()));
                prop_assert_eq!(parse_fact_item(from_stream).expect("a fact"), (customer("anna#1"), fact));
            }
        }
    }
}
