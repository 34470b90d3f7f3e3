//! Rekindle on one machine: AWS as far as Rekindle needs it, and the pages that only exist here.

pub mod aws;
pub mod inbox;
