//! Random histories: twenty thousand of them in every run of the tests, and as many more as requested.
//!
//! `HISTORIES=1000000 cargo test --workspace --test simulation histories -- --nocapture` plays a million;
//! `SEED=17 cargo test --workspace --test simulation replay -- --ignored --nocapture` plays number 17 again and
//! shrinks it for as long as it still breaks a promise (with `WHOLE=1` it is shown as it was).

use crate::bug::Bug;
use crate::checker::{Violation, check};
use crate::fault::{Plan, Storm};
use crate::figures::{Figures, tell};
use crate::parallel;
use crate::play::{Play, play};
use crate::script::Script;
use crate::shrink::shrunk;

/// Histories in a usual run.
const HISTORIES: u64 = 20_000;
/// How many bad ones are named.
const NAMED: usize = 10;

/// The history of a number.
pub(crate) fn drawn(number: u64, seeded: Option<Bug>) -> Play {
    let mut draws = fastrand::Rng::with_seed(number);
    let script = Script::drawn(&mut draws);
    // From a calm week with an outage at most to a week in which every seventeenth call fails.
    let calls = [0, 5, 20, 60][draws.usize(0..4)];
    let triggers = [0, 50, 250][draws.usize(0..3)];
    let storm = Storm { calls, triggers, until: script.repaired_at - 3_600 };
    Play { seed: number, script, plan: Plan { storm: Some(storm), at: None }, seeded }
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn random_histories_lose_nothing_double_nothing_and_leave_no_customer_waiting() {
    let (from, count) = (number_in("SEED").unwrap_or(0), number_in("HISTORIES").unwrap_or(HISTORIES));
    type Sum = (Figures, Vec<(u64, Vec<Violation>)>);
    let (figures, bad) = parallel::each(
        from,
        from + count,
        |number| {
            let seen = play(&drawn(number, None));
            let violations = check(&seen);
            let mut figures = Figures::default();
            figures.add(&seen, &violations);
            (figures, if violations.is_empty() { Vec::new() } else { vec![(number, violations)] })
        },
        |(figures, mut bad): Sum, (more, worse): Sum| {
            bad.extend(worse);
            (figures.and(more), bad)
        },
    );
    tell(&format!("by chance: {figures}"));
    for (number, violations) in bad.iter().take(NAMED) {
        println!("SEED={number} cargo test --workspace --test simulation replay -- --ignored --nocapture");
        println!("  {violations:?}");
    }
    assert!(bad.is_empty(), "{} of {count} histories are bad", bad.len());
}

#[test]
fn a_number_is_one_history_and_no_other() {
    for number in [3, 5, 8] {
        let told = || {
            let seen = play(&drawn(number, None));
            format!("{:?} {:?} {:?}", seen.calls, seen.happened, seen.history)
        };
        assert_eq!(told(), told());
    }
}

#[test]
#[ignore = "plays the history of one SEED, by hand"]
fn replay() {
    let it = drawn(number_in("SEED").expect("SEED says which"), None);
    let whole = play(&it);
    println!("{:?}", check(&whole));
    let small = if number_in("WHOLE").is_some() { it } else { shrunk(&it) };
    let seen = play(&small);
    println!("{:#?}\n{:#?}\n{:#?}", small.script, seen.history, seen.happened);
    for (customer, (record, timeline)) in &seen.told {
        println!("{customer:?}\n{record:#}\n{timeline:#}");
    }
    println!("{:?}", check(&seen));
}
