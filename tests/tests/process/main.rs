//! The built `rekindle` program, as a user starts it: its answers, its exit codes, and the state that remains when it is
//! killed at any moment. Everything stays on this machine's loopback.
//!
//! Each module is about one command or one kind of failure. `rekindle_tests::program` starts the program and calls it.

mod demo;
mod deployed;
mod full_disk;
mod kill;
mod learn;
mod output;
mod plan;
mod segment;
mod serve;
mod strangers;
