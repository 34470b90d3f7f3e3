//! Ten workers that send under one limit: the real lease on a real table, the real pace, in virtual time in which clocks
//! drift, calls are slow and workers stop. Random choices are drawn from a seed.
//!
//! The test counts the sends that arrive at the provider, by its own clock, in every window of one second, wherever it
//! begins. A send starts up to 10 ms after its slot, clocks are off by at most 2 ms, and a call takes 3 to 9 ms to arrive:
//! two sends arrive at most 20 ms closer together than their slots. So at 98 % of the rate no second can hold more than the rate.

mod world;

use std::collections::BTreeMap;
use world::simulate;

const SECOND: i64 = 1_000_000;

/// What a simulation is about.
#[derive(Debug, Clone, Copy)]
struct Plan {
    seed: u64,
    /// Mails a second that SES allows.
    rate: u32,
    /// How long it takes, in seconds; there is work for longer.
    seconds: i64,
    /// Batches in a thousand that end with the death of their worker.
    deaths: i64,
    /// The seconds from which until which SES accepts only half of what it allows.
    slow: (i64, i64),
    /// How many messages there are.
    messages: Messages,
}

/// The messages that wait from the beginning.
#[derive(Debug, Clone, Copy)]
enum Messages {
    /// A tenth more than can be sent, of shops without limits.
    Enough,
    /// `own` messages of a shop with a limit of `at_most` a second, mixed with `others` from shops without one.
    Limited { own: u64, at_most: u32, others: u64 },
}

const QUIET: Plan = Plan { seed: 1, rate: 14, seconds: 90, deaths: 0, slow: (0, 0), messages: Messages::Enough };

impl Plan {
    fn count(&self) -> u64 {
        match self.messages {
            Messages::Enough => u64::from(self.rate) * u64::try_from(self.seconds).expect("positive") * 11 / 10 + 50,
            Messages::Limited { own, others, .. } => own + others,
        }
    }

    /// What the message's shop wants at most, a second.
    fn own(&self, message: u64) -> Option<f64> {
        let Messages::Limited { own, at_most, others } = self.messages else { return None };
        let is_own = message * own % (own + others) < own;
        is_own.then_some(f64::from(at_most))
    }
}

/// The result: instants at the provider, in microseconds.
#[derive(Default)]
struct Outcome {
    taken: Vec<i64>,
    /// Those of the shop with a limit of its own.
    own: Vec<i64>,
    refused: Vec<i64>,
    /// How often a message was taken from the queue.
    looks: u32,
    deaths: u32,
    /// Messages by how often they were sent.
    sent: BTreeMap<u64, u32>,
}

/// The most in any second, whenever it begins.
fn most_in_a_second(taken: &[i64]) -> usize {
    let within = |first: usize| taken[first..].iter().take_while(|at| **at < taken[first] + SECOND).count();
    (0..taken.len()).map(within).max().unwrap_or_default()
}

/// How many a second, from one second until another.
fn rate(taken: &[i64], from: i64, until: i64) -> f64 {
    let taken = taken.iter().filter(|at| (from * SECOND..until * SECOND).contains(*at)).count();
    f64::from(u32::try_from(taken).expect("few")) / f64::from(i32::try_from(until - from).expect("short"))
}

impl Outcome {
    fn most_in_a_second(&self) -> usize {
        most_in_a_second(&self.taken)
    }

    fn rate(&self, from: i64, until: i64) -> f64 {
        rate(&self.taken, from, until)
    }
}

#[test]
fn ten_workers_never_send_more_in_any_second_than_the_rate_and_use_at_least_ninety_five_percent_of_it() {
    for (rate, seconds) in [(1, 300), (5, 120), (14, 90), (50, 60), (200, 20)] {
        for seed in [1, 2, 3] {
            let outcome = simulate(Plan { seed, rate, seconds, ..QUIET });
            let used = outcome.rate(4, seconds) / f64::from(rate);
            println!(
                "{rate}/s, seed {seed}: {:.1} % used, at most {} in a second",
                used * 100.0,
                outcome.most_in_a_second()
            );
            assert_eq!(outcome.refused.len(), 0, "{rate}/s, seed {seed}");
            assert!(outcome.most_in_a_second() <= rate as usize, "{rate}/s, seed {seed}");
            assert!(used >= 0.95, "{rate}/s, seed {seed}: {used}");
            assert!(outcome.sent.values().all(|times| *times == 1));
        }
    }
}

