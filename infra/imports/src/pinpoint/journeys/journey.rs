//! One journey.

use super::conditions::is_purchase;
use super::limits::{LONGEST, minutes};
use super::notes::{Notes, is_empty};
use super::walk::{self, Step};
use serde_json::Value;

/// What is read of a journey, here or elsewhere, and what is bookkeeping.
const KNOWN: [&str; 15] = [
    "Activities",
    "ApplicationId",
    "CreationDate",
    "Id",
    "LastModifiedDate",
    "Limits",
    "LocalTime",
    "Name",
    "QuietTime",
    "Schedule",
    "StartActivity",
    "StartCondition",
    "State",
    "tags",
    "WaitForQuietTime",
];

/// A journey of the policy.
#[derive(Debug)]
pub(super) struct Journey {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) trigger: Option<String>,
    /// Why it stands as a comment only.
    pub(super) aside: Vec<String>,
    pub(super) at_most_every: Option<i64>,
    pub(super) holdout: Option<i64>,
    pub(super) steps: Vec<Step>,
}

impl Journey {
    /// Whether it is more than a comment.
    pub(super) fn in_force(&self) -> bool {
        self.aside.is_empty()
    }
}

/// What a journey or a campaign is called.
pub(super) fn name(value: &Value) -> &str {
    let named = |field: &str| value[field].as_str().filter(|text| !text.trim().is_empty());
    named("Name").or_else(|| named("Id")).unwrap_or("unnamed")
}

/// Reads a journey. Its id is its name in the letters that a policy allows, and none of those taken already.
pub(super) fn read(value: &Value, trigger: Option<&str>, taken: &[String], notes: &mut Notes) -> Journey {
    let name = name(value).to_owned();
    let place = format!("journey {name:?}");
    let mut aside = Vec::new();
    let start = match trigger {
        Some(chosen) => Some(chosen.to_owned()),
        None => start(&value["StartCondition"]).map(str::to_owned).map_err(|reason| aside.push(reason)).ok(),
    };
    let state = value["State"].as_str().unwrap_or("ACTIVE");
    if state != "ACTIVE" && trigger.is_none() {
        aside.push(format!("its state was {state}"));
    }
    if trigger.is_some() {
        notes.leftovers(&place, &serde_json::json!({ "StartCondition": value["StartCondition"] }), &[]);
    }
    notes.leftovers(&place, value, &KNOWN);
    notes.leftovers(&place, &value["Schedule"], &["Timezone"]);
    if value["LocalTime"] == false && !is_empty(&value["Schedule"]) {
        notes.add(&place, "LocalTime is off: here hours always count where the customer lives");
    }
    let walked = walk::through(value, &place, notes);
    let activities = value["Activities"].as_object().map(|all| all.keys().collect::<Vec<_>>()).unwrap_or_default();
    for activity in activities {
        // Reached ways are noted on the way; messages that no way leads to are told here.
        let message =
            !value["Activities"][activity]["EMAIL"].is_null() || !value["Activities"][activity]["SMS"].is_null();
        if message && !walked.steps.iter().any(|step| step.activity == *activity) {
            notes.add(&place, &format!("activity {activity} is not carried over: no way leads to it"));
        }
    }
    if walked.steps.iter().all(|step| step.aside.is_some()) {
        aside.push("none of its messages could be carried over".to_owned());
    }
    if !aside.is_empty() {
        notes.add(&place, &format!("stands in the policy as a comment: {}", aside.join("; ")));
    }
    let id = unused(&slug(&name, "journey"), taken);
    Journey {
        id,
        name,
        trigger: start,
        aside,
        at_most_every: reentry(value, &place, notes),
        holdout: walked.holdout,
        steps: walked.steps,
    }
}

/// What starts it, in the words of the policy.
fn start(condition: &Value) -> Result<&'static str, String> {
    let event = &condition["EventStartCondition"];
    if is_empty(event) {
        let segment = condition["SegmentStartCondition"]["SegmentId"].as_str().unwrap_or("?");
        return Err(format!(
            "it starts with the segment {segment}; choose a trigger (--trigger) that means the same people"
        ));
    }
    let dimensions = &event["EventFilter"]["Dimensions"];
    let names: Vec<&str> =
        dimensions["EventType"]["Values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if names.is_empty() || !names.iter().all(|name| is_purchase(name)) {
        return Err(format!("it starts with the events {names:?}; choose a trigger (--trigger)"));
    }
    if dimensions["EventType"]["DimensionType"] == "EXCLUSIVE" {
        return Err(format!("it starts with all events but {names:?}; choose a trigger (--trigger)"));
    }
    if !is_empty(&dimensions["Attributes"]) || !is_empty(&dimensions["Metrics"]) || !is_empty(&event["SegmentId"]) {
        return Err(
            "it starts for some customers only, by a segment or by attributes of the event; if everybody may get it, \
                    choose a trigger (--trigger)"
                .to_owned(),
        );
    }
    Ok("order")
}

/// How long a customer is kept out after a run, in minutes.
fn reentry(value: &Value, place: &str, notes: &mut Notes) -> Option<i64> {
    let limits = &value["Limits"];
    let every = limits["EndpointReentryInterval"].as_str().filter(|text| !text.is_empty()).and_then(|text| {
        let every = minutes(text);
        if every.is_none() {
            notes.add(
                place,
                &format!("Limits.EndpointReentryInterval {text:?} is no duration here, and is not carried over"),
            );
        }
        every.filter(|every| *every > 0)
    });
    match limits["EndpointReentryCap"].as_i64() {
        None | Some(0) => every,
        // Once in a customer's life, as near as makes no difference.
        Some(1) => Some(LONGEST),
        Some(times) => {
            notes.add(place, &format!("Limits.EndpointReentryCap {times} is not carried over: at_most_every keeps runs apart, however many"));
            every
        }
    }
}

/// A name in the letters that a policy allows.
pub(super) fn slug(name: &str, or: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(36);
    let slug = slug.trim_matches('-');
    if slug.is_empty() { or.to_owned() } else { slug.to_owned() }
}

/// The name, or with a number behind it.
pub(super) fn unused(name: &str, taken: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}
