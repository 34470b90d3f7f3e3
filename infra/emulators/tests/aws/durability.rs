//! The state that a killed process leaves behind.

use crate::stage::{self, FEEDBACK, QUEUE};
use rekindle_emulators::{NewMessage, Outgoing, Request};
use rekindle_lifecycle::channel::Channel;
use rekindle_platform::Clock;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const DIRECTORY: &str = "REKINDLE_TEST_DIRECTORY";

fn clock() -> Clock {
    Clock::from_fn(stage::beginning)
}

fn sms(n: u32) -> NewMessage {
    NewMessage {
        channel: Channel::Sms,
        provider_id: n.to_string(),
        subject: None,
        text: Some(format!("text {n}")),
        html: None,
        request: Request { to: vec!["+12025550123".to_owned()], ..Request::default() },
    }
}

/// The process that is killed: acknowledges each round on standard output after it was stored.
#[test]
#[ignore = "runs only as the child of the test below"]
fn a_process_that_works_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let cloud = stage::open(Path::new(&directory), clock());
    for n in 1.. {
        cloud.queues().send(QUEUE, &[Outgoing::new(n.to_string())]).expect("sent");
        cloud.mailbox().store(&sms(n)).expect("stored");
        if n % 3 == 0 {
            cloud.queues().receive(QUEUE, 2).expect("received");
        }
        println!("acknowledged {n}");
    }
}

#[test]
fn a_process_killed_at_any_moment_loses_nothing_it_acknowledged_and_holds_nothing_in_flight() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut acknowledged = 0;
    for rounds in [7, 120, 33] {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--ignored", "--exact", "--nocapture", "durability::a_process_that_works_until_it_is_killed"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let told = lines.map_while(Result::ok).filter(|line| line.contains("acknowledged ")).take(rounds).count();
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert_eq!(told, rounds);
        acknowledged += u64::try_from(rounds).expect("few");

        let cloud = stage::open(directory.path(), clock());
        let depth = cloud.queues().depth(QUEUE).expect("a depth");
        assert!(depth.visible >= acknowledged, "{} of {acknowledged} messages", depth.visible);
        assert_eq!(depth.in_flight, 0, "no consumer survives to delete them");
        let texts = cloud.mailbox().count().expect("a count").sms;
        assert!(texts >= acknowledged, "{texts} of {acknowledged} texts");
        // Messages that were stored and not acknowledged before the kill count from now on.
        acknowledged = texts.min(depth.visible);
    }
}

#[test]
fn messages_in_flight_are_released_when_the_cloud_is_opened_again_and_delays_are_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let cloud = stage::open(directory.path(), clock());
    let delayed = Outgoing { delay: Some(std::time::Duration::from_secs(60)), ..Outgoing::new("delayed") };
    cloud.queues().send(QUEUE, &[Outgoing::new("held"), delayed]).expect("sent");
    cloud.queues().send(FEEDBACK, &[Outgoing::new("held too")]).expect("sent");
    assert_eq!(cloud.queues().receive(QUEUE, 10).expect("received").len(), 1);
    assert_eq!(cloud.queues().receive(FEEDBACK, 10).expect("received").len(), 1);
    assert_eq!(cloud.queues().receive(QUEUE, 10).expect("received").len(), 0);
    drop(cloud);
    let cloud = stage::open(directory.path(), clock());
    let received = cloud.queues().receive(QUEUE, 10).expect("received");
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].body.as_str(), received[0].receives), ("held", 2));
    assert_eq!(cloud.queues().receive(FEEDBACK, 10).expect("received").len(), 1);
    assert_eq!(cloud.queues().depth(QUEUE).expect("a depth").delayed, 1);
}

#[test]
fn a_delay_from_a_later_virtual_time_is_cut_to_fifteen_minutes() {
    let directory = tempfile::tempdir().expect("a directory");
    let later = Clock::from_fn(|| stage::beginning() + jiff::SignedDuration::from_hours(24 * 365));
    let cloud = stage::open(directory.path(), later);
    cloud.queues().send(QUEUE, &[Outgoing::new("from the future")]).expect("sent");
    drop(cloud);
    let cloud = stage::open(directory.path(), clock());
    let visible = cloud.queues().next_visible_at(QUEUE).expect("a time").expect("a message");
    assert_eq!(visible, stage::beginning() + jiff::SignedDuration::from_mins(15));
}
