//! The time of a signature.

use super::error::VerifyError;
use jiff::{SignedDuration, Timestamp};

/// How far the time of a signature may be from that of the delivery, either way, in seconds.
pub const DEFAULT_TOLERANCE_SECONDS: u32 = 300;

/// Refuses a signature of another time.
pub(super) fn check_time(seconds: i64, received_at: Timestamp, tolerance: u32) -> Result<(), VerifyError> {
    let out_of_time = VerifyError::OutOfTime(tolerance);
    let Ok(signed_at) = Timestamp::from_second(seconds) else { return Err(out_of_time) };
    let apart = received_at.duration_since(signed_at).abs();
    if apart > SignedDuration::from_secs(i64::from(tolerance)) { Err(out_of_time) } else { Ok(()) }
}
