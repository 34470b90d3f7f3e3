//! The local cloud, called by the real SDK clients over HTTP.
//!
//! [`stage`] sets a cloud up with a clock that only the test moves; every other module tests one part.

mod durability;
mod eventbridge;
mod faults;
mod queues;
mod ses;
mod sns;
mod sqs;
mod stage;
