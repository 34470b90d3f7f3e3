//! `rekindle doctor`: checks a deployed stack.

use super::output::{OutputError, print};
use super::progress::spinner;
use super::stack_address::StackAddress;
use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use rekindle_operator::deployment::doctor::{Finding, Severity, examine};
use serde_json::json;

/// Checks a deployed stack with the AWS CLI, and changes nothing: senders and DKIM, the sandbox, quotas, events, links, texts,
/// schedules, alarms, secrets, shops, dead letters. Ends with 1 if there is a problem. A check without the permission for it
/// is a warning that names the permission.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    address: StackAddress,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: DoctorArgs) -> anyhow::Result<()> {
    let bar = spinner("looking at the stack");
    let deployment = args.address.find().await?;
    let findings = examine(&args.address.aws(), &deployment, args.address.options(), Timestamp::now()).await;
    bar.finish_and_clear();
    let findings = findings?;
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
    if args.json {
        print(json!({ "stack": deployment.name, "problems": problems, "warnings": warnings, "findings": findings }))?;
    } else {
        for finding in &findings {
            show(finding)?;
        }
    }
    match (problems, warnings) {
        (0, _) => Ok(()),
        (problems, warnings) => bail!("problems: {problems}, warnings: {warnings}; mend them and look again"),
    }
}

fn show(finding: &Finding) -> Result<(), OutputError> {
    let severity = match finding.severity {
        Severity::Problem => "problem",
        Severity::Warning => "warning",
        Severity::Ok => "ok",
    };
    print(format_args!("{severity:<8} {:<13} {}", finding.check, finding.found))?;
    if let Some(mend) = &finding.mend {
        print(format_args!("{:<22} → {mend}", ""))?;
    }
    Ok(())
}
