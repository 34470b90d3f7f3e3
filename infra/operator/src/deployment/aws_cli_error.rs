//! Failures of the AWS CLI, by what a person does about them.

/// A failed call of the AWS CLI. The message is one line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsCliError {
    /// There is no program `aws`.
    #[error(
        "the AWS CLI is not installed: install its version 2 (https://aws.amazon.com/cli/), so that `aws` is found"
    )]
    NotInstalled,
    /// It cannot be started.
    #[error("the AWS CLI cannot be started ({0}); see that `aws --version` works")]
    NotStarted(String),
    /// It did not end in time.
    #[error("`aws {0}` gave no answer in time; see that the network reaches AWS, and try again")]
    TimedOut(String),
    /// The caller is not signed in any more.
    #[error("AWS does not know who is calling ({0}); sign in (`aws sso login`, `aws login`) or choose a --profile")]
    NotSignedIn(String),
    /// The profile does not exist.
    #[error("the AWS CLI has no profile {0}; `aws configure list-profiles` lists what there is")]
    NoProfile(String),
    /// No region was given.
    #[error("no region: say it with --region, or in AWS_REGION")]
    NoRegion,
    /// The caller lacks a permission.
    #[error("the AWS user lacks the permission {permission}")]
    Denied {
        /// The action, as policies spell it.
        permission: String,
    },
    /// AWS cannot be reached there: the region does not exist or lacks the service.
    #[error("{service} cannot be reached in this region: {message}")]
    Unreachable {
        /// The CLI's name for the service.
        service: String,
        /// The CLI's message.
        message: String,
    },
    /// This version of the CLI does not know the command.
    #[error("this AWS CLI does not know `aws {0}`; install its newest version 2 (https://aws.amazon.com/cli/)")]
    UnknownCommand(String),
    /// AWS refused the call.
    #[error("AWS refused {operation} ({code}): {message}")]
    Refused {
        /// The API's name for the operation.
        operation: String,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// The CLI failed for another reason.
    #[error("`aws {command}` failed: {message}")]
    Failed {
        /// The command, without values.
        command: String,
        /// The last line of its output.
        message: String,
    },
    /// The answer is not JSON.
    #[error("the answer of `aws {0}` cannot be read")]
    Unreadable(String),
}

const DENIED: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
];
const NOT_SIGNED_IN: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
];

impl AwsCliError {
    /// Classifies the CLI's standard error. `command` is the service and the operation, without values.
    pub(super) fn from_stderr(command: &str, written: &str) -> Self {
        let service = command.split(' ').next().unwrap_or_default().to_owned();
        let last = written.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it did not say why");
        let said = |words: &str| written.contains(words);
        if let Some((code, operation, message)) = refusal(written) {
            return match code {
                code if DENIED.contains(&code) => {
                    Self::Denied { permission: format!("{}:{operation}", iam_prefix(&service)) }
                }
                code if NOT_SIGNED_IN.contains(&code) => Self::NotSignedIn(code.to_owned()),
                _ => Self::Refused {
                    operation: operation.to_owned(),
                    code: code.to_owned(),
                    message: message.trim_end_matches('.').to_owned(),
                },
            };
        }
        if said("You must specify a region") {
            return Self::NoRegion;
        }
        if said("config profile (") {
            let name = written.split("config profile (").nth(1).and_then(|rest| rest.split(')').next());
            return Self::NoProfile(name.unwrap_or_default().to_owned());
        }
        if ["Unable to locate credentials", "expired", "Error loading SSO Token"].iter().any(|w| said(w)) {
            return Self::NotSignedIn(last.trim_end_matches('.').to_owned());
        }
        if said("Could not connect to the endpoint") || said("Connect timeout") || said("Read timeout") {
            return Self::Unreachable { service, message: last.trim_end_matches('.').to_owned() };
        }
        if said("Invalid choice") || said("invalid choice") {
            return Self::UnknownCommand(command.to_owned());
        }
        Self::Failed { command: command.to_owned(), message: last.to_owned() }
    }
}

/// Code, operation and message of `An error occurred (Code) when calling the Operation operation: message`.
fn refusal(written: &str) -> Option<(&str, &str, &str)> {
    let (code, rest) = written.split_once("An error occurred (")?.1.split_once(')')?;
    let rest = rest.split_once("when calling the ")?.1;
    let (operation, rest) = rest.split_once(" operation")?;
    let message = rest.split_once(": ").map_or("", |(_, message)| message.trim());
    Some((code, operation, message))
}

/// The name of a service in policies, by its name in the CLI.
fn iam_prefix(service: &str) -> &str {
    match service {
        "sesv2" => "ses",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_cli_are_classified_by_their_remedy() {
        let denied = "\nAn error occurred (AccessDeniedException) when calling the GetAccount operation: User: \
                      arn:aws:iam::123456789012:user/x is not authorized to perform: ses:GetAccount\n";
        let error = AwsCliError::from_stderr("sesv2 get-account", denied);
        assert_eq!(error, AwsCliError::Denied { permission: "ses:GetAccount".to_owned() });
        let expired = "An error occurred (ExpiredToken) when calling the DescribeStacks operation: The security token \
                       included in the request is expired";
        assert_eq!(
            AwsCliError::from_stderr("cloudformation describe-stacks", expired),
            AwsCliError::NotSignedIn("ExpiredToken".to_owned())
        );
        let sso = "\nError when retrieving token from sso: Token has expired and refresh failed\n";
        assert!(matches!(AwsCliError::from_stderr("sesv2 get-account", sso), AwsCliError::NotSignedIn(_)));
        let none = "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n";
        assert!(AwsCliError::from_stderr("sesv2 get-account", none).to_string().contains("aws sso login"));
        let region = "\nYou must specify a region. You can also configure your region by running \"aws configure\".\n";
        assert_eq!(AwsCliError::from_stderr("sqs x", region), AwsCliError::NoRegion);
        let profile = "\nThe config profile (shop) could not be found\n";
        assert_eq!(AwsCliError::from_stderr("sqs x", profile), AwsCliError::NoProfile("shop".to_owned()));
        let endpoint = "\nCould not connect to the endpoint URL: \"https://email.xx-1.amazonaws.com/\"\n";
        assert!(matches!(AwsCliError::from_stderr("sesv2 x", endpoint), AwsCliError::Unreachable { .. }));
        let missing = "\nAn error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id \
                       x does not exist\n";
        assert_eq!(
            AwsCliError::from_stderr("cloudformation describe-stacks", missing),
            AwsCliError::Refused {
                operation: "DescribeStacks".to_owned(),
                code: "ValidationError".to_owned(),
                message: "Stack with id x does not exist".to_owned(),
            }
        );
        assert!(matches!(AwsCliError::from_stderr("sqs x", "boom"), AwsCliError::Failed { .. }));
    }
}
