//! The checker is checked: with a seeded mistake it finds broken promises, and without one it finds none (`random`).
//! `BUG=LeaseStealing` runs that one only.

use crate::bug::Bug;
use crate::checker::{Kind, check};
use crate::figures::tell;
use crate::parallel;
use crate::play::play;
use crate::random::drawn;
use std::collections::BTreeMap;

/// Histories that are played at a time until the mistake is found.
const AT_A_TIME: u64 = 60;
/// Histories after which it counts as not found.
const AT_MOST: u64 = 1_500;

type Found = (u64, BTreeMap<Kind, u64>);

#[test]
fn every_seeded_mistake_is_found() {
    let mut missed = Vec::new();
    let only = std::env::var("BUG").ok();
    for bug in Bug::ALL.into_iter().filter(|bug| only.as_ref().is_none_or(|only| *only == format!("{bug:?}"))) {
        let (mut played, mut found) = (0, Found::default());
        while found.0 == 0 && played < AT_MOST {
            found = parallel::each(played, played + AT_A_TIME, |number| look(number, bug), and);
            played += AT_A_TIME;
        }
        let after = played - AT_A_TIME;
        tell(&format!("seeded {bug:?}: found in {} of {AT_A_TIME} histories after {after}: {:?}", found.0, found.1));
        if found.0 == 0 {
            missed.push(bug);
        }
    }
    tell(&format!("seeded mistakes: {} of {} found", Bug::ALL.len() - missed.len(), Bug::ALL.len()));
    assert!(missed.is_empty(), "{missed:?} not found in {AT_MOST} histories");
}

fn look(number: u64, bug: Bug) -> Found {
    let violations = check(&play(&drawn(number, Some(bug))));
    let mut kinds = BTreeMap::new();
    for violation in &violations {
        kinds.insert(violation.kind, 1);
    }
    (u64::from(!violations.is_empty()), kinds)
}

fn and(mut one: Found, other: Found) -> Found {
    one.0 += other.0;
    for (kind, count) in other.1 {
        *one.1.entry(kind).or_default() += count;
    }
    one
}
