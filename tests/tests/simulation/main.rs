//! The whole engine in histories of days: the real functions and the real store on the embedded engine, on one thread, in a
//! time of its own, with everything going wrong that can. What that is, and what is promised all the same, is written in
//! `tests/RELIABILITY.md`.
//!
//! The cast:
//! - [`script`] says what happens to whom, [`actors`] do it;
//! - [`functions`] are the functions as Lambda runs them, [`triggers`] what starts them;
//! - [`line`] is between them and the outside: [`dynamodb`], [`queue`], [`provider`]; there [`fault`] happens;
//! - [`history`] is what the outside saw, and [`checker`] what must be true of it, without a line of the engine's code;
//! - [`random`] plays histories by chance, [`exhaustive`] every single fault, [`seeded`] mistakes ([`bug`]) that must be found.

mod actors;
mod bug;
mod call;
mod checker;
mod dynamodb;
mod exhaustive;
mod fault;
mod figures;
mod functions;
mod history;
mod line;
mod parallel;
mod play;
mod provider;
mod queue;
mod random;
mod script;
mod seeded;
mod shrink;
mod time;
mod triggers;
mod world;