#[test]
fn a_worker_that_crashes_loses_its_slots_and_nothing_else() {
    for seed in [4, 5, 6] {
        let plan = Plan { seed, rate: 14, seconds: 200, deaths: 150, ..QUIET };
        let outcome = simulate(plan);
        assert!(outcome.deaths >= 20, "{} died", outcome.deaths);
        assert_eq!(outcome.refused.len(), 0);
        assert!(outcome.most_in_a_second() <= 14);
        // Each of them had at most ten slots.
        let lost = f64::from(outcome.deaths * 10) / 200.0;
        let used = outcome.rate(4, 200);
        println!("seed {seed}: {} died, {used:.2} of 14 a second used", outcome.deaths);
        assert!(used + lost >= 0.95 * 14.0 && used < 14.0, "{used} used and at most {lost} lost");
        assert!(outcome.sent.values().all(|times| *times == 1));
    }
}

#[test]
fn a_provider_that_suddenly_accepts_half_the_rate_is_obeyed_and_the_full_rate_returns() {
    for seed in [7, 8, 9] {
        let outcome = simulate(Plan { seed, rate: 20, seconds: 200, slow: (40, 70), ..QUIET });
        let refused_while = |from: i64, until: i64| {
            outcome.refused.iter().filter(|at| (from * SECOND..until * SECOND).contains(*at)).count()
        };
        let (of_slow, rest) = (refused_while(40, 70), outcome.refused.len() - refused_while(40, 70));
        println!(
            "seed {seed}: {of_slow} refused, then {rest}; {:.1}, {:.1}, {:.1} a second",
            outcome.rate(4, 40),
            outcome.rate(40, 70),
            outcome.rate(135, 200)
        );
        // Sending at twice the accepted rate for thirty seconds would be refused three hundred times.
        assert!(of_slow > 0 && of_slow <= 150 && rest == 0, "{of_slow} and {rest}");
        assert!(outcome.rate(45, 70) >= 0.7 * 10.0, "{} a second", outcome.rate(45, 70));
        assert!(outcome.rate(4, 40) >= 0.95 * 20.0 && outcome.rate(135, 200) >= 0.95 * 20.0);
        assert!(outcome.sent.values().all(|times| *times == 1));
    }
}

/// Simulates a shop with a limit of its own, and returns the shares of the account's rate and of the shop's rate that
/// were used between two seconds. Asserts that both limits hold in every second.
fn used(plan: Plan, from: i64, until: i64) -> (f64, f64) {
    let Messages::Limited { at_most, .. } = plan.messages else { panic!("no shop has a limit") };
    let outcome = simulate(plan);
    let (all, own) = (outcome.rate(from, until), rate(&outcome.own, from, until));
    let most = (outcome.most_in_a_second(), most_in_a_second(&outcome.own));
    let (used_of_all, used_of_own) = (all / f64::from(plan.rate), own / f64::from(at_most));
    println!(
        "{:?}, seed {}: {all:.2} a second ({:.1} %), {own:.2} of them the shop's ({:.1} %); at most {most:?} in a second; \
         {} looks at {} messages",
        plan.messages,
        plan.seed,
        used_of_all * 100.0,
        used_of_own * 100.0,
        outcome.looks,
        outcome.sent.len(),
    );
    assert!(most.0 <= plan.rate as usize && most.1 <= at_most as usize, "{most:?}");
    assert_eq!(outcome.refused.len(), 0);
    assert!(outcome.sent.values().all(|times| *times == 1));
    (used_of_all, used_of_own)
}

#[test]
fn a_shop_with_a_limit_of_its_own_keeps_to_both_limits_and_uses_both_while_there_is_work() {
    for (own, others, at_most) in [(2_700, 2_700, 4), (900, 3_600, 1)] {
        for seed in [10, 11, 12] {
            let messages = Messages::Limited { own, at_most, others };
            let (all, own) = used(Plan { seed, rate: 14, seconds: 240, messages, ..QUIET }, 5, 240);
            assert!(all >= 0.9 && own >= 0.9, "{all} and {own}");
        }
    }
}
