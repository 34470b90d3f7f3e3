//! The one HTTP endpoint of SES, SNS, SQS and EventBridge. Give its address to the SDK clients as `endpoint_url`.

use crate::{Cloud, eventbridge, ses, sns, sqs};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};

/// SES accepts mails of 40 MB; as JSON with escapes they are longer.
const MAX_BODY_BYTES: usize = 90 << 20;

/// Every path that the SDK clients call. Signatures are not checked: serve this on loopback only.
pub fn router(cloud: Cloud) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(ses::send_email))
        .route("/v2/email/account", get(ses::get_account))
        .route("/v2/email/suppression/addresses/{address}", delete(ses::delete_suppressed_destination))
        .route("/", post(by_protocol))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(cloud)
}

/// SNS, SQS and EventBridge share a path: SNS names its action in the form, the others in a header.
async fn by_protocol(State(cloud): State<Cloud>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    if let Some(target) = text("x-amz-target") {
        if target.starts_with("AWSEvents.") {
            return eventbridge::call(cloud, target, &body).await;
        }
        let host = text(header::HOST.as_str()).unwrap_or("localhost");
        return sqs::call(cloud, target, host, &body).await;
    }
    sns::call(cloud, &body).await
}

async fn unknown(method: Method, uri: Uri) -> Response {
    let message = format!("{method} {} is no action that the local stack plays", uri.path());
    (
        StatusCode::NOT_FOUND,
        [("x-amzn-errortype", "UnknownOperationException")],
        axum::Json(serde_json::json!({ "message": message })),
    )
        .into_response()
}
