//! Problems of mails and texts, and of the events about them.

use super::*;

#[test]
fn an_account_that_does_not_send_is_a_problem_with_its_remedy() {
    let account = |change: Value| {
        move |facts: &mut Facts| {
            let mut said = account();
            for (name, value) in change.as_object().expect("an object") {
                said[name] = value.clone();
            }
            facts.say("sesv2 get-account", said);
        }
    };
    use Severity::{Problem, Warning};
    only(
        Problem,
        "sandbox",
        "put-account-details --production-access-enabled",
        account(json!({ "ProductionAccessEnabled": false })),
    );
    only(
        Problem,
        "paused",
        "put-account-sending-attributes --sending-enabled",
        account(json!({ "SendingEnabled": false })),
    );
    let stopped = json!({ "SendingEnabled": false, "EnforcementStatus": "SHUTDOWN" });
    only(Problem, "stopped this account", "support", account(stopped));
    only(Warning, "probation", "get-account", account(json!({ "EnforcementStatus": "PROBATION" })));
    let quota =
        |sent: f64| json!({ "SendQuota": { "Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": sent } });
    only(Problem, "used up", "request-service-quota-increase", account(quota(200.0)));
    only(Warning, "160 of the day's 200", "request-service-quota-increase", account(quota(160.0)));
    assert_eq!(wrong(account(quota(159.0))), []);
    only(Warning, "15 mails a second, but SES takes 14", "EmailsPerSecond=0", |facts| {
        facts.parameters.insert("EmailsPerSecond".to_owned(), "15".to_owned());
    });
    only(Problem, "no SES in eu-west-1", "--region", |facts| {
        let error = AwsCliError::Unreachable { service: "sesv2".to_owned(), message: String::new() };
        facts.fail("sesv2 get-account", Err(error));
    });
}

#[test]
fn a_sender_that_is_not_verified_or_not_signed_is_named_with_the_command() {
    let domain = format!("{IDENTITY} shop.example.com");
    let both = |answer: Answer| wrong(|facts| facts.fail(&domain, answer));
    // The shop's sender and the canary's.
    for (answer, found, mend) in [
        (
            refused("NotFoundException"),
            "SES does not know the sender",
            "create-email-identity --email-identity shop.example.com",
        ),
        (Ok(identity(false, "PENDING")), "is not verified", "TOKEN._domainkey.shop.example.com CNAME"),
        (Ok(identity(true, "FAILED")), "DKIM records of shop.example.com are not found: failed", "get-email-identity"),
    ] {
        let findings = both(answer);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        assert!(
            findings.iter().all(|one| one.severity == Severity::Problem && one.found.contains(found)),
            "{findings:#?}"
        );
        assert!(
            findings.iter().all(|one| one.mend.as_deref().is_some_and(|command| command.contains(mend))),
            "{findings:#?}"
        );
    }
    // A domain above suffices.
    assert_eq!(
        wrong(|facts| {
            facts.fail(&domain, refused("NotFoundException"));
            facts.say(&format!("{IDENTITY} example.com"), identity(true, "SUCCESS"));
        }),
        []
    );
    let findings = wrong(|facts| {
        facts.fail(&domain, refused("NotFoundException"));
        for address in ["hello", "canary"] {
            let address = format!("{IDENTITY} {address}@shop.example.com");
            facts.say(&address, json!({ "VerifiedForSendingStatus": true }));
        }
    });
    assert!(findings.len() == 2 && findings[0].severity == Severity::Warning, "{findings:#?}");
}

