//! Random histories: some thousands in every run of the tests, and as many more as there is time for.
//!
//! `HOURS=8 cargo test --workspace --test simulation long_run -- --ignored --nocapture` plays new ones for eight hours, and keeps the
//! numbers of those that are bad ([`bad_once`](crate::bad_once));
//! `HISTORIES=20000 cargo test --workspace --test simulation random_histories -- --nocapture` plays 20,000;
//! `SEED=17 cargo test --workspace --test simulation replay -- --ignored --nocapture` plays number 17 again and
//! shrinks it for as long as it still breaks a promise (with `WHOLE=1` it is shown as it was).

use crate::bad_once::{BAD_ONCE, keep};
use crate::bug::Bug;
use crate::checker::{Violation, check};
use crate::fault::Plan;
use crate::figures::{Figures, tell};
use crate::parallel;
use crate::play::{Play, play};
use crate::script::Script;
use crate::shrink::shrunk;
use crate::storm::Storm;
use std::str::FromStr;
use std::time::Instant;

/// Histories in a usual run: four times as many as the rarest seeded mistake may take to be found.
const HISTORIES: u64 = 6_000;
/// The first number of a long run: above those of usual runs.
const LONG_RUN_FROM: u64 = 1_000_000;
/// Histories between two lines of a long run.
const AT_A_TIME: u64 = 500;
/// How many bad ones are named.
const NAMED: usize = 10;

/// The history of a number.
pub(crate) fn drawn(number: u64, seeded: Option<Bug>) -> Play {
    let mut draws = fastrand::Rng::with_seed(number);
    let script = Script::drawn(&mut draws);
    let storm = Storm::drawn(&mut draws, script.repaired_at - 3_600);
    Play { seed: number, script, plan: Plan { storm: Some(storm), at: None }, seeded }
}

fn number_in<T: FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// The sums over some histories, and those that are bad.
pub(crate) type Sum = (Figures, Vec<(u64, Vec<Violation>)>);

/// Plays a history and checks it.
pub(crate) fn played(number: u64) -> Sum {
    let seen = play(&drawn(number, None));
    let violations = check(&seen);
    let mut figures = Figures::default();
    figures.add(&seen, &violations);
    (figures, if violations.is_empty() { Vec::new() } else { vec![(number, violations)] })
}

/// Adds up two sums.
pub(crate) fn and((figures, mut bad): Sum, (more, worse): Sum) -> Sum {
    bad.extend(worse);
    (figures.and(more), bad)
}

/// Says which histories are bad and how to play them again.
pub(crate) fn name(bad: &[(u64, Vec<Violation>)]) {
    for (number, violations) in bad.iter().take(NAMED) {
        tell(&format!("SEED={number} cargo test --workspace --test simulation replay -- --ignored --nocapture"));
        tell(&format!("  {violations:?}"));
    }
}

#[test]
fn random_histories_lose_nothing_double_nothing_and_leave_no_customer_waiting() {
    let (from, count) = (number_in("SEED").unwrap_or(0), number_in("HISTORIES").unwrap_or(HISTORIES));
    let (figures, bad) = parallel::each(from, from + count, played, and);
    tell(&format!("by chance: {figures}"));
    name(&bad);
    assert!(bad.is_empty(), "{} of {count} histories are bad", bad.len());
}

#[test]
#[ignore = "takes the hours that HOURS says"]
fn long_run() {
    let hours: f64 = number_in("HOURS").unwrap_or(1.0);
    let first = number_in("SEED").unwrap_or(LONG_RUN_FROM);
    let (began, mut next, mut sum) = (Instant::now(), first, Sum::default());
    while began.elapsed().as_secs_f64() < hours * 3_600.0 {
        let some = parallel::each(next, next + AT_A_TIME, played, and);
        next += AT_A_TIME;
        name(&some.1);
        keep(some.1.iter().map(|(number, _)| *number));
        sum = and(sum, some);
        tell(&format!("from {first} to {next}, {} bad: {}", sum.1.len(), sum.0));
    }
    assert!(
        sum.1.is_empty(),
        "{} of {} histories are bad; {BAD_ONCE} has their numbers now",
        sum.1.len(),
        next - first
    );
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
    let small = if std::env::var_os("WHOLE").is_some() { it } else { shrunk(&it) };
    let seen = play(&small);
    println!("{:#?}\n{:#?}\n{:#?}", small.script, seen.history, seen.happened);
    for (customer, (record, timeline)) in &seen.told {
        println!("{customer:?}\n{record:#}\n{timeline:#}");
    }
    println!("{:?}", check(&seen));
}
