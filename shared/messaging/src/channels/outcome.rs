//! What is known of an attempt when the SDK reports an error, for every provider.
//!
//! A message may be attempted again only when it was certainly not accepted. Certain is: an answer in
//! the 4xx range, or an error before anything was handed to the network. All else (a timeout, a broken
//! connection, an unreadable answer, a server error) leaves it open.

use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use rekindle_lifecycle::message::AttemptOutcome;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Notes that a request was handed to the network. Before that, even an error that looks like a broken connection (no
/// credentials, a signature that cannot be made) is certain: the message did not leave.
#[derive(Debug, Clone, Default)]
pub(super) struct Dispatched(Arc<AtomicBool>);

impl Dispatched {
    fn happened(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Dispatched {
    fn name(&self) -> &'static str {
        "Dispatched"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.store(true, Ordering::SeqCst);
        Ok(())
    }
}

/// The error codes that a provider has of its own.
#[derive(Debug)]
pub(super) struct ProviderCodes {
    /// Nothing is accepted at the moment.
    pub(super) not_now: &'static [&'static str],
    /// Above the rate.
    pub(super) too_fast: &'static [&'static str],
    /// The day's quota is used up.
    pub(super) quota_used_up: &'static [&'static str],
}

/// Codes that say "too fast" at every AWS service.
const TOO_FAST: [&str; 6] = [
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
];

/// Codes that blame the caller: the deployment's credentials, clock or rights are wrong. The message is not at fault, and
/// rejecting it for good would lose every message until the deployment is corrected.
const SENDER_AT_FAULT: [&str; 16] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "AuthorizationError",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Sorts an error of the SDK.
pub(super) fn classify<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
    dispatched: &Dispatched,
    codes: &ProviderCodes,
) -> AttemptOutcome {
    let sent = dispatched.happened();
    match error {
        SdkError::ConstructionFailure(_) => {
            AttemptOutcome::RejectedForGood { reason: "the request could not be built".to_owned() }
        }
        _ if !sent => AttemptOutcome::RejectedForNow {
            reason: "nothing was sent: no credentials, or the request could not be signed".to_owned(),
        },
        SdkError::TimeoutError(_) => ambiguous("no answer in time"),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => ambiguous("no answer in time"),
        SdkError::DispatchFailure(_) => ambiguous("the connection broke before an answer came"),
        SdkError::ResponseError(_) => ambiguous("the answer could not be read"),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().unwrap_or("no code");
            let message = answer.err().message().unwrap_or_default();
            sort_answer(codes, status, code, message)
        }
        _ => ambiguous("an error of a kind that is not known here"),
    }
}

fn ambiguous(reason: &str) -> AttemptOutcome {
    AttemptOutcome::Ambiguous { reason: reason.to_owned() }
}

fn sort_answer(codes: &ProviderCodes, status: u16, code: &str, message: &str) -> AttemptOutcome {
    let reason = redact(&format!("{status} {code}: {message}"));
    // 408 is a server that stopped waiting for a request that it may have read.
    if !(400..500).contains(&status) || status == 408 {
        return AttemptOutcome::Ambiguous { reason };
    }
    let is_quota = codes.quota_used_up.contains(&code);
    if status == 429 || is_quota || TOO_FAST.contains(&code) || codes.too_fast.contains(&code) {
        let is_for_the_day = is_quota || message.to_ascii_lowercase().contains("daily");
        return if is_for_the_day {
            AttemptOutcome::QuotaUsedUp { reason }
        } else {
            AttemptOutcome::TooFast { reason }
        };
    }
    if codes.not_now.contains(&code) || SENDER_AT_FAULT.contains(&code) {
        return AttemptOutcome::RejectedForNow { reason };
    }
    AttemptOutcome::RejectedForGood { reason }
}

/// The text without addresses and numbers, on one line, at most 300 characters. Providers quote the
/// recipient in their messages, and reasons are logged and stored.
fn redact(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        words.push(if word.contains(['@', '＠']) || word.to_ascii_lowercase().contains("%40") {
            "<address>"
        } else if digits >= 6 {
            "<number>"
        } else {
            word
        });
    }
    let line = numbers_in_groups(&words).join(" ");
    line.chars().take(300).collect()
}

