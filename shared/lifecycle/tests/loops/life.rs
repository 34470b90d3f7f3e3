//! A customer to whom a test applies facts and for whom it takes decisions.

use crate::take_decision::take_decision;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Decision, Entry, ReferralNews, Verdict, verdict};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, NpsAnswer, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::referral::Refusal;

/// A customer to whom facts are applied, with all messages and entries that the decisions returned. Every message gets
/// its outcome at once.
pub(crate) struct Life {
    pub(crate) policy: Policy,
    pub(crate) customer: Customer,
    pub(crate) now: Timestamp,
    pub(crate) created: Vec<Message>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) news: Vec<ReferralNews>,
}

impl Life {
    pub(crate) fn new(id: &str, extra: &str) -> Self {
        let policy = Policy::parse(&format!("[experiment]\nholdout = 0.0\n{extra}")).expect("a valid policy");
        let shop = ShopId::parse("vinyl").expect("a shop id");
        Self {
            policy,
            customer: Customer::new(shop, CustomerId::parse(id).expect("an id")),
            now: "2026-03-02T12:00:00Z".parse().expect("an instant"),
            created: vec![],
            entries: vec![],
            news: vec![],
        }
    }

    /// A customer who has just ordered and can be reached by mail and by text.
    pub(crate) fn after_an_order(extra: &str) -> Self {
        let mut life = Self::new("anna", extra);
        life.order("1", None, None);
        life
    }

    pub(crate) fn apply(&mut self, id: &str, event: Event) {
        self.apply_with(id, event, Traits::default());
    }

    pub(crate) fn apply_with(&mut self, id: &str, event: Event, traits: Traits) {
        let fact = Fact { at: self.now, id: id.to_owned(), event, traits };
        self.customer.folded.apply(&fact, &self.policy.calendar).expect("a recent fact");
        self.advance();
    }

    pub(crate) fn order(&mut self, id: &str, referral_code: Option<&str>, coupon: Option<&str>) {
        self.order_of(id, OrderStatus::Completed, referral_code, coupon);
    }

    pub(crate) fn order_of(
        &mut self,
        id: &str,
        status: OrderStatus,
        referral_code: Option<&str>,
        coupon: Option<&str>,
    ) {
        let event = Event::Order(OrderEvent {
            order_id: OrderId::parse(id).expect("an id"),
            status,
            amount: None,
            coupon: coupon.map(str::to_owned),
            referral_code: referral_code.map(str::to_owned),
            ship_to: None,
            details: Default::default(),
        });
        let traits = Traits {
            email: EmailAddress::parse("anna@example.com").ok(),
            phone: PhoneNumber::parse("+442071838750").ok(),
            ..Traits::default()
        };
        self.apply_with(id, event, traits);
    }

    pub(crate) fn answer(&mut self, survey: &str, score: u8) {
        self.apply(survey, Event::NpsAnswer(NpsAnswer { score, comment: None, may_call: None }));
    }

    pub(crate) fn own_word(&mut self, channel: Channel, granted: bool) {
        let consent =
            ConsentEvent { channel, purpose: None, granted, source: "page".to_owned(), text_version: None, own: true };
        self.apply("own", Event::Consent(consent));
    }

    /// Lets time pass, hour by hour.
    pub(crate) fn pass(&mut self, days: i64) {
        for _ in 0..days * 24 {
            self.now += SignedDuration::from_hours(1);
            self.advance();
        }
    }

    pub(crate) fn advance(&mut self) {
        let Decision { messages, entries, referral, .. } = take_decision(&self.policy, &mut self.customer, self.now);
        self.entries.extend(entries);
        self.news.extend(referral);
        for message in messages {
            let sent = match verdict(&self.policy, &self.customer, &message, self.now) {
                Verdict::Withdraw(reason) => message.cancelled(reason),
                _ => Message {
                    state: rekindle_lifecycle::message::MessageState::Accepted,
                    accepted_at: Some(self.now),
                    ..message.clone()
                },
            };
            self.customer.settle(&sent, self.now);
            self.created.push(message);
        }
    }

    pub(crate) fn of(&self, journey: &str) -> Vec<String> {
        let of_journey = self.created.iter().filter(|message| message.journey == journey);
        of_journey.map(|message| format!("{} {}", message.channel, message.step)).collect()
    }

    pub(crate) fn skipped(&self, wanted: &str) -> Option<Reason> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::NotSent { step: Some(step), reason, .. } if step == wanted => Some(*reason),
            _ => None,
        })
    }

    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        let refusal = |entry: &Entry| match entry {
            Entry::ReferralRefused { refusal, .. } => Some(*refusal),
            _ => None,
        };
        self.entries.iter().filter_map(refusal).collect()
    }
}
