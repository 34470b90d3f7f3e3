//! Answers in the XML of the query protocol.

use crate::{CloudError, identifiers};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// A success. `result` is XML.
pub(super) fn succeed(action: &str, result: &str) -> Response {
    let id = identifiers::uuid();
    xml(
        StatusCode::OK,
        format!(
            "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
             <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
        ),
    )
}

/// A refusal, or a failure when the status is 500 or more.
pub(super) fn refuse(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
    let (code, message, id) = (escaped(code), escaped(message), identifiers::uuid());
    xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
        ),
    )
}

/// A failure of the local cloud itself.
pub(super) fn failed(error: &CloudError) -> Response {
    refuse(500, "InternalError", &error.to_string())
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
