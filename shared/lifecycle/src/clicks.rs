//! Whether a click on a link of a message shows the interest of a person.
//!
//! Programs that check mails follow links too. Each report of a click is judged by itself when it arrives
//! ([`is_interest`]); that several links were followed at once shows only later, when the customer's latest clicks are seen
//! together ([`are_at_once`]).

use crate::message::Message;
use jiff::{SignedDuration, Timestamp};

/// A link that is followed sooner than this after the mail arrived was followed by a program.
pub const MIN_TIME_TO_READ: SignedDuration = SignedDuration::from_secs(10);
/// The same for a click that comes from no phone. Programs that check mails present themselves as browsers of a desk
/// computer, and nobody at a desk reads a mail that nobody waits for and follows a link within this time. A phone announces
/// a mail, so that its owner may be quicker.
pub const MIN_TIME_TO_READ_AT_A_DESK: SignedDuration = SignedDuration::from_secs(30);
/// Different links, of one message or of several, that are followed within less than this were followed by a program.
pub const MIN_TIME_BETWEEN_LINKS: SignedDuration = SignedDuration::from_secs(5);

/// Parts of the user agents of programs: scanners of mail, previews, libraries, browsers without a screen.
const PROGRAMS: [&str; 44] = [
    "barracuda",
    "mimecast",
    "proofpoint",
    "ppops",
    "fireeye",
    "trendmicro",
    "trend micro",
    "symantec",
    "messagelabs",
    "sophos",
    "cisco",
    "ironport",
    "forcepoint",
    "zscaler",
    "checkpoint",
    "safelinks",
    "defender",
    "urldefense",
    "vade",
    "hornetsecurity",
    "googleimageproxy",
    "bot",
    "crawl",
    "spider",
    "preview",
    "scan",
    "headless",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
    "python",
    "curl/",
    "wget",
    "go-http",
    "java/",
    "libwww",
    "httpclient",
    "axios",
    "node-fetch",
    "okhttp",
    "facebookexternalhit",
    "existence discovery",
    "protocol discovery",
];
/// Parts of the user agents of phones and tablets.
const PHONES: [&str; 5] = ["iphone", "ipad", "android", "mobile", "cfnetwork"];

/// A click on a link of a message, as a provider reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedClick<'r> {
    /// When the link was followed.
    pub at: Timestamp,
    /// When the message was handed over, by the provider's account.
    pub sent_at: Timestamp,
    /// Whether the link leads to the pages on which the customer unsubscribes: they state what they want there.
    pub is_to_unsubscribe: bool,
    /// What followed the link, by its own account.
    pub user_agent: Option<&'r str>,
    /// The provider marks the click as a program's.
    pub is_marked: bool,
}

/// Whether a click, judged by itself, shows interest. Time counts from the delivery, or from the hand-over while the
/// delivery is not reported.
///
/// It shows none where the provider says that a program clicked, where the user agent names a program or nothing at all, and
/// where it came sooner than a person reads: [`MIN_TIME_TO_READ`] on a phone, [`MIN_TIME_TO_READ_AT_A_DESK`] otherwise.
///
/// The errors: a person at a desk who follows a link within half a minute is not counted, unless they follow another one
/// later. A program that waits longer, presents itself as a browser and follows a single link is counted as a person.
#[must_use]
pub fn is_interest(click: ReportedClick<'_>, message: &Message) -> bool {
    if click.is_to_unsubscribe || click.is_marked || click.user_agent.is_some_and(is_program) {
        return false;
    }
    let arrived_at = message.delivered_at.or(message.accepted_at).unwrap_or(click.sent_at);
    let least = if click.user_agent.is_some_and(is_phone) { MIN_TIME_TO_READ } else { MIN_TIME_TO_READ_AT_A_DESK };
    click.at.duration_since(arrived_at) >= least
}

/// Whether a user agent is a program's. Every browser says more than the one word with which all of them begin.
fn is_program(user_agent: &str) -> bool {
    let name = user_agent.trim().to_ascii_lowercase();
    // A model of phones has this in its name.
    let name = name.replace("cubot", "");
    matches!(name.as_str(), "" | "-" | "mozilla" | "mozilla/4.0" | "mozilla/5.0")
        || PROGRAMS.iter().any(|program| name.contains(program))
}

fn is_phone(user_agent: &str) -> bool {
    let name = user_agent.to_ascii_lowercase();
    PHONES.iter().any(|phone| name.contains(phone))
}

/// Whether two clicks on different links are so close that one program made both. The links may be of two messages: a program
/// that checks a mailbox again follows the links of all its mails.
#[must_use]
pub fn are_at_once(one: Timestamp, other: Timestamp) -> bool {
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

    const IPHONE: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36";

    /// A click from a phone.
    fn click(at: i64) -> ReportedClick<'static> {
        let user_agent = Some(IPHONE);
        ReportedClick { at: second(at), sent_at: second(100), is_to_unsubscribe: false, user_agent, is_marked: false }
    }

    #[test]
    fn a_click_at_a_desk_needs_half_a_minute() {
        let message = message(None, Some(100));
        for (user_agent, least) in [(Some(CHROME), 30), (None, 30), (Some(IPHONE), 10)] {
            let is_counted = |after: i64| is_interest(ReportedClick { user_agent, ..click(100 + after) }, &message);
            assert!(!is_counted(least - 1) && is_counted(least), "{user_agent:?}");
        }
    }

    #[test]
    fn a_program_is_told_by_its_name_and_by_the_providers_mark_however_long_it_waits() {
        let message = message(None, Some(100));
        let is_counted =
            |user_agent| is_interest(ReportedClick { user_agent: Some(user_agent), ..click(9_000) }, &message);
        for program in [
            "",
            "Mozilla/5.0",
            "python-requests/2.32",
            "Mozilla/5.0 (compatible; Googlebot/2.1)",
            "curl/8.5.0",
            "Barracuda Sentinel (EE)",
            "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36",
            "Slackbot-LinkExpanding 1.0",
            "Mimecast/1.0",
            "Microsoft Office Existence Discovery",
            "Go-http-client/2.0",
            "Mozilla/5.0 (Windows NT 6.1) BingPreview/1.0b",
        ] {
            assert!(!is_counted(program), "{program}");
        }
        for person in [
            CHROME,
            IPHONE,
            "Mozilla/5.0 (Linux; Android 14; CUBOT X30) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
        ] {
            assert!(is_counted(person), "{person}");
        }
        assert!(!is_interest(ReportedClick { is_marked: true, ..click(9_000) }, &message));
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
        assert!(are_at_once(second(10), second(14)) && are_at_once(second(14), second(10)));
        assert!(!are_at_once(second(10), second(15)));
    }
}
