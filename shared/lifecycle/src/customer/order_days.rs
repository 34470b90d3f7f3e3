//! The days on which a customer ordered, in few bytes: what learning from a shop's history needs of orders that are no longer
//! kept in full.

use crate::money::{Currency, Money};
use base64ct::{Base64Unpadded, Encoding};
use jiff::civil::{Date, date};
use serde::{Deserialize, Deserializer, Serialize};

/// Most days that are kept: a customer with more keeps the first 64 and the latest 192.
pub const MAX_ORDER_DAYS: usize = FIRST + LATEST;
const FIRST: usize = 64;
const LATEST: usize = 192;

/// Days are counted from here, so that a usual one takes a byte or two after the first.
const EPOCH: Date = date(1900, 1, 1);
/// In the number that begins an entry: another currency than that of the entry before follows.
const HAS_CURRENCY: u64 = 1;
/// In the number that begins an entry: the number of lines follows, because it is not one.
const HAS_LINES: u64 = 2;
const FLAG_BITS: u32 = 2;
const CURRENCY_LEN: usize = 3;

/// A day with counted orders in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderDay {
    /// The day in the shop's zone.
    pub day: Date,
    /// What the day's orders were worth, net of refunds.
    pub value: Money,
    /// Lines of the day's orders.
    pub lines: u32,
}

/// Days with orders, in order of time; some five bytes each. Stored are: how many days are left out, then of each the days since the one
/// before with two flags, its value, and where they differ from the usual its lines and its currency, as numbers of seven bits a byte.
/// The item of a customer has these bytes in base 64.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct OrderDays {
    days: Vec<OrderDay>,
    left_out: u64,
}

impl OrderDays {
    /// The days that are kept.
    #[must_use]
    pub fn kept(&self) -> &[OrderDay] {
        &self.days
    }

    /// How many days between the first and the latest ones are left out. What they were worth is part of the day before them.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_number(&mut bytes, self.left_out);
        let (mut before, mut currency) = (EPOCH, None);
        for OrderDay { day, value, lines } in &self.days {
            let has_currency = currency != Some(value.currency);
            let flags = u64::from(has_currency) * HAS_CURRENCY + u64::from(*lines != 1) * HAS_LINES;
            write_number(&mut bytes, days_since(*day, before) << FLAG_BITS | flags);
            write_number(&mut bytes, u64::try_from(value.minor).unwrap_or_default());
            if *lines != 1 {
                write_number(&mut bytes, u64::from(*lines));
            }
            if has_currency {
                bytes.extend_from_slice(value.currency.code().as_bytes());
            }
            (before, currency) = (*day, Some(value.currency));
        }
        bytes
    }

    /// What a stored form holds; `None` if it is none that this version can read.
    #[must_use]
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut days = Self { days: Vec::new(), left_out: read_number(&mut bytes)? };
        let (mut before, mut currency) = (EPOCH, None);
        while !bytes.is_empty() {
            let first = read_number(&mut bytes)?;
            let minor = i64::try_from(read_number(&mut bytes)?).ok()?;
            let lines = if first & HAS_LINES == 0 { 1 } else { u32::try_from(read_number(&mut bytes)?).ok()? };
            if first & HAS_CURRENCY != 0 {
                let (code, rest) = bytes.split_at_checked(CURRENCY_LEN)?;
                currency = Some(Currency::parse(std::str::from_utf8(code).ok()?).ok()?);
                bytes = rest;
            }
            let since = i64::try_from(first >> FLAG_BITS).ok()?;
            before = before.checked_add(jiff::Span::new().try_days(since).ok()?).ok()?;
            days.days.push(OrderDay { day: before, value: Money { minor, currency: currency? }, lines });
        }
        Some(days)
    }

    /// Adds an order that is not earlier than the others.
    pub(super) fn add(&mut self, order: OrderDay) {
        match self
            .days
            .iter_mut()
            .rev()
            .take_while(|day| day.day == order.day)
            .find(|day| day.is_in_currency_of(&order))
        {
            Some(day) => day.join(&order),
            None => self.days.push(order),
        }
        if self.days.len() > MAX_ORDER_DAYS {
            let left_out = self.days.remove(FIRST);
            self.left_out += 1;
            let before = self.days[..FIRST].iter_mut().rev();
            if let Some(before) = before.into_iter().find(|day| day.is_in_currency_of(&left_out)) {
                before.value.minor = before.value.minor.saturating_add(left_out.value.minor);
            }
        }
    }
}

