//! A customer: shown, exported, erased.
