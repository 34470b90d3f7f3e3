//! How a command says why it failed.

use rekindle_store::StoreError;

/// The error with its causes, up to what a table answered: that may repeat what the table was asked, customers' addresses included.
/// The error of the store says what kind of answer it was.
pub(super) fn sentence(error: &anyhow::Error) -> String {
    let mut causes = Vec::new();
    for cause in error.chain() {
        causes.push(cause.to_string());
        if cause.is::<StoreError>() {
            break;
        }
    }
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_failure_is_told_with_its_causes_and_without_what_a_table_was_asked() {
        let refused = StoreError::Refused {
            operation: "PutItem",
            code: "ValidationException".to_owned(),
            source: "the item anna@example.com, +442071837731 is too large".into(),
        };
        let failed = Err::<(), _>(refused).context("the customers cannot be counted").expect_err("an error");
        let expected =
            "the customers cannot be counted: PutItem: the database refused the request (ValidationException)";
        assert_eq!(sentence(&failed), expected);
        let other = Err::<(), _>(std::io::Error::other("no such port")).context("not started").expect_err("an error");
        assert_eq!(sentence(&other), "not started: no such port");
    }
}
