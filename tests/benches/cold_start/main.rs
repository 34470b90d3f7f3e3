//! What a cold start costs: the function `ingest` as it is deployed, beside the same function in Python with boto3 and in
//! JavaScript with version 3 of the SDK. Run it with
//!
//! ```text
//! cargo bench --workspace --bench cold_start
//! ```
//!
//! A start is a new process that asks a Runtime API for an event, reads the key that came with it, and stores a fact in DynamoDB
//! over TLS. The bench measures the processor time until the fact is stored and the event answered, and the peak resident
//! memory. The database is the embedded engine behind TLS, with a certificate that is made for the run; only the processor time
//! of the function itself counts. The three take turns, so that a slow moment of the machine affects all alike. A number
//! after the command sets the number of starts: `cargo bench --workspace --bench cold_start -- 5`; the default is 30.
//!
//! The bench builds the bootstrap, and installs what the two others need under `target/tmp/cold_start` (for which `python3`,
//! `npm` and a network are needed the first time).

mod database;
mod report;
mod runtime_api;
mod start;
mod subject;

use database::Database;
use report::Report;
use subject::Subject;

/// How often each function is started.
const STARTS: usize = 30;

fn main() {
    let wanted = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let starts = wanted.unwrap_or(STARTS);
    let subjects = Subject::all();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut report = Report::default();
    runtime.block_on(async {
        let database = Database::start().await;
        // The first start of each finds nothing in the machine's caches.
        for round in 0..=starts {
            eprint!("\rround {round} of {starts}");
            for subject in &subjects {
                let cost = start::measure(subject, &database).await;
                if round > 0 {
                    report.add(subject.name, cost);
                }
            }
        }
        eprintln!();
    });
    report.print(&subjects);
}
