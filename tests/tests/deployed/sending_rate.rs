//! A backlog of mails leaves at the rate that SES allows, as far as one machine can show it that emulates AWS and runs
//! every worker: the used part of the rate depends on the machine's other load, and is printed. The flow `many_senders` has
//! the exact figures.

use crate::checklist::Checklist;
use crate::ses::{MAILS_A_SECOND, SesStandIn};
use crate::shop::Shop;
use crate::stack::Stack;
use jiff::{SignedDuration, Timestamp};
use rekindle_tests::patience::wait_while_it_advances;
use serde_json::json;
use std::ops::ControlFlow;
use std::path::Path;

/// Customers with a first order, all at the same time.
const CUSTOMERS: u32 = 450;
/// Mails that the test waits for: those that the emulator lost are retried only minutes later.
const ENOUGH: usize = CUSTOMERS as usize * 95 / 100;
/// Left out at both ends: functions start at the beginning, and the backlog runs out at the end.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);
const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// How late a mail may be.
const MAX_DELAY_SECONDS: usize = 2;

/// Sends every customer one mail at once, which is far more than SES accepts.
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
    let arrivals = wait_while_it_advances("the mails are sent", || match ses.arrivals("pier") {
        arrivals if arrivals.len() >= ENOUGH => ControlFlow::Break(arrivals),
        arrivals => ControlFlow::Continue(arrivals.len()),
    });
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
    let most = MAILS_A_SECOND as usize * (10 + MAX_DELAY_SECONDS);
    assert!(in_ten <= most, "{in_ten} mails in ten seconds");
}

/// The most in any stretch of time, whenever it begins.
fn most_within(time: SignedDuration, arrivals: &[Timestamp]) -> usize {
    let within =
        |first: usize| arrivals[first..].iter().take_while(|at| at.duration_since(arrivals[first]) < time).count();
    (0..arrivals.len()).map(within).max().unwrap_or_default()
}