impl OrderDay {
    fn is_in_currency_of(&self, other: &Self) -> bool {
        self.value.currency == other.value.currency
    }

    fn join(&mut self, other: &Self) {
        self.value.minor = self.value.minor.saturating_add(other.value.minor);
        self.lines = self.lines.saturating_add(other.lines);
    }
}

impl From<OrderDays> for String {
    fn from(days: OrderDays) -> Self {
        Base64Unpadded::encode_string(&days.to_bytes())
    }
}

/// Reads days; `None` if they are of a form that this version cannot read. They are then counted again.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OrderDays>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| parse(&text)))
}

fn parse(text: &str) -> Option<OrderDays> {
    OrderDays::from_bytes(&Base64Unpadded::decode_vec(text).ok()?)
}

fn days_since(day: Date, before: Date) -> u64 {
    before.until(day).ok().and_then(|span| u64::try_from(span.get_days()).ok()).unwrap_or_default()
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    bytes.push(low_bits(number));
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or_default()
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(day: i64, minor: i64, lines: u32, currency: &str) -> OrderDay {
        let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(day)).expect("a day");
        OrderDay { day, value: Money { minor, currency: Currency::parse(currency).expect("a currency") }, lines }
    }

    fn days(orders: impl IntoIterator<Item = OrderDay>) -> OrderDays {
        let mut days = OrderDays::default();
        orders.into_iter().for_each(|order| days.add(order));
        days
    }

    #[test]
    fn a_monthly_order_takes_some_six_characters() {
        let text = String::from(days((0..12).map(|month| order(30 * month, 4_995, 1, "EUR"))));
        assert!(text.len() < 12 * 6, "{} characters: {text}", text.len());
    }

    #[test]
    fn orders_of_one_day_are_one_day_in_each_currency() {
        let days =
            days([order(0, 100, 2, "EUR"), order(0, 50, 1, "USD"), order(0, 30, 3, "EUR"), order(4, 1, 1, "USD")]);
        assert_eq!(days.kept(), [order(0, 130, 5, "EUR"), order(0, 50, 1, "USD"), order(4, 1, 1, "USD")]);
        assert_eq!(days.left_out(), 0);
    }

    #[test]
    fn of_very_many_days_the_first_and_the_latest_are_kept_and_no_value_is_lost() {
        let days = days((0..1_000).map(|day| order(day, 10, 1, "EUR")));
        assert_eq!((days.kept().len(), days.left_out()), (MAX_ORDER_DAYS, 1_000 - MAX_ORDER_DAYS as u64));
        assert_eq!(days.kept()[FIRST - 2], order(62, 10, 1, "EUR"));
        assert_eq!(days.kept()[FIRST].day, order(1_000 - LATEST as i64, 0, 1, "EUR").day);
        assert_eq!(days.kept().iter().map(|day| day.value.minor).sum::<i64>(), 10_000);
        let text = String::from(days);
        assert!(text.len() < 1_100, "{} characters", text.len());
    }

    #[test]
    fn days_of_another_form_are_not_known() {
        for text in ["", "*", "gA", "AAE", "AAEAUVFR"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("AA"), Some(OrderDays::default()));
    }

    proptest! {
        #[test]
        fn what_is_stored_comes_back(
            orders in proptest::collection::vec((0_i64..400, 0_i64..1_000_000_000, 1_u32..400, prop::sample::select(vec!["EUR", "USD", "JPY"])), 0..300),
        ) {
            let mut orders = orders;
            orders.sort_unstable();
            let days = days(orders.into_iter().map(|(day, minor, lines, currency)| order(day, minor, lines, currency)));
            prop_assert_eq!(parse(&String::from(days.clone())), Some(days));
        }

        #[test]
        fn any_bytes_are_read_without_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&Base64Unpadded::encode_string(&bytes));
        }
    }
}
