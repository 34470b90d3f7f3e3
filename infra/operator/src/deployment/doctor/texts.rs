//! Checks that text messages can be sent: region, sandbox, spend limit. A finding is a problem only if a shop sends texts.

use super::facts::{Facts, Shop};
use super::finding::Finding;
use super::question;
use crate::deployment::AwsCliError;

const CHECK: &str = "texts";
const ATTRIBUTES: [&str; 2] = ["sns", "get-sms-attributes"];
const SANDBOX: [&str; 2] = ["sns", "get-sms-sandbox-account-status"];
/// The monthly spend limit of a new account in US dollars: some hundred texts.
const NEW_ACCOUNT_LIMIT: f64 = 1.0;

pub(super) fn questions(_: &Facts) -> Vec<Vec<String>> {
    vec![question(&ATTRIBUTES), question(&SANDBOX)]
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let (region, aws) = (&facts.outputs.region, &facts.aws_options);
    if !facts.shops.iter().flatten().any(Shop::texts) {
        return vec![Finding::ok(CHECK, "no shop sends text messages")];
    }
    let mut findings = Vec::new();
    match facts.answer(&SANDBOX) {
        Ok(status) if status["IsInSandbox"] == true => findings.push(Finding::problem(
            CHECK,
            format!("the account is in the sandbox of SNS in {region}: texts go to verified numbers only"),
            format!("leave it in the console, Text messaging (SMS), Exit SMS sandbox: https://{region}.console.aws.amazon.com/sns/v3/home?region={region}#/mobile/text-messaging"),
        )),
        Ok(_) => {}
        Err(AwsCliError::Unreachable { .. }) => {
            return vec![Finding::problem(
                CHECK,
                format!("there is no SNS in {region}"),
                "deploy to a region that has it, or take the steps with the channel sms out of the policies",
            )];
        }
        Err(AwsCliError::Refused { code, .. }) if ["InvalidAction", "UnsupportedOperation"].contains(&code.as_str()) => {
            return vec![Finding::problem(
                CHECK,
                format!("SNS sends no text messages in {region}"),
                "deploy to a region that has them (https://docs.aws.amazon.com/sns/latest/dg/sns-supported-regions-countries.html), or take the steps with the channel sms out of the policies",
            )];
        }
        Err(error) => findings.push(Finding::unseen(CHECK, "the sandbox of SNS", error)),
    }
    match facts.answer(&ATTRIBUTES) {
        Ok(found) => {
            let limit = found["attributes"]["MonthlySpendLimit"].as_str().and_then(|limit| limit.parse().ok());
            let limit: f64 = limit.unwrap_or(NEW_ACCOUNT_LIMIT);
            if limit <= NEW_ACCOUNT_LIMIT {
                findings.push(Finding::problem(
                    CHECK,
                    format!("the account may spend {limit} dollars a month on texts; then they are refused"),
                    format!("aws sns set-sms-attributes --attributes MonthlySpendLimit=DOLLARS{aws}, after AWS raised the quota: aws service-quotas list-service-quotas --service-code sns{aws}"),
                ));
            } else if findings.is_empty() {
                findings.push(Finding::ok(CHECK, format!("the account may spend {limit} dollars a month on texts")));
            }
        }
        Err(error) => findings.push(Finding::unseen(CHECK, "the spend limit of SNS", error)),
    }
    findings
}
