use super::*;
use crate::channel::{Channel, Confirmation, ConsentDefault};
use crate::rules::ConsentRules;
use crate::short_code;
use crate::time::Period;

fn journey(steps: &str) -> String {
    format!("[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n{steps}")
}

fn step(id: &str, delay: &str) -> String {
    format!("[[journey.step]]\nid = \"{id}\"\ndelay = \"{delay}\"\nchannel = \"email\"\ntemplate = \"t\"\n")
}

fn refused(text: &str) -> String {
    Policy::parse(text).expect_err(text).to_string()
}

#[test]
fn the_default_file_is_a_valid_policy_with_the_promised_journeys() {
    let policy = Policy::parse(DEFAULT_POLICY).expect("the default policy");
    assert_eq!(&policy, Policy::built_in());
    let names: Vec<_> = policy.journeys.iter().map(|journey| journey.id.as_str()).collect();
    assert_eq!(
        names,
        [
            "confirm-sms",
            "confirm-email",
            "welcome",
            "nps",
            "nps-detractor",
            "nps-passive",
            "nps-promoter",
            "referral-reward",
            "referral",
            "reengage",
            "winback"
        ]
    );
}

#[test]
fn a_shop_writes_only_what_it_changes() {
    let policy = Policy::parse("[frequency_cap]\ntotal = 2\n[stages]\nhoneymoon = \"21d\"").expect("a valid policy");
    assert_eq!((policy.frequency_cap.total, policy.frequency_cap.own(Channel::Sms)), (2, Some(1)));
    assert_eq!(policy.stages.honeymoon, Period::days(21));
    assert_eq!(policy.journeys.len(), Policy::built_in().journeys.len());
}

#[test]
fn a_mistake_is_reported_with_its_line_and_what_would_be_right() {
    let unit = refused(
        "[[journey]]\nid = \"a\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n\n[[journey.step]]\nid = \"s\"\ndelay = \"soon\"\nchannel = \"email\"\ntemplate = \"t\"\n",
    );
    assert!(unit.contains("line 9") && unit.contains("\"12h\""), "{unit}");
    assert!(refused("time_zone = \"Mars/Base\"").contains("line 1"));
    assert!(refused("tome_zone = \"UTC\"").contains("unknown field"));
    assert!(refused("x = ").contains("line 1"));
    assert!(refused("[stages]\nhoneymoon = 30").contains("honeymoon"));
}

#[test]
fn a_mistake_within_a_table_is_reported_with_its_line_too() {
    for (text, line, told) in [
        ("time_zone = \"UTC\"\n[stages]\nhoneymon = \"30d\"", "line 3", "unknown field `honeymon`"),
        ("[stages]\n# Ours\ninactive_after = \"soon\"", "line 3", "\"12h\""),
        ("[quiet_hours]\nfrom = 20\nto = 9", "line 1", "is not a span of the day"),
        ("\n[consent]\nsms = \"always\"", "line 3", "until_refused"),
        ("stages = 5", "line 1", "invalid type"),
        ("[stages]\nlapsed_factor = 2\n\nloyal_occasions = 4", "line 4", "must be 1, 2 or 3"),
        ("\n[stages]\ninactive_after = \"10d\"", "line 2", "must not be longer than the silence"),
    ] {
        let error = refused(text);
        assert!(error.contains(line) && error.contains(told), "{error}");
    }
    let journey = |id: &str| {
        format!(
            "[[journey]]\nid = \"{id}\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n\
             [[journey.step]]\nid = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"t\"\n"
        )
    };
    let twice = refused(&format!("{}{}", journey("j"), journey("j")));
    assert_eq!(twice, "journey j: stands twice in the policy (line 11)");
    let step = refused(&format!("{}not_after = \"0d\"\n", journey("j")));
    assert_eq!(step, "journey j, step a: not_after must be longer than nothing (line 6)");
}

#[test]
fn the_default_policy_says_of_each_channel_what_its_row_says() {
    let policy = Policy::built_in();
    assert_eq!(policy.consent, ConsentRules::default());
    for channel in Channel::KNOWN {
        let row = channel.row();
        assert_eq!(policy.frequency_cap.own(channel).is_some(), row.has_own_cap, "{channel}");
        assert_eq!(policy.consent.needs_confirmation(channel), row.confirmation == Confirmation::Required, "{channel}");
        let allowed = row.default_consent == ConsentDefault::UntilRefused;
        assert_eq!(policy.consent.allows_by_default(channel), allowed, "{channel}");
    }
}

