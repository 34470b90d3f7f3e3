//! How fast Rekindle is on this machine. Run it with
//!
//! ```text
//! cargo bench --workspace --bench throughput
//! ```
//!
//! Rules and rendering are measured on one core; everything else end to end: the real handlers, the real
//! SDK clients over HTTP, the local stack on disk with every commit waiting for it. Each figure is the
//! median of its rounds, with the slowest and the fastest beside it. A word after the command selects the
//! measurements whose name contains it: `cargo bench --workspace --bench throughput -- decide`.

mod intake;
mod largest;
mod report;
mod rules;
mod stack;

use report::Report;

fn main() {
    if intake::is_importer() {
        return;
    }
    // Cargo adds `--bench` to what the user wrote.
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let mut report = Report::new(only);
    rules::measure(&mut report);
    largest::measure(&mut report);
    if report.wants_any(&stack::MEASUREMENTS) || report.wants_any(&intake::MEASUREMENTS) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(stack::measure(&mut report));
    }
    report.finish();
}
