use super::*;
use crate::policy::DEFAULT_POLICY;
use crate::stage::Stage;

/// Returns the words that a form stands for: one for each of its alternatives.
fn words_of(form: &str) -> Vec<String> {
    match form.trim_end_matches('>').split_once('<') {
        Some((kind, names)) => names.split('|').map(|name| format!("{kind}{name}")).collect(),
        None => vec![form.to_owned()],
    }
}

fn all() -> Vec<Trigger> {
    let words = Trigger::forms().into_iter().flat_map(|form| words_of(&form));
    words.map(|words| Trigger::parse(&words).expect(&words)).collect()
}

#[test]
fn every_form_is_read_and_every_trigger_is_written_as_it_was_read() {
    let written: Vec<String> = all().iter().map(Trigger::to_string).collect();
    let expected = [
        "first_order",
        "order",
        "stage:new",
        "stage:active",
        "stage:loyal",
        "stage:inactive",
        "stage:lapsed",
        "nps:detractor",
        "nps:passive",
        "nps:promoter",
        "referral_converted",
        "unconfirmed:email",
        "unconfirmed:sms",
    ];
    assert_eq!(written, expected);
}

#[test]
fn an_unknown_trigger_is_refused_with_the_list_of_triggers() {
    for words in ["stage:prospect", "stage:", "stage", "nps:", "nps:6", "unconfirmed:handoff", "orders", "Order", ""] {
        let refused = Trigger::parse(words).expect_err(words);
        assert!(
            refused.starts_with(&format!("{words:?} is not a trigger; use one of first_order, order, ")),
            "{refused}"
        );
        assert!(Trigger::forms().iter().all(|form| refused.contains(form)), "{refused}");
    }
}

#[test]
fn the_comments_of_the_default_policy_name_every_trigger() {
    let comments: Vec<&str> = DEFAULT_POLICY.lines().filter(|line| line.starts_with('#')).collect();
    let start = comments.iter().position(|line| line.starts_with("# trigger ")).expect("the line about triggers");
    let table = comments[start..].iter().take_while(|line| !line.starts_with("# purpose "));
    let named = table.flat_map(|line| line.split_whitespace()).filter(|word| !["#", "trigger", "|"].contains(word));
    let named: Vec<&str> = named.collect();
    assert_eq!(named, Trigger::forms());
}

#[test]
fn the_consequences_of_a_trigger_are_stated_in_one_place() {
    let day = jiff::civil::date(2026, 3, 1);
    for (words, requirement, in_experiments, sentence) in [
        ("first_order", Requirement::Order, true, "the first order on 2026-03-01"),
        ("order", Requirement::Order, true, "an order on 2026-03-01"),
        ("stage:lapsed", Requirement::Stage(Stage::Lapsed), true, "becoming lapsed on 2026-03-01"),
        ("nps:passive", Requirement::Nothing, false, "an answer of a passive on 2026-03-01"),
        ("referral_converted", Requirement::Nothing, false, "a friend's order was found to count on 2026-03-01"),
        ("unconfirmed:sms", Requirement::Unconfirmed, false, "a yes to sms that the shop passed on on 2026-03-01"),
    ] {
        let trigger = Trigger::parse(words).expect(words);
        assert_eq!(trigger.requirement(), requirement, "{words}");
        assert_eq!(trigger.is_in_experiments(), in_experiments, "{words}");
        assert_eq!(trigger.sentence(day), sentence);
    }
}

#[test]
fn only_a_question_about_a_channel_is_bound_to_it_and_only_a_friends_order_earns_a_reward_and_only_an_answer_is_answered()
 {
    for trigger in all() {
        let words = trigger.to_string();
        assert_eq!(
            trigger.only_channel().map(|channel| channel.to_string()),
            words.strip_prefix("unconfirmed:").map(str::to_owned),
            "{words}"
        );
        assert_eq!(trigger.rewards_referrals(), words == "referral_converted", "{words}");
        assert_eq!(trigger.is_answer(), words.starts_with("nps:"), "{words}");
    }
}
