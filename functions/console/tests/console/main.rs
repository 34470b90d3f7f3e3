//! The console as browsers see it, in front of an API that answers what a test wants.
//!
//! - [`front`] is the console, its API and a browser with a session;
//! - [`answers`] are the API's answers, with a text of the test's own in every field;
//! - the other modules are tests, each about one promise.

mod answers;
mod front;
mod hostile_texts;
mod sessions;
mod steering;
