//! Every call of every flow fails in every way, one at a time; in pairs on request:
//! `cargo test --workspace --test simulation pairs -- --ignored --nocapture`.

use crate::checker::{Violation, check};
use crate::fault::{Fault, Plan};
use crate::figures::{Figures, tell};
use crate::history::Customer;
use crate::parallel;
use crate::play::{Play, play};
use crate::provider::Outcome;
use crate::script::{Erasure, Post, Rules, SECOND_ID, Script, customer, order};
use crate::world::Reader;

const HOUR: u64 = 3_600;
/// When shops begin to post: ten in the morning.
const OPENED: u64 = 10 * HOUR;

type Sum = (Figures, Vec<String>);

/// A flow: a customer with a behaviour, and the events that their shop posts.
fn flow(rules: Rules, reader: Reader, tell: impl Fn(&Customer, &mut Script)) -> Script {
    let anna = customer("anchor", "anna");
    let mut script = Script { rules, length: 7 * 24 * HOUR, repaired_at: 4 * 24 * HOUR, ..Script::default() };
    script.cast.push((anna.clone(), reader));
    script.posts.push(order(&anna, "a1-completed", OPENED, "Order Completed", "a1", 4_200));
    tell(&anna, &mut script);
    script
}

fn flows() -> Vec<(&'static str, Script)> {
    let nothing = |_: &Customer, _: &mut Script| {};
    let later = |name: &'static str, order_id: &'static str, hours: u64| {
        move |anna: &Customer, script: &mut Script| {
            let at = OPENED + hours * HOUR;
            script.posts.push(order(anna, &format!("{order_id}-{name}"), at, name, order_id, 1_700));
        }
    };
    let again = |anna: &Customer, script: &mut Script| {
        let again = customer(&anna.shop, &format!("{}{SECOND_ID}", anna.id));
        script.cast.push((again.clone(), Reader::default()));
        script.posts.push(order(&again, "g1-completed", OPENED, "Order Completed", "g1", 900));
    };
    let as_guest = |anna: &Customer, script: &mut Script| {
        script.posts.push(order(anna, "g1-completed", OPENED + HOUR, "Order Completed", "g1", 900).by_guest());
    };
    let as_guest_with_two_ids = |anna: &Customer, script: &mut Script| {
        again(anna, script);
        script.posts.push(order(anna, "g2-completed", OPENED + HOUR, "Order Completed", "g2", 700).by_guest());
    };
    use Rules::{All, Thanks};
    vec![
        ("a first order", flow(Thanks, Reader::default(), nothing)),
        ("a second order", flow(Thanks, Reader::default(), later("Order Completed", "a2", 26))),
        ("an order that is changed", flow(Thanks, Reader::default(), later("Order Updated", "a1", 1))),
        ("an order that is called off", flow(Thanks, Reader::default(), later("Order Cancelled", "a1", 2))),
        ("a customer who leaves", flow(All, Reader { leaves_after: Some(1), ..Reader::default() }, nothing)),
        ("an unhappy customer", flow(All, Reader { score: Some(2), ..Reader::default() }, nothing)),
        ("a customer who texts STOP", flow(All, Reader { stops: true, ..Reader::default() }, nothing)),
        ("an address that is gone", flow(Thanks, Reader { outcome: Outcome::Bounce, ..Reader::default() }, nothing)),
        ("two ids of one person", flow(Thanks, Reader::default(), again)),
        ("an order as a guest", flow(Thanks, Reader::default(), as_guest)),
        ("an order as a guest who has two ids", flow(Thanks, Reader::default(), as_guest_with_two_ids)),
        ("a customer who is erased", erased()),
        ("a complaint", flow(Thanks, Reader { outcome: Outcome::Complaint, ..Reader::default() }, nothing)),
    ]
}

/// An order, an erasure while its mail is on the way, and the order once more.
fn erased() -> Script {
    let mut script = flow(Rules::Thanks, Reader::default(), |anna, script| {
        script.erasures.push(Erasure { at: OPENED + 120, customer: anna.clone() });
    });
    let again = Post { at: OPENED + HOUR, ..script.posts[0].clone() };
    script.posts.push(again);
    script
}

fn with(script: &Script, at: Vec<(u64, Fault)>) -> Play {
    Play { seed: 1, script: script.clone(), plan: Plan { storm: None, at: Some(at) }, seeded: None }
}

fn look(name: &str, it: &Play) -> Sum {
    let seen = play(it);
    let violations: Vec<Violation> = check(&seen);
    let mut figures = Figures::default();
    figures.add(&seen, &violations);
    let bad = (!violations.is_empty()).then(|| {
        let calls: Vec<_> =
            seen.happened.iter().map(|one| format!("{:?} at {} ({})", one.fault, one.number, one.call)).collect();
        format!("{name}, {}: {violations:?}", calls.join(" and "))
    });
    (figures, bad.into_iter().collect())
}

fn and((figures, mut bad): Sum, (more, worse): Sum) -> Sum {
    bad.extend(worse);
    (figures.and(more), bad)
}

fn conclude(name: &str, (figures, bad): &Sum) {
    tell(&format!("{name}: {figures}"));
    for one in bad.iter().take(20) {
        println!("{one}");
    }
    assert!(bad.is_empty(), "{} of {} histories are bad", bad.len(), figures.histories);
}

#[test]
fn every_call_of_every_flow_may_fail_in_every_way() {
    let mut sum = Sum::default();
    for (name, script) in flows() {
        let calls = play(&with(&script, Vec::new())).calls;
        let ways = Fault::SINGLE.len() as u64;
        println!("{name}: {calls} calls");
        let of_flow = parallel::each(
            0,
            calls * ways,
            |number| {
                let place = usize::try_from(number % ways).expect("few");
                look(name, &with(&script, vec![(number / ways, Fault::SINGLE[place])]))
            },
            and,
        );
        sum = and(sum, of_flow);
    }
    conclude("single faults", &sum);
}

#[test]
#[ignore = "takes hours: two calls of a flow at a time"]
fn pairs_of_calls_of_every_flow_may_fail_in_every_way() {
    let mut sum = Sum::default();
    for (name, script) in flows() {
        // A first fault leads to more calls: those fail, too.
        let calls = play(&with(&script, Vec::new())).calls + 10;
        let ways = Fault::SINGLE.len() as u64;
        let one = |number: u64| (number / ways, Fault::SINGLE[usize::try_from(number % ways).expect("few")]);
        let all = calls * ways;
        let of_flow = parallel::each(
            0,
            all * all,
            |number| {
                let (first, second) = (one(number / all), one(number % all));
                if first.0 < second.0 { look(name, &with(&script, vec![first, second])) } else { Sum::default() }
            },
            and,
        );
        println!("{name}: {}", of_flow.0);
        sum = and(sum, of_flow);
    }
    conclude("pairs of faults", &sum);
}
