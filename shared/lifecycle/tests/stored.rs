//! The stored form of a customer. Items that are written today are read for years, so these texts may gain parts but
//! must not change; and because every customer has an item, default values are not stored.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::{Contact, Decided, Folded, Run};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, OrderEvent, OrderStatus, Reaction, ReactionKind, Referred, RefundEvent, SoftBounce,
    Suppression, SuppressionCause, Traits, Unsuppression,
};
use rekindle_lifecycle::id::{MessageId, OrderId};
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fn second(number: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(number)
}

fn fact(at: i64, id: &str, event: Event) -> Fact {
    Fact { at: second(at), id: id.to_owned(), event, traits: Traits::default() }
}

fn money(minor: i64, code: &str) -> Money {
    Money { minor, currency: Currency::parse(code).expect(code) }
}

fn order(at: i64, id: &str, status: OrderStatus, amount: Option<Money>) -> Fact {
    let order_id = OrderId::parse(id).expect("an id");
    let event = OrderEvent::new(order_id, status, amount);
    fact(at, id, Event::Order(event))
}

fn refund(at: i64, id: &str, amount: Option<Money>) -> Fact {
    fact(at, &format!("r{id}"), Event::Refund(RefundEvent::new(OrderId::parse(id).expect("an id"), amount)))
}

fn folded(facts: &[Fact]) -> Folded {
    Folded::recount(facts, &Policy::built_in().calendar)
}

/// Returns the part `name` of a customer with these facts.
fn part(name: &str, facts: &[Fact]) -> String {
    let folded = folded(facts);
    let stored = serde_json::to_value(&folded).expect("a customer can be stored");
    let read: Folded = serde_json::from_value(stored.clone()).expect("and read");
    assert_eq!(read, folded);
    stored.get(name).map(ToString::to_string).unwrap_or_default()
}

fn is_stored_as<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, text: &str) {
    assert_eq!(serde_json::to_string(value).expect("it can be stored"), text);
    assert_eq!(&serde_json::from_str::<T>(text).expect("and read"), value);
}

#[test]
fn an_order_takes_its_id_the_instant_the_amount_and_its_currency_only_where_it_changes() {
    use OrderStatus::Completed;
    let facts = [
        order(10, "a", Completed, Some(money(500, "EUR"))),
        order(20, "b", Completed, Some(money(700, "EUR"))),
        order(30, "c", Completed, Some(money(900, "USD"))),
        order(40, "d", Completed, Some(money(100, "USD"))),
    ];
    assert_eq!(
        part("or", &facts),
        r#"{"n":[["a",10000,500,"EUR"],["b",20000,700],["c",30000,900,"USD"],["d",40000,100]]}"#
    );
}

