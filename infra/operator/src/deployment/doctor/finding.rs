//! What a check found.

use crate::deployment::AwsCliError;
use serde::Serialize;
use std::fmt::Display;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work, or will not when it is needed.
    Problem,
    /// It works, but not as it should; or it could not be looked at.
    Warning,
    /// As it should be.
    Ok,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was looked at, in a word.
    pub check: &'static str,
    /// What was found, in a sentence.
    pub found: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(check: &'static str, found: impl Display) -> Self {
        Self { severity: Severity::Ok, check, found: found.to_string(), mend: None }
    }

    /// It works, but not as it should.
    pub(super) fn warning(check: &'static str, found: impl Display, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, check, found: found.to_string(), mend: Some(mend.into()) }
    }

    /// It does not work.
    pub(super) fn problem(check: &'static str, found: impl Display, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Problem, check, found: found.to_string(), mend: Some(mend.into()) }
    }

    /// It could not be looked at, which says nothing about it.
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
