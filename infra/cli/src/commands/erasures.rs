//! `rekindle erasures`: erasures and restored tables.

use super::link_keys;
use super::output::print;
use super::progress::spinner;
use super::stack_address::StackAddress;
use clap::{Args, Subcommand};
use indicatif::HumanCount;
use jiff::Timestamp;
use rekindle_messaging::KeyRing;
use rekindle_operator::deployment::erasures::Reapply;
use rekindle_store::{Store, Tables};
use serde_json::json;

/// Makes erasures hold in tables that were restored to an earlier moment.
#[derive(Debug, Args)]
pub(super) struct ErasuresArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Erase again every customer who was erased after the moment of the restore. Harmless when repeated
    Reapply(ReapplyArgs),
}

#[derive(Debug, Args)]
struct ReapplyArgs {
    #[command(flatten)]
    address: StackAddress,
    /// Restored tables that no stack uses yet: PREFIXCustomersTable, PREFIXActivityTable and PREFIXShopsTable
    /// [default: the tables of the stack]
    #[arg(long, value_name = "PREFIX")]
    restored: Option<String>,
    /// One more table of marks: the ErasuresTable of a stack that was deleted
    #[arg(long, value_name = "TABLE")]
    marks: Vec<String>,
    /// Only count who would be erased
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: ErasuresArgs) -> anyhow::Result<()> {
    let Action::Reapply(args) = args.action;
    let deployment = args.address.find().await?;
    let (aws, outputs) = (args.address.aws(), deployment.outputs.clone());
    let now = Timestamp::now();
    let (stored, _) = tokio::task::spawn_blocking(move || link_keys::load(&aws, &outputs)).await??;
    let ring = KeyRing::parse(&stored, now)?;
    let store = match &args.restored {
        None => deployment.store.clone(),
        Some(prefix) => {
            let name = |table: &str| format!("{prefix}{table}");
            let tables = Tables {
                customers: name("CustomersTable"),
                activity: name("ActivityTable"),
                shops: name("ShopsTable"),
                erasures: Some(deployment.outputs.erasures_table.clone()),
            };
            Store::new(deployment.clients.dynamodb(), tables)
        }
    };
    let bar = spinner("looking for customers");
    let reapply = Reapply { store: &store, link_keys: &ring, kept_in: &args.marks, now, dry_run: args.dry_run };
    let done = reapply.run(|count| bar.set_message(format!("{} customers", HumanCount(count)))).await;
    bar.finish_and_clear();
    let done = done?;
    if args.json {
        print(json!({
            "marks": done.marks, "customers": done.customers, "erased": done.erased, "dry_run": args.dry_run,
        }))?;
        return Ok(());
    }
    let [marks, customers, erased] =
        [done.marks as u64, done.customers, done.erased].map(|count| HumanCount(count).to_string());
    let what = if args.dry_run { "would be erased again" } else { "were erased again" };
    print(format_args!("{erased} of {customers} customers {what}; {marks} marks of erasures are known"))?;
    Ok(())
}