#[test]
fn a_task_may_also_be_called_by_its_code_but_not_by_both_at_once() {
    let consent = |name: &str| Policy::parse(&format!("[consent]\n{name} = \"when_granted\"")).map(|it| it.consent);
    let refused_by_default = consent("task").expect("a policy");
    assert_eq!(consent("handoff"), Ok(refused_by_default));
    assert_ne!(refused_by_default, ConsentRules::default());
    let stored = |name: &str| {
        let values: PolicyValues =
            serde_json::from_value(serde_json::json!({ "consent": { name: "when_granted" } })).expect("values");
        values.policy().expect("a policy").consent
    };
    assert_eq!((stored("task"), stored("handoff")), (refused_by_default, refused_by_default));
    let both = refused("[consent]\ntask = \"when_granted\"\nhandoff = \"until_refused\"");
    assert!(both.contains("task and handoff are the same channel"), "{both}");
    let step = |channel: &str| {
        Policy::parse(&format!(
            "[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n\
             [[journey.step]]\nid = \"a\"\ndelay = \"1h\"\nchannel = \"{channel}\"\ntemplate = \"t\""
        ))
    };
    assert_eq!(step("task"), step("handoff"));
    let unknown = step("fax").expect_err("no channel").to_string();
    assert!(unknown.contains("line 9") && unknown.contains("expected email, sms or task"), "{unknown}");
}

#[test]
fn a_channel_without_a_confirmation_or_a_cap_of_its_own_has_no_key_for_it() {
    for (text, expected) in [
        ("[consent.confirm]\ntask = true", "unknown field `task`, expected one of `email`, `sms`"),
        ("[consent]\nfax = \"until_refused\"", "expected one of `email`, `sms`, `task`, `confirm`"),
        ("[frequency_cap]\nemail = 1", "expected one of `sms`, `window`, `total`, `min_gap`"),
    ] {
        let error = refused(text);
        assert!(error.contains("line 2") && error.contains(expected), "{error}");
    }
}

