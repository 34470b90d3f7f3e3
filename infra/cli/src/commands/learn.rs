//! `rekindle learn`: what a history of orders tells.

use super::WrongUse;
use super::import_options::ReadingArgs;
use super::orders_file;
use super::output::{note, print};
use super::spoken::Spoken;
use anyhow::{Context, bail};
use clap::Args;
use indicatif::HumanCount;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rekindle_insight::learned::{Learned, LearningTerms};
use rekindle_insight::{Day, History};
use rekindle_learning::OrderHistory;
use rekindle_lifecycle::money::Currency;
use serde_json::json;
use std::path::PathBuf;

/// What a history of orders tells about its customers: how many come back and how soon, how long the time after the first order is
/// in which they are won, after how much silence they are lost, where they are today, and what they will order. Each number has its
/// interval, or says what is missing. Nothing is changed, and nothing leaves this machine.
#[derive(Debug, Args)]
pub(super) struct LearnArgs {
    /// The orders: an export of a shop system, or CSV or JSON with customer_id, order_id, ordered_at, amount, as for `import`
    #[arg(long, value_name = "FILE")]
    orders: PathBuf,
    /// The last day of the history that is complete [default: the day of the last order]
    #[arg(long, value_name = "DATE")]
    through: Option<Date>,
    /// The history begins in the middle of the shop's life, with this day: first orders of the 91 days from then on may not be first
    /// [default: the history begins with the shop]
    #[arg(long, value_name = "DATE")]
    complete_from: Option<Date>,
    /// What is left of an order's value, as a share of it
    #[arg(long, default_value_t = 1.0, value_name = "SHARE", value_parser = share)]
    margin: f64,
    /// What it costs to win a customer, in the history's currency
    #[arg(long, value_name = "AMOUNT", value_parser = cost)]
    acquisition_cost: Option<f64>,
    /// The shop's name. It decides which customers are in a sample and in a bootstrap, as it does on a stack
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    shop: String,
    /// The language of the sentences
    #[arg(long, value_enum, default_value = "en")]
    language: Spoken,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Print every number with its interval as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &LearnArgs) -> anyhow::Result<()> {
    args.reading.check().map_err(WrongUse)?;
    let now = Timestamp::now();
    let options = args.reading.options(now);
    let mut reader = super::import::open(&args.orders, &options)?;
    let zone = options.time_zone.clone().unwrap_or(TimeZone::UTC);
    let mut orders = OrderHistory::new(zone, options.currency.unwrap_or(Currency::US_DOLLAR), now);
    let rejected = orders_file::read(&mut reader, &args.orders, |event| Ok(orders.add(event).err()))?;

    let currencies = orders.currencies();
    let Some((currency, count)) = currencies.first().copied() else {
        bail!("{} has no order that counts", args.orders.display());
    };
    let last = orders.last_day(currency).context("an order has a day")?;
    let through = args.through.map_or(last, Day::from_date);
    let history = match args.complete_from {
        Some(from) => History::complete_from(Day::from_date(from), through),
        None => History::from_the_beginning(through),
    };
    let history = history.with_decimal_places(u8::try_from(currency.decimal_places())?);
    let terms = LearningTerms { margin: args.margin, acquisition_cost: args.acquisition_cost, ..Default::default() };
    let learned = Learned::from_buyers(history, &orders.buyers(&args.shop, currency), &terms);
    if args.json {
        let mut all = serde_json::to_value(&learned)?;
        all["currency"] = json!(currency.code());
        all["data"]["orders"] = json!(count);
        all["orders_in_other_currencies"] = currencies[1..].iter().map(|(of, n)| (of.code(), json!(n))).collect();
        all["rejected_rows"] = json!(rejected);
        return Ok(print(all)?);
    }
    for (of, count) in &currencies[1..] {
        note(format_args!("left out: {} in {} (each currency is a history of its own)", HumanCount(*count), of.code()));
    }
    for said in learned.sentences(args.language.into()) {
        print(said.title)?;
        for sentence in said.sentences {
            print(format_args!("  {sentence}"))?;
        }
    }
    Ok(())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "it is a share from 0 to 1, such as 0.3".to_owned())
}

fn cost(text: &str) -> Result<f64, String> {
    let cost = text.parse().ok().filter(|cost: &f64| cost.is_finite() && *cost > 0.0);
    cost.ok_or_else(|| "it is an amount above 0, such as 12.50".to_owned())
}
