//! The loops between a message and its reader, decided: answers, tasks, referrals, confirmations, coupons.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Verdict, decide, verdict};
use rekindle_lifecycle::decision::{Decision, Entry, ReferralNews};
use rekindle_lifecycle::fact::{
    ConsentEvent, Event, Fact, Invited, NpsAnswer, OrderEvent, OrderStatus, Reaction, ReactionKind, Referred,
    RefundEvent, TaskClosed, Traits,
};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId, run_digest};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::{CouponSource, Policy};
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::referral::Refusal;
use rekindle_lifecycle::short_code;

/// A customer who is told facts and decided about, with everything that came of it. Messages settle at once.
struct Life {
    policy: Policy,
    customer: Customer,
    now: Timestamp,
    created: Vec<Message>,
    entries: Vec<Entry>,
    news: Vec<ReferralNews>,
}

impl Life {
    fn new(id: &str, extra: &str) -> Self {
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

    /// A customer who ordered just now and can be reached by mail and by text.
    fn after_an_order(extra: &str) -> Self {
        let mut life = Self::new("anna", extra);
        life.order("1", None, None);
        life
    }

    fn hear(&mut self, id: &str, event: Event) {
        self.hear_with(id, event, Traits::default());
    }

    fn hear_with(&mut self, id: &str, event: Event, traits: Traits) {
        let fact = Fact { at: self.now, id: id.to_owned(), event, traits };
        self.customer.folded.hear(&fact, &self.policy.calendar).expect("a recent fact");
        self.advance();
    }

    fn order(&mut self, id: &str, referral_code: Option<&str>, coupon: Option<&str>) {
        self.order_of(id, OrderStatus::Completed, referral_code, coupon);
    }

    fn order_of(&mut self, id: &str, status: OrderStatus, referral_code: Option<&str>, coupon: Option<&str>) {
        let event = Event::Order(OrderEvent {
            order_id: OrderId::parse(id).expect("an id"),
            status,
            amount: None,
            coupon: coupon.map(str::to_owned),
            referral_code: referral_code.map(str::to_owned),
            ship_to: None,
        });
        let traits = Traits {
            email: EmailAddress::parse("anna@example.com").ok(),
            phone: PhoneNumber::parse("+442071838750").ok(),
            ..Traits::default()
        };
        self.hear_with(id, event, traits);
    }

    fn answer(&mut self, survey: &str, score: u8) {
        self.hear(survey, Event::NpsAnswer(NpsAnswer { score, comment: None, may_call: None }));
    }

    fn own_word(&mut self, channel: Channel, granted: bool) {
        let consent =
            ConsentEvent { channel, purpose: None, granted, source: "page".to_owned(), text_version: None, own: true };
        self.hear("own", Event::Consent(consent));
    }

    /// Lets time pass, hour by hour.
    fn pass(&mut self, days: i64) {
        for _ in 0..days * 24 {
            self.now += SignedDuration::from_hours(1);
            self.advance();
        }
    }

    fn advance(&mut self) {
        let Decision { stage, stage_since, decided, messages, entries, due_at, referral, .. } =
            decide(&self.policy, &self.customer, self.now);
        self.customer.stage = stage;
        self.customer.stage_since = stage_since;
        self.customer.due_at = due_at;
        self.customer.decided = decided.unwrap_or_else(|| self.customer.decided.clone());
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

    fn of(&self, journey: &str) -> Vec<String> {
        let of_journey = self.created.iter().filter(|message| message.journey == journey);
        of_journey.map(|message| format!("{} {}", message.channel, message.step)).collect()
    }

    fn skipped(&self, wanted: &str) -> Option<Reason> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::NotSent { step: Some(step), reason, .. } if step == wanted => Some(*reason),
            _ => None,
        })
    }

    fn refusals(&self) -> Vec<Refusal> {
        let refusal = |entry: &Entry| match entry {
            Entry::ReferralRefused { refusal, .. } => Some(*refusal),
            _ => None,
        };
        self.entries.iter().filter_map(refusal).collect()
    }
}

