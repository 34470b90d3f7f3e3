//! Checks that SES may send for the shops' senders, and signs their mails.

use super::facts::Facts;
use super::finding::Finding;
use super::question;
use crate::deployment::AwsCliError;
use serde_json::Value;

const CHECK: &str = "sender";

pub(super) fn questions(facts: &Facts) -> Vec<Vec<String>> {
    let identities = facts.senders().into_iter().flat_map(|sender| identities(&sender));
    identities.map(|identity| question(&ask(&identity))).collect()
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    facts.senders().iter().flat_map(|sender| check_sender(facts, sender)).collect()
}

fn check_sender(facts: &Facts, sender: &str) -> Vec<Finding> {
    let aws = &facts.aws_options;
    let domain = sender.rsplit('@').next().unwrap_or_default();
    let mut known = Vec::new();
    for identity in identities(sender) {
        match facts.answer(&ask(&identity)) {
            Ok(found) => known.push((identity, found)),
            Err(AwsCliError::Refused { code, .. }) if code == "NotFoundException" => {}
            Err(error) => return vec![Finding::unseen(CHECK, &format!("the identity {identity}"), error)],
        }
    }
    let verified = |(_, found): &&(String, &Value)| found["VerifiedForSendingStatus"] == true;
    let Some(domain_identity) = known.iter().find(|(identity, _)| !identity.contains('@')) else {
        return match known.iter().find(verified) {
            Some(_) => vec![Finding::warning(
                CHECK,
                format!(
                    "{sender} is verified, but not its domain: mails are not signed as {domain}, and many will be junk"
                ),
                format!("aws sesv2 create-email-identity --email-identity {domain}{aws}"),
            )],
            None => vec![Finding::problem(
                CHECK,
                format!("SES does not know the sender {sender}"),
                format!("aws sesv2 create-email-identity --email-identity {domain}{aws}"),
            )],
        };
    };
    let (identity, found) = domain_identity;
    let records = format!(
        "aws sesv2 get-email-identity --email-identity {identity} --query DkimAttributes.Tokens{aws}: publish for each \
         TOKEN the record TOKEN._domainkey.{identity} CNAME TOKEN.dkim.amazonses.com"
    );
    let mut findings = Vec::new();
    if known.iter().find(verified).is_none() {
        findings.push(Finding::problem(
            CHECK,
            format!("the domain {identity} of {sender} is not verified"),
            records.clone(),
        ));
    }
    let dkim = &found["DkimAttributes"];
    if dkim["SigningEnabled"] == false {
        findings.push(Finding::problem(
            CHECK,
            format!("mails of {identity} are not signed (DKIM)"),
            format!("aws sesv2 put-email-identity-dkim-attributes --email-identity {identity} --signing-enabled{aws}"),
        ));
    } else if dkim["Status"].as_str().is_some_and(|status| status != "SUCCESS") && findings.is_empty() {
        let status = dkim["Status"].as_str().unwrap_or_default().to_lowercase();
        findings.push(Finding::problem(
            CHECK,
            format!("the DKIM records of {identity} are not found: {status}"),
            records,
        ));
    }
    if found["MailFromAttributes"]["MailFromDomainStatus"] == "FAILED" {
        let name = found["MailFromAttributes"]["MailFromDomain"].as_str().unwrap_or_default();
        findings.push(Finding::warning(
            CHECK,
            format!("the MAIL FROM domain {name} has no MX record for SES"),
            format!("publish the record {name} MX 10 feedback-smtp.{}.amazonses.com", facts.outputs.region),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, format!("{sender} is verified and signed as {identity}")));
    }
    findings
}

fn ask(identity: &str) -> [&str; 4] {
    ["sesv2", "get-email-identity", "--email-identity", identity]
}

/// The identities of which one must be verified for an address to send: itself, its domain, and the domains above.
fn identities(sender: &str) -> Vec<String> {
    let domain = sender.rsplit('@').next().unwrap_or_default();
    let mut found = vec![sender.to_owned()];
    let mut rest = domain;
    while rest.contains('.') {
        found.push(rest.to_owned());
        rest = rest.split_once('.').map_or("", |(_, parent)| parent);
    }
    found
}
