//! A backlog of mails leaves as fast as SES takes them, and no faster: as far as can be seen on one machine that plays AWS and
//! all workers, and may be busy with other things. The exact figures are those of the flow `many_senders`.

use crate::checklist::{Checklist, wait_for};
use crate::ses::{MAILS_A_SECOND, SesStandIn};
use crate::shop::Shop;
use crate::stack::Stack;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::path::Path;

/// Customers who order for the first time, all at once.
const CUSTOMERS: u32 = 450;
/// Those whose mails are waited for: what the emulator lost on the way comes again when it is no longer hidden, in minutes.
const ENOUGH: usize = CUSTOMERS as usize * 95 / 100;
/// The part of the rate that is used at least while there is a backlog.
const USED: f64 = 0.8;
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
    let arrivals =
        wait_for("the mails are sent", || Some(ses.arrivals("pier")).filter(|arrivals| arrivals.len() >= ENOUGH));
    assert!(arrivals.len() <= CUSTOMERS as usize, "each once");
    let (from, until) = (arrivals[0] + MARGIN, arrivals[arrivals.len() - 1] - MARGIN);
    let seconds = until.duration_since(from).as_secs_f64();
    let within = arrivals.iter().filter(|at| (from..until).contains(at)).count();
    #[expect(clippy::cast_precision_loss, reason = "some hundred")]
    let used = within as f64 / seconds / f64::from(MAILS_A_SECOND);
    let (in_a_second, in_ten) = (most_within(SECOND, &arrivals), most_within(SECOND * 10, &arrivals));
    checklist.done(&format!(
        "a backlog of {CUSTOMERS} mails at {MAILS_A_SECOND} a second: at most {in_a_second} in any second and {in_ten} in any ten, \
         {:.1} % of the rate used in {seconds:.0} seconds",
        100.0 * used
    ));
    // Two sends may come nearer to each other than their slots while the machine is busy.
    assert!(in_a_second <= MAILS_A_SECOND as usize + 1, "{in_a_second} mails in a second");
    assert!(in_ten <= MAILS_A_SECOND as usize * 10, "{in_ten} mails in ten seconds");
    assert!(used >= USED, "{:.1} % of the rate were used", 100.0 * used);
}

/// The most in any stretch of time, whenever it begins.
fn most_within(time: SignedDuration, arrivals: &[Timestamp]) -> usize {
    let within =
        |first: usize| arrivals[first..].iter().take_while(|at| at.duration_since(arrivals[first]) < time).count();
    (0..arrivals.len()).map(within).max().unwrap_or_default()
}