#[test]
fn a_changed_order_is_stored_with_its_changes() {
    use OrderStatus::{Cancelled, Completed, Pending, Updated};
    let eur = |minor| Some(money(minor, "EUR"));
    for (facts, stored) in [
        (vec![order(10, "a", Pending, eur(500))], r#"{"n":[{"i":"a","t":10000,"s":"pending","m":500,"c":"EUR"}]}"#),
        (vec![order(10, "a", Completed, None)], r#"{"n":[{"i":"a","t":10000}]}"#),
        (vec![order(10, "a", Cancelled, None)], r#"{"n":[{"i":"a","t":10000,"p":null,"s":"cancelled"}]}"#),
        (
            vec![order(10, "a", Completed, eur(500)), refund(50, "a", eur(200))],
            r#"{"n":[{"i":"a","t":10000,"m":500,"c":"EUR","r":{"ra":{"m":200,"c":"EUR"}}}]}"#,
        ),
        (
            vec![order(10, "a", Completed, eur(500)), refund(50, "a", None)],
            r#"{"n":[{"i":"a","t":10000,"m":500,"c":"EUR","r":{"ra":null}}]}"#,
        ),
        (
            vec![refund(5, "a", eur(200)), order(10, "a", Completed, eur(500))],
            r#"{"n":[{"i":"a","t":5000,"p":5000,"m":500,"c":"EUR","b":["completed",5000],"r":{"ra":{"m":200,"c":"EUR"}}}]}"#,
        ),
        (
            vec![order(10, "a", Completed, eur(500)), order(30, "a", Updated, eur(700))],
            r#"{"n":[{"i":"a","t":10000,"s":"updated","m":700,"c":"EUR","b":["updated",20000]}]}"#,
        ),
        (
            vec![order(10, "a", Completed, eur(500)), order(30, "a", Updated, None)],
            r#"{"n":[{"i":"a","t":10000,"s":"updated","m":500,"c":"EUR","b":["completed",0]}]}"#,
        ),
        (
            vec![order(10, "a", Pending, eur(500)), order(30, "a", Completed, None)],
            r#"{"n":[{"i":"a","t":10000,"m":500,"c":"EUR","b":["pending",0]}]}"#,
        ),
        (
            vec![order(10, "a", Completed, eur(500)), order(10, "a", Completed, eur(700))],
            r#"{"n":[{"i":"a","t":10000,"m":700,"c":"EUR","x":true}]}"#,
        ),
    ] {
        assert_eq!(part("or", &facts), stored);
    }
}

#[test]
fn older_orders_are_stored_in_sum_with_their_days() {
    const DAY: i64 = 86_400;
    let facts: Vec<Fact> = (0..12)
        .map(|n| {
            let code = if n == 1 { "USD" } else { "EUR" };
            // Two of the older ones fall on one day.
            let at = if n == 3 { 2 * DAY + 60 } else { n * DAY };
            order(at, &format!("o{n}"), OrderStatus::Completed, Some(money(100 + n, code)))
        })
        .collect();
    assert_eq!(
        part("or", &facts),
        r#"{"n":[["o6",518400000,106,"EUR"],["o7",604800000,107],["o8",691200000,108],["o9",777600000,109],["o10",864000000,110],["o11",950400000,111]],"r":{"t":432000000,"i":"o5","c":6,"v":{"EUR":514,"USD":101},"f":0,"o":5,"l":[432000000,86400000,172740000],"p":"xplE1ouDvbCep5Ef","d":"AP2eBmRFVVIFZVVTRAfNAQJFVVIIaARp"}}"#
    );
}

#[test]
fn a_consent_to_all_purposes_is_stored_once_and_an_older_word_with_its_age() {
    let word = |at, channel, purpose, granted, own| {
        let source = "page".to_owned();
        fact(at, "c", Event::Consent(ConsentEvent { channel, purpose, granted, source, text_version: None, own }))
    };
    assert_eq!(part("pe", &[]), "{}");
    assert_eq!(part("pe", &[word(10, Channel::Email, None, true, false)]), r#"{"t":10000,"c":{"e":"y"}}"#);
    let facts = [
        word(10, Channel::Email, None, true, false),
        word(12, Channel::Sms, Some(Purpose::Survey), true, false),
        word(20, Channel::Email, Some(Purpose::Marketing), false, true),
        word(15, Channel::Email, Some(Purpose::Referral), true, true),
    ];
    assert_eq!(
        part("pe", &facts),
        r#"{"t":20000,"c":{"e":["y",10000],"ss":["y",8000]},"o":{"em":"n","er":["y",5000]}}"#
    );
}

#[test]
fn closed_channels_are_stored_with_the_instants_that_decide_how_long() {
    let channel = Channel::Email;
    let facts = [
        fact(10, "1", Event::SoftBounce(SoftBounce { channel, address: None })),
        fact(20, "2", Event::SoftBounce(SoftBounce { channel, address: None })),
        fact(15, "3", Event::Unsuppressed(Unsuppression { channel })),
        fact(30, "4", Event::Suppressed(Suppression { channel, cause: SuppressionCause::Complaint, address: None })),
    ];
    assert_eq!(
        part("pe", &facts),
        r#"{"s":{"c":{"email":{"complaint":30000}},"o":{"email":15000},"b":{"email":[10000,20000]}}}"#
    );
}

#[test]
fn a_profile_is_stored_with_one_instant_and_the_age_of_what_is_older() {
    let told = |at, traits| Fact { at: second(at), id: "i".to_owned(), event: Event::Identified, traits };
    let facts = [
        told(10, Traits { phone: PhoneNumber::parse("+442071838750").ok(), ..Traits::default() }),
        told(
            20,
            Traits {
                email: EmailAddress::parse("anna@example.com").ok(),
                first_name: Some("Anna".to_owned()),
                ..Traits::default()
            },
        ),
    ];
    assert_eq!(part("pr", &[]), "{}");
    assert_eq!(part("pr", &facts), r#"{"t":20000,"e":"anna@example.com","p":["+442071838750",10000],"f":"Anna"}"#);
}

#[test]
fn reactions_and_friends_take_no_room_until_there_are_any() {
    let nothing = serde_json::to_string(&Folded::default()).expect("a customer can be stored");
    assert_eq!(nothing, r#"{"pr":{},"pe":{},"or":{}}"#);
    let click = Reaction {
        how: ReactionKind::Click,
        message: MessageId::parse(&"a".repeat(26)).ok(),
        run: Some("abcdefgh".to_owned()),
        link: Some("shop".to_owned()),
    };
    let visit = Reaction { how: ReactionKind::Visit, message: None, run: None, link: None };
    let facts = [fact(10, "1", Event::Reaction(click)), fact(20, "2", Event::Reaction(visit))];
    assert_eq!(
        part("re", &facts),
        r#"{"v":20000,"c":[{"a":10000,"m":"aaaaaaaaaaaaaaaaaaaaaaaaaa","r":"abcdefgh","l":"shop"}]}"#
    );
    let referred = Referred {
        code: "CODE".to_owned(),
        friend: "f".to_owned(),
        ordered_at: second(5),
        counts: true,
        marks: Default::default(),
    };
    assert_eq!(part("rf", &[fact(10, "1", Event::Referred(referred))]), r#"{"f":{"c":"CODE","a":5000,"m":{}}}"#);
}

#[test]
fn a_run_is_stored_while_it_lives_with_its_steps_and_when_it_ended_with_little() {
    let live = Run {
        id: "first".to_owned(),
        started_at: second(10),
        done: vec!["thanks".to_owned()],
        through: Some(3_600),
        last_message_at: Some(second(30)),
        held_by: Some(Reason::QuietHours),
        ended: false,
    };
    is_stored_as(&live, r#"{"i":"first","a":10000,"d":["thanks"],"t":3600,"l":30000,"h":"quiet_hours"}"#);
    let mut fresh = Run { done: vec![], through: None, last_message_at: None, held_by: None, ..live.clone() };
    is_stored_as(&fresh, r#"{"i":"first","a":10000}"#);
    fresh.end();
    is_stored_as(&fresh, r#"["first",10000,null]"#);
    let mut over = live;
    over.end();
    is_stored_as(&over, r#"["first",10000,20000]"#);
}

#[test]
fn a_contact_is_stored_with_its_check_only_while_it_is_open() {
    let message = MessageId::parse(&"a".repeat(26)).expect("an id");
    let contact = |check_at| Contact { message: message.clone(), channel: Channel::Sms, at: second(10), check_at };
    is_stored_as(&contact(Some(second(20))), r#"{"i":"aaaaaaaaaaaaaaaaaaaaaaaaaa","c":"sms","a":10000,"k":20000}"#);
    is_stored_as(&contact(None), r#"{"i":"aaaaaaaaaaaaaaaaaaaaaaaaaa","c":"sms","a":10000}"#);
    is_stored_as(&Decided::default(), "{}");
}
