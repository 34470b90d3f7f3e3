//! The rates of all actions of simulated customers.

use serde::Deserialize;
use std::sync::LazyLock;

const DEFAULT: &str = include_str!("rates.toml");

/// The rates of all actions. The file `rates.toml` says what each rate is a share of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// About mails.
    pub mail: MailRates,
    /// About the NPS question.
    pub survey: SurveyRates,
    /// About texts.
    pub text: TextRates,
    /// About orders.
    pub orders: OrderRates,
    /// About who the customers are.
    pub people: PeopleRates,
}

/// Rates about mails.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file with the numbers describes each")]
pub struct MailRates {
    pub dead_address: f64,
    pub full_mailbox: f64,
    pub transient_bounce: f64,
    pub complaint: f64,
    pub scanned: f64,
    pub open: f64,
    pub click: f64,
    pub unsubscribe: f64,
    pub undo: f64,
    pub preferences: f64,
    pub confirm: f64,
}

/// Rates about the NPS question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file with the numbers describes each")]
pub struct SurveyRates {
    pub answer: f64,
    pub promoters: f64,
    pub detractors: f64,
    pub comment: f64,
    pub may_call: f64,
    pub second_thoughts: f64,
}

/// Rates about texts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file with the numbers describes each")]
pub struct TextRates {
    pub confirm: f64,
    pub stop: f64,
    pub help: f64,
    pub reply: f64,
}

/// Rates about orders.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file with the numbers describes each")]
pub struct OrderRates {
    pub redeem: f64,
    pub share: f64,
    pub only_looks: f64,
    pub own_code: f64,
}

/// Rates about who the customers are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file with the numbers describes each")]
pub struct PeopleRates {
    pub shared_address: f64,
    pub new_address: f64,
}

/// Why a file of rates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// It is not TOML, or names a rate that does not exist.
    #[error("the rates cannot be read: {0}")]
    Unreadable(String),
    /// A rate is not a probability.
    #[error("{0} must be a number from 0 to 1")]
    NotAProbability(String),
}

impl Rates {
    /// The built-in rates.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static RATES: LazyLock<Rates> =
            LazyLock::new(|| Rates::parse("").expect("the rates that come with the program are tested"));
        &RATES
    }

    /// Parses a file of rates. Rates that it leaves out are the built-in ones.
    ///
    /// # Errors
    /// Names the rate that cannot be used.
    pub fn parse(text: &str) -> Result<Self, RatesError> {
        let unreadable = |error: toml::de::Error| RatesError::Unreadable(error.message().to_owned());
        let mut rates: toml::Table = DEFAULT.parse().map_err(unreadable)?;
        let changes: toml::Table = text.parse().map_err(unreadable)?;
        for (section, changed) in changes {
            match (rates.get_mut(&section), changed) {
                (Some(toml::Value::Table(known)), toml::Value::Table(changed)) => known.extend(changed),
                _ => return Err(RatesError::Unreadable(format!("there is no section [{section}]"))),
            }
        }
        for (section, table) in &rates {
            for (name, value) in table.as_table().into_iter().flatten() {
                let whole = value.as_integer().and_then(|number| u8::try_from(number).ok()).map(f64::from);
                let number = value.as_float().or(whole);
                if !number.is_some_and(|number| (0.0..=1.0).contains(&number)) {
                    return Err(RatesError::NotAProbability(format!("{section}.{name}")));
                }
            }
        }
        toml::Value::Table(rates).try_into().map_err(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rates_that_come_with_the_program_stay_below_what_stops_a_shop() {
        let mail = &Rates::built_in().mail;
        assert!(mail.dead_address < 0.03 / 2.0, "a dead address bounces once and is not written to again");
        assert!(mail.complaint < 0.001 / 2.0);
    }

    #[test]
    fn a_file_changes_the_rates_that_it_names_and_no_others() {
        let rates = Rates::parse("[mail]\nopen = 1\n").expect("rates");
        assert_eq!((rates.mail.open, rates.mail.click), (1.0, Rates::built_in().mail.click));
        for (text, message) in [
            ("[mail]\nopened = 0.1", "opened"),
            ("[post]\nopen = 0.1", "[post]"),
            ("[mail]\nopen = 30", "mail.open must be a number from 0 to 1"),
            ("[mail]\nopen = \"often\"", "mail.open"),
        ] {
            let error = Rates::parse(text).expect_err(text).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
