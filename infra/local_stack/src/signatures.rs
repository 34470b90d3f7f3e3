//! Signatures of calls to the emulated AWS. Every user of a machine reaches a port of it, so a call is answered only if it is
//! signed with the keys of this stack, which are in a file that only its owner reads. The signature is AWS's own (SigV4): it
//! covers method, path, query, body and headers.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rekindle_platform::AccessKeys;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How far the time of a signature may be from the machine's, as at AWS.
const MAX_SKEW: Duration = Duration::from_mins(15);
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Bytes of a body at most; the services have smaller limits of their own.
const MAX_BODY_BYTES: usize = 90 << 20;

/// Lets only calls that are signed with these keys through to a router.
pub(crate) fn required(router: Router, keys: AccessKeys) -> Router {
    router.layer(from_fn_with_state(Arc::new(keys), check))
}

async fn check(State(keys): State<Arc<AccessKeys>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match verify(&keys, &parts, &body, SystemTime::now()) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Why a call is not answered, as AWS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no signature, or it cannot be read.
    Unsigned,
    /// It is of other keys than this stack's.
    UnknownKey,
    /// It was made too long ago, or in the future.
    Expired,
    /// It is not the signature of this request.
    Mismatch,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (code, message) = match self {
            Self::Unsigned => ("MissingAuthenticationTokenException", "the call is not signed with SigV4"),
            Self::UnknownKey => ("UnrecognizedClientException", "the call is signed with keys of another stack"),
            Self::Expired => ("InvalidSignatureException", "the signature is not of this quarter of an hour"),
            Self::Mismatch => ("InvalidSignatureException", "the signature is not that of this call"),
        };
        let body = serde_json::json!({ "__type": format!("com.amazon.coral.service#{code}"), "message": message });
        (StatusCode::FORBIDDEN, [("x-amzn-errortype", code)], axum::Json(body)).into_response()
    }
}

/// The parts of the header `Authorization`.
struct Claim<'a> {
    key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn parse(authorization: &'a str) -> Option<Self> {
        let fields: Vec<_> = authorization.strip_prefix(ALGORITHM)?.split(',').map(str::trim).collect();
        let [credential, signed_headers, signature] = fields[..] else { return None };
        let credential = credential.strip_prefix("Credential=")?;
        let signed_headers = signed_headers.strip_prefix("SignedHeaders=")?;
        let signature = signature.strip_prefix("Signature=")?;
        // The id of a key has no slash.
        let scope: Vec<&str> = credential.split('/').collect();
        let [key_id, date, region, service, "aws4_request"] = scope[..] else { return None };
        Some(Self { key_id, date, region, service, signed_headers: signed_headers.split(';').collect(), signature })
    }
}

/// Checks that a request is signed with these keys, by signing it again.
pub(crate) fn verify(keys: &AccessKeys, parts: &Parts, body: &[u8], now: SystemTime) -> Result<(), Refusal> {
    let one = |name: &str| {
        let mut values = parts.headers.get_all(name).iter();
        let value = values.next().and_then(|value| value.to_str().ok());
        value.filter(|_| values.next().is_none()).ok_or(Refusal::Unsigned)
    };
    let claim = Claim::parse(one(header::AUTHORIZATION.as_str())?).ok_or(Refusal::Unsigned)?;
    let date = one("x-amz-date")?;
    let time = instant(date).filter(|_| date.starts_with(claim.date)).ok_or(Refusal::Unsigned)?;
    if claim.key_id != keys.id {
        return Err(Refusal::UnknownKey);
    }
    let skew = now.duration_since(time).unwrap_or_else(|error| error.duration());
    if skew > MAX_SKEW {
        return Err(Refusal::Expired);
    }
    if !covers_what_matters(&parts.headers, &claim.signed_headers) {
        return Err(Refusal::Mismatch);
    }
    let own = signature(keys, &claim, time, parts, body).ok_or(Refusal::Mismatch)?;
    if is_same(own.as_bytes(), claim.signature.as_bytes()) { Ok(()) } else { Err(Refusal::Mismatch) }
}

/// Whether the host and every header of AWS's are signed.
fn covers_what_matters(headers: &HeaderMap, signed: &[&str]) -> bool {
    let must_be = headers.keys().map(header::HeaderName::as_str);
    let mut must_be = must_be.filter(|name| *name == "host" || name.starts_with("x-amz-"));
    signed.contains(&"host") && must_be.all(|name| signed.contains(&name))
}