#[test]
fn values_that_no_rule_can_work_with_are_refused_by_name() {
    for (text, place) in [
        ("[experiment]\nholdout = 5.0", "experiment.holdout"),
        ("[stages]\ncadence_from = 1", "stages.cadence_from"),
        ("[stages]\nlapsed_factor = 0", "stages"),
        ("[stages]\nloyal_occasions = 4", "stages.loyal_occasions"),
        ("[stages]\ninactive_at_least = \"200d\"", "stages.inactive_at_least"),
        ("[stages]\nhoneymoon = \"60d\"", "stages.honeymoon"),
        ("[stages.silence.second]\ninactive = \"9d\"\nlapsed = \"8d\"", "stages.silence.second"),
        ("[stages.silence.first]\ninactive = \"29d\"\nlapsed = \"90d\"", "stages.honeymoon"),
        ("[frequency_cap]\ntotal = 0", "frequency_cap.total"),
        ("[stages]\ncadence_factor = 0", "stages"),
        ("[stages]\nloyal_occasions = 0", "stages.loyal_occasions"),
        ("[experiment]\ncontrol_group = -0.1", "experiment.control_group"),
        ("[referral]\nfriend_percent = 101", "referral.friend_percent"),
    ] {
        let error = refused(text);
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn values_just_within_the_bounds_are_accepted() {
    for text in [
        "[stages]\ncadence_from = 2",
        "[stages]\ncadence_factor = 1\nlapsed_factor = 1",
        "[stages]\nloyal_occasions = 1",
        "[stages]\ninactive_at_least = \"180d\"",
        "[stages]\nhoneymoon = \"45d\"",
        "[experiment]\nholdout = 1.0\ncontrol_group = 0.0",
        "[frequency_cap]\ntotal = 1\nsms = 0",
        "[referral]\nfriend_percent = 100",
        "[referral]\nfriend_percent = 0",
    ] {
        assert!(Policy::parse(text).is_ok(), "{text}: {:?}", Policy::parse(text));
    }
}

#[test]
fn a_code_may_be_ours_if_it_looks_generated_or_the_shop_has_a_pool_of_codes() {
    let generated = format!("BACK-{}", short_code::encode(77));
    assert!(Policy::built_in().may_have_issued(&generated));
    for code in ["SUMMER10", "BACK-", "BACK-SUMMER10", &short_code::encode(77)] {
        assert!(!Policy::built_in().may_have_issued(code), "{code}");
    }
    let pool = Policy::parse(
        "[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"marketing\"\npriority = 1\n\
         [[journey.step]]\nid = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"t\"\n\
         coupon = { pool = \"spring\", percent = 10, valid_for = \"7d\" }",
    )
    .expect("a valid policy");
    assert!(pool.may_have_issued("SUMMER10"));
}

#[test]
fn the_reward_of_a_referrer_is_the_coupon_of_the_journey_that_a_friends_order_starts() {
    assert_eq!(Policy::built_in().referral_reward_percent(), Some(15));
    let none = Policy::parse(
        "[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"marketing\"\npriority = 1\n\
         [[journey.step]]\nid = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"t\"\n\
         coupon = { code = \"TEN\", percent = 10, valid_for = \"7d\" }",
    );
    assert_eq!(none.expect("a valid policy").referral_reward_percent(), None);
}

#[test]
fn steps_must_follow_each_other_and_have_names_of_their_own() {
    assert!(Policy::parse(&journey(&format!("{}{}", step("a", "1h"), step("b", "1d")))).is_ok());
    assert!(refused(&journey(&format!("{}{}", step("a", "1d"), step("b", "1d")))).contains("later than"));
    assert!(refused(&journey(&format!("{}{}", step("a", "1h"), step("a", "1d")))).contains("twice"));
    assert!(
        refused("[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\nstep = []")
            .contains("no step")
    );
    assert!(refused(&journey(&step("a b", "1h"))).contains("journey j, step a b"));
}

#[test]
fn what_is_kept_of_a_text_says_the_same_as_the_text() {
    let journey = "[[journey]]\nid = \"j\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n[[journey.step]]\n\
                   id = \"a\"\ndelay = \"1h\"\nchannel = \"email\"\nfallback = \"sms\"\ntemplate = \"nps-question\"\n\
                   coupon = { percent = 10, valid_for = \"14d\", prefix = \"GIFT\" }\n";
    let texts = [
        "",
        DEFAULT_POLICY,
        "# Ours\ntime_zone = \"Europe/Berlin\"\n[experiment]\nholdout = 0\ncontrol_group = 1.0\n",
        "[frequency_cap]\ntotal = 2\n[stages]\nhoneymoon = \"21d\"",
        "journey = []",
        journey,
    ];
    for text in texts {
        let kept = serde_json::to_string(&PolicyValues::from_text(text).expect("a policy")).expect("JSON");
        let read: PolicyValues = serde_json::from_str(&kept).expect("values");
        assert_eq!(read.policy(), Policy::parse(text), "{text}");
        assert!(!kept.contains("Ours"), "comments are not kept");
    }
    let mistaken = "[stages]\nhoneymon = \"1d\"";
    assert_eq!(PolicyValues::from_text(mistaken).err(), Policy::parse(mistaken).err());
    let other: PolicyValues = serde_json::from_str(r#"{"stages":{"mood":"good"}}"#).expect("values");
    assert!(other.policy().expect_err("an unknown value").to_string().contains("mood"));
}

#[test]
fn every_list_and_factor_has_a_limit_and_the_refusal_names_its_place() {
    let many = |word: &str, times: usize| vec![format!("\"{word}\""); times].join(", ");
    let steps = |times: usize| (0..times).map(|n| step(&format!("s{n}"), &format!("{n}m"))).collect::<String>();
    let journeys = |times: usize| {
        (0..times).map(|n| journey(&step("a", "1h")).replace("\"j\"", &format!("\"j{n}\""))).collect::<String>()
    };
    let with = |line: &str| journey(&format!("{}{line}\n", step("a", "1h")));
    for (accepted, refused_text, told) in [
        (
            format!("candidate_zones = [{}]", many("UTC", 40)),
            format!("candidate_zones = [{}]", many("UTC", 41)),
            "candidate_zones: has 41 zones; at most 40 are allowed (line 1)",
        ),
        (
            format!("[stages]\noff_season = [{}]", many("01-01..01-02", 20)),
            format!("[stages]\noff_season = [{}]", many("01-01..01-02", 21)),
            "stages.off_season: has 21 spans of days; at most 20 are allowed (line 2)",
        ),
        (
            "[stages]\nlapsed_factor = 100\ncadence_factor = 100".to_owned(),
            "[stages]\nlapsed_factor = 101".to_owned(),
            "stages.lapsed_factor: must be at most 100 (line 2)",
        ),
        (
            "[frequency_cap]\ntotal = 100".to_owned(),
            "[frequency_cap]\ntotal = 101".to_owned(),
            "frequency_cap.total: must be at most 100 (line 2)",
        ),
        (journeys(50), journeys(51), "journey: has 51 journeys; at most 50 are allowed"),
        (journey(&steps(20)), journey(&steps(21)), "journey j: has 21 steps; at most 20 are allowed (line 1)"),
        (
            with(&format!("unless = [{}]", many("ordered", 10))),
            with(&format!("unless = [{}]", many("ordered", 11))),
            "journey j, step a: unless: has 11 conditions; at most 10 are allowed",
        ),
        (
            with(&format!("only_if = [{}]", many("clicked", 10))),
            with(&format!("only_if = [{}]", many("clicked", 11))),
            "journey j, step a: only_if: has 11 conditions",
        ),
        (
            with(&format!("coupon = {{ code = \"{}\", percent = 9, valid_for = \"9d\" }}", "я".repeat(40))),
            with(&format!("coupon = {{ code = \"{}\", percent = 9, valid_for = \"9d\" }}", "я".repeat(41))),
            "journey j, step a: the coupon's code must have 1 to 40 characters",
        ),
        (format!("# {}", "x".repeat(262_142)), format!("# {}", "x".repeat(262_144)), "policy: it has 262146 bytes"),
    ] {
        assert_eq!(Policy::parse(&accepted).err(), None, "{told}");
        let refusal = refused(&refused_text);
        assert!(refusal.contains(told), "{refusal}");
    }
}

#[test]
fn what_was_stored_before_there_were_limits_applies_as_far_as_they_allow() {
    let steps: Vec<_> = (0..30)
        .map(|n| {
            // The first step has more conditions than are allowed now: without some of them it would go to more people. The code of the
            // second is longer than is allowed now: a part of it would be worth nothing.
            let code = "x".repeat(if n == 1 { 41 } else { 40 });
            let coupon = serde_json::json!({ "code": code, "percent": 9, "valid_for": "9d" });
            let conditions = vec!["ordered"; if n == 0 { 11 } else { 10 }];
            serde_json::json!({
                "id": format!("s{n}"), "delay": format!("{n}m"), "channel": "email", "template": "t",
                "unless": conditions, "only_if": conditions, "coupon": coupon,
            })
        })
        .collect();
    let journeys: Vec<_> = (0..60)
        .map(|n| {
            serde_json::json!({
                "id": format!("j{n}"), "trigger": "order", "purpose": "survey", "priority": 1, "step": steps,
                "ends_when": vec!["ordered"; if n == 0 { 11 } else { 10 }],
            })
        })
        .collect();
    let stored: PolicyValues = serde_json::from_value(serde_json::json!({
        "candidate_zones": vec!["UTC"; 999],
        "stages": { "off_season": vec!["01-01..01-02"; 99], "lapsed_factor": u32::MAX, "cadence_factor": u32::MAX },
        "frequency_cap": { "total": 1_000_000 },
        "journey": journeys,
    }))
    .expect("values");
    let policy = stored.policy().expect("a policy of an earlier version");
    let beyond = policy.beyond_limit.as_ref().expect("a part is left out").to_string();
    assert_eq!(beyond, "candidate_zones: has 999 zones; at most 40 are allowed");
    assert_eq!(Policy::built_in().beyond_limit, None);
    assert_eq!((policy.candidate_zones.len(), policy.stages.off_season.len()), (40, 20));
    assert_eq!((policy.stages.lapsed_factor, policy.stages.cadence_factor), (100, 100));
    assert_eq!((policy.frequency_cap.total, policy.journeys.len()), (100, 50));
    assert_eq!(
        policy.journeys[0].id.as_str(),
        "j1",
        "a journey that ends for fewer reasons would write to more people"
    );
    for journey in &policy.journeys {
        assert_eq!((journey.ends_when.len(), journey.steps.len()), (10, 20));
        assert_eq!(journey.steps[0].id.as_str(), "s2");
        for step in &journey.steps {
            assert_eq!((step.unless.len(), step.only_if.len()), (10, 10));
            let code = step.coupon.as_ref().map(|coupon| coupon.source.clone());
            assert_eq!(code, Some(crate::rules::CouponSource::Fixed("x".repeat(40))));
        }
    }
}

#[test]
fn a_name_of_an_event_that_means_nothing_known_is_refused_at_its_line() {
    let error =
        Policy::parse("country = \"DE\"\n[event_names]\n\"Kauf\" = \"Purchase\"\n").expect_err("refused").to_string();
    let starts = error
        .starts_with("event_names: \"Kauf\" means \"Purchase\", which must be one of Order Completed, Order Placed");
    assert!(starts && error.ends_with("(line 2)"), "{error}");
    let policy = Policy::parse("[event_names]\n\"Kauf\" = \"Order Completed\"\n").expect("a policy");
    assert_eq!(policy.event_names.meant_by("KAUF"), Some("Order Completed"));
}
