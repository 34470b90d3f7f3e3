//! `rekindle demo`: plays a real order history through the whole engine, in virtual time.

use super::address::listen;
use super::display::{Display, summary};
use super::output::{note, print};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_demo::schedule::Schedule;
use rekindle_demo::simulated_customers::{Done, Model, People, Rates, SimulatedCustomers};
use rekindle_emulators::{Durability, private_files};
use rekindle_imports::history::Reader;
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, Stack, StackTime, http};
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// The order history that comes with the program.
const SAMPLE: &str = include_str!("../../../../events/cdnow-sample.csv");
/// Of the sample, every fourth customer, which takes about a minute.
const DEFAULT_ONE_IN: u32 = 4;
/// Most events of a call.
const BATCH_SIZE: usize = 200;

/// Posts a real shop's orders to the engine's own HTTP API in the order of time, while a virtual clock runs: every order,
/// stage and message goes through the same functions as on AWS.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// An order history of your own: CSV or NDJSON with customer_id, order_id, ordered_at, amount [default: the CDNOW
    /// sample, real purchases of an online music shop in 1997 and 1998]
    #[arg(long, value_name = "FILE")]
    orders: Option<PathBuf>,
    /// Take every customer of the sample, not one in four (some minutes instead of one)
    #[arg(long)]
    all: bool,
    /// Stop the clock on this day [default: the day after the last order]
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Keep the data in this directory; run again to continue where it stopped [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the HTTP API, the console and the inbox; 0 takes any
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// End after the summary instead of serving the console and the inbox
    #[arg(long)]
    exit: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// Whether to simulate customers who open, click, answer, unsubscribe, redeem and recommend
    #[arg(long, value_enum, default_value_t = Simulation::On)]
    readers: Simulation,
    /// The seed of the simulated customers: the same seed gives the same run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often the simulated customers do what: a TOML file with rates; those that it leaves out have their defaults
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Simulation {
    On,
    Off,
}

pub(super) async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let rates = rates(&args)?;
    let temporary = tempfile::Builder::new().prefix("rekindle-demo-").tempdir()?;
    let data = Arc::new(DataDir::take(args.data.as_deref().unwrap_or(temporary.path()))?);
    let (schedule, first, last) = schedule(&args, &data)?;
    let until = match args.until {
        Some(day) => day.to_zoned(TimeZone::UTC)?.timestamp(),
        None => last.to_zoned(TimeZone::UTC).date().tomorrow()?.to_zoned(TimeZone::UTC)?.timestamp(),
    };

    let (listener, url) = listen(args.port).await?;
    let start = first - SignedDuration::from_hours(1);
    let time = StackTime::virtual_from(start, &data)?;
    // A demo need not survive a power failure, but it survives a kill.
    let stack = Arc::new(Stack::start(data, time, Durability::Relaxed, &url).await?);
    let progress = Arc::new(Progress::from_overview(&Overview::scan(&stack).await?));
    let mut pump = Pump::new(Arc::clone(&stack), Arc::clone(&progress))?;
    let server = tokio::spawn(http::serve(listener, http::router(Arc::clone(&stack), None)));

    let key = stack.shop.new_key(&stack.store, Role::Write, stack.time.now()).await?;
    let shop = ShopClient { url: format!("{url}/v1/batch"), key };
    let mut display = Display::new(start, until);
    let mut customers = match args.readers {
        Simulation::On => {
            Some(SimulatedCustomers::new(Arc::clone(&stack), &schedule, Model::new(rates, args.seed), &url).await?)
        }
        Simulation::Off => None,
    };
    let mut next = schedule.next_at(stack.time.now())?;
    while let Some(at) = next.filter(|at| *at < until) {
        pass(&mut pump, customers.as_mut(), at).await?;
        shop.post_all(&schedule, customers.as_ref(), at).await?;
        display.show(at, &progress.now());
        next = schedule.next_at(at + SignedDuration::from_millis(1))?;
    }
    pass(&mut pump, customers.as_mut(), until).await?;
    display.finish();
    pump.learn().await?;

    let overview = Overview::scan(&stack).await?;
    let people = match &customers {
        Some(customers) => Some(customers.people().await?),
        None => None,
    };
    let done = customers.as_ref().map(SimulatedCustomers::done).zip(people.as_ref());
    let seconds = started.elapsed().as_secs_f64();
    if args.json {
        print(to_json(&overview, done, until, seconds)?)?;
    } else {
        print(format_args!("{}\n\n  in {seconds:.1} seconds", summary(&overview, done, until)))?;
    }
    if args.exit {
        return Ok(());
    }
    // Of this demo only: it ends with its data.
    let admin = stack.shop.new_key(&stack.store, Role::Admin, stack.time.now()).await?;
    note(format_args!(
        "\n  console    {url}/console\n  admin key  {admin}\n  inbox      {url}/inbox\n\nCtrl-C ends the demo."
    ));
    tokio::select! {
        served = server => served??,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

/// Moves the time to `until`, with or without simulated customers.
async fn pass(pump: &mut Pump, customers: Option<&mut SimulatedCustomers<'_>>, until: Timestamp) -> anyhow::Result<()> {
    match customers {
        Some(customers) => Ok(customers.run_until(pump, until).await?),
        None => Ok(pump.run_until(until).await?),
    }
}

/// The rates of the simulated customers.
fn rates(args: &DemoArgs) -> anyhow::Result<Rates> {
    let Some(path) = &args.rates else { return Ok(Rates::built_in().clone()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Rates::parse(&text).with_context(|| format!("{} cannot be used", path.display()))
}

/// The history in the order of time, with the instants of its first and last order.
fn schedule(args: &DemoArgs, data: &DataDir) -> anyhow::Result<(Schedule, Timestamp, Timestamp)> {
    let file = data.file("history.db");
    let schedule = match &args.orders {
        Some(path) => Schedule::build(Reader::open(path)?, &file)?,
        None => {
            let sample = data.file("sample.csv");
            private_files::write(&sample, SAMPLE.as_bytes())?;
            Schedule::build(Reader::open(&sample)?, &file)?
        }
    };
    for rejection in &schedule.rejections {
        note(format_args!("skipped {rejection}"));
    }
    if schedule.rejected > 0 {
        note(format_args!("{} rows were skipped", schedule.rejected));
    }
    let Some((first, last)) = schedule.span()? else { bail!("the order history has no orders") };
    let (all_customers, _) = schedule.size()?;
    let subset = args.orders.is_none() && !args.all;
    if subset {
        schedule.keep_one_customer_in(DEFAULT_ONE_IN)?;
    }
    let (customers, orders) = schedule.size()?;
    if subset {
        note(format_args!(
            "Every {DEFAULT_ONE_IN}th of the sample's {all_customers} customers: {customers} customers, {orders} purchases (--all takes all)"
        ));
    } else {
        note(format_args!("{customers} customers, {orders} purchases"));
    }
    Ok((schedule, first, last))
}

fn to_json(
    overview: &Overview,
    done: Option<(&Done, &People)>,
    until: Timestamp,
    seconds: f64,
) -> anyhow::Result<Value> {
    let mut json = serde_json::to_value(overview)?;
    json["until"] = until.strftime("%Y-%m-%d").to_string().into();
    json["wall_seconds"] = ((seconds * 100.0).round() / 100.0).into();
    if let Some((done, people)) = done {
        json["readers"] = serde_json::to_value(done)?;
        json["people"] = serde_json::to_value(people)?;
    }
    Ok(json)
}

/// Posts events as a shop does.
struct ShopClient {
    url: String,
    key: String,
}

impl ShopClient {
    /// Posts the events of one instant.
    async fn post_all(
        &self,
        schedule: &Schedule,
        customers: Option<&SimulatedCustomers<'_>>,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let mut posted = 0;
        loop {
            let mut events = schedule.events_at(at, posted, BATCH_SIZE)?;
            if events.is_empty() {
                return Ok(());
            }
            if let Some(customers) = customers {
                customers.add_to_orders(&mut events, at)?;
            }
            posted += events.len();
            self.post(json!({ "batch": events })).await?;
        }
    }

    async fn post(&self, body: Value) -> anyhow::Result<()> {
        let (url, bearer) = (self.url.clone(), format!("Bearer {}", self.key));
        let answer = tokio::task::spawn_blocking(move || -> anyhow::Result<Value> {
            let mut answer = ureq::post(&url).header("authorization", &bearer).send_json(&body)?;
            Ok(answer.body_mut().read_json()?)
        });
        let answer = answer.await?.context("the engine did not take a batch of orders")?;
        if let Some(rejected) = answer["rejected"].as_array().filter(|rejected| !rejected.is_empty()) {
            bail!("the engine refused {} orders of the history, the first because {}", rejected.len(), rejected[0]);
        }
        Ok(())
    }
}
