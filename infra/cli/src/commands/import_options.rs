//! What a person says about a file that is imported.

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_imports::columns::MapOption;
use rekindle_imports::file::FileEncoding;
use rekindle_imports::history::{Options, RepeatedAmounts};
use rekindle_imports::values::{DateOrder, OrderState};
use rekindle_lifecycle::money::Currency;

/// How a file is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the file is read")]
pub(super) struct ReadingArgs {
    /// The system that wrote the file: shopify, woocommerce, stripe, klaviyo, olist, uci, cdnow [default: recognised by its columns]
    #[arg(long, value_name = "SYSTEM", value_parser = Options::check_from)]
    from: Option<String>,
    #[command(flatten)]
    values: ValueArgs,
}

/// How the values of a file are read, whichever system wrote it.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the file is read")]
pub(super) struct ValueArgs {
    /// What a column is: a field such as order_id, amount or sku, or - for nothing; may be repeated
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = MapOption::parse)]
    map: Vec<MapOption>,
    /// The decimal mark of all amounts, . or , [default: as the amounts show]
    #[arg(long, value_name = "MARK", value_parser = mark)]
    decimal: Option<char>,
    /// day-first, month-first, or a pattern such as "%d/%m/%Y %H:%M" [default: as the dates show]
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// The zone of times without an offset, for example Europe/Berlin
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    time_zone: Option<TimeZone>,
    /// The encoding, for example windows-1251 [default: recognised]
    #[arg(long, value_name = "NAME", value_parser = FileEncoding::parse)]
    encoding: Option<FileEncoding>,
    /// The currency of amounts without one [default: the shop's own]
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Option<Currency>,
    /// What a word for a state means: paid, pending, cancelled or refunded; may be repeated
    #[arg(long, value_name = "WORD=STATE", value_parser = status)]
    status: Vec<(String, OrderState)>,
    /// Several rows of one order: items sums their amounts, orders takes one [default: as the amounts show]
    #[arg(long, value_name = "WHAT", value_parser = rows)]
    rows: Option<RepeatedAmounts>,
    /// The amounts replace those of an earlier import of the same orders, which otherwise stay as they were
    #[arg(long)]
    correct: bool,
    /// Take agreements to marketing without a time: the owner's statement of how these people agreed
    #[arg(long, value_name = "TEXT")]
    consent_statement: Option<String>,
}

impl ReadingArgs {
    /// The options of an import that began at this moment.
    pub(super) fn options(&self, started_at: Timestamp) -> Options {
        self.values.options(self.from.clone(), started_at)
    }

    /// Wrong use that depends on more than one value.
    pub(super) fn check(&self) -> Result<(), String> {
        self.values.check()
    }
}

impl ValueArgs {
    /// The options of an import of a file that a system wrote, which began at this moment.
    pub(super) fn options(&self, from: Option<String>, started_at: Timestamp) -> Options {
        let order = match self.date_format.as_deref() {
            Some("day-first") => Some(DateOrder::DayFirst),
            Some("month-first") => Some(DateOrder::MonthFirst),
            _ => None,
        };
        Options {
            from,
            map: self.map.clone(),
            decimal: self.decimal,
            date_order: order,
            date_pattern: self.date_format.clone().filter(|_| order.is_none()),
            time_zone: self.time_zone.clone(),
            encoding: self.encoding,
            currency: self.currency,
            statuses: self.status.clone(),
            repeated_amounts: self.rows,
            is_correction: self.correct,
            consent_statement: self.consent_statement.clone().filter(|text| !text.trim().is_empty()),
            started_at,
        }
    }

    /// Wrong use that depends on more than one value.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.date_format.as_deref() {
            None | Some("day-first" | "month-first") => Ok(()),
            Some(pattern) if pattern.contains('%') => Ok(()),
            Some(other) => Err(format!(
                "--date-format {other:?} is neither day-first nor month-first nor a pattern such as \"%d/%m/%Y\""
            )),
        }
    }
}

fn mark(text: &str) -> Result<char, String> {
    match text {
        "." | "point" => Ok('.'),
        "," | "comma" => Ok(','),
        _ => Err("it is . or ,".to_owned()),
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("there is no time zone {name:?}; use a name such as Europe/Berlin or UTC"))
}

fn currency(code: &str) -> Result<Currency, String> {
    Currency::parse(code).map_err(|error| error.to_string())
}

fn status(text: &str) -> Result<(String, OrderState), String> {
    let (word, state) = text.rsplit_once('=').ok_or("it has the form \"word=paid\"".to_owned())?;
    Ok((word.to_owned(), OrderState::parse(state)?))
}

fn rows(word: &str) -> Result<RepeatedAmounts, String> {
    match word {
        "items" => Ok(RepeatedAmounts::Items),
        "orders" => Ok(RepeatedAmounts::Orders),
        _ => Err("it is items or orders".to_owned()),
    }
}
