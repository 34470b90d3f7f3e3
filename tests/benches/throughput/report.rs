//! Measuring in rounds, and the table of the results.

use std::time::{Duration, Instant};

/// What was measured, line by line.
pub(crate) struct Report {
    only: Option<String>,
    lines: Vec<Line>,
    shares: Vec<[&'static str; 2]>,
    notes: Vec<String>,
}

struct Line {
    name: String,
    /// Operations a second, of each round.
    rates: Vec<f64>,
}

impl Report {
    /// Creates a report on all measurements, or on those whose name contains `only`.
    pub(crate) fn new(only: Option<String>) -> Self {
        Self { only, lines: Vec::new(), shares: Vec::new(), notes: Vec::new() }
    }

    /// Whether a measurement is requested.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    /// Whether any of them is.
    pub(crate) fn wants_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.wants(name))
    }

    /// Records a round of a measurement with `count` operations in `took`.
    pub(crate) fn round(&mut self, name: &str, count: usize, took: Duration) {
        if !self.wants(name) {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a round does less than 2^52 things")]
        let rate = count as f64 / took.as_secs_f64();
        match self.lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.rates.push(rate),
            None => self.lines.push(Line { name: name.to_owned(), rates: vec![rate] }),
        }
    }

    /// Prints, after the table, what share of another measurement one is.
    pub(crate) fn share(&mut self, of: &'static str, whole: &'static str) {
        if !self.shares.contains(&[of, whole]) {
            self.shares.push([of, whole]);
        }
    }

    /// Prints a line after the table.
    pub(crate) fn note(&mut self, line: String) {
        if !self.notes.contains(&line) {
            self.notes.push(line);
        }
    }

    /// Repeats an operation in rounds of about a tenth of a second; the first round is a warm-up.
    pub(crate) fn repeat(&mut self, name: &str, mut thing: impl FnMut()) {
        const ROUNDS: usize = 9;
        if !self.wants(name) {
            return;
        }
        let started = Instant::now();
        let mut count = 0_usize;
        while started.elapsed() < Duration::from_millis(100) {
            thing();
            count += 1;
        }
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..count {
                thing();
            }
            self.round(name, count, started.elapsed());
        }
    }

    /// Prints the table.
    pub(crate) fn finish(mut self) {
        println!("\n{:<58} {:>12} {:>12} {:>12}", "a second", "median", "slowest", "fastest");
        for line in &mut self.lines {
            line.rates.sort_by(f64::total_cmp);
            let median = line.rates[line.rates.len() / 2];
            let (slowest, fastest) = (line.rates[0], line.rates[line.rates.len() - 1]);
            println!("{:<58} {:>12} {:>12} {:>12}", line.name, grouped(median), grouped(slowest), grouped(fastest));
        }
        let median = |name: &str| {
            let line = self.lines.iter().find(|line| line.name == name)?;
            Some(line.rates[line.rates.len() / 2])
        };
        println!();
        for [of, whole] in &self.shares {
            if let (Some(own), Some(all)) = (median(of), median(whole)) {
                println!("{of}: {:.0} % of {whole}", 100.0 * own / all);
            }
        }
        for note in &self.notes {
            println!("{note}");
        }
        if let Some(kilobytes) = peak_memory() {
            println!("\npeak memory of this process: {} MB", kilobytes / 1024);
        }
    }
}

/// A whole number with separated thousands.
fn grouped(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The peak resident memory in kilobytes, where the system reports it.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
