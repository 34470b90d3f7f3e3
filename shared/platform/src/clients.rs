//! The clients of AWS, made from the environment that Lambda gives, without the SDK's configuration
//! chain (profiles, containers, instance metadata), which would only cost time at a cold start.
//!
//! The SDK retries calls of DynamoDB, SQS, EventBridge and Secrets Manager, which are safe to repeat. It does not retry SES and
//! SNS: an attempt that timed out may have gone out, and only the state of the message decides what happens next.

use crate::http_client::{self, Trust};
use crate::made_once::MadeOnce;
use crate::settings::{Environment, SettingError};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use std::convert::Infallible;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for the first byte of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time that handing one message to a provider may take.
const SENDING_TIMEOUT: Duration = Duration::from_secs(10);
/// Attempts of a call that may be repeated, the first included.
const MAX_ATTEMPTS: u32 = 3;

/// Where the services are on one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsEndpoints {
    /// URL of DynamoDB.
    pub dynamodb: String,
    /// URL of SES, SNS, SQS, EventBridge and Secrets Manager.
    pub services: String,
}

/// Credentials for calling AWS. `Debug` shows none of them.
#[derive(Clone)]
pub struct AccessKeys {
    /// The id of the access key.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of the session, if the keys are temporary.
    pub session: Option<String>,
}

impl AccessKeys {
    /// The keys in this process's environment, if there are any.
    #[must_use]
    pub fn from_process() -> Option<Self> {
        let environment = Environment::from_process();
        let text = |name| environment.optional(name).map(str::to_owned);
        let (id, secret) = text("AWS_ACCESS_KEY_ID").zip(text("AWS_SECRET_ACCESS_KEY"))?;
        Some(Self { id, secret, session: text("AWS_SESSION_TOKEN") })
    }
}

impl std::fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKeys")
    }
}

/// Makes clients, each once. All share one HTTP client: its connections and its TLS configuration.
#[derive(Debug, Clone)]
pub struct Clients {
    region: String,
    credentials: SharedCredentialsProvider,
    http: SharedHttpClient,
    dynamodb: Option<String>,
    ses: Option<String>,
    sns: Option<String>,
    sqs: Option<String>,
    eventbridge: Option<String>,
    secrets: Option<String>,
    made: MadeOnce,
}

impl Clients {
    /// Clients as the environment says: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, and the SDK's own `AWS_ENDPOINT_URL` and
    /// `AWS_ENDPOINT_URL_{DYNAMODB,SESV2,SNS,SQS,EVENTBRIDGE,SECRETS_MANAGER}`. Endpoints must have a certificate of Amazon's,
    /// or one that leads to a certificate in the PEM file that `AWS_CA_BUNDLE` names.
    ///
    /// # Errors
    /// One of the variables is missing or malformed.
    pub fn from_env(environment: &Environment) -> Result<Self, SettingError> {
        let region = environment.checked("AWS_REGION", "a region such as eu-west-1", |text| {
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })?;
        let id = environment.checked("AWS_ACCESS_KEY_ID", "the id of an access key; Lambda sets it", |_| true)?;
        let secret =
            environment.checked("AWS_SECRET_ACCESS_KEY", "the secret of an access key; Lambda sets it", |_| true)?;
        let session = environment.optional("AWS_SESSION_TOKEN").map(str::to_owned);
        Self::with_credentials(&region, AccessKeys { id, secret, session }, environment)
    }

    /// Clients of a region with these credentials. Of the environment only the endpoints are read, as in
    /// [`Clients::from_env`].
    ///
    /// # Errors
    /// An endpoint is malformed.
    pub fn with_credentials(region: &str, keys: AccessKeys, environment: &Environment) -> Result<Self, SettingError> {
        let everywhere = environment.optional_url("AWS_ENDPOINT_URL")?;
        let endpoint = |name| Ok(environment.optional_url(name)?.or_else(|| everywhere.clone()));
        Ok(Self {
            region: region.to_owned(),
            credentials: SharedCredentialsProvider::new(Credentials::from_keys(keys.id, keys.secret, keys.session)),
            http: http_client::shared(Trust::from_env(environment)?),
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB")?,
            ses: endpoint("AWS_ENDPOINT_URL_SESV2")?,
            sns: endpoint("AWS_ENDPOINT_URL_SNS")?,
            sqs: endpoint("AWS_ENDPOINT_URL_SQS")?,
            eventbridge: endpoint("AWS_ENDPOINT_URL_EVENTBRIDGE")?,
            secrets: endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER")?,
            made: MadeOnce::default(),
        })
    }

    /// Clients of services on one machine. Their signatures say nothing; see [`Clients::signing_with`].
    #[must_use]
    pub fn local(endpoints: &AwsEndpoints) -> Self {
        let services = Some(endpoints.services.clone());
        Self {
            region: "us-east-1".to_owned(),
            credentials: SharedCredentialsProvider::new(Credentials::from_keys("local", "local", None)),
            http: http_client::shared(Trust::in_amazon()),
            dynamodb: Some(endpoints.dynamodb.clone()),
            ses: services.clone(),
            sns: services.clone(),
            sqs: services.clone(),
            eventbridge: services.clone(),
            secrets: services,
            made: MadeOnce::default(),
        }
    }

