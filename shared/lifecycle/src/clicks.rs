//! Whether a click on a link of a message shows the interest of a person.
//!
//! Programs that check mails follow links too: within seconds of the delivery, and every link at once. Each report of a
//! click is judged by itself when it arrives ([`is_interest`]); that several links were followed at once shows only later,
//! when the customer's latest clicks are seen together ([`are_by_one_program`]).

use crate::message::Message;
use jiff::{SignedDuration, Timestamp};

/// A link that is followed sooner than this after the mail arrived was followed by a program.
pub const MIN_TIME_TO_READ: SignedDuration = SignedDuration::from_secs(10);
/// Two links of one message that are followed within less than this were followed by a program.
pub const MIN_TIME_BETWEEN_LINKS: SignedDuration = SignedDuration::from_secs(5);

/// A click on a link of a message, as a provider reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedClick {
    /// When the link was followed.
    pub at: Timestamp,
    /// When the message was handed over, by the provider's account.
    pub sent_at: Timestamp,
    /// Whether the link leads to the pages on which the customer unsubscribes: they state what they want there.
    pub is_to_unsubscribe: bool,
}

/// Whether a click, judged by itself, shows interest. Time counts from the delivery, or from the hand-over while the
/// delivery is not reported.
#[must_use]
pub fn is_interest(click: ReportedClick, message: &Message) -> bool {
    let arrived_at = message.delivered_at.or(message.accepted_at).unwrap_or(click.sent_at);
    !click.is_to_unsubscribe && click.at.duration_since(arrived_at) >= MIN_TIME_TO_READ
}

/// Whether two clicks on different links of one message are a program's.
#[must_use]
pub fn are_by_one_program(one: Timestamp, other: Timestamp) -> bool {
    other.duration_since(one).abs() < MIN_TIME_BETWEEN_LINKS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Channel, Purpose};
    use crate::id::{CustomerId, MessageId, ShopId};
    use crate::message::{MessageState, Requirement};

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).expect("an instant")
    }

    fn message(accepted: Option<i64>, delivered: Option<i64>) -> Message {
        let (shop, customer) = (ShopId::parse("vinyl").expect("an id"), CustomerId::parse("anna").expect("an id"));
        Message {
            id: MessageId::derive(&shop, &customer, "welcome", "first", "thanks", "email"),
            journey: "welcome".to_owned(),
            run: "first".to_owned(),
            step: "thanks".to_owned(),
            channel: Channel::KNOWN[0],
            purpose: Purpose::Marketing,
            template: "welcome-thanks".to_owned(),
            coupon: None,
            coupon_code: None,
            run_started_at: second(0),
            unless: vec![],
            requirement: Requirement::Order,
            planned_at: second(0),
            created_at: second(0),
            not_after: second(9_999),
            because: "1h after the first order".to_owned(),
            state: MessageState::Accepted,
            revision: 1,
            attempts: 1,
            lease_until: None,
            unknown_since: None,
            requeued: false,
            provider_id: None,
            accepted_at: accepted.map(second),
            delivered_at: delivered.map(second),
            withdrawn: None,
            note: None,
        }
    }

    fn click(at: i64) -> ReportedClick {
        ReportedClick { at: second(at), sent_at: second(100), is_to_unsubscribe: false }
    }

    #[test]
    fn a_click_within_ten_seconds_of_the_arrival_is_a_programs() {
        for (accepted, delivered, arrived) in
            [(Some(105), Some(160), 160), (Some(105), None, 105), (None, None, 100), (None, Some(160), 160)]
        {
            let message = message(accepted, delivered);
            assert!(!is_interest(click(arrived + 9), &message), "{arrived}");
            assert!(is_interest(click(arrived + 10), &message), "{arrived}");
            assert!(!is_interest(click(arrived - 3_600), &message), "before it arrived");
        }
    }

    #[test]
    fn a_customer_who_goes_to_unsubscribe_shows_no_interest() {
        let leaving = ReportedClick { is_to_unsubscribe: true, ..click(500) };
        assert!(!is_interest(leaving, &message(Some(105), None)));
    }

    #[test]
    fn two_links_within_less_than_five_seconds_are_followed_by_a_program() {
        assert!(are_by_one_program(second(10), second(14)) && are_by_one_program(second(14), second(10)));
        assert!(!are_by_one_program(second(10), second(15)));
    }
}
