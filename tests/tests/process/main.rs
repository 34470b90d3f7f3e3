//! The built `rekindle` program, as a person starts it: its answers, its exit codes, and what is left when it is
//! killed at any moment. Everything stays on this machine's loopback.
//!
//! - [`program`] finds the program, starts it and talks to it;
//! - the other modules are tests, each about one command or one kind of trouble.

mod demo;
mod deployed;
mod full_disk;
mod kill;
mod program;
mod segment;
mod serve;