/// The signature of a request, made by the SDK's own signer.
fn signature(keys: &AccessKeys, claim: &Claim<'_>, time: SystemTime, parts: &Parts, body: &[u8]) -> Option<String> {
    let identity = Credentials::from_keys(&keys.id, &keys.secret, None).into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(claim.region)
        .name(claim.service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    let signed = parts.headers.iter().filter(|(name, _)| claim.signed_headers.contains(&name.as_str()));
    let signed: Option<Vec<(&str, &str)>> =
        signed.map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let host = parts.headers.get(header::HOST)?.to_str().ok()?;
    let url = format!("http://{host}{}", parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(parts.method.as_str(), url, signed?.into_iter(), body).ok()?;
    Some(sign(request, &params).ok()?.signature().to_owned())
}

/// The instant of `20260310T120000Z`.
fn instant(date: &str) -> Option<SystemTime> {
    let at = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| Timestamp::from(&at).into())
}

/// Compares in a time that does not depend on where the two differ.
fn is_same(own: &[u8], given: &[u8]) -> bool {
    own.len() == given.len() && own.iter().zip(given).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Method, Request as HttpRequest};

    const TARGET: &str = "DynamoDB_20120810.GetItem";
    const BODY: &[u8] = b"{\"TableName\":\"customers\"}";

    fn keys() -> AccessKeys {
        AccessKeys { id: "LOCALKEY".to_owned(), secret: "secret".to_owned(), session: None }
    }

    fn signed_at() -> SystemTime {
        instant("20260310T120000Z").expect("an instant")
    }

    /// A request that is signed with the keys, before `change` is made to it.
    fn request(change: impl FnOnce(&mut Parts)) -> Parts {
        let request = HttpRequest::post("/path?b=2&a=1")
            .header("host", "127.0.0.1:4000")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260310T120000Z")
            .header("x-amz-target", TARGET);
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        let signed_headers = vec!["content-type", "host", "x-amz-date", "x-amz-target"];
        let (date, region, service) = ("20260310", "us-east-1", "dynamodb");
        let claim = Claim { key_id: "LOCALKEY", date, region, service, signed_headers, signature: "" };
        let signature = signature(&keys(), &claim, signed_at(), &parts, BODY).expect("signed");
        let authorization = format!(
            "{ALGORITHM} Credential=LOCALKEY/{date}/{region}/{service}/aws4_request, SignedHeaders={}, \
             Signature={signature}",
            claim.signed_headers.join(";")
        );
        parts.headers.insert(header::AUTHORIZATION, authorization.parse().expect("a value"));
        change(&mut parts);
        parts
    }

    fn replace(parts: &mut Parts, old: &str, new: &str) {
        let authorization = parts.headers[header::AUTHORIZATION].to_str().expect("text");
        assert!(authorization.contains(old), "{authorization}");
        let authorization = authorization.replace(old, new);
        parts.headers.insert(header::AUTHORIZATION, authorization.parse().expect("a value"));
    }

    #[test]
    fn the_own_signature_is_taken_for_a_quarter_of_an_hour() {
        let parts = request(|_| ());
        let at = |seconds: u64| verify(&keys(), &parts, BODY, signed_at() + Duration::from_secs(seconds));
        assert_eq!((at(0), at(900), at(901)), (Ok(()), Ok(()), Err(Refusal::Expired)));
        let before = signed_at() - Duration::from_secs(901);
        assert_eq!(verify(&keys(), &parts, BODY, before), Err(Refusal::Expired));
    }

    #[test]
    fn a_signature_covers_everything_that_says_what_is_to_be_done() {
        let verified = |parts: Parts| verify(&keys(), &parts, BODY, signed_at());
        let set = |name: &'static str, value: &'static str| {
            move |parts: &mut Parts| drop(parts.headers.insert(name, header::HeaderValue::from_static(value)))
        };
        for (changed, expected) in [
            (request(|parts| parts.method = Method::GET), Refusal::Mismatch),
            (request(|parts| parts.uri = "/other?b=2&a=1".parse().expect("a target")), Refusal::Mismatch),
            (request(|parts| parts.uri = "/path?b=2&a=2".parse().expect("a target")), Refusal::Mismatch),
            (request(set("x-amz-target", "DynamoDB_20120810.Scan")), Refusal::Mismatch),
            (request(set("host", "127.0.0.1:4001")), Refusal::Mismatch),
            (request(set("x-amz-date", "20260310T120001Z")), Refusal::Mismatch),
            (request(set("x-amz-security-token", "t")), Refusal::Mismatch),
            (request(|parts| replace(parts, ";x-amz-target", "")), Refusal::Mismatch),
            (request(|parts| replace(parts, "us-east-1", "eu-west-1")), Refusal::Mismatch),
            (request(|parts| replace(parts, "Credential=LOCALKEY", "Credential=local")), Refusal::UnknownKey),
            (request(|parts| replace(parts, "/20260310/", "/20260311/")), Refusal::Unsigned),
            (request(|parts| replace(parts, "AWS4-HMAC-SHA256 ", "Bearer ")), Refusal::Unsigned),
            (request(|parts| drop(parts.headers.remove(header::AUTHORIZATION))), Refusal::Unsigned),
        ] {
            assert_eq!(verified(changed), Err(expected));
        }
        assert_eq!(verify(&keys(), &request(|_| ()), b"{}", signed_at()), Err(Refusal::Mismatch), "the body");
        let other = AccessKeys { secret: "other".to_owned(), ..keys() };
        assert_eq!(verify(&other, &request(|_| ()), BODY, signed_at()), Err(Refusal::Mismatch));
    }
}
