//! A finding of a check.

use crate::deployment::AwsCliError;
use serde::Serialize;
use std::fmt::Display;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work, or will not when it is needed.
    Problem,
    /// Something works, but not as it should, or could not be checked.
    Warning,
    /// Nothing is wrong.
    Ok,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad a finding is.
    pub severity: Severity,
    /// The name of the check.
    pub check: &'static str,
    /// What was found, in a sentence.
    pub found: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    /// Nothing is wrong.
    pub(super) fn ok(check: &'static str, found: impl Display) -> Self {
        Self { severity: Severity::Ok, check, found: found.to_string(), mend: None }
    }

    /// Something works, but not as it should.
    pub(super) fn warning(check: &'static str, found: impl Display, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, check, found: found.to_string(), mend: Some(mend.into()) }
    }

    /// Something does not work.
    pub(super) fn problem(check: &'static str, found: impl Display, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Problem, check, found: found.to_string(), mend: Some(mend.into()) }
    }

    /// Something could not be checked.
    pub(super) fn unseen(check: &'static str, what: &str, error: &AwsCliError) -> Self {
        let mend = match error {
            AwsCliError::Denied { permission } => {
                Some(format!("allow {permission} to the AWS user that runs this, and run it again"))
            }
            _ => None,
        };
        Self { severity: Severity::Warning, check, found: format!("{what} could not be looked at: {error}"), mend }
    }
}