#[test]
fn somebody_calls_an_unhappy_customer_before_anybody_writes() {
    let mut life = Life::after_an_order("");
    life.pass(1);
    life.answer("survey", 3);
    life.pass(3);
    assert_eq!(life.of("nps-detractor"), ["handoff call"]);
    let task = life.created.iter().find(|message| message.channel == Channel::Handoff).expect("a task").id.clone();
    assert_eq!(life.of("welcome"), ["email thanks"], "nothing is offered to them");
    assert_eq!(life.skipped("guide"), Some(Reason::Detractor));

    life.hear("closed", Event::TaskClosed(TaskClosed { task, outcome: Some("sent a new one".to_owned()) }));
    life.pass(2);
    assert_eq!(life.of("nps-detractor"), ["handoff call", "email apology"]);
    life.pass(5);
    assert_eq!(life.skipped("nudge"), Some(Reason::Detractor));
    assert_eq!(life.of("nps-detractor").len(), 2);
}

#[test]
fn a_detractor_who_thinks_better_of_it_is_asked_to_recommend_and_not_called_twice() {
    let mut life = Life::after_an_order("[frequency_cap]\ntotal = 6\n");
    life.pass(1);
    life.answer("survey", 3);
    life.now += SignedDuration::from_mins(5);
    life.answer("survey", 9);
    life.pass(3);
    let ended = |reason| {
        life.entries.iter().any(|entry| matches!(entry, Entry::RunEnded { journey, reason: r, .. } if journey == "nps-detractor" && *r == reason))
    };
    assert!(life.of("nps-detractor").len() <= 1, "the call may be under way");
    assert!(ended(Reason::AnswerChanged));
    assert_eq!(life.of("nps-promoter"), ["email invitation"]);
    assert!(life.of("welcome").contains(&"email guide".to_owned()), "offers go on");
}

#[test]
fn a_passive_customer_is_asked_what_was_missing() {
    let mut life = Life::after_an_order("");
    life.pass(1);
    life.answer("survey", 8);
    life.answer("survey", 8);
    life.pass(2);
    assert_eq!(life.of("nps-passive"), ["email question"]);
    assert!(life.of("nps-promoter").is_empty() && life.of("nps-detractor").is_empty());
}

#[test]
fn until_a_customer_confirms_the_question_is_all_they_get_on_a_channel() {
    let mut life = Life::after_an_order("[consent.confirm]\nemail = true\nsms = true\n");
    life.pass(2);
    assert!(life.created.is_empty(), "nobody said yes to anything");
    let traits = Traits { sms_consent: Some(true), email_consent: Some(true), ..Traits::default() };
    life.hear_with("identify", Event::Identified, traits.clone());
    life.pass(2);
    assert_eq!(life.of("confirm-email"), ["email question"]);
    assert_eq!(life.of("confirm-sms"), ["sms question"]);
    assert_eq!(life.skipped("guide"), Some(Reason::Unconfirmed));
    // The shop repeats the yes with every call: the question is not repeated.
    life.hear_with("identify again", Event::Identified, traits);
    life.pass(4);
    assert_eq!(life.created.len(), 2);
    life.own_word(Channel::Email, true);
    life.pass(4);
    assert!(life.of("welcome").contains(&"email nudge".to_owned()), "{:?}", life.of("welcome"));
}

#[test]
fn a_question_that_was_answered_meanwhile_is_withdrawn() {
    let mut life = Life::after_an_order("");
    let traits = Traits { sms_consent: Some(true), ..Traits::default() };
    life.hear_with("identify", Event::Identified, traits);
    life.pass(2);
    let question = life.created.iter().find(|message| message.asks_to_confirm).expect("a question").clone();
    assert_eq!(verdict(&life.policy, &life.customer, &question, question.created_at), Verdict::Send);
    life.own_word(Channel::Sms, true);
    let after = verdict(&life.policy, &life.customer, &question, question.created_at);
    assert_eq!(after, Verdict::Withdraw(Reason::Settled));
}

fn code() -> String {
    short_code::encode(4_711)
}

