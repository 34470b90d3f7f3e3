//! A pass that is cut off, doubled or overlaps itself gives the same reports.

use super::*;
use rekindle_store::insight::Revised;
use std::time::Duration;

#[tokio::test]
async fn however_often_a_pass_is_cut_off_its_reports_are_the_same() {
    let mut rig = Rig::new().await;
    rig.history("tea", 60).await;
    rig.history("vinyl", 7).await;
    rig.finish().await;
    let (tea, vinyl) = (rig.learned("tea").await, rig.learned("vinyl").await);

    rig.wait(SignedDuration::from_hours(24));
    rig.insight.limits =
        Limits { invocation: Duration::ZERO, customers_per_page: 2, held_bytes: 1, ..rig.insight.limits };
    let (mut calls, mut customers) = (0, 0);
    loop {
        let worked = handle(&rig.insight).await.expect("worked");
        calls += 1;
        customers += worked.customers;
        if worked.finished {
            break;
        }
    }
    assert!(calls > 30, "two customers a call: {calls}");
    assert_eq!(customers, 67);
    // A day later nothing else is known; only what depends on today moved.
    rig.insight.limits = Limits::default();
    rig.wait(SignedDuration::from_hours(-24));
    let cut = (rig.learned("tea").await, rig.learned("vinyl").await);
    let whole = Rig::new().await;
    whole.history("tea", 60).await;
    whole.history("vinyl", 7).await;
    whole.wait(SignedDuration::from_hours(24));
    whole.finish().await;
    assert_eq!(cut, (whole.learned("tea").await, whole.learned("vinyl").await));
    assert_ne!(cut.0, tea, "a day makes a difference");
    assert_ne!(cut.1, vinyl);
}

#[tokio::test]
async fn what_a_worker_left_behind_counts_for_nothing() {
    let mut rig = Rig::new().await;
    rig.history("tea", 40).await;
    // It takes every segment, stores all pieces, and stops before it hands them in.
    rig.insight.limits.held_bytes = 1;
    let pass = rig.insight.pass_of_today().await.expect("read").expect("begun").state;
    let mut left = 0;
    while let Some((number, taken)) = rig.insight.take_segment(&pass).await.expect("taken") {
        let revision_of_somebody_else = Revised { revision: taken.revision + 7, ..taken };
        let worked = rig.insight.read_segment(&pass, number, revision_of_somebody_else, || false).await.expect("read");
        left += worked.customers;
    }
    assert_eq!(left, 40);
    let worked = handle(&rig.insight).await.expect("worked");
    assert_eq!((worked.customers, worked.finished), (0, false), "the segments are leased");
    rig.wait(SignedDuration::from_mins(16));
    assert_eq!(rig.finish().await.customers, 40);
    let whole = Rig::new().await;
    whole.history("tea", 40).await;
    whole.finish().await;
    assert_eq!(rig.learned("tea").await, whole.learned("tea").await);
}

#[tokio::test]
async fn workers_beside_each_other_share_the_pass() {
    let rig = Rig::new().await;
    for number in 0..6 {
        rig.history(&format!("shop{number}"), 8).await;
    }
    let worked = tokio::join!(handle(&rig.insight), handle(&rig.insight), handle(&rig.insight));
    let worked = [worked.0, worked.1, worked.2].map(|worked| worked.expect("worked"));
    assert_eq!(worked.iter().map(|worked| worked.customers).sum::<u64>(), 48, "{worked:?}");
    if !worked.iter().any(|worked| worked.finished) {
        // Each saw parts that another had.
        rig.finish().await;
    }
    let whole = Rig::new().await;
    whole.history("shop3", 8).await;
    whole.finish().await;
    assert_eq!(rig.learned("shop3").await, whole.learned("shop3").await);
}

#[tokio::test]
async fn a_pass_that_is_not_finished_gives_way_to_the_next_days() {
    let mut rig = Rig::new().await;
    rig.history("tea", 10).await;
    rig.insight.limits = Limits { invocation: Duration::ZERO, customers_per_page: 1, ..rig.insight.limits };
    assert!(!handle(&rig.insight).await.expect("worked").finished);
    rig.insight.limits = Limits::default();
    rig.wait(SignedDuration::from_hours(24));
    assert_eq!(rig.finish().await.customers, 10);
    assert_eq!(rig.insight.store.report_days(&shop_named("tea"), LEARNED).await.expect("read").len(), 1);
}
