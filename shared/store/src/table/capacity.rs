//! Counts the request units that calls consumed, as the database reports them.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::sync::atomic::{AtomicU64, Ordering};

/// Read and write units used so far. Every call of the store asks for `ReturnConsumedCapacity=TOTAL`
/// and adds the answer here.
#[derive(Debug, Default)]
pub struct Capacity {
    half_reads: AtomicU64,
    half_writes: AtomicU64,
}

/// Request units, in the database's own units: an eventually consistent read is half a read unit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Used {
    /// Read request units.
    pub read: f64,
    /// Write request units.
    pub write: f64,
}

impl Capacity {
    /// What was used since the start or the last [`Capacity::take`].
    #[must_use]
    pub fn used(&self) -> Used {
        Used {
            read: units(self.half_reads.load(Ordering::Relaxed)),
            write: units(self.half_writes.load(Ordering::Relaxed)),
        }
    }

    /// What was used since the start or the last `take`; counting starts again at zero.
    pub fn take(&self) -> Used {
        Used {
            read: units(self.half_reads.swap(0, Ordering::Relaxed)),
            write: units(self.half_writes.swap(0, Ordering::Relaxed)),
        }
    }

    /// Adds what reads consumed: pass `answer.consumed_capacity()` of a single or a batch read.
    pub(crate) fn add_reads<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        self.half_reads.fetch_add(halves(consumed), Ordering::Relaxed);
    }

    /// Adds what writes consumed: pass `answer.consumed_capacity()` of a single, a batch or a
    /// transactional write.
    pub(crate) fn add_writes<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        self.half_writes.fetch_add(halves(consumed), Ordering::Relaxed);
    }
}

/// Units come in halves, which integers can add without loss.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "units are small and not negative")]
fn halves<'c>(consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) -> u64 {
    let units: f64 = consumed.into_iter().filter_map(|one| one.capacity_units).sum();
    (units * 2.0).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "a process uses fewer than 2^52 units")]
fn units(halves: u64) -> f64 {
    halves as f64 / 2.0
}
