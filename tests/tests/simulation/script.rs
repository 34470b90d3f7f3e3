//! The plan of a history: the customers, the events that their shops post, and what they do with their messages.

use crate::edits::{Edit, What};
use crate::history::Customer;
use crate::provider::Outcome;
use crate::time::beginning;
use crate::world::Reader;
use jiff::SignedDuration;
use serde_json::{Value, json};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// The rules of every shop, or fewer of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rules {
    /// All journeys.
    #[default]
    All,
    /// One mail after the first order, and nothing else: half of what there is, in a quarter of the time.
    Thanks,
}

impl Rules {
    /// The policy.
    pub(crate) fn policy(self) -> String {
        let all = include_str!("policy.toml");
        match self {
            Self::All => all.to_owned(),
            Self::Thanks => all.split("[[journey.step]]").take(2).collect::<Vec<_>>().join("[[journey.step]]"),
        }
    }

    /// The steps of the welcome.
    pub(crate) fn welcome(self) -> &'static [&'static str] {
        match self {
            Self::All => &["thanks", "text", "guide"],
            Self::Thanks => &["thanks"],
        }
    }
}

/// From which second until which something is down.
pub(crate) type Outage = (u64, u64);

/// A partition of a table that takes no more for some minutes.
#[derive(Debug, Clone)]
pub(crate) struct HotPartition {
    pub(crate) from: u64,
    pub(crate) until: u64,
    pub(crate) table: &'static str,
    /// What the keys of its items contain.
    pub(crate) key: String,
}

/// The outages of a history, hours long but for that of a partition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outages {
    /// The stream of facts. Records older than twelve hours are lost.
    pub(crate) stream: Option<Outage>,
    /// The channel of provider events.
    pub(crate) events: Option<Outage>,
    /// The function that sends.
    pub(crate) send: Option<Outage>,
    /// A part of a table.
    pub(crate) partition: Option<HotPartition>,
}

/// What happens in a history.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) rules: Rules,
    pub(crate) cast: Vec<(Customer, Reader)>,
    pub(crate) posts: Vec<Post>,
    pub(crate) erasures: Vec<Erasure>,
    pub(crate) edits: Vec<Edit>,
    /// When the operator adds a key that seals links, in seconds after the beginning.
    pub(crate) rotated_at: Option<u64>,
    pub(crate) outages: Outages,
    /// How long the history is, in seconds.
    pub(crate) length: u64,
    /// When the operator first handles dead letters and outages.
    pub(crate) repaired_at: u64,
}

/// An event that a shop posts.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// Seconds after the beginning.
    pub(crate) at: u64,
    pub(crate) customer: Customer,
    pub(crate) event: Value,
    /// How often it is posted, by libraries that do not trust an answer.
    pub(crate) times: u32,
}

/// An erasure that a shop asks for until it is done, and what the shop posts once more afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Erasure {
    /// Seconds after the beginning.
    pub(crate) at: u64,
    pub(crate) customer: Customer,
}

/// What the systems of shops say of their customers' consent to mails, and whether it is a clear yes.
const WORDS: [(&str, bool); 8] = [
    ("ja", true),
    ("Opted in", true),
    ("vielleicht", false),
    ("see notes", false),
    ("7", false),
    ("nein", false),
    ("withdrawn", false),
    ("oui, mais non", false),
];

impl Post {
    /// The same event with what the shop's system says of the consent to mails.
    pub(crate) fn with_consent(mut self, word: &str) -> Self {
        self.event["context"]["traits"]["email_marketing_consent"] = word.into();
        self
    }

    /// The same event under an id that the shop gives to everybody who is not logged in.
    fn under_shared_id(mut self) -> Self {
        self.event["userId"] = SHARED_ID.into();
        self.event["context"]["traits"]["firstName"] = format!("Anna {}", self.customer.id).into();
        self
    }

    /// The same event of a customer who is not logged in: the shop names them by their address only.
    pub(crate) fn by_guest(mut self) -> Self {
        self.event.as_object_mut().expect("an event").remove("userId");
        self
    }

    /// Whether the customer is named by their address only, or by an id that others have as well.
    pub(crate) fn is_of_guest(&self) -> bool {
        self.event["userId"] != self.customer.id.as_str()
    }
}

/// A customer by the shop's id for them.
pub(crate) fn customer(shop: &str, id: &str) -> Customer {
    Customer { shop: shop.to_owned(), id: id.to_owned() }
}

/// The end of the second id that a shop has for some people, as a shop system makes one for each order of a guest.
pub(crate) const SECOND_ID: &str = "-again";

/// The id that a shop gives to everybody who is not logged in.
pub(crate) const SHARED_ID: &str = "kiosk";
/// How many people order under it.
const PEOPLE: usize = 6;

