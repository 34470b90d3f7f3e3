//! `rekindle plan`: what a policy would do over a history of orders.

mod arguments;
mod cost;
mod text_parts;

pub(super) use arguments::PlanArgs;

use super::WrongUse;
use super::orders_file;
use super::output::{note, print};
use super::progress::spinner;
use anyhow::{Context, bail};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rekindle_inbound::Received;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::policy::Policy;
use rekindle_planning::{Change, Comparison, History, HistoryError, Planned, Report, Span, Terms, plan};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use text_parts::TextParts;

/// Customers who are named in a text unless it is said how many.
const DEFAULT_NAMED: usize = 10;
/// Time before the first order at which a plan begins.
const BEFORE_THE_FIRST: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn run(args: &PlanArgs) -> anyhow::Result<()> {
    args.reading.check().map_err(WrongUse)?;
    let policy = args.policy.as_deref().map_or_else(|| Ok(Policy::built_in().clone()), read_policy)?;
    let against = args.against.as_deref().map(read_policy).transpose()?;
    if against.as_ref().is_some_and(|against| reads_otherwise(&policy, against)) {
        note("the file is read with the currency, country, zone and event names of the first policy");
    }
    let (history, rejected) = read_history(args, &policy)?;
    let (span, began_before) = span(args, &policy, &history)?;
    let text_parts = TextParts::new(args.links_url.as_deref())?;
    let shop = ShopId::parse(&args.shop).map_err(|error| WrongUse(format!("--shop {error}")))?;
    let terms = |policy| Terms { policy, shop: shop.clone(), span, text_parts: &text_parts };
    let report = |planned: Planned, policy: &Policy| -> anyhow::Result<Report> {
        let cost = cost::of(&planned, span, args)?;
        let report = Report::new(planned, span, &policy.calendar, began_before);
        Ok(Report { daily_quota: args.daily_quota, cost, ..report })
    };
    let progress = spinner("playing the history");
    let Some(other) = against else {
        let [planned] = plan(&history, [&terms(&policy)], |_| ())?;
        progress.finish_and_clear();
        let report = report(planned, &policy)?;
        return if args.json { print_json(report.to_json(), rejected) } else { Ok(print(report.to_text())?) };
    };
    let mut comparison = Comparison::default();
    let [before, after] = plan(&history, [&terms(&policy), &terms(&other)], |both| comparison.add(both))?;
    progress.finish_and_clear();
    let reports = [report(before, &policy)?, report(after, &other)?];
    let named = args.customers.unwrap_or(if args.markdown { 0 } else { DEFAULT_NAMED });
    let change = Change { reports, comparison, named };
    if args.json {
        print_json(change.to_json(), rejected)
    } else if args.markdown {
        Ok(print(change.to_markdown())?)
    } else {
        Ok(print(change.to_text())?)
    }
}

fn print_json(mut value: Value, rejected: u64) -> anyhow::Result<()> {
    value["rejected_rows"] = json!(rejected);
    Ok(print(value)?)
}

/// Reads a policy as `shop set-policy` does, with the same errors.
fn read_policy(file: &Path) -> anyhow::Result<Policy> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Policy::parse(&text).with_context(|| file.display().to_string())
}

/// Whether two policies read the events of one file differently.
fn reads_otherwise(one: &Policy, other: &Policy) -> bool {
    let read = |policy: &Policy| (policy.currency, policy.country, policy.event_names.clone());
    read(one) != read(other)
}

/// The facts of the file, and how many rows were rejected.
fn read_history(args: &PlanArgs, policy: &Policy) -> anyhow::Result<(History, u64)> {
    let now = Timestamp::now();
    let mut options = args.reading.options(args.system(), now);
    options.currency = options.currency.or(policy.currency);
    let zone = options.time_zone.clone().unwrap_or_else(|| policy.calendar.zone().rules().clone());
    let received = Received::history(zone, options.currency.unwrap_or(Currency::US_DOLLAR), now);
    let event_names = Arc::clone(&policy.event_names);
    let mut history = History::new(Received { country: policy.country, event_names, ..received })?;
    let mut reader = super::import::open(&args.orders, &options)?;
    let rejected = orders_file::read(&mut reader, &args.orders, |event| match history.add(event) {
        Ok(()) => Ok(None),
        Err(HistoryError::Refused(rejection)) => Ok(Some(rejection)),
        Err(error) => Err(error.into()),
    })?;
    Ok((history, rejected))
}

/// From when until when the plan goes, and whether anything happened before.
fn span(args: &PlanArgs, policy: &Policy, history: &History) -> anyhow::Result<(Span, bool)> {
    let zone = policy.calendar.zone().rules();
    let beginning = |day: Date| day.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    let Some((first, last)) = history.span()? else { bail!("{} has no order", args.orders.display()) };
    let from = args.first_day().map(beginning).transpose()?.unwrap_or(first - BEFORE_THE_FIRST);
    let until = match args.until {
        Some(day) => beginning(day)?,
        None => beginning(policy.calendar.day(last).tomorrow()?)?,
    };
    if until <= from {
        let [from, until] = [from, until].map(|at| policy.calendar.day(at));
        bail!(WrongUse(format!("the plan would end on {until} and begin on {from}; --until has to be later")));
    }
    Ok((Span { from, until }, first < from))
}
