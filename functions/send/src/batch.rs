//! A batch of the queue `send`, at the pace that the providers accept. Messages that they do not accept in time are put on the
//! queue again with a delay: leaving them there would count as a failure and end with the dead letters. Messages that wait for
//! their shop's own limit are put back with their retry time, so that the batch can go on with other shops. A message that was
//! received before is worked on alone.

use crate::pace::Pace;
use crate::{Progress, SendError, Sender};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::hash;
use rekindle_lifecycle::message::QUEUED_CHECK;
use rekindle_platform::batch::each_message;
use rekindle_platform::queue::MAX_DELAY_SECONDS;
use rekindle_platform::spans;
use rekindle_platform::suspects::Turns;
use rekindle_store::work::{SendWork, shop_of};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// Messages processed at the same time: what one batch of the queue's mapping holds, so that one lease of slots serves it.
const CONCURRENCY: usize = 10;
/// The least time that an invocation takes when the provider held some of its messages back, unless there are turns before: a
/// sender that takes messages faster than they can be sent only moves them in circles.
const MIN_HELD_DURATION: SignedDuration = SignedDuration::from_secs(10);

/// Handles one batch and answers which of its messages have to be delivered again.
pub(crate) async fn send_batch(sender: &Sender, event: SqsEvent) -> SqsBatchResponse {
    let began = sender.clock.precise_now();
    let (held, at_limit, next) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicI64::new(i64::MAX));
    let mut turns = Turns::new(&sender.send_queue, event, CONCURRENCY, shop_of);
    while let Some(part) = turns.next_part() {
        let pace = Pace::since(sender, began);
        let answer = each_message(part, CONCURRENCY, |work: SendWork| {
            let (held, at_limit, next, arrival) = (&held, &at_limit, &next, pace.enter());
            async move {
                let (key, message) = work.keys().ok_or(SendError::NoSuchKey)?;
                spans::note_customer(&key.shop, &sender.link_keys.customer_fingerprint(&key.shop, &key.customer));
                spans::note_message(&message);
                let progress = sender.process(&key, &message, arrival).await?;
                let now = sender.clock.now();
                match progress {
                    Progress::HeldByProvider(until) => {
                        held.fetch_add(1, Ordering::Relaxed);
                        next.fetch_min(until.as_millisecond(), Ordering::Relaxed);
                        sender.send_queue.put_later(&work, delay(now, until, message.as_str())).await?;
                    }
                    Progress::HeldByShop(until) => {
                        at_limit.fetch_add(1, Ordering::Relaxed);
                        if let Some((work, seconds)) = retry(work, now, until) {
                            sender.send_queue.put_later(&work, seconds).await?;
                        }
                    }
                    Progress::Absent | Progress::Done(_) | Progress::Waiting(_) => {}
                }
                Ok::<_, SendError>(())
            }
        })
        .await;
        turns.note(answer).await;
    }
    let (held, at_limit) = (held.into_inner(), at_limit.into_inner());
    if at_limit > 0 {
        tracing::info!(messages = at_limit, "their shop's own limit is used up; they return at their retry times");
    }
    if held > 0 {
        tracing::info!(
            metric = "sends_held_by_rate",
            value = held,
            "the provider accepts no more for now; messages wait"
        );
        let next = Timestamp::from_millisecond(next.into_inner()).unwrap_or(Timestamp::MAX);
        sender.clock.wait_until(next.min(began + MIN_HELD_DURATION)).await;
    }
    turns.answer()
}

/// The work on a message that returns at its retry time `until`, and the delay in seconds. None if the customer's due time
/// comes before: it puts the message on the queue, and two pieces of work on one message would take two retry times.
fn retry(work: SendWork, now: Timestamp, until: Timestamp) -> Option<(SendWork, u16)> {
    let since = work.in_line_since.unwrap_or(now);
    let max_delay = i64::from(MAX_DELAY_SECONDS);
    let seconds = match until.duration_since(now).as_secs() {
        // Beyond the last retry time: they must not all return at once.
        left if left >= max_delay => delay(now, until, &work.message),
        left => u16::try_from(left.max(1)).unwrap_or(MAX_DELAY_SECONDS),
    };
    let comes = now + SignedDuration::from_secs(seconds.into());
    (comes < QUEUED_CHECK.after(since)).then_some((SendWork { in_line_since: Some(since), ..work }, seconds))
}

/// The delay in seconds of a message that waits for `until`: between half of the time and all of it, so that some of many
/// messages are always there when a turn is free.
fn delay(now: Timestamp, until: Timestamp, message: &str) -> u16 {
    let left = until.duration_since(now).as_secs().clamp(1, i64::from(MAX_DELAY_SECONDS));
    let left = u16::try_from(left).unwrap_or(MAX_DELAY_SECONDS);
    let drawn = u32::from(hash(&["delay", message])[0]);
    let later = u32::from(left / 2) * drawn / u32::from(u8::MAX);
    left - left / 2 + u16::try_from(later).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_returns_at_its_retry_time_and_its_work_ends_when_the_customers_due_time_makes_another() {
        let now = Timestamp::from_second(10_000).expect("an instant");
        let ago = |seconds: i64| Some(now - SignedDuration::from_secs(seconds));
        let work = |in_line_since| SendWork { customer: "c".to_owned(), message: "m".to_owned(), in_line_since };
        let again = |since, left| retry(work(since), now, now + SignedDuration::from_secs(left));
        for (since, left, seconds) in [(None, 0, 1), (None, 7, 7), (None, 899, 899), (ago(2_700), 899, 899)] {
            let (work, delay) = again(since, left).expect("work");
            assert_eq!((work.in_line_since, delay), (since.or(Some(now)), seconds), "{left}");
        }
        let (_, beyond) = again(None, 4_000).expect("work");
        assert!((450..=900).contains(&beyond), "{beyond}");
        assert_eq!(again(ago(2_701), 899), None);
        assert_eq!(again(ago(3_600), 1), None);
    }

    #[test]
    fn a_message_returns_between_half_of_the_time_and_all_of_it_and_never_at_once() {
        let now = Timestamp::from_second(1_000).expect("an instant");
        for (left, least, most) in [(-5, 1, 1), (0, 1, 1), (1, 1, 1), (20, 10, 20), (900, 450, 900), (9_000, 450, 900)]
        {
            let delays = (0..500).map(|n| delay(now, now + SignedDuration::from_secs(left), &n.to_string()));
            let delays: Vec<u16> = delays.collect();
            assert!(delays.iter().all(|delay| (least..=most).contains(delay)), "{left}: {delays:?}");
            assert!(delays.contains(&least) && delays.contains(&most), "{left}: they are spread");
        }
    }
}
