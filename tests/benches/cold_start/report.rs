//! The table, and whether the targets were reached.

use crate::start::Cost;
use crate::subject::Subject;
use std::collections::HashMap;

/// The most processor time, in milliseconds, that a start may take.
const MILLISECONDS: f64 = 8.0;
/// How much less processor time than the peers, and how much less memory than Python, a start has to take.
const LESS_THAN_BOTO3: f64 = 40.0;
const LESS_THAN_NODE: f64 = 20.0;
const LESS_MEMORY: f64 = 6.0;

/// The costs of the starts, by subject.
#[derive(Default)]
pub(crate) struct Report(HashMap<&'static str, Vec<Cost>>);

/// Least, median and most.
#[derive(Clone, Copy)]
struct Spread(f64, f64, f64);

impl Spread {
    fn of(costs: &[Cost], number: impl Fn(&Cost) -> f64) -> Self {
        let mut numbers: Vec<f64> = costs.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        Self(numbers[0], numbers[numbers.len() / 2], numbers[numbers.len() - 1])
    }
}

impl Report {
    pub(crate) fn add(&mut self, name: &'static str, cost: Cost) {
        self.0.entry(name).or_default().push(cost);
    }

    pub(crate) fn print(&self, subjects: &[Subject; 3]) {
        let costs = |subject: &Subject| self.0[subject.name].as_slice();
        let processor = |subject| Spread::of(costs(subject), |cost| cost.processor.as_secs_f64() * 1e3);
        let elapsed = |subject| Spread::of(costs(subject), |cost| cost.elapsed.as_secs_f64() * 1e3);
        #[expect(clippy::cast_precision_loss, reason = "memory in KiB is less than 2^52")]
        let resident = |subject| Spread::of(costs(subject), |cost| cost.resident as f64 / 1024.0);

        let [ours, python, node] = subjects;
        let starts = costs(ours).len();
        println!(
            "\ncold start to the first event answered, its fact stored over TLS; {starts} starts each: least / median / most\n"
        );
        println!("{:14} {:>24} {:>24} {:>24}", "", "processor, ms", "elapsed, ms", "resident, MiB");
        for subject in subjects {
            let [processor, elapsed, resident] =
                [processor(subject), elapsed(subject), resident(subject)].map(|spread| {
                    let Spread(least, median, most) = spread;
                    format!("{least:.1} / {median:.1} / {most:.1}")
                });
            println!("{:14} {processor:>24} {elapsed:>24} {resident:>24}", subject.name);
        }

        let (mine, memory) = (processor(ours).1, resident(ours).1);
        println!();
        target("processor time", mine, "ms", mine <= MILLISECONDS, &format!("at most {MILLISECONDS} ms"));
        for (what, ratio, least) in [
            ("less processor time than boto3", processor(python).1 / mine, LESS_THAN_BOTO3),
            ("less processor time than Node", processor(node).1 / mine, LESS_THAN_NODE),
            ("less memory than boto3", resident(python).1 / memory, LESS_MEMORY),
        ] {
            target(what, ratio, "times", ratio >= least, &format!("at least {least} times"));
        }
    }
}

fn target(what: &str, figure: f64, unit: &str, reached: bool, target: &str) {
    let verdict = if reached { "reached" } else { "missed" };
    println!("{verdict}: {what}: {figure:.1} {unit} (target: {target})");
}
