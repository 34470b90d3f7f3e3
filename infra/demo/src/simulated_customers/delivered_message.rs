//! A mail or a text as it was delivered.

use jiff::Timestamp;
use rekindle_emulators::Message;
use rekindle_lifecycle::channel::Channel;

/// A delivered mail or text, as its recipient sees it.
#[derive(Clone)]
pub struct DeliveredMessage {
    /// Its number in the mailbox.
    pub mailbox_id: i64,
    /// The engine's id of the message. That of a reward depends on the shop's keys.
    pub message_id: String,
    /// What the model's draws are made of: the same in every run on the same orders.
    pub draw_key: String,
    /// The shop's id of the customer.
    pub customer: String,
    /// Mail or text.
    pub channel: Channel,
    /// The address or number.
    pub to: String,
    /// The journey.
    pub journey: String,
    /// The step.
    pub step: String,
    /// When it was delivered.
    pub sent_at: Timestamp,
    /// Its links in their order, without duplicates.
    pub links: Vec<String>,
    /// Its coupon code.
    pub coupon: Option<String>,
    /// The link of the mail program's unsubscribe button.
    pub one_click: Option<String>,
}

impl DeliveredMessage {
    /// Parses a message of the mailbox; `None` if the engine did not send it.
    #[must_use]
    pub fn parse(delivered: &Message) -> Option<Self> {
        let request = &delivered.content.request;
        let text = delivered.content.text.as_deref().unwrap_or_default();
        let one_click = request.header("List-Unsubscribe").and_then(|header| {
            let (_, rest) = header.split_once('<')?;
            Some(rest.split_once('>')?.0.to_owned())
        });
        let customer = request.customer()?;
        let (journey, step) = (request.tag("journey")?.to_owned(), request.tag("step")?.to_owned());
        Some(Self {
            mailbox_id: delivered.id,
            message_id: request.tag("message")?.to_owned(),
            draw_key: format!("{customer} {journey} {step} {}", delivered.sent_at),
            customer,
            channel: delivered.content.channel,
            to: request.recipients().next()?.to_owned(),
            journey,
            step,
            sent_at: delivered.sent_at,
            links: links(text),
            coupon: coupon(text),
            one_click,
        })
    }

    /// The links to the page of a name, such as `n`.
    pub fn links_to<'l>(&'l self, page: &'l str) -> impl Iterator<Item = &'l str> {
        self.links.iter().map(String::as_str).filter(move |link| page_of(link).is_some_and(|(name, _)| name == page))
    }

    /// The first link that does not lead to a page of the engine, and so leads to the shop.
    #[must_use]
    pub fn link_to_shop(&self) -> Option<&str> {
        self.links.iter().map(String::as_str).find(|link| page_of(link).is_none())
    }

    /// The referral code for friends.
    #[must_use]
    pub fn referral_code(&self) -> Option<String> {
        self.links_to("r").next().and_then(page_of).map(|(_, code)| code.to_owned())
    }
}

/// The name and the token of a page of the engine, if a link leads to one.
pub(super) fn page_of(link: &str) -> Option<(&str, &str)> {
    let (_, rest) = link.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let (name, token) = path.split_once('/')?;
    (matches!(name, "u" | "p" | "n" | "c" | "r") && !token.is_empty() && !token.contains('/')).then_some((name, token))
}

fn links(text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = word.trim_end_matches(['.', ',', ';', ')']);
        if word.starts_with("http") && word.contains("://") && !links.iter().any(|known| known == word) {
            links.push(word.to_owned());
        }
    }
    links
}

/// A coupon code of the customer's own, in any language: a prefix in capitals, a hyphen, eight characters.
fn coupon(text: &str) -> Option<String> {
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    let is_one = |word: &&str| {
        word.split_once('-').is_some_and(|(prefix, rest)| {
            let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
            prefix.len() >= 3
                && prefix.chars().all(|c| c.is_ascii_uppercase())
                && rest.len() == 8
                && rest.chars().all(capital)
        })
    };
    words.into_iter().find(is_one).map(str::to_owned)
}

/// Leaves out addresses, names and links, with which anyone could act for the customer.
impl std::fmt::Debug for DeliveredMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeliveredMessage({} {}/{})", self.message_id, self.journey, self.step)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use rekindle_emulators::{NewMessage, Request};

    /// A mail with a text to a customer.
    pub(in crate::simulated_customers) fn message(
        customer: &str,
        journey: &str,
        step: &str,
        text: &str,
    ) -> DeliveredMessage {
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let encoded = Base64UrlUnpadded::encode_string(customer.as_bytes());
        let request = Request {
            to: vec![format!("{customer}@example.com")],
            headers: vec![tag("List-Unsubscribe", "<http://127.0.0.1:1/u/TOKEN>, <mailto:x@example.com>")],
            tags: vec![
                tag("message", &format!("{customer}-{journey}-{step}")),
                tag("customer", &encoded),
                tag("journey", journey),
                tag("step", step),
            ],
            ..Request::default()
        };
        let content = NewMessage {
            channel: Channel::KNOWN[0],
            provider_id: "0100".to_owned(),
            subject: Some("Hello".to_owned()),
            text: Some(text.to_owned()),
            html: None,
            request,
        };
        let sent_at = "1997-02-01T10:00:00Z".parse().expect("an instant");
        DeliveredMessage::parse(&Message { id: 7, sent_at, content }).expect("a message")
    }

    #[test]
    fn a_message_shows_its_links_its_coupon_and_its_referral_code() {
        let text = "Your code: SECOND-7KQ2MX4H.\n\nLook: https://tea.example/new\n0: http://127.0.0.1:1/n/a\n1: http://127.0.0.1:1/n/b\n\
                    Pass it on: http://127.0.0.1:1/r/7KQ2MX4H\nagain https://tea.example/new";
        let message = message("anna", "nps", "question", text);
        assert_eq!(message.coupon.as_deref(), Some("SECOND-7KQ2MX4H"));
        assert_eq!(message.links.len(), 4, "each link once");
        assert_eq!(message.links_to("n").count(), 2);
        assert_eq!(message.link_to_shop(), Some("https://tea.example/new"));
        assert_eq!(message.referral_code().as_deref(), Some("7KQ2MX4H"));
        assert_eq!(message.one_click.as_deref(), Some("http://127.0.0.1:1/u/TOKEN"));
        assert_eq!(message.customer, "anna");
        assert!(!format!("{message:?}").contains('@'));
    }

    #[test]
    fn a_shop_whose_address_looks_like_a_page_of_ours_is_still_the_shop() {
        assert_eq!(page_of("https://tea.example/new/arrivals"), None);
        assert_eq!(page_of("https://tea.example/n"), None);
        assert_eq!(page_of("http://127.0.0.1:1/n/token"), Some(("n", "token")));
    }
}
