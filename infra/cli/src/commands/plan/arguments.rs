//! The arguments of `rekindle plan`.

use crate::commands::import_options::ValueArgs;
use clap::Args;
use jiff::civil::Date;
use rekindle_imports::history::Options;
use rekindle_local_stack::SHOP;
use rekindle_operator::costs::EmailPlan;
use std::path::PathBuf;

/// What a policy would do over a history of orders, in virtual time and without a stack: the engine's own rules decide about every
/// customer at every instant at which they are due. Nobody in a plan opens, clicks, answers, leaves or bounces, and no task is
/// closed: how real customers react is not simulated. Every message goes out at the moment at which it may, whatever rate SES
/// allows. Nothing is stored, and nothing leaves this machine.
#[derive(Debug, Args)]
pub(in crate::commands) struct PlanArgs {
    /// The orders: an export of a shop system, or CSV or JSON with customer_id, order_id, ordered_at, amount, as for `import`
    #[arg(long, value_name = "FILE")]
    pub(super) orders: PathBuf,
    /// The policy [default: the engine's own]
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// Another policy: what it would change, and for whom
    #[arg(long, value_name = "FILE")]
    pub(super) against: Option<PathBuf>,
    /// A day: the policy is switched on at its beginning, with the orders before it already there, as after an import [default: before
    /// the first order]. Or the system that wrote the file, as for `import`; for both, give the option twice
    #[arg(long, value_name = "DATE|SYSTEM", value_parser = FromOption::parse)]
    from: Vec<FromOption>,
    /// The plan ends at the beginning of this day [default: the day after the last order]
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<Date>,
    /// How many mails SES takes in 24 hours: says on which days that is too little
    #[arg(long, value_name = "N")]
    pub(super) daily_quota: Option<u64>,
    /// The shop's id, on which draws depend: who is in a holdout, when an imported customer is taken into journeys
    #[arg(long, default_value = SHOP, value_name = "NAME")]
    pub(super) shop: String,
    /// How many customers are named for whom another policy changes anything [default: 10; with --markdown none]
    #[arg(long, value_name = "N", requires = "against")]
    pub(super) customers: Option<usize>,
    /// Where the customers' pages will be: links in a text message make it longer, and so does a long address
    #[arg(long, value_name = "URL")]
    pub(super) links_url: Option<String>,
    /// What a part of a text costs in your countries, in US dollars [default: the cheapest country's]
    #[arg(long, value_name = "USD", value_parser = amount)]
    pub(super) text_price: Option<f64>,
    /// The plan of SES
    #[arg(long, value_enum, default_value = "essentials")]
    pub(super) email_plan: EmailPlan,
    /// Print everything as JSON, all weeks and days included
    #[arg(long)]
    pub(super) json: bool,
    /// Print what the other policy changes as Markdown, for a comment on a pull request
    #[arg(long, requires = "against", conflicts_with = "json")]
    pub(super) markdown: bool,
    #[command(flatten)]
    pub(super) reading: ValueArgs,
}

/// What `--from` says: the first day, or, as everywhere else, the system that wrote the file.
#[derive(Debug, Clone)]
enum FromOption {
    Day(Date),
    System(String),
}

impl FromOption {
    fn parse(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(day) => Ok(Self::Day(day)),
            Err(_) => Options::check_from(text)
                .map(Self::System)
                .map_err(|reason| format!("it is no day, such as 2026-03-01, and no system: {reason}")),
        }
    }
}

impl PlanArgs {
    /// The day on which the policy is switched on.
    pub(super) fn first_day(&self) -> Option<Date> {
        self.from.iter().find_map(|from| if let FromOption::Day(day) = from { Some(*day) } else { None })
    }

    /// The system that wrote the file.
    pub(super) fn system(&self) -> Option<String> {
        self.from.iter().find_map(|from| if let FromOption::System(name) = from { Some(name.clone()) } else { None })
    }
}

fn amount(text: &str) -> Result<f64, String> {
    let amount = text.parse().ok().filter(|amount: &f64| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| "it is an amount, such as 0.05".to_owned())
}
