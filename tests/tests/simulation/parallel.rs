//! Histories in parallel: each is alone on its thread.

use std::sync::atomic::{AtomicU64, Ordering};

/// Does the work for each number from `from` to below `until`, on all cores, and folds the results.
pub(crate) fn each<T: Default + Send>(
    from: u64,
    until: u64,
    work: impl Fn(u64) -> T + Sync,
    and: impl Fn(T, T) -> T + Sync,
) -> T {
    let next = AtomicU64::new(from);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let some = || {
        let mut sum = T::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= until {
                return sum;
            }
            sum = and(sum, work(number));
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(some)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).fold(T::default(), &and)
    })
}
