//! Own.
