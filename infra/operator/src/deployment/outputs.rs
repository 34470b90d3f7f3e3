//! The outputs of a stack.

use serde_json::Value;

/// The parts of a deployed stack: the template's outputs under their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// Its region.
    pub region: String,
    /// The base URL of links in messages and of the API, without a slash at its end.
    pub public_url: String,
    /// The table of customers.
    pub customers_table: String,
    /// The table of facts and messages.
    pub activity_table: String,
    /// The table of shops.
    pub shops_table: String,
    /// The table of the marks of erasures.
    pub erasures_table: String,
    /// The queue of customers to advance.
    pub advance_queue_url: String,
    /// The queue of messages to send.
    pub send_queue_url: String,
    /// The queue of reports of providers.
    pub feedback_queue_url: String,
    /// The queue of what shop systems delivered.
    pub hooks_queue_url: String,
    /// The dead letters of the queue of customers.
    pub advance_dead_letters_url: String,
    /// The dead letters of the queue of messages.
    pub send_dead_letters_url: String,
    /// The dead letters of the queue of reports.
    pub feedback_dead_letters_url: String,
    /// The dead letters of the queue of deliveries.
    pub hooks_dead_letters_url: String,
    /// The positions of the stream that were given up.
    pub stream_dead_letters_url: String,
    /// The schedules that could not start their function.
    pub schedule_dead_letters_url: String,
    /// The secret with the keys that seal links.
    pub link_keys_secret_arn: String,
    /// The configuration set of every mail.
    pub configuration_set: String,
    /// The topic of SES's events about mails.
    pub mail_events_topic_arn: String,
    /// The topic of customers' texts.
    pub inbound_texts_topic_arn: String,
    /// The topic of alarms.
    pub alarm_topic_arn: String,
}

/// A stack that is not Rekindle's, or of another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRekindle {
    /// An output is missing.
    #[error(
        "it has no output {0}: it is not Rekindle's, or older than this command; deploy the template that came with it"
    )]
    Lacks(&'static str),
    /// An output that should contain a region does not.
    #[error("its output {0} is no ARN")]
    NoArn(&'static str),
}

impl Outputs {
    /// Parses CloudFormation's description of a stack.
    ///
    /// # Errors
    /// Names what the stack lacks.
    pub fn from_stack(described: &Value) -> Result<Self, NotRekindle> {
        let outputs = described["Outputs"].as_array();
        let output = |name: &'static str| {
            let mut found = outputs.into_iter().flatten().filter(|output| output["OutputKey"] == name);
            let value = found.next().and_then(|output| output["OutputValue"].as_str());
            value.filter(|value| !value.is_empty()).map(str::to_owned).ok_or(NotRekindle::Lacks(name))
        };
        let link_keys_secret_arn = output("LinkKeysSecretArn")?;
        // arn:aws:secretsmanager:REGION:…
        let region = link_keys_secret_arn.split(':').nth(3).filter(|region| !region.is_empty());
        Ok(Self {
            region: region.ok_or(NotRekindle::NoArn("LinkKeysSecretArn"))?.to_owned(),
            public_url: output("PublicUrl")?.trim_end_matches('/').to_owned(),
            customers_table: output("CustomersTable")?,
            activity_table: output("ActivityTable")?,
            shops_table: output("ShopsTable")?,
            erasures_table: output("ErasuresTable")?,
            advance_queue_url: output("AdvanceQueueUrl")?,
            send_queue_url: output("SendQueueUrl")?,
            feedback_queue_url: output("FeedbackQueueUrl")?,
            hooks_queue_url: output("HooksQueueUrl")?,
            advance_dead_letters_url: output("AdvanceDeadLettersUrl")?,
            send_dead_letters_url: output("SendDeadLettersUrl")?,
            feedback_dead_letters_url: output("FeedbackDeadLettersUrl")?,
            hooks_dead_letters_url: output("HooksDeadLettersUrl")?,
            stream_dead_letters_url: output("StreamDeadLettersUrl")?,
            schedule_dead_letters_url: output("ScheduleDeadLettersUrl")?,
            link_keys_secret_arn,
            configuration_set: output("ConfigurationSet")?,
            mail_events_topic_arn: output("MailEventsTopicArn")?,
            inbound_texts_topic_arn: output("InboundTextsTopicArn")?,
            alarm_topic_arn: output("AlarmTopicArn")?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A stack as CloudFormation describes it.
    pub(crate) fn described() -> Value {
        let queue = |name: &str| format!("https://sqs.eu-west-1.amazonaws.com/123456789012/rekindle-{name}");
        let topic = |name: &str| format!("arn:aws:sns:eu-west-1:123456789012:rekindle-{name}");
        let outputs = [
            ("PublicUrl", "https://mail.shop.example.com/".to_owned()),
            ("CustomersTable", "rekindle-customers".to_owned()),
            ("ActivityTable", "rekindle-activity".to_owned()),
            ("ShopsTable", "rekindle-shops".to_owned()),
            ("ErasuresTable", "rekindle-erasures".to_owned()),
            ("AdvanceQueueUrl", queue("advance")),
            ("SendQueueUrl", queue("send")),
            ("FeedbackQueueUrl", queue("feedback")),
            ("HooksQueueUrl", queue("hooks")),
            ("AdvanceDeadLettersUrl", queue("advance-dead-letters")),
            ("SendDeadLettersUrl", queue("send-dead-letters")),
            ("FeedbackDeadLettersUrl", queue("feedback-dead-letters")),
            ("HooksDeadLettersUrl", queue("hooks-dead-letters")),
            ("StreamDeadLettersUrl", queue("stream-dead-letters")),
            ("ScheduleDeadLettersUrl", queue("schedule-dead-letters")),
            (
                "LinkKeysSecretArn",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rekindle-link-keys-AbCdEf".to_owned(),
            ),
            ("ConfigurationSet", "rekindle".to_owned()),
            ("MailEventsTopicArn", topic("mail-events")),
            ("InboundTextsTopicArn", topic("inbound-texts")),
            ("AlarmTopicArn", topic("alarms")),
        ];
        let outputs = outputs.map(|(key, value)| json!({ "OutputKey": key, "OutputValue": value }));
        json!({ "StackName": "rekindle", "StackStatus": "CREATE_COMPLETE", "Outputs": outputs, "Parameters": [] })
    }

    #[test]
    fn a_stack_that_lacks_an_output_is_refused_with_its_name() {
        let stack = described();
        let outputs = Outputs::from_stack(&stack).expect("complete");
        assert_eq!(
            (outputs.region.as_str(), outputs.public_url.as_str()),
            ("eu-west-1", "https://mail.shop.example.com")
        );
        for place in 0..stack["Outputs"].as_array().expect("a list").len() {
            let mut lacking = stack.clone();
            let removed = lacking["Outputs"].as_array_mut().expect("a list").remove(place);
            let refused = Outputs::from_stack(&lacking).expect_err("incomplete").to_string();
            assert!(refused.contains(removed["OutputKey"].as_str().expect("a name")), "{refused}");
        }
        assert!(Outputs::from_stack(&json!({})).is_err());
    }
}
