//! Process tests.
fn main() {}
