//! A stack that is deployed in AWS, addressed by its name.
//!
//! The cast:
//! - [`AwsCli`] asks the AWS CLI, which platform teams have set up with their profiles and single sign-on;
//! - [`Outputs`] is what the stack says of itself: where its tables, queues and pages are;
//! - [`Deployment`] is the stack with the same clients and the same [`Store`] as its functions have;
//! - [`doctor`] looks at it and says what is missing; [`test_mail`] sends one mail;
//! - [`dead_letters`] are tried again, [`rebuild`] has customers counted again;
//! - [`link_keys`] adds a key to those that seal links.

mod aws_cli;
mod aws_cli_error;
pub mod dead_letters;
pub mod doctor;
pub mod link_keys;
mod outputs;
pub mod rebuild;
pub mod test_mail;

pub use aws_cli::AwsCli;
pub use aws_cli_error::AwsCliError;
pub use outputs::{NotRekindle, Outputs};

use rekindle_platform::{Clients, Environment, SettingError};
use rekindle_store::{Store, Tables};
use serde_json::Value;

/// A deployed stack.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub outputs: Outputs,
    /// Clients with the caller's own rights.
    pub clients: Clients,
    /// Its tables.
    pub store: Store,
}

/// Why a deployment cannot be addressed. One line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// The AWS CLI.
    #[error(transparent)]
    AwsCli(#[from] AwsCliError),
    /// There is no such stack.
    #[error("there is no stack {name:?} in {place}; name another with --stack, or its region with --region")]
    NoSuchStack {
        /// The name asked for.
        name: String,
        /// Where it was looked for.
        place: String,
    },
    /// It is being made, deleted, or failed to be made.
    #[error("the stack {name:?} cannot be used: it is {status}; deploy it first")]
    NotReady {
        /// Its name.
        name: String,
        /// What CloudFormation says of it.
        status: String,
    },
    /// It is something else, or of another version.
    #[error("the stack {name:?} cannot be used")]
    NotRekindle {
        /// Its name.
        name: String,
        /// What it lacks.
        #[source]
        source: NotRekindle,
    },
    /// A variable of the environment.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

impl Deployment {
    /// Finds a stack by its name and makes clients with the credentials that the AWS CLI has. Blocks while the CLI
    /// runs.
    ///
    /// # Errors
    /// Says what is missing, and what to do about it.
    pub fn find(aws: &AwsCli, name: &str) -> Result<Self, DeploymentError> {
        let outputs = Self::outputs_of(aws, name)?;
        let environment = Environment::of_process();
        let credentials = aws.credentials()?;
        let clients = Clients::with_credentials(&outputs.region, credentials, &environment)?;
        let tables = Tables {
            customers: outputs.customers_table.clone(),
            activity: outputs.activity_table.clone(),
            shops: outputs.shops_table.clone(),
        };
        let store = Store::new(clients.dynamodb(), tables);
        Ok(Self { name: name.to_owned(), outputs, clients, store })
    }

    /// What a stack says of itself, for those who need no more. Blocks while the CLI runs.
    ///
    /// # Errors
    /// As [`Deployment::find`].
    pub fn outputs_of(aws: &AwsCli, name: &str) -> Result<Outputs, DeploymentError> {
        let described = Self::describe(aws, name)?;
        Outputs::of_stack(&described).map_err(|source| DeploymentError::NotRekindle { name: name.to_owned(), source })
    }

    /// The stack as CloudFormation describes it, if it can be used.
    pub(crate) fn describe(aws: &AwsCli, name: &str) -> Result<Value, DeploymentError> {
        let answer = aws.call(&["cloudformation", "describe-stacks", "--stack-name", name]);
        let mut answer = match answer {
            Err(AwsCliError::Refused { message, .. }) if message.contains("does not exist") => {
                return Err(DeploymentError::NoSuchStack { name: name.to_owned(), place: aws.place() });
            }
            other => other?,
        };
        let described = answer["Stacks"][0].take();
        let status = described["StackStatus"].as_str().unwrap_or("in no state");
        // What was made once stays usable while it is updated and when an update was taken back.
        let usable = status.starts_with("UPDATE_") || status.starts_with("IMPORT_") || status == "CREATE_COMPLETE";
        match usable {
            true => Ok(described),
            false => Err(DeploymentError::NotReady { name: name.to_owned(), status: status.to_owned() }),
        }
    }
}
