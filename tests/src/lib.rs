//! Tests of the whole system. The library has what several of them need: the built program as a process, and functions that
//! wait for it. The tests are in `tests/`:
//!
//! - `flows` runs the one-machine stack in virtual time, inside the test process, with real faults;
//! - `simulation` runs thousands of histories, each several days long, with every fault that can be injected;
//! - `hostile` sends requests that no well-behaved client would;
//! - `process` starts the built `rekindle` program, kills it, and checks its files afterwards;
//! - `browser` opens the customers' pages in Chromium, as customers do;
//! - `deployed` deploys the template and the release builds to an emulator of AWS;
//! - `units` counts what calls cost, `guide` compares the operations guide with the template.

pub mod patience;
pub mod program;
