//! `rekindle rebuild`: counts customers of a deployed stack again from their facts.

use super::output::print;
use super::progress::spinner;
use super::stack_address::StackAddress;
use clap::Args;
use indicatif::HumanCount;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_operator::deployment::rebuild::{Rebuild, Whose};
use rekindle_platform::WorkQueue;
use rekindle_store::CustomerKey;
use serde_json::json;
use std::num::NonZeroU32;
use std::time::Instant;

/// Counts customers of a deployed stack again from all their stored facts, including facts that were not processed yet. Safe
/// while the stack works and harmless when repeated; run it again if it was interrupted.
#[derive(Debug, Args)]
pub(super) struct RebuildArgs {
    #[command(flatten)]
    address: StackAddress,
    /// Only the customers of this shop [default: of all shops]
    #[arg(long, value_name = "SHOP", value_parser = |text: &str| ShopId::parse(text).map_err(|error| error.to_string()))]
    shop: Option<ShopId>,
    /// Only this customer of the shop
    #[arg(long, value_name = "ID", requires = "shop", value_parser = |text: &str| CustomerId::parse(text).map_err(|error| error.to_string()))]
    customer: Option<CustomerId>,
    /// The most customers a second
    #[arg(long, default_value = "100", value_name = "NUMBER")]
    rate: NonZeroU32,
    /// Only count the customers
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: RebuildArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let deployment = args.address.find().await?;
    let whose = match (args.shop, args.customer) {
        (Some(shop), Some(customer)) => Whose::Customer(CustomerKey { shop, customer }),
        (Some(shop), None) => Whose::Shop(shop),
        (None, _) => Whose::All,
    };
    let queue = WorkQueue::new(deployment.clients.sqs(), deployment.outputs.advance_queue_url.clone());
    let queue = (!args.dry_run).then_some(&queue);
    let bar = spinner("looking for customers");
    let rebuild = Rebuild { store: &deployment.store, queue, rate: args.rate };
    let counted = rebuild.run(&whose, |count| bar.set_message(format!("{} customers", HumanCount(count)))).await;
    bar.finish_and_clear();
    let customers = counted?;
    let units = deployment.store.capacity().take().read;
    if args.json {
        print(json!({ "customers": customers, "dry_run": args.dry_run, "read_units": units }))?;
        return Ok(());
    }
    let seconds = started.elapsed().as_secs_f64();
    let customers = HumanCount(customers);
    if args.dry_run {
        print(format_args!("{customers} customers would be counted again; finding them took {units} read units"))?;
    } else {
        print(format_args!(
            "{customers} customers are on the queue to be counted again, in {seconds:.1} seconds; {units} read units"
        ))?;
    }
    Ok(())
}