#[test]
fn a_friends_order_tells_the_referrer_once_and_again_when_it_is_sent_back() {
    let mut friend = Life::new("bob", "");
    friend.order("f1", Some(&code()), None);
    friend.pass(1);
    let [news] = friend.news.as_slice() else { panic!("{:?}", friend.news) };
    assert!(news.referred.counts && news.referred.code == code());
    friend.order("f2", Some(&code()), None);
    assert_eq!(friend.news.len(), 1, "the next order brings nothing");
    let refund = RefundEvent { order_id: OrderId::parse("f1").expect("an id"), amount: None };
    friend.hear("refund", Event::Refund(refund));
    friend.pass(1);
    assert_eq!(friend.news.len(), 2);
    let undone = &friend.news[1].referred;
    assert!(!undone.counts && undone.friend == friend.news[0].referred.friend);
}

#[test]
fn an_order_that_is_not_paid_for_yet_tells_nothing_and_takes_nothing_back() {
    let mut friend = Life::new("bob", "");
    let code = code();
    friend.order_of("f1", OrderStatus::Pending, Some(&code), None);
    friend.order("f2", None, None);
    friend.pass(1);
    assert!(friend.news.is_empty(), "{:?}", friend.news);
    friend.order("f1", Some(&code), None);
    friend.pass(1);
    let [news] = friend.news.as_slice() else { panic!("{:?}", friend.news) };
    assert!(news.referred.counts);
}

#[test]
fn a_visit_with_a_code_is_credited_with_the_first_order_after_it() {
    let mut friend = Life::new("bob", "");
    friend.hear("visit", Event::Invited(Invited { code: code() }));
    friend.pass(3);
    friend.order("f1", None, None);
    assert_eq!(friend.news.len(), 1);

    let mut late = Life::new("bob", "");
    late.hear("visit", Event::Invited(Invited { code: code() }));
    late.pass(31);
    late.order("f1", None, None);
    assert!(late.news.is_empty(), "too long ago");

    // The window ends at its very instant.
    for (less, credited) in [(1, 1), (0, 0)] {
        let mut friend = Life::new("bob", "");
        friend.hear("visit", Event::Invited(Invited { code: code() }));
        friend.now += SignedDuration::from_hours(30 * 24) - SignedDuration::from_secs(less);
        friend.order("f1", None, None);
        assert_eq!(friend.news.len(), credited);
    }
}

#[test]
fn a_visit_is_credited_with_the_order_that_counts_and_not_with_one_that_was_only_begun() {
    let mut friend = Life::new("bob", "");
    friend.hear("visit", Event::Invited(Invited { code: code() }));
    friend.pass(1);
    friend.order_of("a", OrderStatus::Pending, None, None);
    friend.order("b", None, None);
    let [news] = friend.news.as_slice() else { panic!("{:?}", friend.news) };
    assert_eq!(news.order.as_str(), "b");
}

#[test]
fn where_no_journey_rewards_a_referral_nobody_is_told_of_one() {
    let mut friend = Life::new(
        "bob",
        "[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n\
         [[journey.step]]\nid = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"t\"\n",
    );
    friend.order("f1", Some(&code()), None);
    friend.pass(1);
    assert!(friend.news.is_empty() && friend.refusals().is_empty());
    assert_eq!(friend.customer.decided.claim, None);
}

#[test]
fn a_friend_is_judged_once_and_of_the_judgements_the_latest_thirty_two_are_remembered() {
    let mut anna = Life::new("anna", "");
    let mut undone = |number: usize| {
        anna.now += SignedDuration::from_secs(1);
        let friend = format!("friend-{number}");
        let (code, ordered_at, marks) = (code(), anna.now, Default::default());
        anna.hear(
            &friend,
            Event::Referred(Referred { code, friend: friend.clone(), ordered_at, counts: false, marks }),
        );
        (anna.refusals().len(), anna.customer.decided.judged.len())
    };
    for number in 1..=32 {
        assert_eq!(undone(number), (number, number));
    }
    assert_eq!(undone(33), (33, 32));
    assert_eq!(undone(33), (33, 32), "judged already");
    let judged = &anna.customer.decided.judged;
    assert!(!judged.contains_key("friend-1") && judged.contains_key("friend-2"));
}

#[test]
fn whoever_ordered_before_is_no_friend_to_be_rewarded_for() {
    let mut friend = Life::new("bob", "");
    friend.order("f1", None, None);
    friend.pass(60);
    friend.order("f2", Some(&code()), None);
    friend.pass(1);
    friend.order("f3", Some(&code()), None);
    friend.pass(1);
    assert!(friend.news.is_empty());
    assert_eq!(friend.refusals(), [Refusal::NotNew]);
}

