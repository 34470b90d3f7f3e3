//! The deployment's own HTTP API, called by a function of the same deployment as anybody outside calls it.

use crate::http_client::{Exchange, Trust, exchange};
use crate::settings::{Environment, SettingError};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::{Request, Response, Uri};
use hyper::body::Body as _;
use std::pin::Pin;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest wait for the first byte of an answer: as long as API Gateway waits for a function.
const READ_TIMEOUT: Duration = Duration::from_secs(29);
/// The longest answer, in bytes: what a Lambda function may answer with.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024;

/// Why the API gave no answer. Neither names the address or what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnApiError {
    /// It could not be reached, or the connection broke.
    #[error("the API of this deployment did not answer")]
    Unavailable,
    /// The answer is longer than an answer may be.
    #[error("the API of this deployment answered with more than {MAX_ANSWER_BYTES} bytes")]
    TooLong,
}

/// Calls the API. Clones share their connections.
#[derive(Debug, Clone)]
pub struct OwnApi {
    base: String,
    exchange: Exchange,
}

impl OwnApi {
    /// The API at `LINKS_BASE_URL`. Its certificate has to lead to a root that browsers trust, or to one in the file that
    /// `AWS_CA_BUNDLE` names.
    ///
    /// # Errors
    /// One of the variables is missing or malformed.
    pub fn from_env(environment: &Environment) -> Result<Self, SettingError> {
        let base = environment.links_base_url()?;
        let trust = Trust::of_bundle(environment)?.unwrap_or_else(Trust::in_the_web);
        Ok(Self { base, exchange: exchange(trust, CONNECT_TIMEOUT, READ_TIMEOUT) })
    }

    /// Sends a request, whose address is a path with its query, and reads the whole answer. It is sent at most once.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn call(&self, request: Request<String>) -> Result<Response<Vec<u8>>, OwnApiError> {
        let unavailable = |_| OwnApiError::Unavailable;
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = Uri::try_from(format!("{}{path}", self.base)).map_err(|_| OwnApiError::Unavailable)?;
        let request = HttpRequest::try_from(Request::from_parts(head, SdkBody::from(body)));
        let answer = self.exchange.call(request.map_err(|_| OwnApiError::Unavailable)?).await.map_err(unavailable)?;
        let (head, mut body) = answer.try_into_http1x().map_err(|_| OwnApiError::Unavailable)?.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let data = frame.map_err(|_| OwnApiError::Unavailable)?.into_data();
            bytes.extend_from_slice(&data.unwrap_or_default());
            if bytes.len() > MAX_ANSWER_BYTES {
                return Err(OwnApiError::TooLong);
            }
        }
        Ok(Response::from_parts(head, bytes))
    }
}
