//! What was learned from the shop's history: the reports that `insight` stored.

use crate::{Admin, csv};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use jiff::civil::Date;
use rekindle_admin_api::{Call, Problem, answer};
use rekindle_platform::gateway::Body;
use rekindle_store::insight::reports::StoredReport;
use serde_json::{Map, Value, json};

/// The name under which `insight` stores everything, and by which callers get everything.
const LEARNED: &str = "learned";
/// The part of the stored report that holds the subjects.
const SUBJECTS: &str = "learned";
/// The subject beside them: what journeys changed.
const LIFT: &str = "lift";
/// What makes an object of a report a number with an interval.
const PARTS_OF_A_NUMBER: [&str; 4] = ["value", "lo", "hi", "n"];
const COLUMNS: [&str; 6] = ["name", "value", "lo", "hi", "n", "shown"];

/// The names of the reports, and the days of which there are any.
pub(crate) async fn list(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let days = admin.store.report_days(&call.shop, LEARNED).await?;
    let latest = admin.store.report(&call.shop, LEARNED, None).await?;
    let subjects = latest.as_ref().map(|latest| subjects(&latest.report)).unwrap_or_default();
    let mut names: Vec<&str> = vec!["stages", "nps"];
    if latest.is_some() {
        names.push(LEARNED);
    }
    names.extend(subjects);
    Ok(json!({ "reports": names, "days": days }))
}

/// A report: everything, with the sentences, or one subject; of the latest day, or of `?day=`. As CSV if the call asks for it: a row a
/// number.
pub(crate) async fn show(admin: &Admin, call: &Call, name: &str) -> Result<Response<Body>, Problem> {
    let day = call.parameter("day").map(str::parse::<Date>).transpose();
    let day = day.map_err(|_| Problem::bad_request("day must be a date such as 2026-03-31."))?;
    let stored = admin.store.report(&call.shop, LEARNED, day).await?.ok_or_else(|| not_made(day))?;
    let StoredReport { through, mut report } = stored;
    let currency = report["currency"].take();
    let found = if name == LEARNED {
        report["learned"].take()
    } else {
        let known = subjects(&report).join(", ");
        let of = if name == LIFT { report.get_mut(LIFT) } else { report[SUBJECTS].get_mut(name) };
        let subject = of.map(Value::take);
        subject.ok_or_else(|| {
            Problem::missing(format!("There is no report of this name. There are: {LEARNED}, {known}."))
        })?
    };
    if call.wants_csv() {
        let mut response = Response::new(Body::from(to_csv(&found)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        *response.status_mut() = StatusCode::OK;
        return Ok(response);
    }
    let mut shown = json!({ "name": name, "through": through, "currency": currency, "report": found });
    if name == LEARNED {
        shown["lift"] = report["lift"].take();
        shown["sentences"] = report["sentences"].take();
        shown["days_in_other_currencies"] = report["days_in_other_currencies"].take();
        shown["customers_with_days_left_out"] = report["customers_with_days_left_out"].take();
        shown["customers_not_counted"] = report["customers_not_counted"].take();
    }
    Ok(answer::json_body(&shown))
}

fn subjects(report: &Value) -> Vec<&str> {
    let subjects = report[SUBJECTS].as_object().into_iter().flat_map(|subjects| subjects.keys().map(String::as_str));
    subjects.chain(report.get(LIFT).map(|_| LIFT)).collect()
}

fn not_made(day: Option<Date>) -> Problem {
    Problem::missing(match day {
        Some(day) => format!("There is no report of {day}. GET /v1/reports lists the days."),
        None => "There is no report yet: the first comes within a day of the shop's first order.".to_owned(),
    })
}

/// A row for each number of a report; its name is the way to it.
fn to_csv(report: &Value) -> String {
    let mut csv = csv::row(COLUMNS);
    add_rows(&mut csv, "", report);
    csv
}

fn add_rows(csv: &mut String, name: &str, value: &Value) {
    let inside = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(parts) if is_a_number(parts) => {
            let [value, lo, hi, n] = PARTS_OF_A_NUMBER.map(|part| parts.get(part).map(cell).unwrap_or_default());
            let shown = parts.get("shown").map(cell).unwrap_or_default();
            add_row(csv, [&csv::cell(name), &value, &lo, &hi, &n, &shown]);
            let others =
                parts.iter().filter(|(part, _)| **part != "shown" && !PARTS_OF_A_NUMBER.contains(&part.as_str()));
            others.for_each(|(part, value)| add_rows(csv, &inside(part), value));
        }
        Value::Object(parts) => parts.iter().for_each(|(part, value)| add_rows(csv, &inside(part), value)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(place, value)| add_rows(csv, &inside(&place.to_string()), value));
        }
        Value::Null => {}
        single => add_row(csv, [&csv::cell(name), &cell(single), "", "", "", ""]),
    }
}

fn is_a_number(parts: &Map<String, Value>) -> bool {
    PARTS_OF_A_NUMBER.iter().all(|part| parts.contains_key(*part))
}

fn add_row(csv: &mut String, cells: [&str; 6]) {
    csv.push_str(&cells.join(","));
    csv.push_str("\r\n");
}

/// A cell: a number as it is, for a negative one is no formula.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => csv::cell(text),
        other => csv::cell(&other.to_string()),
    }
}
