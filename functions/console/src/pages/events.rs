//! Events that were refused: by day, field and reason, with a sample; and taking them in again.

use crate::page::Answer;
use crate::shop_api::in_query;
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// How many days back the page looks.
const PERIODS: [i64; 3] = [7, 30, 90];

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    if visit.form.is_some() {
        return retry(visit).await;
    }
    let days = visit.query.get("days").and_then(|days| days.parse().ok()).filter(|days| PERIODS.contains(days));
    let days = days.unwrap_or(PERIODS[1]);
    let from = (visit.now - SignedDuration::from_hours(24 * days)).strftime("%Y-%m-%d");
    let after = visit.query.get("after").map(|after| format!("&after={}", in_query(after))).unwrap_or_default();
    let found = visit.api().get(&format!("/v1/refused?from={from}{after}")).await?;
    let groups = found["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count: u64 = groups.iter().filter_map(|group| group["count"].as_u64()).sum();
    let number = |name: &str| visit.query.get(name).and_then(|number| number.parse::<u64>().ok()).unwrap_or_default();
    visit.render(
        "events.html",
        &json!({
            "days": days,
            "periods": PERIODS,
            "groups": groups,
            "count": count,
            "next": found["next_after"],
            "accepted": number("accepted"),
            "refused_again": number("refused"),
        }),
    )
}

/// Takes events in again: those of a day, a field and a reason, or all that are listed.
async fn retry(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let Some(form) = &visit.form else { return Err(Trouble::Missing(String::new())) };
    let mut asked = Map::new();
    if let Some(day) = form.get("day").and_then(|day| day.parse::<Date>().ok()) {
        asked.insert("from".to_owned(), day.to_string().into());
        asked.insert("to".to_owned(), day.to_string().into());
    }
    for name in ["field", "reason"] {
        if let Some(text) = form.get(name) {
            asked.insert(name.to_owned(), text.into());
        }
    }
    let answer = visit.api().send("POST", "/v1/refused/retry", Value::Object(asked).to_string()).await?;
    let (accepted, refused) = (&answer["accepted"], &answer["refused"]);
    Ok(Answer::Redirect(format!("/console/events?done=retried&accepted={accepted}&refused={refused}")))
}
