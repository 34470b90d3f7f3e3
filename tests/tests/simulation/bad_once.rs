//! Histories that broke a promise once: every run of the tests plays them again.

use crate::figures::tell;
use crate::random::{Sum, and, name, played};
use std::io::Write as _;
use std::path::Path;

/// Where they are kept.
pub(crate) const BAD_ONCE: &str = "tests/simulation/bad_once.txt";

#[test]
fn histories_that_were_bad_once_are_good() {
    let numbers: Vec<u64> = kept().collect();
    let (figures, bad) = numbers.iter().map(|number| played(*number)).fold(Sum::default(), and);
    tell(&format!("bad once: {figures}"));
    name(&bad);
    assert!(bad.is_empty(), "{} of {} histories are bad", bad.len(), numbers.len());
}

/// The numbers of the histories.
fn kept() -> impl Iterator<Item = u64> {
    let lines = include_str!("bad_once.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.trim().parse().expect("a number a line"))
}

/// Adds histories to those that every later run plays.
pub(crate) fn keep(numbers: impl Iterator<Item = u64>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(BAD_ONCE);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("the list of bad histories");
    for number in numbers {
        writeln!(file, "{number}").expect("written");
    }
}
