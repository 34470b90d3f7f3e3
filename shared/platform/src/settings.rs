//! The environment, read once at start. A function asks for the variables that it needs, and does not start without them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// A variable is missing or malformed. One line, naming the variable and what it should look like; a
/// malformed value is not shown, for it may be a secret in the wrong place.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Not set, or empty.
    #[error("{name} is not set: it should be {expected}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it should look like.
        expected: &'static str,
    },
    /// Set to something else than it should be.
    #[error("{name} is malformed: it should be {expected}")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// What it should look like.
        expected: &'static str,
    },
}

/// What `main` prints when it ends with this error.
impl std::fmt::Debug for SettingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// The variables of the environment. Clones share the note of what was asked for.
#[derive(Clone)]
pub struct Environment {
    variables: HashMap<String, String>,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Environment {
    /// The variables of this process. Those that are not Unicode count as not set.
    #[must_use]
    pub fn from_process() -> Self {
        let unicode =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::holding(unicode.collect())
    }

    /// Variables given here.
    pub fn from_pairs<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        Self::holding(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The same with a value for a variable that is not set, or empty.
    #[must_use]
    pub fn with_default(mut self, name: &str, value: &str) -> Self {
        if self.optional(name).is_none() {
            self.variables.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    fn holding(variables: HashMap<String, String>) -> Self {
        Self { variables, asked: Arc::default() }
    }

    /// The names of all variables that were asked for until now, set or not: what the template in `infra/` has to set
    /// for a function, and nothing else.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }

    /// `TABLE_CUSTOMERS`.
    ///
    /// # Errors
    /// Missing or not a table's name; so for the other tables.
    pub fn table_customers(&self) -> Result<String, SettingError> {
        self.table("TABLE_CUSTOMERS")
    }

    /// `TABLE_ACTIVITY`.
    ///
    /// # Errors
    /// As [`Environment::table_customers`].
    pub fn table_activity(&self) -> Result<String, SettingError> {
        self.table("TABLE_ACTIVITY")
    }

    /// `TABLE_SHOPS`.
    ///
    /// # Errors
    /// As [`Environment::table_customers`].
    pub fn table_shops(&self) -> Result<String, SettingError> {
        self.table("TABLE_SHOPS")
    }

    /// `TABLE_ERASURES`, which only erasing needs.
    ///
    /// # Errors
    /// Malformed.
    pub fn table_erasures(&self) -> Result<Option<String>, SettingError> {
        match self.table("TABLE_ERASURES") {
            Err(SettingError::Missing { .. }) => Ok(None),
            table => table.map(Some),
        }
    }

    /// `QUEUE_ADVANCE_URL`.
    ///
    /// # Errors
    /// Missing or not a URL.
    pub fn queue_advance_url(&self) -> Result<String, SettingError> {
        self.url(
            "QUEUE_ADVANCE_URL",
            "the URL of the advance queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/advance",
        )
    }

    /// `QUEUE_SEND_URL`.
    ///
    /// # Errors
    /// Missing or not a URL.
    pub fn queue_send_url(&self) -> Result<String, SettingError> {
        self.url(
            "QUEUE_SEND_URL",
            "the URL of the send queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/send",
        )
    }

    /// `QUEUE_HOOKS_URL`.
    ///
    /// # Errors
    /// Missing or not a URL.
    pub fn queue_hooks_url(&self) -> Result<String, SettingError> {
        self.url(
            "QUEUE_HOOKS_URL",
            "the URL of the queue of deliveries, such as https://sqs.eu-west-1.amazonaws.com/123456789012/hooks",
        )
    }

    /// `LINKS_BASE_URL`, without a slash at its end.
    ///
    /// # Errors
    /// Missing or not a URL.
    pub fn links_base_url(&self) -> Result<String, SettingError> {
        let url = self.url(
            "LINKS_BASE_URL",
            "the public URL that links in messages begin with, such as https://mail.example.com",
        )?;
        Ok(url.trim_end_matches('/').to_owned())
    }

    /// `LINK_KEYS_SECRET`: where the keys are, or the keys themselves.
    ///
    /// # Errors
    /// Missing.
    pub fn link_keys_secret(&self) -> Result<String, SettingError> {
        let expected = "the ARN of the secret with the keys that sign links, or on one machine the keys as JSON";
        self.checked("LINK_KEYS_SECRET", expected, |text| text.starts_with("arn:") || text.starts_with('{'))
    }

    /// `SES_CONFIGURATION_SET`.
    ///
    /// # Errors
    /// Missing or not a name that SES takes.
    pub fn ses_configuration_set(&self) -> Result<String, SettingError> {
        let expected = "the name of an SES configuration set: up to 64 letters, digits, hyphens and underscores";
        let fits =
            |text: &str| text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        self.checked("SES_CONFIGURATION_SET", expected, fits)
    }

    /// `EVENT_BUS_NAME`, if events are to be published at all.
    ///
    /// # Errors
    /// Set to something that is no name or ARN of an event bus.
    pub fn event_bus_name(&self) -> Result<Option<String>, SettingError> {
        let expected = "the name or ARN of an EventBridge event bus, such as default";
        let fits = |text: &str| {
            text.len() <= 1_600 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:".contains(&b))
        };
        self.optional("EVENT_BUS_NAME").map(|_| self.checked("EVENT_BUS_NAME", expected, fits)).transpose()
    }

    /// `CANARY_FROM`, if canaries are to be sent: the address they come from.
    ///
    /// # Errors
    /// Set to something that is no address.
    pub fn canary_from(&self) -> Result<Option<String>, SettingError> {
        let expected = "an address of a verified identity, such as canary@example.com";
        let fits = |text: &str| {
            text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'))
                && text.len() <= 320
                && text.bytes().all(|b| b.is_ascii_graphic())
        };
        self.optional("CANARY_FROM").map(|_| self.checked("CANARY_FROM", expected, fits)).transpose()
    }

    /// A variable with an upper bound for a channel, in messages a second; none if it is not set or 0.
    ///
    /// # Errors
    /// Set to something that is no rate.
    pub fn messages_per_second(&self, name: &'static str) -> Result<Option<f64>, SettingError> {
        let Some(text) = self.optional(name) else { return Ok(None) };
        let rate = text.parse().ok().filter(|rate| (0.0..=100_000.0).contains(rate));
        let expected = "messages a second, such as 0.5, or 0 for the usual rate";
        rate.map(|rate| Some(rate).filter(|rate| *rate > 0.0)).ok_or(SettingError::Malformed { name, expected })
    }

    /// A variable of another name, if it is set and not empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        if let Ok(mut asked) = self.asked.lock() {
            asked.insert(name.to_owned());
        }
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A URL that may be absent.
    ///
    /// # Errors
    /// Present and not a URL.
    pub(crate) fn optional_url(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        match self.optional(name) {
            None => Ok(None),
            Some(_) => self.url(name, "a URL such as http://127.0.0.1:8000").map(Some),
        }
    }

    pub(crate) fn checked(
        &self,
        name: &'static str,
        expected: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<String, SettingError> {
        let value = self.optional(name).ok_or(SettingError::Missing { name, expected })?;
        if fits(value) { Ok(value.to_owned()) } else { Err(SettingError::Malformed { name, expected }) }
    }

    fn table(&self, name: &'static str) -> Result<String, SettingError> {
        let expected = "the name of a DynamoDB table: 3 to 255 letters, digits, hyphens, underscores and dots";
        self.checked(name, expected, |text| {
            (3..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        })
    }

    fn url(&self, name: &'static str, expected: &'static str) -> Result<String, SettingError> {
        self.checked(name, expected, |text| {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty())
                && text.bytes().all(|b| b.is_ascii_graphic())
        })
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_malformed_setting_is_named_with_the_expected_form() {
        let environment = Environment::from_pairs([
            ("TABLE_ACTIVITY", "a b"),
            ("TABLE_SHOPS", "rekindle-shops"),
            ("QUEUE_SEND_URL", "sqs/send"),
            ("LINKS_BASE_URL", "https://mail.example.com/"),
            ("SES_CONFIGURATION_SET", " "),
        ]);
        let message = |result: Result<String, SettingError>| result.expect_err("refused").to_string();
        let table = "the name of a DynamoDB table: 3 to 255 letters, digits, hyphens, underscores and dots";
        assert_eq!(message(environment.table_customers()), format!("TABLE_CUSTOMERS is not set: it should be {table}"));
        assert_eq!(message(environment.table_activity()), format!("TABLE_ACTIVITY is malformed: it should be {table}"));
        assert_eq!(environment.table_shops(), Ok("rekindle-shops".to_owned()));
        assert!(message(environment.queue_send_url()).starts_with("QUEUE_SEND_URL is malformed: it should be the URL"));
        assert!(message(environment.ses_configuration_set()).starts_with("SES_CONFIGURATION_SET is not set"));
        assert_eq!(environment.links_base_url(), Ok("https://mail.example.com".to_owned()));
        assert_eq!(environment.event_bus_name(), Ok(None));
        assert!(environment.asked().contains("EVENT_BUS_NAME"), "a variable that is not set was asked for as well");
        let rates = Environment::from_pairs([("EMAILS_PER_SECOND", "0"), ("TEXTS_PER_SECOND", "0.5")]);
        assert_eq!(rates.messages_per_second("EMAILS_PER_SECOND"), Ok(None));
        assert_eq!(rates.messages_per_second("TEXTS_PER_SECOND"), Ok(Some(0.5)));
        assert_eq!(environment.messages_per_second("TEXTS_PER_SECOND"), Ok(None));
        for wrong in ["-1", "fast", "NaN", "inf", "1e9"] {
            let rates = Environment::from_pairs([("EMAILS_PER_SECOND", wrong)]);
            let refused = rates.messages_per_second("EMAILS_PER_SECOND").expect_err(wrong).to_string();
            assert_eq!(
                refused,
                "EMAILS_PER_SECOND is malformed: it should be messages a second, such as 0.5, or 0 for the usual rate"
            );
        }
        let bus = |name| Environment::from_pairs([("EVENT_BUS_NAME", name)]).event_bus_name();
        assert_eq!(bus("shop-events"), Ok(Some("shop-events".to_owned())));
        assert!(bus("shop events").is_err());
    }
}
