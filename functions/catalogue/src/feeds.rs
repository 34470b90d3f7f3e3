//! The feeds that a shop has fetched: naming them, and what became of each.

use crate::Catalogue;
use jiff::Timestamp;
use rekindle_admin_api::{Call, Problem, answer};
use rekindle_catalogue::fetching::{FeedName, FeedSource, FetchReport, FetchState};
use rekindle_platform::public_web::WebAddress;
use rekindle_store::catalogue::feeds::StoredFeed;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most feeds of a shop.
const MAX_FEEDS: usize = 10;

/// The body of a call that stores a feed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    url: String,
    #[serde(default)]
    every_hours: Option<u16>,
}

/// The feeds of the shop.
pub(crate) async fn list(catalogue: &Catalogue, call: &Call) -> Result<Value, Problem> {
    let feeds = catalogue.store.feeds_of(&call.shop).await?;
    let now = catalogue.clock.now();
    Ok(json!({ "feeds": feeds.iter().map(|feed| shown(feed, now)).collect::<Vec<_>>() }))
}

/// Stores a feed under a name. One with another address is new, and due at once.
pub(crate) async fn put(catalogue: &Catalogue, call: &Call, name: &str) -> Result<Value, Problem> {
    let name = FeedName::parse(name).ok_or_else(|| {
        let max = FeedName::MAX_LEN;
        Problem::refused(format!("A feed's name has 1 to {max} lower-case letters, digits, hyphens and underscores."))
    })?;
    let wanted: Wanted = call.json()?;
    let url = WebAddress::parse(&wanted.url).map_err(|error| Problem::refused(format!("url {error}.")))?;
    let every_hours = wanted.every_hours.unwrap_or(FeedSource::DEFAULT_HOURS);
    if !FeedSource::HOURS.contains(&every_hours) {
        let (fewest, most) = (FeedSource::HOURS.start(), FeedSource::HOURS.end());
        return Err(Problem::refused(format!("every_hours must be a whole number from {fewest} to {most}.")));
    }
    let known = catalogue.store.feeds_of(&call.shop).await?;
    if known.len() >= MAX_FEEDS && known.iter().all(|feed| feed.name != name) {
        return Err(Problem::refused(format!("A shop may have {MAX_FEEDS} feeds at most.")));
    }
    let now = catalogue.clock.now();
    let source = FeedSource { url: url.as_str().to_owned(), every_hours, stored_at: now };
    let stored = catalogue.store.change_feed(&call.shop, &name, |known| {
        Some(match known {
            Some(known) if known.source.url == source.url => {
                let mut state = known.state.clone();
                // More often from now on, not only after the time that was meant before.
                state.due_at = state.due_at.min(now + source.interval());
                StoredFeed { source: source.clone(), state, ..known }
            }
            known => StoredFeed {
                shop: call.shop.clone(),
                name: name.clone(),
                source: source.clone(),
                state: FetchState::new(now),
                revision: known.map_or(0, |known| known.revision),
            },
        })
    });
    let stored = stored.await?.ok_or_else(missing)?;
    Ok(shown(&stored, now))
}

/// Makes a feed due, whatever its server says of its version.
pub(crate) async fn fetch_soon(catalogue: &Catalogue, call: &Call, name: &str) -> Result<Value, Problem> {
    let name = FeedName::parse(name).ok_or_else(missing)?;
    let now = catalogue.clock.now();
    let changed = catalogue.store.change_feed(&call.shop, &name, |known| {
        known.map(|mut feed| {
            feed.state.ask_again(now);
            feed
        })
    });
    Ok(shown(&changed.await?.ok_or_else(missing)?, now))
}

/// Removes a feed. The products stay as they are.
pub(crate) async fn remove(catalogue: &Catalogue, call: &Call, name: &str) -> Result<Value, Problem> {
    let name = FeedName::parse(name).ok_or_else(missing)?;
    if !catalogue.store.remove_feed(&call.shop, &name).await? {
        return Err(missing());
    }
    Ok(answer::done(()))
}

fn missing() -> Problem {
    Problem::missing("No feed of this name is stored.")
}

/// A feed for people: without what stands behind the path of its address, which may be a key.
fn shown(feed: &StoredFeed, now: Timestamp) -> Value {
    let StoredFeed { shop: _, name, source, state, revision: _ } = feed;
    let url = WebAddress::parse(&source.url).map(|url| url.shown()).ok();
    let report = |report: &Option<FetchReport>| report.as_ref().map(shown_report);
    let is_running = state.claimed_until.is_some_and(|until| until > now);
    json!({
        "name": name.as_str(),
        "url": url,
        "every_hours": source.every_hours,
        "stored_at": source.stored_at,
        "next_fetch_at": state.due_at,
        "is_running": is_running,
        "failures": state.failures,
        "last_fetch": report(&state.last),
        "last_taken": report(&state.last_taken),
    })
}

fn shown_report(report: &FetchReport) -> Value {
    let counted = &report.counts;
    let all = json!({
        "at": report.at, "outcome": report.outcome, "detail": report.detail,
        "entries": counted.entries, "refused": counted.refused, "warnings": counted.warnings,
        "changed": counted.changed, "discontinued": counted.discontinued, "reasons": report.reasons,
    });
    match all {
        Value::Object(all) => all.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into(),
        other => other,
    }
}
