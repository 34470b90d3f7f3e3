//! `rekindle report`: what a running stack learned from a shop's history.

use super::admin_api::{self, AdminArgs, Api};
use super::output::print;
use super::spoken::Spoken;
use clap::Args;
use jiff::civil::Date;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::fmt::Write;

/// Shows what a running stack learned from a shop's history in the pass of last night. Each number has its interval, or says what is
/// missing. Without a name it lists the reports.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Which report; `learned` is all of them, in sentences
    name: Option<String>,
    /// As of this day [default: the latest]
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// The language of the sentences
    #[arg(long, value_enum, default_value = "en")]
    language: Spoken,
    #[command(flatten)]
    admin: AdminArgs,
    /// Print the answer as JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a row for each number
    #[arg(long)]
    csv: bool,
}

pub(super) async fn run(args: ReportArgs) -> anyhow::Result<()> {
    let ReportArgs { name, day, language, admin, json: as_json, csv } = args;
    if csv {
        let api = admin.api().await?;
        let path = path(name.as_deref().unwrap_or("learned"), day, &["format=csv"]);
        return Ok(print(tokio::task::spawn_blocking(move || api.call("GET", &path, None)).await??.trim_end())?);
    }
    admin_api::run(admin, (name, day, language), as_json, act).await
}

fn act(api: &Api, (name, day, language): &(Option<String>, Option<Date>, Spoken)) -> anyhow::Result<(String, Value)> {
    let Some(name) = name else {
        let answer = api.call_json("GET", "/v1/reports", None)?;
        let texts = |name: &str| -> Vec<String> {
            let all = answer[name].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let latest = texts("days").into_iter().next().map_or("none yet".to_owned(), |day| format!("latest of {day}"));
        let mut text = texts("reports").join("\n");
        write!(text, "\n\n{latest}")?;
        return Ok((text, answer));
    };
    let answer = api.call_json("GET", &path(name, *day, &[]), None)?;
    if answer.get("report").is_none() {
        // What is counted when it is asked for, such as the NPS, has a form of its own.
        return Ok((serde_json::to_string_pretty(&answer)?, answer));
    }
    let mut text = String::new();
    match answer["sentences"][language.code()].as_array() {
        Some(subjects) => {
            for subject in subjects {
                writeln!(text, "{}", subject["title"].as_str().unwrap_or_default())?;
                for sentence in subject["sentences"].as_array().into_iter().flatten() {
                    writeln!(text, "  {}", sentence.as_str().unwrap_or_default())?;
                }
            }
        }
        None => text = serde_json::to_string_pretty(&answer["report"])?,
    }
    let (through, currency) = (&answer["through"], &answer["currency"]);
    let heading = format!("{name}, as of {} ({})", through.as_str().unwrap_or("?"), currency.as_str().unwrap_or("?"));
    Ok((format!("{heading}\n\n{}", text.trim_end()), json!(answer)))
}

fn path(name: &str, day: Option<Date>, others: &[&str]) -> String {
    let day = day.map(|day| format!("day={day}"));
    let query: Vec<&str> = day.iter().map(String::as_str).chain(others.iter().copied()).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("/v1/reports/{}{query}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}