/// The person behind a customer of a shop: who has the address and the number.
fn person(customer: &Customer) -> &str {
    customer.id.trim_end_matches(SECOND_ID)
}

/// Where a customer of a shop is written to.
pub(crate) fn address(customer: &Customer) -> String {
    format!("{}@{}.example.com", person(customer), customer.shop)
}

/// The number of a customer of a shop.
pub(crate) fn number(customer: &Customer) -> String {
    let shop = if customer.shop == "anchor" { 1 } else { 2 };
    format!("+1202555{shop}{:03}", person(customer).bytes().map(u32::from).sum::<u32>() % 1_000)
}

/// An event as Segment's libraries write it.
pub(crate) fn event(customer: &Customer, id: &str, at: u64, name: &str, properties: &Value) -> Value {
    let instant = beginning() + SignedDuration::from_secs(i64::try_from(at).expect("days"));
    json!({
        "type": "track", "event": name, "userId": customer.id, "messageId": id, "timestamp": instant.to_string(),
        "properties": properties,
        "context": { "traits": {
            "email": address(customer), "phone": number(customer), "firstName": "Anna", "sms_marketing_consent": true,
        } },
    })
}

/// An order, or a change of one.
pub(crate) fn order(customer: &Customer, id: &str, at: u64, name: &str, order: &str, cents: u64) -> Post {
    let total = format!("{}.{:02}", cents / 100, cents % 100);
    let properties = json!({ "order_id": order, "total": total, "currency": "EUR" });
    Post { at, customer: customer.clone(), event: event(customer, id, at, name, &properties), times: 1 }
}

impl Script {
    /// A random history.
    pub(crate) fn drawn(draws: &mut fastrand::Rng) -> Self {
        let rules = if draws.u8(0..3) == 0 { Rules::All } else { Rules::Thanks };
        let (storm, length) = if rules == Rules::All { (6 * DAY, 13 * DAY) } else { (2 * DAY, 6 * DAY) };
        let shops: &[&str] = if draws.u8(0..4) == 0 { &["anchor", "birch"] } else { &["anchor"] };
        let mut script = Self { rules, length, repaired_at: storm + HOUR, ..Self::default() };
        for shop in shops {
            for id in ["c1", "c2"].iter().take(if draws.u8(0..4) == 0 { 2 } else { 1 }) {
                script.draw_customer(draws, &customer(shop, id));
                if draws.u8(0..4) == 0 {
                    script.draw_customer(draws, &customer(shop, &format!("{id}{SECOND_ID}")));
                } else if draws.u8(0..6) == 0 {
                    script.draw_erasure(draws, &customer(shop, id));
                }
            }
        }
        if draws.u8(0..12) == 0 {
            script.draw_people_with_one_id(draws, shops[0]);
        }
        let mut outage = |one_in: u8, first: u64, last: u64, length: std::ops::Range<u64>| {
            (draws.u8(0..one_in) == 0).then(|| {
                let from = draws.u64(first..last);
                (from, from + draws.u64(length))
            })
        };
        script.outages = Outages {
            stream: outage(8, 0, DAY, 2 * DAY..2 * DAY + HOUR).filter(|_| rules == Rules::All),
            events: outage(8, 0, DAY, HOUR..30 * HOUR),
            send: outage(8, 0, DAY, HOUR..20 * HOUR),
            partition: None,
        };
        script.posts.sort_by_key(|post| post.at);
        script.draw_edits(draws, shops);
        // Most mails are sent and read in the first hours in which customers may be written to.
        script.rotated_at = (draws.u8(0..6) == 0).then(|| draws.u64(0..3) * DAY + 9 * HOUR + draws.u64(0..2 * HOUR));
        script.outages.partition = (draws.u8(0..8) == 0).then(|| {
            let from = script.soon_after_a_post(draws, 20 * HOUR).saturating_sub(10);
            let table = ["r-customers", "r-activity", "r-shops"][draws.usize(0..3)];
            let key = format!("{}#", shops[draws.usize(0..shops.len())]);
            HotPartition { from, until: from + draws.u64(60..30 * 60), table, key }
        });
        script
    }

