//! Referred friends, and the rewards for them.

use crate::life::Life;
use jiff::SignedDuration;
use rekindle_lifecycle::facts::{Event, Invited, OrderStatus, Referred, RefundEvent};
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::referral::Refusal;
use rekindle_lifecycle::rules::CouponSource;
use rekindle_lifecycle::short_code;

fn code() -> String {
    short_code::encode(4_711)
}

#[test]
fn a_friends_first_order_notifies_the_referrer_once_and_again_when_it_is_refunded() {
    let mut friend = Life::new("bob", "");
    friend.order("f1", Some(&code()), None);
    friend.pass(1);
    let [news] = friend.news.as_slice() else { panic!("{:?}", friend.news) };
    assert!(news.referred.counts && news.referred.code == code());
    friend.order("f2", Some(&code()), None);
    assert_eq!(friend.news.len(), 1, "the next order earns nothing");
    let refund = RefundEvent::new(OrderId::parse("f1").expect("an id"), None);
    friend.apply("refund", Event::Refund(refund));
    friend.pass(1);
    assert_eq!(friend.news.len(), 2);
    let undone = &friend.news[1].referred;
    assert!(!undone.counts && undone.friend == friend.news[0].referred.friend);
}

#[test]
fn an_unpaid_order_neither_earns_a_reward_nor_takes_one_back() {
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
    friend.apply("visit", Event::Invited(Invited { code: code() }));
    friend.pass(3);
    friend.order("f1", None, None);
    assert_eq!(friend.news.len(), 1);

    let mut late = Life::new("bob", "");
    late.apply("visit", Event::Invited(Invited { code: code() }));
    late.pass(31);
    late.order("f1", None, None);
    assert!(late.news.is_empty(), "too long ago");

    // A second before its end, the window is open; at its end, it is closed.
    for (less, credited) in [(1, 1), (0, 0)] {
        let mut friend = Life::new("bob", "");
        friend.apply("visit", Event::Invited(Invited { code: code() }));
        friend.now += SignedDuration::from_hours(30 * 24) - SignedDuration::from_secs(less);
        friend.order("f1", None, None);
        assert_eq!(friend.news.len(), credited);
    }
}

#[test]
fn a_visit_is_credited_with_the_order_that_counts_and_not_with_one_that_was_only_begun() {
    let mut friend = Life::new("bob", "");
    friend.apply("visit", Event::Invited(Invited { code: code() }));
    friend.pass(1);
    friend.order_of("a", OrderStatus::Pending, None, None);
    friend.order("b", None, None);
    let [news] = friend.news.as_slice() else { panic!("{:?}", friend.news) };
    assert_eq!(news.order.as_str(), "b");
}

#[test]
fn without_a_journey_that_rewards_referrals_no_referrer_is_notified() {
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
        anna.apply(
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
fn a_customer_who_ordered_before_earns_the_referrer_no_reward() {
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
        anna.apply(name, Event::Referred(news.clone()));
        news
    };
    // Each friend has the same address and number as Anna unless the marks are removed.
    let bob = referred("bob", None);
    let marks =
        |friend: &str| rekindle_lifecycle::facts::Marks { customer: Some(friend.to_owned()), ..Default::default() };
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
