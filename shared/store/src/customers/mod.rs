//! The item of a customer: how it is read, found when due, decided upon, settled with its messages, and forgotten.

pub mod apply;
pub mod commit;
pub mod due;
pub mod erased_counts;
pub mod erasure;
pub mod holders;
pub mod item;
pub mod lists;
pub mod of_shop;
pub mod refused_place;
pub mod scan;
pub mod settlement;