#[test]
fn a_referrer_is_rewarded_for_each_friend_after_the_return_window() {
    let mut anna = Life::after_an_order("");
    let mut referred = |name: &str, fact: Option<Referred>| {
        let mut friend = Life::new(name, "");
        friend.now = anna.now;
        friend.order("f1", Some(&code()), None);
        let news = fact.unwrap_or_else(|| friend.news[0].referred.clone());
        anna.hear(name, Event::Referred(news.clone()));
        news
    };
    // Each friend has the address and the number of Anna herself unless the marks are taken away.
    let bob = referred("bob", None);
    let marks =
        |friend: &str| rekindle_lifecycle::fact::Marks { customer: Some(friend.to_owned()), ..Default::default() };
    referred("cleo", Some(Referred { friend: "cleo".to_owned(), marks: marks("cleo"), ..bob.clone() }));
    referred("dora", Some(Referred { friend: "dora".to_owned(), marks: marks("dora"), ..bob }));
    anna.pass(13);
    assert!(anna.of("referral-reward").is_empty());
    anna.pass(5);
    assert_eq!(anna.of("referral-reward"), ["email reward", "email reward"]);
    assert_eq!(anna.refusals(), [Refusal::SameAddress]);
    let reward = anna.created.iter().find(|message| message.journey == "referral-reward").expect("a reward");
    let coupon = reward.coupon.as_ref().expect("a coupon");
    assert_eq!(coupon.source, CouponSource::Generated("THANKS".to_owned()));
}

#[test]
fn a_click_counts_for_the_run_whose_message_it_was_in() {
    let policy = r#"
[[journey]]
id = "tour"
trigger = "first_order"
purpose = "marketing"
priority = 1
[[journey.step]]
id = "hello"
delay = "1h"
channel = "email"
template = "welcome-thanks"
[[journey.step]]
id = "more"
delay = "2d"
channel = "email"
template = "welcome-guide"
only_if = ["clicked"]
[[journey.step]]
id = "call"
delay = "3d"
channel = "handoff"
template = "shy"
unless = ["clicked"]
"#;
    let click = |run: &str| {
        Event::Reaction(Reaction {
            how: ReactionKind::Click,
            message: None,
            run: Some(run_digest("tour", run)),
            link: Some("a".to_owned()),
        })
    };
    let told = |run: Option<&str>| {
        let mut life = Life::after_an_order(policy);
        life.pass(1);
        if let Some(run) = run {
            life.hear("click", click(run));
        }
        life.pass(4);
        (life.of("tour"), life.skipped("more"), life.skipped("call"))
    };
    let nothing = vec!["email hello".to_owned(), "handoff call".to_owned()];
    assert_eq!(told(None), (nothing.clone(), Some(Reason::ConditionUnmet), None));
    assert_eq!(told(Some("another run")), (nothing, Some(Reason::ConditionUnmet), None));
    let clicked = vec!["email hello".to_owned(), "email more".to_owned()];
    assert_eq!(told(Some("first")), (clicked, None, Some(Reason::Clicked)));
}

#[test]
fn a_task_is_a_step_like_any_other_under_the_same_cap() {
    let mut life = Life::after_an_order("[frequency_cap]\ntotal = 1\n");
    life.pass(1);
    assert_eq!(life.of("welcome"), ["email thanks"]);
    life.answer("survey", 2);
    life.pass(2);
    assert!(life.of("nps-detractor").is_empty(), "one contact in seven days");
    life.pass(5);
    assert_eq!(life.of("nps-detractor"), ["handoff call"]);
}

#[test]
fn consent_is_given_by_purpose_and_a_survey_may_be_answered_by_whoever_refused_offers() {
    let mut life = Life::after_an_order("");
    let refusal = ConsentEvent {
        channel: Channel::Email,
        purpose: Some(Purpose::Marketing),
        granted: false,
        source: "page".to_owned(),
        text_version: None,
        own: true,
    };
    life.hear("no", Event::Consent(refusal));
    life.pass(16);
    assert!(life.of("welcome").is_empty());
    assert_eq!(life.of("nps"), ["email question"]);
}
