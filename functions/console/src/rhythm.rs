//! A customer's orders and messages on a line of time.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// The least and the most radius of an order, by its amount.
const RADIUS: (f64, f64) = (4.0, 11.0);

/// A drawing, in units of its own width.
#[derive(Debug, Serialize)]
pub(crate) struct Rhythm {
    /// The same at the width of a desk and of a phone.
    drawings: [Drawing; 2],
    from: String,
    orders: usize,
    messages: usize,
}

#[derive(Debug, Serialize)]
struct Drawing {
    class: &'static str,
    width: u32,
    /// Where today is.
    now: String,
    orders: Vec<Mark>,
    messages: Vec<Mark>,
    unsent: Vec<Mark>,
    ahead: Vec<Mark>,
}

#[derive(Debug, Serialize)]
struct Mark {
    x: String,
    radius: String,
}

/// The drawing of a customer, if there is anything to draw.
pub(crate) fn draw(customer: &Value, entries: &[Value], now: Timestamp) -> Option<Rhythm> {
    let latest = customer["orders"]["latest"].as_array()?;
    let orders: Vec<(Timestamp, f64)> = latest
        .iter()
        .filter(|order| order["counts"] == true)
        .filter_map(|order| Some((instant(&order["ordered_at"])?, amount(&order["amount"]))))
        .collect();
    let of = |fits: &dyn Fn(&Value) -> bool| -> Vec<Timestamp> {
        entries.iter().filter(|entry| fits(entry)).filter_map(|entry| instant(&entry["at"])).collect()
    };
    let messages = of(&|entry| entry["what"] == "message" && !entry["accepted_at"].is_null());
    let unsent = of(&|entry| entry["entry"] == "not_sent");
    let next = customer["next"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ahead = next.iter().filter(|one| one["what"] == "message").filter_map(|one| instant(&one["at"]));
    let ahead: Vec<Timestamp> = ahead.collect();
    let from = orders.iter().map(|(at, _)| *at).chain(messages.iter().copied()).min()?;
    let until = ahead.iter().copied().chain([now]).max()?;
    let most = orders.iter().map(|(_, amount)| *amount).fold(0.0, f64::max);
    let drawing = |class: &'static str, width: u32| {
        let x = |at: Timestamp| place(at, from, until, f64::from(width));
        let mark = |at: &Timestamp| Mark { x: x(*at), radius: String::new() };
        let order = |(at, amount): &(Timestamp, f64)| {
            let share = if most > 0.0 { (amount / most).sqrt() } else { 0.5 };
            Mark { x: x(*at), radius: format!("{:.1}", RADIUS.0 + share * (RADIUS.1 - RADIUS.0)) }
        };
        Drawing {
            class,
            width,
            now: x(now),
            orders: orders.iter().map(order).collect(),
            messages: messages.iter().map(mark).collect(),
            unsent: unsent.iter().map(mark).collect(),
            ahead: ahead.iter().map(mark).collect(),
        }
    };
    Some(Rhythm {
        drawings: [drawing("wide", 1_000), drawing("thin", 345)],
        from: from.to_string(),
        orders: orders.len(),
        messages: messages.len(),
    })
}

/// Where an instant is between two others, with room for a mark at both ends.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
fn place(at: Timestamp, from: Timestamp, until: Timestamp, width: f64) -> String {
    let span = (until.as_second() - from.as_second()).max(1) as f64;
    let share = ((at.as_second() - from.as_second()) as f64 / span).clamp(0.0, 1.0);
    format!("{:.1}", 14.0 + share * (width - 28.0))
}

fn instant(at: &Value) -> Option<Timestamp> {
    at.as_str()?.parse().ok()
}

fn amount(amount: &Value) -> f64 {
    let text = amount.as_str().unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
