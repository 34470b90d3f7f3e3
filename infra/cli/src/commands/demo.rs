//! `rekindle demo`: the main job on real orders, in virtual time.

use super::address::listen;
use super::display::{Display, summary};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_demo::schedule::Schedule;
use rekindle_demo::simulated_customers::{Done, Model, Rates, SimulatedCustomers};
use rekindle_emulators::Durability;
use rekindle_imports::history::Reader;
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, Stack, StackTime, http};
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// The order history that comes with the program.
const SAMPLE: &str = include_str!("../../../../events/cdnow-sample.csv");
/// Of the sample, one customer in so many fits into a minute.
const ONE_IN: u32 = 4;
/// Events posted in one call.
const BATCH: usize = 200;

/// Posts a real shop's orders to the engine's own HTTP API in the order of time and lets a virtual clock
/// run: every order, stage and message goes through the very handlers that run on AWS.
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
    /// Keep the data here; run again to go on where it stopped [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the HTTP API, the dashboard and the inbox; 0 takes any
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// End after the summary instead of serving the dashboard and the inbox
    #[arg(long)]
    exit: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// Whether people are simulated who open, click, answer, leave, redeem and recommend
    #[arg(long, value_enum, default_value_t = Readers::On)]
    readers: Readers,
    /// Draws other people: the same seed gives the same run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often people do what: a TOML file in which each rate that it names takes the place of the usual one
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Readers {
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
    // A lost power supply may cost a demo; a killed process does not.
    let stack = Arc::new(Stack::start(data, time, Durability::Relaxed, &url).await?);
    let progress = Arc::new(Progress::from_overview(&Overview::scan(&stack).await?));
    let mut pump = Pump::new(Arc::clone(&stack), Arc::clone(&progress))?;
    let server = tokio::spawn(axum::serve(listener, http::router(Arc::clone(&stack), None)).into_future());

    let key = stack.shop.new_key(&stack.store, Role::Write, stack.time.now()).await?;
    let shop = ShopClient { url: format!("{url}/v1/batch"), key };
    let mut display = Display::new(start, until);
    let mut crowd = match args.readers {
        Readers::On => {
            Some(SimulatedCustomers::gather(Arc::clone(&stack), &schedule, Model::new(rates, args.seed), &url).await?)
        }
        Readers::Off => None,
    };
    let mut next = schedule.next_at(stack.time.now())?;
    while let Some(at) = next.filter(|at| *at < until) {
        pass(&mut pump, crowd.as_mut(), at).await?;
        shop.post_all(&schedule, crowd.as_ref(), at).await?;
        display.show(at, &progress.now());
        next = schedule.next_at(at + SignedDuration::from_millis(1))?;
    }
    pass(&mut pump, crowd.as_mut(), until).await?;
    display.finish();

    let overview = Overview::scan(&stack).await?;
    let done = crowd.as_ref().map(SimulatedCustomers::done);
    let seconds = started.elapsed().as_secs_f64();
    if args.json {
        println!("{}", as_json(&overview, done, until, seconds)?);
    } else {
        println!("{}\n\n  in {seconds:.1} seconds", summary(&overview, done, until));
    }
    if args.exit {
        return Ok(());
    }
    eprintln!("\n  dashboard  {url}/dashboard\n  inbox      {url}/inbox\n\nCtrl-C ends the demo.");
    tokio::select! {
        served = server => served??,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

/// Lets the time pass, with readers or without.
async fn pass(pump: &mut Pump, crowd: Option<&mut SimulatedCustomers<'_>>, until: Timestamp) -> anyhow::Result<()> {
    match crowd {
        Some(crowd) => Ok(crowd.live_until(pump, until).await?),
        None => Ok(pump.run_until(until).await?),
    }
}

/// How often people do what.
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
            std::fs::write(&sample, SAMPLE)?;
            Schedule::build(Reader::open(&sample)?, &file)?
        }
    };
    for rejection in &schedule.rejections {
        eprintln!("skipped {rejection}");
    }
    if schedule.rejected > 0 {
        eprintln!("{} rows were skipped", schedule.rejected);
    }
    let Some((first, last)) = schedule.span()? else { bail!("the order history has no orders") };
    let (of_customers, _) = schedule.size()?;
    let subset = args.orders.is_none() && !args.all;
    if subset {
        schedule.keep_one_customer_in(ONE_IN)?;
    }
    let (customers, orders) = schedule.size()?;
    if subset {
        eprintln!(
            "Every {ONE_IN}th of the sample's {of_customers} customers: {customers} customers, {orders} purchases (--all takes all)"
        );
    } else {
        eprintln!("{customers} customers, {orders} purchases");
    }
    Ok((schedule, first, last))
}

fn as_json(overview: &Overview, done: Option<&Done>, until: Timestamp, seconds: f64) -> anyhow::Result<Value> {
    let mut json = serde_json::to_value(overview)?;
    json["until"] = until.strftime("%Y-%m-%d").to_string().into();
    json["wall_seconds"] = ((seconds * 100.0).round() / 100.0).into();
    if let Some(done) = done {
        json["readers"] = serde_json::to_value(done)?;
    }
    Ok(json)
}

/// Posts as a shop does.
struct ShopClient {
    url: String,
    key: String,
}

impl ShopClient {
    async fn post_all(
        &self,
        schedule: &Schedule,
        crowd: Option<&SimulatedCustomers<'_>>,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let mut posted = 0;
        loop {
            let mut events = schedule.events_at(at, posted, BATCH)?;
            if events.is_empty() {
                return Ok(());
            }
            if let Some(crowd) = crowd {
                crowd.add_to_orders(&mut events, at)?;
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
