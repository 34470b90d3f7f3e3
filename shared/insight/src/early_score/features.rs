//! The numbers that a score is made of.

use super::newcomer::{FirstDays, Signals};
use std::f64::consts::TAU;

/// Channels that are told apart.
const CHANNELS: u8 = 8;
/// More further orders than this count as this number.
const MAX_MORE: u32 = 5;
/// A second order within this many days is an early one.
const EARLY_SECOND: u32 = 7;

/// All features of a customer by name, always in the same order. Of a signal that is not known, the value is 0, and so is the
/// feature that says whether it is known.
pub(super) fn features(of: &FirstDays, minor_units: f64) -> Vec<(&'static str, f64)> {
    let mut features = vec![
        ("log_first_amount", log_amount(of.first_value, minor_units)),
        ("log_units", f64::from(of.first_lines).ln_1p()),
        ("second", flag(of.more > 0)),
        ("n_more", f64::from(of.more.min(MAX_MORE))),
        ("early_second", flag(of.second_after.is_some_and(|days| days <= EARLY_SECOND))),
        ("log_more_amount", log_amount(of.more_value, minor_units)),
    ];
    add_signals(&mut features, &of.signals);
    features
}

fn add_signals(features: &mut Vec<(&'static str, f64)>, signals: &Signals) {
    let Signals { coupon, clicks, nps, hour, channel } = *signals;
    let angle = |hour: u8| f64::from(hour % 24) / 24.0 * TAU;
    features.extend([
        ("coupon_known", flag(coupon.is_some())),
        ("coupon", flag(coupon == Some(true))),
        ("clicks_known", flag(clicks.is_some())),
        ("log_clicks", clicks.map_or(0.0, |clicks| f64::from(clicks).ln_1p())),
        ("nps_known", flag(nps.is_some())),
        ("nps", nps.map_or(0.0, f64::from)),
        ("hour_known", flag(hour.is_some())),
        ("hour_sine", hour.map_or(0.0, |hour| angle(hour).sin())),
        ("hour_cosine", hour.map_or(0.0, |hour| angle(hour).cos())),
    ]);
    let names: [&str; CHANNELS as usize] =
        ["channel_0", "channel_1", "channel_2", "channel_3", "channel_4", "channel_5", "channel_6", "channel_7"];
    features.extend(names.into_iter().zip(0..).map(|(name, number)| (name, flag(channel == Some(number)))));
}

fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// The logarithm of 1 and the amount in whole units; amounts below zero count as zero.
fn log_amount(minor: i64, minor_units: f64) -> f64 {
    (minor.max(0) as f64 / minor_units).ln_1p()
}