    /// The same clients, which sign with these keys.
    #[must_use]
    pub fn signing_with(self, keys: AccessKeys) -> Self {
        let credentials = Credentials::from_keys(keys.id, keys.secret, keys.session);
        Self { credentials: SharedCredentialsProvider::new(credentials), made: MadeOnce::default(), ..self }
    }

    /// Hands in a client to be used in the place of one that would be made: for tests that play the network.
    #[must_use]
    pub fn with<C: Send + Sync + 'static>(self, client: C) -> Self {
        self.made.put(client);
        self
    }

    /// A client of DynamoDB; calls are attempted up to three times.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        self.client(|| aws_sdk_dynamodb::Client::new(&self.repeated(self.dynamodb.as_deref())))
    }

    /// A client of SQS; calls are attempted up to three times.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.client(|| aws_sdk_sqs::Client::new(&self.repeated(self.sqs.as_deref())))
    }

    /// A client of EventBridge; calls are attempted up to three times. An event that is on the bus twice has one
    /// identity, by which its receivers know it.
    #[must_use]
    pub fn eventbridge(&self) -> aws_sdk_eventbridge::Client {
        self.client(|| aws_sdk_eventbridge::Client::new(&self.repeated(self.eventbridge.as_deref())))
    }

    /// A client of Secrets Manager; calls are attempted up to three times.
    #[must_use]
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        self.client(|| aws_sdk_secretsmanager::Client::new(&self.repeated(self.secrets.as_deref())))
    }

    /// A client of SES; a call is attempted once and takes at most ten seconds.
    #[must_use]
    pub fn ses(&self) -> aws_sdk_sesv2::Client {
        self.client(|| aws_sdk_sesv2::Client::new(&self.attempted_once(self.ses.as_deref())))
    }

    /// A client of SNS; a call is attempted once and takes at most ten seconds.
    #[must_use]
    pub fn sns(&self) -> aws_sdk_sns::Client {
        self.client(|| aws_sdk_sns::Client::new(&self.attempted_once(self.sns.as_deref())))
    }

    fn client<C: Clone + Send + Sync + 'static>(&self, make: impl FnOnce() -> C) -> C {
        let made = self.made.get_or_make(|| Ok::<_, Infallible>(make()));
        made.unwrap_or_else(|never| match never {})
    }

    fn repeated(&self, endpoint: Option<&str>) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
        let retries = RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS);
        self.config(endpoint, retries, timeouts)
    }

    fn attempted_once(&self, endpoint: Option<&str>) -> SdkConfig {
        // The read must be allowed as long as the operation, or it would end the attempt first.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SENDING_TIMEOUT)
            .operation_timeout(SENDING_TIMEOUT);
        self.config(endpoint, RetryConfig::disabled(), timeouts.build())
    }

    fn config(&self, endpoint: Option<&str>, retries: RetryConfig, timeouts: TimeoutConfig) -> SdkConfig {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .http_client(self.http.clone())
            .retry_config(retries)
            .timeout_config(timeouts);
        config.set_endpoint_url(endpoint.map(str::to_owned));
        config.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(more: &[(&'static str, &'static str)]) -> Environment {
        let usual = [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "topsecret")];
        Environment::from_pairs(usual.into_iter().chain(more.iter().copied()))
    }

    #[test]
    fn an_endpoint_of_one_service_comes_before_the_one_for_all() {
        let more = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:2")];
        let clients = Clients::from_env(&environment(&more)).expect("complete");
        assert_eq!(clients.dynamodb.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(clients.ses.as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(Clients::from_env(&environment(&[])).expect("complete").ses, None);
    }

    #[test]
    fn a_malformed_endpoint_stops_the_start_and_secrets_are_not_shown() {
        let error = Clients::from_env(&environment(&[("AWS_ENDPOINT_URL_SQS", "localhost:1")])).expect_err("no scheme");
        assert!(error.to_string().starts_with("AWS_ENDPOINT_URL_SQS is malformed"));
        let missing = Clients::from_env(&Environment::from_pairs([("AWS_REGION", "eu-west-1")])).expect_err("no key");
        assert!(missing.to_string().starts_with("AWS_ACCESS_KEY_ID is not set"));
        let clients = Clients::from_env(&environment(&[])).expect("complete");
        assert!(!format!("{clients:?}").contains("topsecret"));
    }

    #[test]
    fn the_sdk_does_not_retry_a_send_that_may_have_succeeded() {
        let clients = Clients::from_env(&environment(&[])).expect("complete");
        let attempts = |config: &SdkConfig| config.retry_config().map(RetryConfig::max_attempts);
        assert_eq!(attempts(&clients.attempted_once(None)), Some(1));
        assert_eq!(attempts(&clients.repeated(None)), Some(3));
        let timeouts = clients.ses().config().timeout_config().cloned();
        assert_eq!(timeouts.and_then(|timeouts| timeouts.operation_timeout()), Some(SENDING_TIMEOUT));
        assert_eq!(clients.sns().config().retry_config().map(RetryConfig::max_attempts), Some(1));
        assert_eq!(clients.eventbridge().config().retry_config().map(RetryConfig::max_attempts), Some(3));
    }
}
