//! AWS's prices, from a dated file.

use serde::{Deserialize, Serialize};

/// The built-in prices.
const BUILT_IN: &str = include_str!("../../../prices.toml");

/// Prices of one region at one time, in US dollars.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The month in which they were looked up.
    pub as_of: String,
    /// The region.
    pub region: String,
    /// Writes.
    pub dynamodb_writes: Price,
    /// Reads.
    pub dynamodb_reads: Price,
    /// Tables and indexes.
    pub dynamodb_storage: Price,
    /// Point-in-time recovery.
    pub dynamodb_backup: Price,
    /// Invocations.
    pub lambda_requests: Price,
    /// Time of functions on Graviton.
    pub lambda_arm64: Price,
    /// Time of functions on Intel and AMD.
    pub lambda_x86_64: Price,
    /// Sending, receiving and deleting, and receiving nothing.
    pub sqs_requests: Price,
    /// Calls of the public API.
    pub http_api_calls: Price,
    /// Mails on the plan of new accounts.
    pub email_essentials: Price,
    /// Mails without a plan, for old accounts.
    pub email_a_la_carte: Price,
    /// Text messages.
    pub text_messages: Price,
    /// Reports of SES through SNS.
    pub sns_reports: Price,
    /// Ingested log lines.
    pub log_ingestion: Price,
    /// Stored log lines.
    pub log_storage: Price,
    /// Alarms.
    pub alarms: Price,
    /// Metrics made of log lines.
    pub metrics: Price,
    /// Dashboards.
    pub dashboards: Price,
    /// Secrets.
    pub secrets: Price,
    /// Reads of secrets.
    pub secret_calls: Price,
    /// Schedules.
    pub schedules: Price,
}

/// A price and its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars …
    pub price: f64,
    /// … for this many …
    pub per: f64,
    /// … of these units.
    pub unit: String,
    /// The page with the price.
    pub source: String,
}

/// Why a file of prices cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// It is not TOML of this form.
    #[error("the prices are not as in infra/prices.toml")]
    Malformed(#[from] toml::de::Error),
    /// A price or quantity is not positive.
    #[error("{name} has a price or an amount that is no positive number")]
    NotAPrice {
        /// The table in the file.
        name: String,
    },
}

impl Prices {
    /// The prices of `infra/prices.toml`.
    ///
    /// # Errors
    /// Never: a test parses them.
    pub fn built_in() -> Result<Self, PricesError> {
        Self::parse(BUILT_IN)
    }

    /// Parses prices in the form of `infra/prices.toml`. None may be missing.
    ///
    /// # Errors
    /// A price is missing, unknown, or no positive number.
    pub fn parse(text: &str) -> Result<Self, PricesError> {
        let table: toml::Table = text.parse()?;
        for (name, value) in &table {
            let Ok(price) = value.clone().try_into::<Price>() else { continue };
            if !(price.price.is_finite() && price.price >= 0.0 && price.per.is_finite() && price.per > 0.0) {
                return Err(PricesError::NotAPrice { name: name.clone() });
            }
        }
        Ok(toml::from_str(text)?)
    }
}

impl Price {
    /// The price of a quantity.
    #[must_use]
    pub fn for_quantity(&self, quantity: f64) -> f64 {
        quantity / self.per * self.price
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_of_the_file_has_a_unit_and_a_page_of_amazon() {
        let table: toml::Table = BUILT_IN.parse().expect("TOML");
        let prices: Vec<(&String, Price)> = table
            .iter()
            .filter(|(_, value)| value.is_table())
            .map(|(name, value)| (name, value.clone().try_into().expect("a price")))
            .collect();
        assert_eq!(prices.len(), 21);
        for (name, price) in prices {
            assert!(price.source.starts_with("https://aws.amazon.com/") && price.source.ends_with('/'), "{name}");
            assert!(!price.unit.is_empty() && price.price > 0.0, "{name}");
        }
        assert_eq!(Prices::built_in().expect("prices").as_of, "2026-11");
    }

    #[test]
    fn a_price_is_for_a_number_of_units() {
        let prices = Prices::built_in().expect("prices");
        assert_eq!(prices.dynamodb_writes.for_quantity(2_000_000.0), 1.25);
        assert_eq!(prices.email_essentials.for_quantity(1_000.0), 0.16);
    }

    #[test]
    fn a_file_with_a_price_missing_unknown_or_negative_is_refused_by_name() {
        let error = |text: &str| {
            let error = Prices::parse(text).expect_err("refused");
            format!("{error}: {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default())
        };
        let without = BUILT_IN.replace("[secrets]", "[secretz]");
        assert!(error(&without).contains("secretz"), "{}", error(&without));
        let (head, _) = BUILT_IN.split_once("[schedules]").expect("the last price");
        assert!(error(head).contains("missing field `schedules`"), "{}", error(head));
        let negative = BUILT_IN.replace("[sqs_requests]\nprice = ", "[sqs_requests]\nprice = -");
        assert!(error(&negative).starts_with("sqs_requests has a price"), "{}", error(&negative));
        let nothing = BUILT_IN.replace("per = 10_000\n", "per = 0\n");
        assert!(error(&nothing).starts_with("secret_calls has a price"), "{}", error(&nothing));
    }
}
