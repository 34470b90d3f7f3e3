//! A batch of the queue `send`, at the pace that the providers take. What they do not take in time goes on the queue
//! again, later: to leave it there would count as a failure and end with the dead letters. What its shop's own limit keeps
//! waits in line there, and does not keep the batch from working for others.

use crate::pace::Pace;
use crate::{Progress, SendError, Sender};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::hash;
use rekindle_lifecycle::message::QUEUED_CHECK;
use rekindle_platform::batch::each_message;
use rekindle_platform::queue::LONGEST_DELAY;
use rekindle_platform::spans;
use rekindle_store::work::SendWork;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// Messages brought on at once within one invocation: what one batch of the queue's mapping holds, so that one lease of
/// slots serves it.
const AT_ONCE: usize = 10;
/// How long an invocation takes at least when some of its messages had to go back, unless there are turns before: who takes messages from the queue
/// faster than they are sent only moves them in circles.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// Handles one batch and answers which of its messages have to be delivered again.
pub(crate) async fn send_batch(sender: &Sender, event: SqsEvent) -> SqsBatchResponse {
    let began = sender.clock.precise_now();
    let (held, in_line, next) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicI64::new(i64::MAX));
    let mut answer = SqsBatchResponse::default();
    let mut records = event.records.into_iter().peekable();
    while records.peek().is_some() {
        let mut part = SqsEvent::default();
        part.records = records.by_ref().take(AT_ONCE).collect();
        let pace = Pace::since(sender, began);
        let failed = each_message(part, AT_ONCE, |work: SendWork| {
            let (pace, held, in_line, next, way) = (&pace, &held, &in_line, &next, pace.enter());
            async move {
                let (key, message) = work.keys().ok_or(SendError::NoSuchKey)?;
                spans::note_customer(&key.shop, &sender.link_keys.customer_fingerprint(&key.shop, &key.customer));
                spans::note_message(&message);
                let settled = sender.process(&key, &message, pace, way).await?;
                let now = sender.clock.now();
                match settled {
                    Progress::Held(until) => {
                        held.fetch_add(1, Ordering::Relaxed);
                        next.fetch_min(until.as_millisecond(), Ordering::Relaxed);
                        sender.send_queue.put_later(&work, delay(now, until, message.as_str())).await?;
                    }
                    Progress::InLine(until) => {
                        in_line.fetch_add(1, Ordering::Relaxed);
                        if let Some((work, seconds)) = in_line_again(work, now, until) {
                            sender.send_queue.put_later(&work, seconds).await?;
                        }
                    }
                    Progress::Absent | Progress::Done(_) | Progress::Waiting(_) => {}
                }
                Ok::<_, SendError>(())
            }
        })
        .await;
        answer.batch_item_failures.extend(failed.batch_item_failures);
    }
    let (held, in_line) = (held.into_inner(), in_line.into_inner());
    if in_line > 0 {
        tracing::info!(messages = in_line, "the own limit of their shop is used up; they wait in line");
    }
    if held > 0 {
        tracing::info!(metric = "sends_held_by_rate", value = held, "the provider takes no more; messages wait");
        let next = Timestamp::from_millisecond(next.into_inner()).unwrap_or(Timestamp::MAX);
        sender.clock.wait_until(next.min(began + REST)).await;
    }
    answer
}

/// The work on a message that waits in line until `until`, and in how many seconds it comes again. Nothing if the customer's
/// own check comes before: it puts the message on the queue, and two works on one message would take two places.
fn in_line_again(work: SendWork, now: Timestamp, until: Timestamp) -> Option<(SendWork, u16)> {
    let since = work.in_line_since.unwrap_or(now);
    let longest = i64::from(LONGEST_DELAY);
    let seconds = match until.duration_since(now).as_secs() {
        // Beyond the end of the line: they must not all come at once.
        left if left >= longest => delay(now, until, &work.message),
        left => u16::try_from(left.max(1)).unwrap_or(LONGEST_DELAY),
    };
    let comes = now + SignedDuration::from_secs(seconds.into());
    (comes < QUEUED_CHECK.after(since)).then_some((SendWork { in_line_since: Some(since), ..work }, seconds))
}

/// In how many seconds a message that waits for `until` comes again: between half of the time and all of it, so that of
/// many messages some are always there when a turn is free.
fn delay(now: Timestamp, until: Timestamp, message: &str) -> u16 {
    let left = until.duration_since(now).as_secs().clamp(1, i64::from(LONGEST_DELAY));
    let left = u16::try_from(left).unwrap_or(LONGEST_DELAY);
    let drawn = u32::from(hash(&["delay", message])[0]);
    let later = u32::from(left / 2) * drawn / u32::from(u8::MAX);
    left - left / 2 + u16::try_from(later).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_line_comes_at_its_place_and_its_work_ends_when_the_customers_own_check_makes_another() {
        let now = Timestamp::from_second(10_000).expect("an instant");
        let ago = |seconds: i64| Some(now - SignedDuration::from_secs(seconds));
        let work = |in_line_since| SendWork { customer: "c".to_owned(), message: "m".to_owned(), in_line_since };
        let again = |since, left| in_line_again(work(since), now, now + SignedDuration::from_secs(left));
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
    fn a_message_comes_again_between_half_of_the_time_and_all_of_it_and_some_at_once_never() {
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
