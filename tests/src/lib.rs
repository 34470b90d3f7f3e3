//! Tests of the whole, which belong to no part alone. The library has what several of them need: the built program as a process,
//! and patience. The tests are in `tests/`:
//!
//! - `flows` plays the one-machine stack in virtual time, inside of the test process, with real faults;
//! - `simulation` plays histories of days by the thousand, with every fault that can be made;
//! - `hostile` sends what no client would;
//! - `process` starts the built `rekindle` program, kills it, and looks at what it left;
//! - `browser` opens the customers' pages in Chromium, as people do;
//! - `deployed` deploys the template and the release builds to an emulator of AWS;
//! - `units` counts what calls cost, `guide` compares the operations guide with the template.

pub mod patience;
pub mod program;
