//! The options that name a deployed stack.

use clap::Args;
use rekindle_operator::deployment::{AwsCli, Deployment, Outputs};

/// A stack that is deployed in AWS, reached with the credentials of the AWS CLI.
#[derive(Debug, Clone, Args)]
pub(super) struct StackAddress {
    /// The deployed stack, by its name in CloudFormation
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// Its region [default: the one that the AWS CLI would choose]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The profile of the AWS CLI to use
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
}

impl StackAddress {
    /// The stack of a name.
    pub(super) fn new(stack: String, region: Option<String>, profile: Option<String>) -> Self {
        Self { stack, region, profile }
    }

    /// The name of the stack.
    pub(super) fn stack(&self) -> &str {
        &self.stack
    }

    /// The AWS CLI for its region and profile.
    pub(super) fn aws(&self) -> AwsCli {
        AwsCli::new(self.region.clone(), self.profile.clone())
    }

    /// The options with which another command of this program uses the same stack.
    pub(super) fn options(&self) -> String {
        format!("--stack {}{}", self.stack, self.aws().options())
    }

    /// Finds the stack.
    pub(super) async fn find(&self) -> anyhow::Result<Deployment> {
        let (aws, name) = (self.aws(), self.stack.clone());
        Ok(tokio::task::spawn_blocking(move || Deployment::find(&aws, &name)).await??)
    }

    /// Loads the outputs of the stack.
    pub(super) async fn outputs(&self) -> anyhow::Result<Outputs> {
        let (aws, name) = (self.aws(), self.stack.clone());
        Ok(tokio::task::spawn_blocking(move || Deployment::outputs_of(&aws, &name)).await??)
    }
}
