//! A stack that is deployed in AWS, found by its name.
//!
//! - [`AwsCli`] runs the AWS CLI, which platform teams have set up with their profiles and single sign-on;
//! - [`Outputs`] are the stack's outputs: its tables, queues and pages;
//! - [`Deployment`] is the stack with the same clients and the same [`Store`] as its functions have;
//! - [`doctor`] checks it; [`test_mail`] sends one mail;
//! - [`dead_letters`] moves dead letters back, [`rebuild`] counts customers again;
//! - [`erasures`] erases again what a restore of the tables brought back;
//! - [`link_keys`] adds a key to those that seal links.

mod aws_cli;
mod aws_cli_error;
pub mod dead_letters;
pub mod doctor;
pub mod erasures;
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
    /// Its outputs.
    pub outputs: Outputs,
    /// Clients with the caller's permissions.
    pub clients: Clients,
    /// Its tables.
    pub store: Store,
}

/// Why a deployment cannot be used. The message is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// The AWS CLI failed.
    #[error(transparent)]
    AwsCli(#[from] AwsCliError),
    /// The stack does not exist.
    #[error("there is no stack {name:?} in {place}; name another with --stack, or its region with --region")]
    NoSuchStack {
        /// The given name.
        name: String,
        /// The region and profile.
        place: String,
    },
    /// It is being created or deleted, or its creation failed.
    #[error("the stack {name:?} cannot be used: it is {status}; deploy it first")]
    NotReady {
        /// Its name.
        name: String,
        /// Its status in CloudFormation.
        status: String,
    },
    /// It is not Rekindle, or of another version.
    #[error("the stack {name:?} cannot be used")]
    NotRekindle {
        /// Its name.
        name: String,
        /// What it lacks.
        #[source]
        source: NotRekindle,
    },
    /// A variable of the environment is invalid.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

impl Deployment {
    /// Finds a stack by its name, and creates clients with the credentials of the AWS CLI. Blocks while the CLI runs.
    ///
    /// # Errors
    /// The message says what is missing, and what to do about it.
    pub fn find(aws: &AwsCli, name: &str) -> Result<Self, DeploymentError> {
        let outputs = Self::outputs_of(aws, name)?;
        let environment = Environment::from_process();
        let credentials = aws.credentials()?;
        let clients = Clients::with_credentials(&outputs.region, credentials, &environment)?;
        let tables = Tables {
            customers: outputs.customers_table.clone(),
            activity: outputs.activity_table.clone(),
            shops: outputs.shops_table.clone(),
            erasures: Some(outputs.erasures_table.clone()),
        };
        let store = Store::new(clients.dynamodb(), tables);
        Ok(Self { name: name.to_owned(), outputs, clients, store })
    }

    /// The outputs of a stack. Blocks while the CLI runs.
    ///
    /// # Errors
    /// As [`Deployment::find`].
    pub fn outputs_of(aws: &AwsCli, name: &str) -> Result<Outputs, DeploymentError> {
        let described = Self::describe(aws, name)?;
        Outputs::from_stack(&described).map_err(|source| DeploymentError::NotRekindle { name: name.to_owned(), source })
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
        // A stack stays usable while it is updated, and after an update was rolled back.
        let usable = status.starts_with("UPDATE_") || status.starts_with("IMPORT_") || status == "CREATE_COMPLETE";
        match usable {
            true => Ok(described),
            false => Err(DeploymentError::NotReady { name: name.to_owned(), status: status.to_owned() }),
        }
    }
}
