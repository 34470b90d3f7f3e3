//! Tests of the whole, which belong to no part alone. The library is empty; see `tests/`.
//!
//! - `flows` plays the one-machine stack in virtual time, inside of the test process, with real faults;
//! - `browser` opens the customers' pages in Chromium, as people do;
//! - `process` starts the built `rekindle` program, kills it, and looks at what it left.