#[test]
fn undeliverable_events_are_found_wherever_the_path_is_interrupted() {
    use Severity::Problem;
    let set = "sesv2 get-configuration-set --configuration-set-name rekindle";
    let destinations = "sesv2 get-configuration-set-event-destinations --configuration-set-name rekindle";
    only(Problem, "is gone", "create-configuration-set", |facts| {
        facts.fail(set, refused("NotFoundException"));
        facts.fail(destinations, refused("NotFoundException"));
    });
    only(Problem, "switched off", "put-configuration-set-sending-options", |facts| {
        facts.say(set, json!({ "SendingOptions": { "SendingEnabled": false } }));
    });
    only(Problem, "tells the stack nothing", "create-configuration-set-event-destination", |facts| {
        facts.say(destinations, json!({ "EventDestinations": [] }));
    });
    let destination = |enabled: bool, kinds: &[&str]| {
        json!({ "EventDestinations": [{
        "Name": "rekindle", "Enabled": enabled, "SnsDestination": { "TopicArn": MAIL_EVENTS }, "MatchingEventTypes": kinds,
    }] })
    };
    only(Problem, "is switched off", "update-configuration-set-event-destination", |facts| {
        facts.say(destinations, destination(false, &["SEND"]));
    });
    only(Problem, "leaves out COMPLAINT, REJECT", "update-configuration-set-event-destination", |facts| {
        facts.say(destinations, destination(true, &["SEND", "DELIVERY", "BOUNCE", "RENDERING_FAILURE"]));
    });
    only(Problem, "not subscribed", "aws sns subscribe --topic-arn", |facts| {
        facts
            .say(&format!("sns list-subscriptions-by-topic --topic-arn {MAIL_EVENTS}"), json!({ "Subscriptions": [] }));
    });
    only(Problem, "texts of customers may not put", "aws sqs set-queue-attributes", |facts| {
        facts.say(&attributes("feedback"), queue(&policy(&[MAIL_EVENTS]), 0));
    });
    let findings = wrong(|facts| facts.say(&attributes("feedback"), json!({ "Attributes": { "QueueArn": QUEUE } })));
    assert_eq!(findings.len(), 2, "no policy at all: {findings:#?}");
}

#[test]
fn an_unsubscribe_link_that_does_not_lead_to_a_page_of_ours_is_a_problem() {
    use Severity::Problem;
    only(Problem, "redirects to https://www", "PublicUrl=", |facts| {
        facts.page = Ok(Page { status: 301, location: Some("https://www.shop.example.com".to_owned()), ours: false });
    });
    only(Problem, "nothing answers", "curl", |facts| facts.page = Err("timeout".to_owned()));
    only(Problem, "a made-up link gave 404", "curl", |facts| {
        facts.page = Ok(Page { status: 404, location: None, ours: false });
    });
    only(Problem, "gave 503", "curl", |facts| facts.page = Ok(Page { status: 503, location: None, ours: true }));
    only(Severity::Warning, "not https", "PublicUrl=https", |facts| {
        facts.outputs.public_url = "http://mail.shop.example.com".to_owned();
    });
}

#[test]
fn text_messages_are_checked_only_for_shops_that_send_some() {
    use Severity::Problem;
    only(Problem, "sandbox of SNS", "console", |facts| {
        facts.say("sns get-sms-sandbox-account-status", json!({ "IsInSandbox": true }));
    });
    only(Problem, "1 dollars a month", "MonthlySpendLimit=", |facts| {
        facts.say("sns get-sms-attributes", json!({ "attributes": {} }));
    });
    only(Problem, "sends no text messages in eu-west-1", "supported-regions", |facts| {
        facts.fail("sns get-sms-sandbox-account-status", refused("InvalidAction"));
    });
    let mails_only = "[[journey]]\nid = \"hello\"\ntrigger = \"first_order\"\npurpose = \"marketing\"\npriority = 1\n\
                      [[journey.step]]\nid = \"thanks\"\ndelay = \"1h\"\nchannel = \"email\"\n\
                      template = \"welcome-thanks\"\n";
    assert_eq!(
        wrong(|facts| {
            facts.shop().policy = Some(mails_only.to_owned());
            facts.fail("sns get-sms-sandbox-account-status", refused("InvalidAction"));
        }),
        []
    );
}

#[test]
fn a_connection_that_is_silent_is_named_and_one_that_delivers_is_not() {
    let connected = |last: Option<&str>| {
        let last = last.map(|at| at.parse().expect("an instant"));
        move |facts: &mut Facts| {
            facts.shops.as_mut().expect("shops")[0].connections = vec![("shopify".to_owned(), last)];
        }
    };
    only(Severity::Warning, "vinyl: shopify is connected and never delivered", "shop connect shopify", connected(None));
    only(
        Severity::Warning,
        "shopify delivered last on 2020-01-01",
        "shop connect shopify",
        connected(Some("2020-01-01T00:00:00Z")),
    );
    let now = healthy().now;
    let lately =
        wrong(|facts| facts.shops.as_mut().expect("shops")[0].connections = vec![("shopify".to_owned(), Some(now))]);
    assert!(lately.is_empty(), "{lately:?}");
}