/// A number that is written in groups ("+44 20 7183 8750") is no less a number.
fn numbers_in_groups<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let group = |word: &str| {
        let bare = word.trim_matches(|c: char| ".,;:()\"'".contains(c));
        !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c))
    };
    let mut kept = Vec::new();
    let mut rest = words;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|word| group(word)).count();
        let digits: usize = rest[..run].iter().map(|w| w.chars().filter(char::is_ascii_digit).count()).sum();
        if run > 1 && digits >= 7 {
            kept.push("<number>");
            rest = &rest[run..];
        } else {
            kept.push(first);
            rest = &rest[1..];
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of a provider that has codes of every kind.
    const CODES: ProviderCodes = ProviderCodes {
        not_now: &["AccountSuspendedException", "SendingPausedException"],
        too_fast: &["TooManyRequestsException", "KMSThrottling", "Throttled"],
        quota_used_up: &["LimitExceededException"],
    };

    #[test]
    fn answers_are_classified_by_status_and_code() {
        let kind = |status, code| match sort_answer(&CODES, status, code, "") {
            AttemptOutcome::Accepted { .. } => "accepted",
            AttemptOutcome::RejectedForNow { .. } => "for now",
            AttemptOutcome::RejectedForGood { .. } => "for good",
            AttemptOutcome::TooFast { .. } => "too fast",
            AttemptOutcome::QuotaUsedUp { .. } => "quota",
            AttemptOutcome::Ambiguous { .. } => "ambiguous",
        };
        for (status, code, expected) in [
            (400, "MessageRejected", "for good"),
            (400, "BadRequestException", "for good"),
            (400, "MailFromDomainNotVerifiedException", "for good"),
            (404, "NotFoundException", "for good"),
            (400, "AccountSuspendedException", "for now"),
            (400, "SendingPausedException", "for now"),
            (400, "LimitExceededException", "quota"),
            (429, "TooManyRequestsException", "too fast"),
            (429, "no code", "too fast"),
            (400, "Throttling", "too fast"),
            (400, "KMSThrottling", "too fast"),
            (429, "Throttled", "too fast"),
            (403, "ExpiredTokenException", "for now"),
            (403, "AuthorizationError", "for now"),
            (400, "InvalidParameter", "for good"),
            (400, "ParameterValueInvalid", "for good"),
            (403, "no code", "for good"),
            (408, "RequestTimeout", "ambiguous"),
            (500, "InternalError", "ambiguous"),
            (503, "Throttling", "ambiguous"),
            (503, "ServiceUnavailable", "ambiguous"),
            (200, "no code", "ambiguous"),
            (302, "no code", "ambiguous"),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn the_daily_quota_is_distinguished_from_the_rate_by_the_message() {
        for message in ["Daily message quota exceeded.", "Daily sending quota exceeded"] {
            let outcome = sort_answer(&CODES, 429, "TooManyRequestsException", message);
            assert!(matches!(outcome, AttemptOutcome::QuotaUsedUp { .. }), "{outcome:?}");
        }
        let outcome = sort_answer(&CODES, 429, "TooManyRequestsException", "Maximum sending rate exceeded.");
        assert!(matches!(outcome, AttemptOutcome::TooFast { .. }), "{outcome:?}");
    }

    #[test]
    fn a_reason_names_neither_address_nor_number() {
        for (text, kept) in [
            (
                "Email address is not verified. The following identities failed the check in region US-EAST-1: anna@example.com",
                "Email address is not verified. The following identities failed the check in region US-EAST-1: <address>",
            ),
            ("Anna <anna@example.com>, \"b\"@c.d;", "Anna <address> <address>"),
            (
                "Invalid parameter: PhoneNumber Reason: +442071838750 is not valid",
                "Invalid parameter: PhoneNumber Reason: <number> is not valid",
            ),
            ("number +44 20 7183 8750, blocked", "number <number> blocked"),
            ("to=anna%40example.com", "<address>"),
            ("400 BadRequest:\r\nline", "400 BadRequest: line"),
        ] {
            assert_eq!(redact(text), kept);
        }
        assert_eq!(redact(&"x".repeat(1000)).len(), 300);
    }
}