    fn draw_customer(&mut self, draws: &mut fastrand::Rng, customer: &Customer) {
        let outcome = match draws.u8(0..12) {
            0 => Outcome::Bounce,
            1 => Outcome::Complaint,
            _ => Outcome::Delivery,
        };
        let reader = Reader {
            outcome,
            leaves_after: (draws.u8(0..3) == 0).then(|| draws.usize(1..=2)),
            score: (draws.u8(0..2) == 0).then(|| draws.u8(0..=10)),
            stops: draws.u8(0..4) == 0,
            ..Reader::default()
        };
        let (word, is_yes) = WORDS[draws.usize(0..WORDS.len())];
        let says = draws.u8(0..5) == 0;
        let reader = Reader { is_closed: says && !is_yes, ..reader };
        self.cast.push((customer.clone(), reader));
        // Some place one of two orders without logging in. Their guest belongs to the first id of the address.
        let as_guest = (draws.u8(0..4) == 0 && !customer.id.ends_with(SECOND_ID)).then(|| draws.u8(1..=2));
        let orders = if as_guest.is_some() || draws.u8(0..3) == 0 { 2 } else { 1 };
        let mut at = draws.u64(60..30 * HOUR);
        for number in 1..=orders {
            let own = self.posts.len();
            let name = format!("{}-{number}", customer.id);
            let cents = draws.u64(500..9_999);
            let completed = |id: &str, at, cents| order(customer, id, at, "Order Completed", &name, cents);
            let mut first = completed(&format!("{name}-completed"), at, cents);
            if draws.u8(0..4) == 0 {
                first.times = 2;
            }
            if draws.u8(0..6) == 0 {
                // The same identity with other content, a little later.
                let again = completed(&format!("{name}-completed"), at + draws.u64(1..600), cents + 7);
                self.posts.push(again);
            }
            self.posts.push(first);
            if draws.u8(0..4) == 0 {
                let later = at + soon_or(draws, 12 * HOUR);
                self.posts.push(order(customer, &format!("{name}-updated"), later, "Order Updated", &name, cents / 2));
            }
            if draws.u8(0..8) == 0 {
                let later = at + soon_or(draws, 20 * HOUR);
                self.posts.push(order(customer, &format!("{name}-cancelled"), later, "Order Cancelled", &name, cents));
            }
            if as_guest == Some(number) {
                let of_guest: Vec<Post> = self.posts.drain(own..).map(Post::by_guest).collect();
                self.posts.extend(of_guest);
            }
            at += soon_or(draws, 60 * HOUR);
        }
        if says {
            for post in self.posts.iter_mut().filter(|post| post.customer == *customer) {
                *post = post.clone().with_consent(word);
            }
        }
        // Some events are posted late, and in another order than they happened.
        let (late, by) = (draws.bool(), draws.u64(0..4 * HOUR));
        for post in self.posts.iter_mut().filter(|post| late && post.customer == *customer) {
            post.at += draws.u64(0..=by);
        }
    }
}

impl Script {
    /// A customer is erased after everything that happened to them, and the shop posts some of it once more.
    fn draw_erasure(&mut self, draws: &mut fastrand::Rng, customer: &Customer) {
        let own: Vec<Post> = self.posts.iter().filter(|post| post.customer == *customer).cloned().collect();
        let last = own.iter().map(|post| post.at).max().unwrap_or_default();
        let at = last + 60 + soon_or(draws, 10 * HOUR);
        self.erasures.push(Erasure { at, customer: customer.clone() });
        for post in own {
            if draws.bool() {
                self.posts.push(Post { at: at + soon_or(draws, 20 * HOUR), ..post });
            }
        }
    }

    /// When something happens that is to meet what an event sets off.
    fn soon_after_a_post(&self, draws: &mut fastrand::Rng, longest: u64) -> u64 {
        let post = self.posts.get(draws.usize(0..self.posts.len().max(1)));
        post.map_or(0, |post| post.at) + soon_or(draws, longest)
    }

    /// What the people of the shops change of their settings.
    fn draw_edits(&mut self, draws: &mut fastrand::Rng, shops: &[&str]) {
        for shop in shops {
            for what in [What::Policy, What::Brand] {
                for number in 1..=if draws.u8(0..8) == 0 { draws.u8(1..=3) } else { 0 } {
                    let at = self.soon_after_a_post(draws, 40 * HOUR);
                    self.edits.push(Edit { at, shop: (*shop).to_owned(), what, number });
                }
            }
        }
    }

    /// People who order once each, all under one id.
    fn draw_people_with_one_id(&mut self, draws: &mut fastrand::Rng, shop: &str) {
        for number in 1..=PEOPLE {
            let who = customer(shop, &format!("p{number}"));
            self.cast.push((who.clone(), Reader::default()));
            let (at, cents) = (draws.u64(60..30 * HOUR), draws.u64(500..9_999));
            let name = format!("{}-1", who.id);
            let post = order(&who, &format!("{name}-completed"), at, "Order Completed", &name, cents);
            self.posts.push(post.under_shared_id());
        }
    }
}

/// A random time: in half of the cases a few seconds, otherwise up to `longest`, so that close events interfere.
fn soon_or(draws: &mut fastrand::Rng, longest: u64) -> u64 {
    if draws.bool() { draws.u64(1..20) } else { draws.u64(60..longest) }
}
