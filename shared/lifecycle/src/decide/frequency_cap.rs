//! The frequency cap: when the next message to a customer may go out.

use crate::channel::Channel;
use crate::customer::Contact;
use crate::rules::FrequencyCap;
use jiff::Timestamp;

/// The first instant, at or after `now`, at which one more message on `channel` keeps within the cap.
/// Messages still open count as sent just now, because they may be sent at any moment; if they alone
/// fill the cap the answer is the end of time, and the outcome of one of them starts a new decision.
pub(crate) fn free_at(cap: &FrequencyCap, contacts: &[Contact], channel: Channel, now: Timestamp) -> Timestamp {
    // An open message may have waited for long and go out a moment from now.
    let last_at = contacts.iter().map(|contact| if contact.check_at.is_some() { now } else { contact.at }).max();
    let after_gap = last_at.map_or(now, |last_at| cap.min_gap.after(last_at));
    let all = place_at(cap, contacts.iter(), cap.total, now);
    let own = cap
        .own(channel)
        .map_or(now, |limit| place_at(cap, contacts.iter().filter(|contact| contact.channel == channel), limit, now));
    after_gap.max(all).max(own).max(now)
}

fn place_at<'c>(
    cap: &FrequencyCap,
    contacts: impl Iterator<Item = &'c Contact> + Clone,
    limit: usize,
    now: Timestamp,
) -> Timestamp {
    let counted = contacts.filter(|contact| contact.check_at.is_some() || cap.window.after(contact.at) > now);
    let taken = counted.clone().count();
    if taken < limit {
        return now;
    }
    // Once the contact with this index has left the window, another one fits.
    let must_leave = taken - limit;
    let mut leaving: Vec<Timestamp> =
        counted.filter(|contact| contact.check_at.is_none()).map(|contact| cap.window.after(contact.at)).collect();
    leaving.sort_unstable();
    leaving.get(must_leave).copied().unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::PerChannel;
    use crate::id::MessageId;
    use crate::time::Period;

    fn cap(texts: usize) -> FrequencyCap {
        let own = PerChannel::from_fn(|channel| (channel == Sms).then_some(texts));
        FrequencyCap { window: Period::days(7), total: 3, own, min_gap: Period::hours(12) }
    }

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(number * 86_400).expect("an instant")
    }

    fn contact(channel: Channel, at: Timestamp, open: bool) -> Contact {
        let message = MessageId::parse("a".repeat(26).as_str()).expect("an id");
        Contact { message, channel, at, check_at: open.then_some(at) }
    }

    fn free(contacts: &[(Channel, i64, bool)], channel: Channel, now: i64) -> Timestamp {
        let contacts: Vec<_> = contacts.iter().map(|(channel, at, open)| contact(*channel, day(*at), *open)).collect();
        free_at(&cap(1), &contacts, channel, day(now))
    }

    use Channel::{Email, Sms};

    #[test]
    fn the_fourth_message_waits_until_the_first_has_left_the_window() {
        let three = [(Email, 0, false), (Email, 2, false), (Sms, 4, false)];
        assert_eq!(free(&three[..2], Email, 5), day(5));
        assert_eq!(free(&three, Email, 5), day(7));
        assert_eq!(free(&three, Email, 7), day(7));
    }

    #[test]
    fn text_messages_have_a_cap_of_their_own_within_it() {
        assert_eq!(free(&[(Sms, 0, false)], Sms, 3), day(7));
        assert_eq!(free(&[(Sms, 0, false)], Email, 3), day(3));
    }

    #[test]
    fn an_open_message_holds_its_place_however_old_it_is() {
        let contacts = [(Email, 0, true), (Email, 10, false), (Email, 11, false)];
        assert_eq!(free(&contacts, Email, 12), day(17));
        assert_eq!(free(&[(Email, 0, true), (Email, 1, true), (Email, 2, true)], Email, 12), Timestamp::MAX);
    }

    #[test]
    fn two_messages_keep_the_minimum_gap() {
        assert_eq!(free(&[(Email, 3, false)], Email, 3), cap(1).min_gap.after(day(3)));
        // One that was created two days ago and is still in progress.
        assert_eq!(free(&[(Email, 1, true)], Email, 3), cap(1).min_gap.after(day(3)));
    }

    #[test]
    fn a_cap_of_zero_text_messages_allows_none() {
        assert_eq!(free_at(&cap(0), &[], Sms, day(1)), Timestamp::MAX);
    }
}
