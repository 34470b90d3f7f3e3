//! Checks that there are keys to seal links.

use super::facts::Facts;
use super::finding::Finding;
use super::question;
use crate::deployment::AwsCliError;
use rekindle_messaging::KeyRing;

const CHECK: &str = "link keys";

fn ask(facts: &Facts) -> [&str; 4] {
    ["secretsmanager", "get-secret-value", "--secret-id", &facts.outputs.link_keys_secret_arn]
}

pub(super) fn questions(facts: &Facts) -> Vec<Vec<String>> {
    vec![question(&ask(facts))]
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let (arn, aws) = (&facts.outputs.link_keys_secret_arn, &facts.aws_options);
    let found = match facts.answer(&ask(facts)) {
        Ok(found) => found,
        Err(AwsCliError::Refused { code, .. }) if code == "InvalidRequestException" => {
            return vec![Finding::problem(
                CHECK,
                "the link keys are marked for deletion: every link that is out would break",
                format!("aws secretsmanager restore-secret --secret-id {arn}{aws}"),
            )];
        }
        Err(AwsCliError::Refused { code, .. }) if code == "ResourceNotFoundException" => {
            return vec![Finding::problem(
                CHECK,
                "there are no link keys: no message can be sent, and no link opens",
                format!(
                    "aws secretsmanager put-secret-value --secret-id {arn} --secret-string file://YOUR-BACKUP{aws}"
                ),
            )];
        }
        Err(error) => return vec![Finding::unseen(CHECK, "the link keys", error)],
    };
    match KeyRing::parse(found["SecretString"].as_str().unwrap_or_default(), facts.now) {
        Ok(ring) => vec![Finding::ok(CHECK, format!("links are sealed with the key {}", ring.current_id()))],
        // The error contains no secret.
        Err(error) => vec![Finding::problem(
            CHECK,
            format!("the link keys cannot be used: {error}"),
            format!(
                "aws secretsmanager list-secret-version-ids --secret-id {arn}{aws}, then move AWSCURRENT back: aws secretsmanager update-secret-version-stage --secret-id {arn} --version-stage AWSCURRENT --move-to-version-id PREVIOUS --remove-from-version-id CURRENT{aws}"
            ),
        )],
    }
}
