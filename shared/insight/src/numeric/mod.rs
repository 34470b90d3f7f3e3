//! Numerical methods that the fitted models share.

mod means;
mod newton;
mod ranking;
mod symmetric;

pub(crate) use means::Errors;
pub(crate) use newton::{Derivatives, Minimum, NoMinimum, minimise};
pub(crate) use ranking::{area_under_curve, pearson, spearman};
pub(crate) use symmetric::Symmetric;
