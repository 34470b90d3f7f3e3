//! `rekindle products feed`: feeds that the stack fetches by itself.

use super::Api;
use clap::Subcommand;
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Debug, Subcommand)]
pub(super) enum FeedAction {
    /// Have a feed fetched from now on, soon for the first time. The same name replaces the address
    Add {
        /// What to call it: lower-case letters, digits, hyphens and underscores
        name: String,
        /// Its address, which begins with https://
        url: String,
        /// The hours between two fetches
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        every: u16,
    },
    /// List the feeds, and what became of each when it was fetched last
    List,
    /// Fetch a feed soon, whether or not it has changed
    Fetch {
        /// Its name
        name: String,
    },
    /// Fetch a feed no more. The products stay as they are
    Remove {
        /// Its name
        name: String,
    },
}

/// Does it; the result for people and for programs.
pub(super) fn act(api: &Api, action: &FeedAction) -> anyhow::Result<(String, Value)> {
    match action {
        FeedAction::Add { name, url, every } => {
            let body = json!({ "url": url, "every_hours": every }).to_string();
            let feed = api.call_json("PUT", &format!("/v1/feeds/{name}"), Some(&body))?;
            Ok((
                format!(
                    "{}\nIt is fetched within minutes; `rekindle products feed list` shows how that went.",
                    shown(&feed)?
                ),
                feed,
            ))
        }
        FeedAction::List => {
            let answer = api.call_json("GET", "/v1/feeds", None)?;
            let feeds: Vec<String> =
                answer["feeds"].as_array().into_iter().flatten().map(shown).collect::<Result<_, _>>()?;
            let text = if feeds.is_empty() { "No feed is fetched.".to_owned() } else { feeds.join("\n\n") };
            Ok((text, answer))
        }
        FeedAction::Fetch { name } => {
            let feed = api.call_json("POST", &format!("/v1/feeds/{name}/fetch"), None)?;
            Ok((format!("{name} is fetched within minutes."), feed))
        }
        FeedAction::Remove { name } => {
            let answer = api.call_json("DELETE", &format!("/v1/feeds/{name}"), None)?;
            Ok((format!("{name} is fetched no more. The products stay as they are."), answer))
        }
    }
}

/// A feed with what became of its last fetch.
fn shown(feed: &Value) -> Result<String, std::fmt::Error> {
    let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut text = format!("{}  {}", part(&feed["name"]), part(&feed["url"]));
    let hours = &feed["every_hours"];
    write!(text, "\n  every {hours} hours; next {}", part(&feed["next_fetch_at"]))?;
    if feed["is_running"] == true {
        write!(text, "; under way")?;
    }
    let last = &feed["last_fetch"];
    if last.is_null() {
        write!(text, "\n  not fetched yet")?;
        return Ok(text);
    }
    write!(text, "\n  {}  {}", part(&last["at"]), part(&last["outcome"]))?;
    // What an unchanged feed had, the last one that was taken in says.
    let counted = if last["outcome"] == "unchanged" { &feed["last_taken"] } else { last };
    if counted["entries"].as_u64().is_some() {
        let count = |name: &str| counted[name].as_u64().unwrap_or_default();
        write!(
            text,
            ": {} entries, {} cannot be used, {} warnings, {} changed, {} discontinued",
            count("entries"),
            count("refused"),
            count("warnings"),
            count("changed"),
            count("discontinued")
        )?;
    }
    for line in last["detail"]
        .as_str()
        .into_iter()
        .chain(last["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str))
    {
        write!(text, "\n  {line}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_shown_with_what_became_of_it() {
        let feed = json!({
            "name": "main", "url": "https://tea.example/feed.xml?…", "every_hours": 24, "failures": 2, "is_running": false,
            "next_fetch_at": "2026-11-28T10:00:00Z", "last_taken": null,
            "last_fetch": {
                "at": "2026-11-27T10:00:00Z", "outcome": "cut", "detail": "The feed is cut: it ends after entry 4 without its closing tag.",
                "entries": 4, "refused": 1, "warnings": 0, "changed": 2, "discontinued": 0, "reasons": ["entry 3: id is missing"],
            },
        });
        let expected = "main  https://tea.example/feed.xml?…\n  every 24 hours; next 2026-11-28T10:00:00Z\n  \
            2026-11-27T10:00:00Z  cut: 4 entries, 1 cannot be used, 0 warnings, 2 changed, 0 discontinued\n  \
            The feed is cut: it ends after entry 4 without its closing tag.\n  entry 3: id is missing";
        assert_eq!(shown(&feed).expect("text"), expected);
    }
}
