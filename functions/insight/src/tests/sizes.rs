//! What a pass reads, writes and holds.

use super::*;
use crate::piece::{Gatherable, Piece, customers};
use proptest::prelude::*;
use rekindle_lifecycle::customer::{Arm, Draw, OrderDays};
use rekindle_store::Used;

async fn units(customers: i64) -> (Used, f64) {
    let rig = Rig::new().await;
    rig.history("tea", customers).await;
    rig.insight.store.capacity().take();
    rig.finish().await;
    (rig.insight.store.capacity().take(), f64::from(i32::try_from(customers).expect("small")))
}

#[tokio::test]
async fn a_customer_costs_the_same_however_many_there_are() {
    let (few, of_few) = units(200).await;
    let (many, of_many) = units(1_400).await;
    let each = |more: f64, less: f64| (more - less) / (of_many - of_few);
    let (read, write) = (each(many.read, few.read), each(many.write, few.write));
    println!("a customer costs {read:.3} read units and {write:.3} write units in a pass");
    // Eventually consistent, less than a kilobyte each: eight and more to a unit; and some forty bytes in the pieces. `rekindle costs`
    // takes a little more.
    assert!(read < 0.12, "{read}");
    assert!((0.03..0.045).contains(&write), "{write}");
}

#[tokio::test]
async fn small_shops_cost_the_bytes_of_their_customers_and_a_worker_holds_no_more_than_it_may() {
    let mut rig = Rig::new().await;
    for number in 0..40 {
        rig.history(&format!("shop{number}"), 3).await;
    }
    rig.history("large", 400).await;
    rig.insight.limits.held_bytes = 4 * 1024;
    rig.insight.store.capacity().take();
    assert_eq!(rig.finish().await, Worked { customers: 520, shops: 41, advanced: 0, finished: true });
    let used = rig.insight.store.capacity().take();
    // For each shop: its place in the pass thrice, its proposals at most once, its report of some kilobytes, a piece or two a segment.
    assert!(used.write < 41.0 * 20.0, "{used:?}");
    assert_eq!(rig.learned("large").await["data"]["customers"], 400);
    assert_eq!(rig.learned("shop7").await["data"]["customers"], 3);
}

proptest! {
    #[test]
    fn a_piece_gives_back_what_was_put_in(hashes in proptest::collection::vec(any::<u64>(), 0..40)) {
        let mut piece = Piece::new();
        let days = |hash: u64| hash.is_multiple_of(2).then(OrderDays::default);
        let draws = |hash: u64| {
            let arm = if hash.is_multiple_of(3) { Arm::Holdout } else { Arm::Treated };
            let draw = Draw { day: day(now()), journey: Some("welcome".to_owned()), holdout_millionths: 50_000, arm };
            vec![draw; usize::try_from(hash % 3).expect("small")]
        };
        hashes.iter().for_each(|hash| piece.add(*hash, days(*hash).as_ref(), &draws(*hash)));
        let bytes = piece.into_bytes();
        let read: Vec<Gatherable> = customers(&bytes).collect();
        let expected = hashes.iter().map(|hash| Gatherable {
            hash: *hash, days: days(*hash), draws: draws(*hash),
        });
        prop_assert_eq!(read, expected.collect::<Vec<_>>());
    }

    #[test]
    fn bytes_that_are_no_piece_are_read_without_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = customers(&bytes).count();
    }
}
