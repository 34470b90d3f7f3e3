//! A backlog of mails leaves as fast as SES takes them, and no faster.

use crate::checklist::{Checklist, wait_for};
use crate::ses::{MAILS_A_SECOND, SesStandIn};
use crate::shop::Shop;
use crate::stack::Stack;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::path::Path;

/// Customers who order for the first time, all at once.
const CUSTOMERS: u32 = 450;
/// At the beginning functions start, at the end the backlog is over.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Everybody gets one mail at once, which is far more than SES takes.
pub(crate) fn is_kept_and_used(stack: &Stack<'_>, ses: &SesStandIn, rekindle: &Path, checklist: &mut Checklist) {
    let shop = Shop::create(stack, rekindle, "pier", include_str!("../../policies/at_once.toml"));
    let identify = |number: u32| {
        json!({ "type": "identify", "userId": format!("p{number}"), "messageId": format!("i{number}"),
                "traits": { "email": format!("success+p{number}@simulator.amazonses.com") } })
    };
    let order = |number: u32| {
        json!({ "type": "track", "event": "Order Completed", "userId": format!("p{number}"), "messageId": format!("o{number}"),
                "properties": { "order_id": format!("pier-{number}"), "total": "12.00", "currency": "GBP" } })
    };
    let events: Vec<_> = (0..CUSTOMERS).flat_map(|number| [identify(number), order(number)]).collect();
    shop.post(stack, &events);
    let arrivals = wait_for("all mails are sent", || {
        Some(ses.arrivals("pier")).filter(|arrivals| arrivals.len() >= CUSTOMERS as usize)
    });
    assert_eq!(arrivals.len(), CUSTOMERS as usize, "each once");
    let (from, until) = (arrivals[0] + MARGIN, arrivals[arrivals.len() - 1] - MARGIN);
    let seconds = until.duration_since(from).as_secs_f64();
    let within = arrivals.iter().filter(|at| (from..until).contains(at)).count();
    #[expect(clippy::cast_precision_loss, reason = "some hundred")]
    let used = within as f64 / seconds / f64::from(MAILS_A_SECOND);
    let most = most_in_a_second(&arrivals);
    checklist.done(&format!(
        "a backlog of {CUSTOMERS} mails at {MAILS_A_SECOND} a second: at most {most} in any second, {:.1} % of the rate used \
         in {seconds:.0} seconds",
        100.0 * used
    ));
    assert!(most <= MAILS_A_SECOND as usize, "{most} mails in a second");
    assert!(used >= 0.95, "{:.1} % of the rate were used", 100.0 * used);
}

/// The most in any second, whenever it begins.
fn most_in_a_second(arrivals: &[Timestamp]) -> usize {
    let within =
        |first: usize| arrivals[first..].iter().take_while(|at| at.duration_since(arrivals[first]) < SECOND).count();
    (0..arrivals.len()).map(within).max().unwrap_or_default()
}
