//! The CDNOW data set of Fader and Hardie: the orders of an online music shop, 1997-01-01 to 1998-06-30.

use crate::expected::cases;
use jiff::civil::date;
use rekindle_insight::{Buyer, Day, History, Occasion};
use std::collections::BTreeMap;

/// A customer with the number by which the expected results call them.
pub(crate) struct Customer {
    /// The number in the sample, or, of all customers, in the master file.
    pub(crate) id: u64,
    /// The orders; values in cents, lines are CDs.
    pub(crate) buyer: Buyer,
}

/// The last day of the data.
pub(crate) fn through() -> Day {
    Day::from_date(date(1998, 6, 30))
}

/// All 545 days. The expected results take every customer's first order as seen for the first one.
pub(crate) fn history() -> History {
    History::from_the_beginning(through())
}

/// A tenth of the customers, from the repository, in order of their numbers: that is by first day, then by the number in the master
/// file.
pub(crate) fn sample() -> Vec<Customer> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/cdnow-sample.csv");
    let mut reader = csv::Reader::from_path(path).expect("the sample");
    let headers = reader.headers().expect("headers").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect("a column");
    let (customer, day) = (column("customer_id"), column("ordered_at"));
    let (amount, cds) = (column("amount"), column("cds"));
    let mut customers = customers(reader.records().map(|row| {
        let row = row.expect("a row");
        let date = row[day].get(..10).expect("a date").parse().expect("a date");
        (row[customer].parse().expect("a number"), occasion(date, &row[amount], &row[cds]))
    }));
    customers.sort_by_key(|customer| (customer.buyer.occasions()[0].day, customer.id));
    customers.iter_mut().zip(1..).for_each(|(customer, number)| customer.id = number);
    customers
}

/// All customers, from the folder in `REKINDLE_CASES`.
pub(crate) fn master() -> Option<Vec<Customer>> {
    let text = std::fs::read_to_string(cases()?.join("CDNOW_master.txt")).expect("CDNOW_master.txt");
    let rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    Some(customers(rows.filter(|row| row.len() == 4 && row[0] != "customer_id").map(|row| {
        let date = jiff::civil::Date::strptime("%Y%m%d", row[1]).expect("a date");
        (row[0].parse().expect("a number"), occasion(date, row[3], row[2]))
    })))
}

fn occasion(date: jiff::civil::Date, dollars: &str, cds: &str) -> Occasion {
    let cents = dollars.parse::<f64>().expect("an amount") * 100.0;
    #[expect(clippy::cast_possible_truncation, reason = "a price of music")]
    Occasion { day: Day::from_date(date), value: cents.round() as i64, lines: cds.parse().expect("a number") }
}

fn customers(orders: impl Iterator<Item = (u64, Occasion)>) -> Vec<Customer> {
    let mut by_customer: BTreeMap<u64, Vec<Occasion>> = BTreeMap::new();
    for (customer, order) in orders {
        by_customer.entry(customer).or_default().push(order);
    }
    let buyer = |id: u64, orders| Buyer::new(Buyer::hash_of("cdnow", &id.to_string()), orders);
    by_customer.into_iter().map(|(id, orders)| Customer { id, buyer: buyer(id, orders) }).collect()
}

#[test]
fn the_sample_is_the_one_of_the_literature() {
    let customers = sample();
    let occasions = customers.iter().flat_map(|customer| customer.buyer.occasions());
    assert_eq!(customers.len(), 2_357);
    assert_eq!(occasions.clone().count(), 6_696);
    assert_eq!(occasions.map(|occasion| occasion.value).sum::<i64>(), 24_409_194);
}

#[test]
fn the_master_file_has_ten_times_as_many() {
    let Some(customers) = master() else { return };
    let occasions = customers.iter().flat_map(|customer| customer.buyer.occasions());
    assert_eq!(customers.len(), 23_570);
    assert_eq!(occasions.clone().count(), 67_591);
    assert_eq!(occasions.map(|occasion| occasion.value).sum::<i64>(), 250_031_563);
}
