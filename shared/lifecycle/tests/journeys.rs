//! What a policy may define about journeys, their steps and their coupons, and the error for everything else.

use rekindle_lifecycle::nps::NpsGroup;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::rules::{CouponOffer, CouponSource};
use rekindle_lifecycle::time::Period;

const MAIL: &str = "id = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"t\"";
const TASK: &str = "id = \"call\"\ndelay = \"0h\"\nchannel = \"task\"\ntemplate = \"t\"";

fn read(trigger: &str, steps: &[&str]) -> Result<Policy, String> {
    let steps: String = steps.iter().map(|step| format!("[[journey.step]]\n{step}\n")).collect();
    let head = format!("[[journey]]\nid = \"j\"\ntrigger = \"{trigger}\"\npurpose = \"survey\"\npriority = 1\n");
    Policy::parse(&format!("{head}{steps}")).map_err(|error| error.to_string())
}

fn refused(trigger: &str, steps: &[&str]) -> String {
    read(trigger, steps).expect_err("a mistake")
}

fn offer(coupon: &str) -> Result<CouponOffer, String> {
    let step = format!("{MAIL}\ncoupon = {{ valid_for = \"7d\", {coupon} }}");
    read("order", &[&step]).map(|policy| policy.journeys[0].steps[0].coupon.clone().expect("a coupon"))
}

#[test]
fn a_journey_has_the_trigger_that_the_policy_names_or_is_refused() {
    for words in ["first_order", "stage:lapsed", "nps:promoter", "unconfirmed:email"] {
        let trigger = read(words, &[MAIL]).map(|policy| policy.journeys[0].trigger.to_string());
        assert_eq!(trigger, Ok(words.to_owned()));
    }
    assert!(refused("stage:prospect", &[MAIL]).contains("is not a trigger; use one of first_order"));
}

#[test]
fn an_answer_to_the_nps_question_is_of_one_of_three_groups() {
    let groups: Vec<&str> = (0..=10).map(|score| NpsGroup::from_score(score).name()).collect();
    assert_eq!(groups[..7], ["detractor"; 7]);
    assert_eq!(groups[7..9], ["passive"; 2]);
    assert_eq!(groups[9..], ["promoter"; 2]);
}

#[test]
fn a_journey_that_asks_to_confirm_a_channel_uses_no_other() {
    let text = MAIL.replace("email", "sms");
    assert!(read("unconfirmed:sms", &[&text]).is_ok());
    assert!(refused("unconfirmed:sms", &[MAIL]).contains("may use the channel sms only"));
    assert!(refused("unconfirmed:email", &[&text]).contains("may use the channel email only"));
    let fallback = format!("{MAIL}\nfallback = \"sms\"");
    assert!(refused("unconfirmed:email", &[&fallback]).contains("may use the channel email only"));
    assert!(read("order", &[&fallback]).is_ok());
}

#[test]
fn a_coupon_comes_from_one_of_three_sources_and_is_stored_as_it_was_written() {
    for (text, source) in [
        ("code = \"SPRING10\"", CouponSource::Fixed("SPRING10".to_owned())),
        ("prefix = \"BACK\"", CouponSource::Generated("BACK".to_owned())),
        ("pool = \"spring\"", CouponSource::Pool("spring".to_owned())),
    ] {
        let offer = offer(&format!("percent = 10, {text}")).expect("a coupon");
        assert_eq!(offer, CouponOffer { source, percent: 10, valid_for: Period::days(7) });
        let stored = serde_json::to_string(&offer).expect("it can be stored");
        assert_eq!(serde_json::from_str::<CouponOffer>(&stored).expect("and read"), offer, "{stored}");
    }
    for text in
        ["percent = 10", "percent = 10, code = \"A\", prefix = \"B\"", "percent = 10, prefix = \"B\", pool = \"p\""]
    {
        assert!(offer(text).expect_err(text).contains("one of code, prefix and pool"), "{text}");
    }
}

#[test]
fn an_invalid_coupon_is_refused_with_the_valid_forms() {
    for (text, told) in [
        ("percent = 0, code = \"A\"", "percent must be 1 to 100"),
        ("percent = 101, code = \"A\"", "percent must be 1 to 100"),
        ("percent = 10, prefix = \"\"", "1 to 20 letters and digits"),
        ("percent = 10, prefix = \"BACK-AGAIN\"", "1 to 20 letters and digits"),
        ("percent = 10, prefix = \"ABCDEFGHIJKLMNOPQRSTU\"", "1 to 20 letters and digits"),
        ("percent = 10, pool = \"Spring Sale\"", "pool must be 1 to 40 lower-case letters, digits and hyphens"),
    ] {
        assert!(offer(text).expect_err(text).contains(told), "{text}");
    }
    for text in
        ["percent = 1, code = \"A\"", "percent = 100, code = \"A\"", "percent = 10, prefix = \"ABCDEFGHIJKLMNOPQRST\""]
    {
        assert!(offer(text).is_ok(), "{text}");
    }
    let task = format!("{TASK}\ncoupon = {{ valid_for = \"7d\", percent = 10, code = \"A\" }}");
    assert!(refused("order", &[&task]).contains("a task carries no coupon"));
}

#[test]
fn a_step_waits_for_an_earlier_task_only() {
    let after = |task: &str| format!("{MAIL}\nafter_closing = \"{task}\"");
    assert!(read("order", &[TASK, &after("call")]).is_ok());
    let told = "which is no earlier step on the channel task";
    assert!(refused("order", &[TASK, &after("visit")]).contains(told), "no step of this name");
    let mail = MAIL.replace("\"a\"", "\"call\"").replace("1h", "0h");
    assert!(refused("order", &[&mail, &after("call")]).contains(told), "no task");
    let later = TASK.replace("0h", "2h");
    assert!(refused("order", &[&after("call"), &later]).contains(told), "not before it");
}

#[test]
fn names_are_short_and_plain() {
    let named = |id: &str| MAIL.replace("\"a\"", &format!("\"{id}\""));
    for id in ["a", "thanks-2", &"x".repeat(40)] {
        assert!(read("order", &[&named(id)]).is_ok(), "{id}");
    }
    for id in ["", "Thanks", "a b", "a_b", "день", &"x".repeat(41)] {
        assert!(refused("order", &[&named(id)]).contains("1 to 40 lower-case letters"), "{id}");
    }
    let template = MAIL.replace("\"t\"", "\"../t\"");
    assert!(refused("order", &[&template]).contains("id and template must be"));
}

#[test]
fn a_step_may_be_sent_for_three_days_unless_it_names_another_time() {
    let not_after = |step: &str| read("order", &[step]).map(|policy| policy.journeys[0].steps[0].not_after);
    assert_eq!(not_after(MAIL), Ok(Period::days(3)));
    assert_eq!(not_after(&format!("{MAIL}\nnot_after = \"1h\"")), Ok(Period::hours(1)));
}

#[test]
fn an_amount_that_must_have_been_spent_is_written_with_its_currency() {
    let spent = |text: &str| read("order", &[&format!("{MAIL}\nonly_if_spent = \"{text}\"")]);
    assert!(spent("250.00 EUR").is_ok() && spent(" 1000 JPY ").is_ok());
    for text in ["250.00", "EUR", "250.00 XYZ", "250.005 EUR", "-5 EUR", "much EUR"] {
        assert!(spent(text).is_err(), "{text}");
    }
}
