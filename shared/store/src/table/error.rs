//! What can go wrong between a function and its tables, by what the caller does next.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use rekindle_platform::retry::LostRaces;
use std::error::Error;
use std::fmt;

/// A call to the database failed. Neither `Display` nor `Debug` shows the content of an item.
#[derive(thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold: load again and decide again.
    #[error("{operation}: another write came first")]
    Conflict {
        /// The operation, as the API names it.
        operation: &'static str,
        /// What the SDK said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A transaction was writing the item: nothing was written and no condition was looked at, so repeat.
    #[error("{operation}: a transaction was writing the item")]
    InTransaction {
        /// The operation, as the API names it.
        operation: &'static str,
        /// What the SDK said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// More requests than the table takes at the moment: repeat later.
    #[error("{operation}: the table takes no more requests at the moment")]
    Throttled {
        /// The operation, as the API names it.
        operation: &'static str,
        /// What the SDK said, if an error was the cause.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// No answer, or a server error: the write may or may not have happened.
    #[error("{operation}: the database did not answer")]
    Unavailable {
        /// The operation, as the API names it.
        operation: &'static str,
        /// What the SDK said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The database will never take this request: a missing table, a missing permission, an item that
    /// is too large.
    #[error("{operation}: the database refused the request ({code})")]
    Refused {
        /// The operation, as the API names it.
        operation: &'static str,
        /// The database's error code.
        code: String,
        /// What the SDK said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// An item is not of the form that this version writes.
    #[error("an item of the family {family:?} cannot be read: its {attribute} is missing or malformed")]
    Unreadable {
        /// The first part of the sort key.
        family: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// Others wrote the same item first, at every attempt: repeat later.
    #[error(transparent)]
    Busy(#[from] LostRaces),
    /// An erasure would be marked, and the store does not know the table in which marks are kept.
    #[error("there is no table in which the mark of an erasure is kept; is TABLE_ERASURES set?")]
    NoTableOfErasures,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a key")]
    NoRandomness,
}

impl StoreError {
    /// Sorts an error of the SDK by what the caller does next.
    pub fn from_sdk<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let SdkError::ServiceError(context) = &error else {
            return match error {
                SdkError::ConstructionFailure(_) => {
                    Self::Refused { operation, code: "request not built".to_owned(), source: error.into() }
                }
                _ => Self::Unavailable { operation, source: error.into() },
            };
        };
        let code = context.err().code().unwrap_or("unknown").to_owned();
        let message = context.err().message().unwrap_or_default();
        match code.as_str() {
            "ConditionalCheckFailedException" => Self::Conflict { operation, source: error.into() },
            "TransactionConflictException" | "TransactionInProgressException" => {
                Self::InTransaction { operation, source: error.into() }
            }
            // The message lists the reasons, one for each item of the transaction.
            "TransactionCanceledException" if message.contains("ConditionalCheckFailed") => {
                Self::Conflict { operation, source: error.into() }
            }
            "TransactionCanceledException" if message.contains("TransactionConflict") => {
                Self::InTransaction { operation, source: error.into() }
            }
            "TransactionCanceledException" if message.contains("Throttling") || message.contains("Throughput") => {
                Self::Throttled { operation, source: Some(error.into()) }
            }
            "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "LimitExceededException" => Self::Throttled { operation, source: Some(error.into()) },
            "InternalServerError" | "InternalServerErrorException" | "ServiceUnavailable" | "unknown" => {
                Self::Unavailable { operation, source: error.into() }
            }
            _ => Self::Refused { operation, code, source: error.into() },
        }
    }

    /// Whether a condition did not hold, because another write came first: load again and decide again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

/// The SDK's own `Debug` shows whole answers, items included; this one shows what `Display` does.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::put_item::PutItemError;

    fn service_error(code: &str, message: &str) -> StoreError {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        StoreError::from_sdk("PutItem", SdkError::service_error(PutItemError::generic(metadata), "anna@example.com"))
    }

    #[test]
    fn errors_are_classified_by_what_the_caller_does_next() {
        assert!(service_error("ConditionalCheckFailedException", "").is_conflict());
        assert!(service_error("TransactionCanceledException", "… [None, ConditionalCheckFailed]").is_conflict());
        for code in ["TransactionConflictException", "TransactionInProgressException"] {
            assert!(matches!(service_error(code, ""), StoreError::InTransaction { .. }));
        }
        let cancelled = service_error("TransactionCanceledException", "… [None, TransactionConflict]");
        assert!(matches!(cancelled, StoreError::InTransaction { .. }));
        let throttled = |error| matches!(error, StoreError::Throttled { .. });
        assert!(throttled(service_error("TransactionCanceledException", "… [ThrottlingError]")));
        assert!(throttled(service_error("ThrottlingException", "")));
        assert!(matches!(service_error("InternalServerError", ""), StoreError::Unavailable { .. }));
        assert!(matches!(service_error("ResourceNotFoundException", ""), StoreError::Refused { .. }));
        let timeout: SdkError<PutItemError, &str> = SdkError::timeout_error("no answer");
        assert!(matches!(StoreError::from_sdk("PutItem", timeout), StoreError::Unavailable { .. }));
    }

    #[test]
    fn the_answer_of_the_database_is_not_shown() {
        let error = service_error("ValidationException", "");
        assert_eq!(format!("{error:?}"), "StoreError(PutItem: the database refused the request (ValidationException))");
    }
}
