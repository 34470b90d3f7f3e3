//! Bills side by side, for people.

use super::bill::Bill;
use super::prices::Prices;
use super::workload::{EmailPlan, Workload};
use indicatif::HumanCount;
use std::fmt::Write;

/// A table of bills, one in each column, and the assumptions.
#[must_use]
pub fn table(bills: &[Bill], workload: &Workload, prices: &Prices) -> String {
    let mut text = format!(
        "US dollars a month in {}, at prices of {}, without free tiers, discounts and taxes\n\n",
        prices.region, prices.as_of
    );
    let mut row = |name: &str, cells: &mut dyn Iterator<Item = String>| {
        let _ = write!(text, "{name:<30}");
        for cell in cells {
            let _ = write!(text, "{cell:>14}");
        }
        text.push('\n');
    };
    row("customers", &mut bills.iter().map(|bill| HumanCount(bill.customers).to_string()));
    let names = bills.first().map(|bill| bill.lines.as_slice()).unwrap_or_default();
    for (index, line) in names.iter().enumerate() {
        row(line.what, &mut bills.iter().map(|bill| dollars(bill.lines[index].usd)));
    }
    row("all of it", &mut bills.iter().map(|bill| dollars(bill.total())));
    row("for a thousand customers", &mut bills.iter().map(for_a_thousand));
    let plan = match workload.email_plan {
        EmailPlan::Essentials => "Essentials plan",
        EmailPlan::ALaCarte => "a la carte",
    };
    let Workload { orders, first_orders, other_events, emails, texts, events_per_call, months_kept, .. } = workload;
    let share = first_orders * 100.0;
    let _ = write!(
        text,
        "\nFor each customer and month: {orders} orders ({share:.0} % of them first ones), {other_events} other events,\n\
         {emails} mails ({plan}), {texts} texts. {events_per_call} event in a call; a sweep every {} minutes;\n\
         {months_kept} months of history are kept. Each event and each message is handled alone, which is the dearest way.\n",
        workload.sweep_minutes
    );
    text
}

fn for_a_thousand(bill: &Bill) -> String {
    if bill.customers == 0 {
        return "-".to_owned();
    }
    dollars(bill.total() / (bill.customers as f64) * 1_000.0)
}

fn dollars(amount: f64) -> String {
    let text = format!("{amount:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", HumanCount(whole.parse().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_to_cents_and_grouped_by_thousands() {
        for (amount, text) in [(0.0, "0.00"), (0.004, "0.00"), (999.995, "1,000.00"), (1_234_567.8, "1,234,567.80")] {
            assert_eq!(dollars(amount), text);
        }
    }

    #[test]
    fn each_bill_has_a_column_under_its_number_of_customers() {
        let (workload, prices) = (Workload::default(), Prices::built_in().expect("prices"));
        let bills = [0, 10_000].map(|customers| Bill::new(customers, &workload, &prices));
        let text = table(&bills, &workload, &prices);
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("a line").to_owned();
        assert!(line("customers").ends_with("             0        10,000"), "{text}");
        assert!(line("SES mails").ends_with("          0.00          0.80"), "{text}");
        assert!(line("for a thousand").contains('-'), "{text}");
        let widths: Vec<usize> =
            text.lines().skip(2).take_while(|line| !line.is_empty()).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
    }
}
