//! Numbers, days and names as all reports write them.

use indicatif::HumanCount;
use jiff::civil::Date;
use rekindle_lifecycle::stage::Stage;

/// What no plan can know.
pub(super) const NOT_SIMULATED: &str = "Nobody in a plan opens, clicks, answers, leaves or bounces, and no task is closed. Every\n\
     message goes out at the moment at which it may, however fast SES takes them.";

/// A number with its thousands apart.
pub(super) fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

/// How much more or less the second number is; empty if it is the same.
pub(super) fn change([before, after]: [u64; 2]) -> String {
    match after.cmp(&before) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("+{}", count(after - before)),
        std::cmp::Ordering::Less => format!("−{}", count(before - after)),
    }
}

/// A day: 1 July 1998.
pub(super) fn day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// An amount in US dollars.
pub(super) fn dollars(amount: f64) -> String {
    let text = format!("{amount:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", whole.parse().map_or_else(|_| whole.to_owned(), count))
}

/// A count with its noun: 1 customer, 2 customers.
pub(super) fn of(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// The stages that a customer with an order can be in, and prospect if anybody is one.
pub(super) fn stages(any_prospect: bool) -> Vec<Stage> {
    Stage::KNOWN.into_iter().filter(|stage| any_prospect || *stage != Stage::Prospect).collect()
}

/// A reason as people read it.
pub(super) fn reason(code: &str) -> String {
    code.replace('_', " ")
}
