//! Checks that SES sends for the account, and its quota.

use super::facts::Facts;
use super::finding::Finding;
use super::question;
use crate::deployment::AwsCliError;

const CHECK: &str = "sending";
const ACCOUNT: [&str; 2] = ["sesv2", "get-account"];
/// The share of the daily quota above which it is time to ask for more.
const QUOTA_WARNING_SHARE: f64 = 0.8;

pub(super) fn questions(_: &Facts) -> Vec<Vec<String>> {
    vec![question(&ACCOUNT)]
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let (region, aws) = (&facts.outputs.region, &facts.aws_options);
    let account = match facts.answer(&ACCOUNT) {
        Ok(account) => account,
        Err(AwsCliError::Unreachable { .. }) => {
            let mend = format!(
                "deploy to a region that has SES, with --region; {region} is in no list of them: https://docs.aws.amazon.com/general/latest/gr/ses.html"
            );
            return vec![Finding::problem(CHECK, format!("there is no SES in {region}"), mend)];
        }
        Err(error) => return vec![Finding::unseen(CHECK, "what SES allows this account", error)],
    };
    let mut findings = Vec::new();
    if account["SendingEnabled"] == false {
        findings.push(match account["EnforcementStatus"].as_str() {
            Some("SHUTDOWN") => Finding::problem(
                CHECK,
                "SES has stopped this account for its bounces or complaints",
                "answer the case that AWS opened: https://console.aws.amazon.com/support/home",
            ),
            _ => Finding::problem(
                CHECK,
                format!("sending is paused for this account in {region}"),
                format!("aws sesv2 put-account-sending-attributes --sending-enabled{aws}"),
            ),
        });
    } else if account["EnforcementStatus"] == "PROBATION" {
        findings.push(Finding::warning(
            CHECK,
            "SES has put this account on probation for its bounces or complaints",
            format!("find the cause before it is stopped: aws sesv2 get-account{aws}"),
        ));
    }
    if account["ProductionAccessEnabled"] == false {
        findings.push(Finding::problem(
            CHECK,
            format!("the account is in the sandbox of SES in {region}: mail goes to verified addresses only"),
            format!(
                "aws sesv2 put-account-details --production-access-enabled --mail-type MARKETING --website-url \
                 https://YOUR-SHOP --use-case-description 'Mail to customers of our shop who agreed to it; bounces, \
                 complaints and one-click unsubscribes are obeyed at once'{aws}"
            ),
        ));
    }
    findings.extend(quota(facts, account));
    if findings.is_empty() {
        let (a_day, a_second) = (&account["SendQuota"]["Max24HourSend"], &account["SendQuota"]["MaxSendRate"]);
        findings.push(Finding::ok(CHECK, format!("SES sends {a_second} mails a second and {a_day} a day")));
    }
    findings
}

fn quota(facts: &Facts, account: &serde_json::Value) -> Vec<Finding> {
    let number = |name: &str| account["SendQuota"][name].as_f64();
    let mut findings = Vec::new();
    // -1 means that there is no quota.
    if let (Some(most @ 0.0..), Some(sent)) = (number("Max24HourSend"), number("SentLast24Hours")) {
        let more = format!(
            "aws service-quotas request-service-quota-increase --service-code ses --quota-code L-804C8AE8 \
             --desired-value {:.0}{}",
            (most * 5.0).max(50_000.0),
            facts.aws_options
        );
        if sent >= most {
            findings.push(Finding::problem(CHECK, format!("the day's quota of {most} mails is used up"), more));
        } else if sent >= QUOTA_WARNING_SHARE * most {
            let found = format!("{sent} of the day's {most} mails are sent already");
            findings.push(Finding::warning(CHECK, found, more));
        }
    }
    let wanted = facts.parameter("EmailsPerSecond").and_then(|wanted| wanted.parse::<f64>().ok());
    if let (Some(most), Some(wanted)) = (number("MaxSendRate"), wanted)
        && wanted > most
    {
        findings.push(Finding::warning(
            CHECK,
            format!("the stack may send {wanted} mails a second, but SES takes {most}"),
            format!(
                "sam deploy --stack-name {} --parameter-overrides EmailsPerSecond=0{}",
                facts.stack, facts.aws_options
            ),
        ));
    }
    findings
}
