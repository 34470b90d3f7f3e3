//! Which steps a run takes when they are due: conditions, places under the cap, quiet hours, and the recorded reasons.

#[path = "shared_steps/take_decision.rs"]
mod take_decision;

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Decision, Entry};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, NpsAnswer, OrderEvent, OrderStatus, Reaction, ReactionKind, TaskClosed, Traits,
};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use take_decision::take_decision;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Hours after noon of a Monday, in the shop's zone and the customer's.
fn hour(number: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

fn consent(channel: Channel, granted: bool, own: bool) -> Event {
    Event::Consent(ConsentEvent { channel, purpose: None, granted, source: "page".to_owned(), text_version: None, own })
}

struct Life {
    policy: Policy,
    customer: Customer,
    now: Timestamp,
}

impl Life {
    /// A customer with an address and a number and no other facts, under a policy with one journey.
    fn new(rules: &str, trigger: &str, steps: &[&str]) -> Self {
        let head =
            format!("[experiment]\nholdout = 0.0\n{rules}\n[[journey]]\nid = \"plan\"\ntrigger = \"{trigger}\"\n");
        let steps: String = steps.iter().map(|step| format!("[[journey.step]]\ntemplate = \"t\"\n{step}\n")).collect();
        let policy = Policy::parse(&format!("{head}purpose = \"marketing\"\npriority = 1\n{steps}"));
        let shop = ShopId::parse("vinyl").expect("a shop id");
        let customer = Customer::new(shop, CustomerId::parse("anna").expect("an id"));
        let mut life = Self { policy: policy.expect("a valid policy"), customer, now: hour(0) };
        life.apply(hour(-500), "yes", consent(Channel::Sms, true, true));
        life
    }

    fn apply(&mut self, at: Timestamp, id: &str, event: Event) {
        let traits = Traits {
            email: EmailAddress::parse("anna@example.com").ok(),
            phone: PhoneNumber::parse("+442071838750").ok(),
            ..Traits::default()
        };
        let fact = Fact { at, id: id.to_owned(), event, traits };
        self.customer.folded.apply(&fact, &self.policy.calendar).expect("a short history");
    }

    fn order(&mut self, at: Timestamp, id: &str, amount: Option<&str>) {
        let money = |text: &str| {
            let (amount, code) = text.split_once(' ').expect("an amount and a currency");
            Money::parse(amount, Currency::parse(code).expect(code)).expect(text)
        };
        let event = OrderEvent::new(OrderId::parse(id).expect("an id"), OrderStatus::Completed, amount.map(money));
        self.apply(at, id, Event::Order(event));
    }

    fn decide(&mut self, now: Timestamp) -> Decision {
        self.now = now;
        take_decision(&self.policy, &mut self.customer, now)
    }

    /// Takes a decision and marks every message that it creates as sent.
    fn decide_and_send(&mut self, now: Timestamp) -> Vec<String> {
        let decision = self.decide(now);
        for message in &decision.messages {
            let accepted = AttemptOutcome::Accepted { provider_id: "p".to_owned() };
            self.customer.settle(&message.claimed(now).attempted(accepted, now), now);
        }
        created(&decision)
    }

    fn held_by(&self) -> Option<Reason> {
        self.customer.decided.runs["plan"].held_by
    }
}

fn created(decision: &Decision) -> Vec<String> {
    decision.messages.iter().map(|message| format!("{} {}", message.channel, message.step)).collect()
}

fn skipped(decision: &Decision) -> Vec<(String, Reason)> {
    let step = |entry: &Entry| match entry {
        Entry::NotSent { step: Some(step), reason, .. } => Some((step.clone(), *reason)),
        _ => None,
    };
    decision.entries.iter().filter_map(step).collect()
}

fn because(decision: &Decision) -> Vec<&str> {
    decision.messages.iter().map(|message| message.because.as_str()).collect()
}

const NOW: &str = "id = \"a\"\ndelay = \"0h\"\nchannel = \"email\"";

#[test]
fn a_step_with_a_minimum_number_of_orders_goes_only_to_customers_who_reached_it() {
    let told = |orders: i64| {
        let mut life = Life::new("", "order", &[&format!("{NOW}\nonly_if_orders = 3")]);
        for number in 1..=orders {
            life.order(hour(-24 * (orders - number)), &number.to_string(), None);
        }
        let decision = life.decide(hour(0));
        (created(&decision).len(), skipped(&decision))
    };
    assert_eq!(told(2), (0, vec![("a".to_owned(), Reason::ConditionUnmet)]));
    assert_eq!(told(3), (1, vec![]));
    assert_eq!(told(4), (1, vec![]));
}

#[test]
fn a_step_with_a_minimum_spend_goes_only_to_customers_who_spent_it_in_that_currency() {
    let told = |amounts: &[&str]| {
        let mut life = Life::new("", "order", &[&format!("{NOW}\nonly_if_spent = \"100.00 EUR\"")]);
        for (number, amount) in amounts.iter().enumerate() {
            life.order(hour(0), &number.to_string(), Some(amount));
        }
        created(&life.decide(hour(0))).len()
    };
    assert_eq!(told(&["99.99 EUR"]), 0);
    assert_eq!(told(&["60.00 EUR", "40.00 EUR"]), 1);
    assert_eq!(told(&["250.00 EUR"]), 1);
    assert_eq!(told(&["250.00 USD", "99.99 EUR"]), 0);
}

#[test]
fn a_step_skipped_for_a_condition_names_it_with_its_values() {
    let because = |condition: &str| {
        let mut life = Life::new("", "order", &[&format!("{NOW}\n{condition}")]);
        life.order(hour(0), "1", Some("12.50 EUR"));
        let decision = life.decide(hour(0));
        let because = decision.entries.iter().find_map(|entry| match entry {
            Entry::NotSent { reason: Reason::ConditionUnmet, because, .. } => because.clone(),
            _ => None,
        });
        because.expect(condition)
    };
    let days = "the step is for customers with 5 or more days with an order; there were 1";
    assert_eq!(because("only_if_orders = 5"), days);
    let spent = "the step is for customers who spent 250.00 EUR or more; it was 12.50 EUR";
    assert_eq!(because("only_if_spent = \"250.00 EUR\""), spent);
    assert_eq!(because("only_if = [\"clicked\"]"), "the customer has not followed a link of this run");
    let sentences = ["ordered", "reacted", "clicked", "replied", "answered"]
        .map(|condition| because(&format!("only_if = [{condition:?}]\nonly_if_orders = 5")));
    assert!(sentences.iter().all(|sentence| sentence.starts_with("the customer has n")), "{sentences:?}");
    assert_eq!(sentences.iter().collect::<std::collections::BTreeSet<_>>().len(), sentences.len());
}

#[test]
fn a_step_with_conditions_needs_all_that_it_names_and_none_that_it_excludes() {
    let told = |conditions: &str, kinds: &[ReactionKind]| {
        let step = format!("id = \"a\"\ndelay = \"2h\"\nchannel = \"email\"\n{conditions}");
        let mut life = Life::new("", "order", &[&step]);
        life.order(hour(0), "1", None);
        life.decide(hour(0));
        for (number, how) in kinds.iter().enumerate() {
            let reaction = Reaction { how: *how, message: None, run: None, link: None };
            life.apply(hour(1), &format!("r{number}"), Event::Reaction(reaction));
        }
        let decision = life.decide(hour(2));
        skipped(&decision).first().map(|(_, reason)| *reason)
    };
    use ReactionKind::{Reply, Visit};
    let both = "only_if = [\"reacted\", \"replied\"]";
    assert_eq!(told(both, &[Visit]), Some(Reason::ConditionUnmet));
    assert_eq!(told(both, &[Visit, Reply]), None);
    let neither = "unless = [\"answered\", \"replied\"]";
    assert_eq!(told(neither, &[Visit]), None);
    assert_eq!(told(neither, &[Reply]), Some(Reason::Replied));
}

#[test]
fn a_step_uses_its_other_channel_only_where_the_first_cannot_reach_the_customer() {
    let told = |steps: &str, refused: bool| {
        let mut life = Life::new("", "order", &[&format!("{NOW}\n{steps}")]);
        if refused {
            life.apply(hour(-1), "no", consent(Channel::Email, false, true));
        }
        life.order(hour(0), "1", None);
        let decision = life.decide(hour(0));
        (created(&decision), skipped(&decision).first().map(|(_, reason)| *reason))
    };
    assert_eq!(told("fallback = \"sms\"", false), (vec!["email a".to_owned()], None));
    assert_eq!(told("fallback = \"sms\"", true), (vec!["sms a".to_owned()], None));
    assert_eq!(told("", true), (vec![], Some(Reason::NoConsent)));
}

#[test]
fn a_step_due_at_night_waits_for_the_morning_and_records_it() {
    let mut life = Life::new("", "order", &[NOW]);
    life.order(hour(9), "1", None);
    let night = life.decide(hour(9));
    assert_eq!((created(&night).len(), life.held_by(), night.due_at), (0, Some(Reason::QuietHours), Some(hour(21))));
    let morning = life.decide(hour(21));
    assert_eq!(created(&morning), ["email a"]);
    let because = because(&morning)[0];
    assert_eq!(
        because,
        "upon an order on 2026-03-02; it had to wait because it is outside the hours in which this customer may be written to"
    );
    assert_eq!(life.customer.decided.runs["plan"].held_by, None);
}

#[test]
fn a_step_without_a_place_under_the_cap_waits_for_one_and_records_it() {
    let steps = [NOW, "id = \"b\"\ndelay = \"1h\"\nchannel = \"email\""];
    let mut life = Life::new("[frequency_cap]\nmin_gap = \"3h\"", "order", &steps);
    life.order(hour(0), "1", None);
    assert_eq!(life.decide_and_send(hour(0)), ["email a"]);
    let decision = life.decide(hour(1));
    assert_eq!((created(&decision).len(), life.held_by()), (0, Some(Reason::FrequencyCap)));
    assert_eq!(decision.due_at, Some(hour(3)));
    let later = life.decide(hour(3));
    assert_eq!(
        because(&later),
        [
            "1h after an order on 2026-03-02; it had to wait because the customer had as many messages lately as the frequency \
          cap allows"
        ]
    );
}

#[test]
fn a_step_that_waited_until_it_was_useless_is_skipped_with_the_reason_for_the_wait() {
    let steps = [NOW, "id = \"b\"\ndelay = \"1h\"\nchannel = \"email\"\nnot_after = \"4h\""];
    let mut life = Life::new("[frequency_cap]\nmin_gap = \"12h\"", "order", &steps);
    life.order(hour(0), "1", None);
    life.decide_and_send(hour(0));
    let held = life.decide(hour(1));
    assert_eq!(held.due_at, Some(hour(5)), "the engine wakes when it becomes useless");
    assert!(skipped(&life.decide(hour(5) - SECOND)).is_empty());
    let decision = life.decide(hour(5));
    assert_eq!(skipped(&decision), [("b".to_owned(), Reason::FrequencyCap)]);
    assert!(life.customer.decided.runs["plan"].ended, "nothing more is to come");
}

#[test]
fn a_step_whose_time_passed_while_the_engine_was_down_is_too_late() {
    for (late, reason) in [(SECOND, None), (SignedDuration::ZERO, Some(Reason::TooLate))] {
        let mut life = Life::new("", "order", &["id = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\nnot_after = \"4h\""]);
        life.order(hour(0), "1", None);
        life.decide(hour(0));
        let decision = life.decide(hour(5) - late);
        assert_eq!(skipped(&decision).first().map(|(_, reason)| *reason), reason);
        assert_eq!(created(&decision).is_empty(), reason.is_some());
    }
}

#[test]
fn a_step_after_a_task_counts_its_delay_from_the_closing_and_is_left_out_with_the_task() {
    let steps = [
        "id = \"call\"\ndelay = \"0h\"\nchannel = \"handoff\"",
        "id = \"letter\"\ndelay = \"1h\"\nchannel = \"email\"\nafter_closing = \"call\"",
    ];
    let gap = "[frequency_cap]\nmin_gap = \"0h\"";
    let mut life = Life::new(gap, "nps:promoter", &steps);
    life.apply(hour(0), "survey", Event::NpsAnswer(NpsAnswer { score: 10, comment: None, may_call: None }));
    let first = life.decide(hour(0));
    assert_eq!(created(&first), ["handoff call"]);
    assert_eq!(because(&first), ["upon an answer of a promoter on 2026-03-02"]);
    let task = first.messages[0].id.clone();
    let accepted = AttemptOutcome::Accepted { provider_id: "p".to_owned() };
    life.customer.settle(&first.messages[0].claimed(hour(0)).attempted(accepted, hour(0)), hour(0));
    assert!(created(&life.decide(hour(3))).is_empty(), "staff have not called yet");
    life.apply(hour(4), "closed", Event::TaskClosed(TaskClosed { task, outcome: None }));
    assert_eq!(life.decide(hour(4)).due_at, Some(hour(5)));
    let letter = life.decide(hour(5));
    assert_eq!(created(&letter), ["email letter"]);
    assert_eq!(because(&letter), ["the task \"call\" was closed, after an answer of a promoter on 2026-03-02"]);

    let only_if = format!("{}\nonly_if_orders = 1", steps[0]);
    let mut without = Life::new(gap, "nps:promoter", &[&only_if, steps[1]]);
    without.apply(hour(0), "survey", Event::NpsAnswer(NpsAnswer { score: 10, comment: None, may_call: None }));
    let decision = without.decide(hour(0));
    let left_out = [("call".to_owned(), Reason::ConditionUnmet), ("letter".to_owned(), Reason::NoTask)];
    assert_eq!(skipped(&decision), left_out);
}

#[test]
fn every_message_records_its_cause() {
    let said = |trigger: &str, delay: &str, asks: bool| {
        let step = format!("id = \"a\"\ndelay = \"{delay}\"\nchannel = \"email\"");
        let mut life = Life::new(&format!("[consent.confirm]\nemail = {asks}"), trigger, &[&step]);
        if asks {
            life.apply(hour(0), "1", consent(Channel::Email, true, false));
        } else {
            life.order(hour(0), "1", None);
        }
        life.decide(hour(0));
        because(&life.decide(hour(2))).concat()
    };
    assert_eq!(said("first_order", "2h", false), "2h after the first order on 2026-03-02");
    assert_eq!(said("order", "90m", false), "90m after an order on 2026-03-02");
    assert_eq!(said("stage:new", "2h", false), "2h after becoming new on 2026-03-02");
    let asked = said("unconfirmed:email", "2h", true);
    assert_eq!(asked, "2h after a yes to email that the shop passed on on 2026-03-02");
}
