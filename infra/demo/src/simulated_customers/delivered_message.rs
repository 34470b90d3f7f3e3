//! What somebody holds in their hands: a mail or a text as it was delivered.

use jiff::Timestamp;
use rekindle_emulators::Message;
use rekindle_lifecycle::channel::Channel;

/// A delivered mail or text, as its reader sees it.
#[derive(Clone)]
pub struct DeliveredMessage {
    /// Its place in the mailbox.
    pub place: i64,
    /// The message of the engine. That of a reward is another one wherever the shop has other keys.
    pub message: String,
    /// What is drawn by: the same in every run on the same orders.
    pub draw: String,
    /// Whose it is, as the shop names them.
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
    /// The links in it, in the order in which they stand there, each once.
    pub links: Vec<String>,
    /// The coupon in it.
    pub coupon: Option<String>,
    /// Where the mail program's one click goes.
    pub one_click: Option<String>,
}

impl DeliveredMessage {
    /// Reads what was delivered. Nothing if it is none of the engine's messages.
    #[must_use]
    pub fn read(delivered: &Message) -> Option<Self> {
        let request = &delivered.content.request;
        let text = delivered.content.text.as_deref().unwrap_or_default();
        let one_click = request.header("List-Unsubscribe").and_then(|header| {
            let (_, rest) = header.split_once('<')?;
            Some(rest.split_once('>')?.0.to_owned())
        });
        let customer = request.customer()?;
        let (journey, step) = (request.tag("journey")?.to_owned(), request.tag("step")?.to_owned());
        Some(Self {
            place: delivered.id,
            message: request.tag("message")?.to_owned(),
            draw: format!("{customer} {journey} {step} {}", delivered.sent_at),
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

    /// The links to the page of this name, such as `n`.
    pub fn links_to<'l>(&'l self, page: &'l str) -> impl Iterator<Item = &'l str> {
        self.links.iter().map(String::as_str).filter(move |link| page_of(link).is_some_and(|(name, _)| name == page))
    }

    /// The first link that leads to no page of the engine: to the shop.
    #[must_use]
    pub fn link_to_shop(&self) -> Option<&str> {
        self.links.iter().map(String::as_str).find(|link| page_of(link).is_none())
    }

    /// The referral code to pass on.
    #[must_use]
    pub fn referral_code(&self) -> Option<String> {
        self.links_to("r").next().and_then(page_of).map(|(_, code)| code.to_owned())
    }
}

/// Name and token of a page of the engine, if a link leads to one.
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

/// A coupon of the reader's own: a prefix in capitals, a hyphen, eight characters. In whatever language it is offered.
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

/// Addresses, names and links stay out of logs: who has a link can act for the customer.
impl std::fmt::Debug for DeliveredMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeliveredMessage({} {}/{})", self.message, self.journey, self.step)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use rekindle_emulators::{NewMessage, Request};

    /// A mail with this text, to this customer.
    pub(in crate::simulated_customers) fn letter(
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
            channel: Channel::Email,
            provider_id: "0100".to_owned(),
            subject: Some("Hello".to_owned()),
            text: Some(text.to_owned()),
            html: None,
            request,
        };
        let sent_at = "1997-02-01T10:00:00Z".parse().expect("an instant");
        DeliveredMessage::read(&Message { id: 7, sent_at, content }).expect("a letter")
    }

    #[test]
    fn a_letter_shows_its_links_its_coupon_and_the_code_to_pass_on() {
        let text = "Your code: SECOND-7KQ2MX4H.\n\nLook: https://tea.example/new\n0: http://127.0.0.1:1/n/a\n1: http://127.0.0.1:1/n/b\n\
                    Pass it on: http://127.0.0.1:1/r/7KQ2MX4H\nagain https://tea.example/new";
        let letter = letter("anna", "nps", "question", text);
        assert_eq!(letter.coupon.as_deref(), Some("SECOND-7KQ2MX4H"));
        assert_eq!(letter.links.len(), 4, "each link once");
        assert_eq!(letter.links_to("n").count(), 2);
        assert_eq!(letter.link_to_shop(), Some("https://tea.example/new"));
        assert_eq!(letter.referral_code().as_deref(), Some("7KQ2MX4H"));
        assert_eq!(letter.one_click.as_deref(), Some("http://127.0.0.1:1/u/TOKEN"));
        assert_eq!(letter.customer, "anna");
        assert!(!format!("{letter:?}").contains('@'));
    }

    #[test]
    fn a_shop_whose_address_looks_like_a_page_of_ours_is_still_the_shop() {
        assert_eq!(page_of("https://tea.example/new/arrivals"), None);
        assert_eq!(page_of("https://tea.example/n"), None);
        assert_eq!(page_of("http://127.0.0.1:1/n/token"), Some(("n", "token")));
    }
}
