//! Translates one journey.

use super::conditions::is_purchase;
use super::durations::{MAX_MINUTES, minutes};
use super::names::{self, slug, unused};
use super::notes::{Notes, is_empty};
use super::walk::{self, Step};
use serde_json::Value;

/// Fields of a journey that are translated, here or elsewhere, or that are bookkeeping.
const KNOWN_FIELDS: [&str; 15] = [
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
    /// Why it is a comment only.
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

/// Translates a journey. Its id is made of its name, and is none of those in `taken`.
pub(super) fn translate(value: &Value, trigger: Option<&str>, taken: &[String], notes: &mut Notes) -> Journey {
    let name = names::name(value).to_owned();
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
    notes.leftovers(&place, value, &KNOWN_FIELDS);
    notes.leftovers(&place, &value["Schedule"], &["Timezone"]);
    if value["LocalTime"] == false && !is_empty(&value["Schedule"]) {
        notes.add(&place, "LocalTime is off: here hours always count where the customer lives");
    }
    let walked = walk::through(value, &place, notes);
    let activities = value["Activities"].as_object().map(|all| all.keys().collect::<Vec<_>>()).unwrap_or_default();
    for activity in activities {
        // The walk notes what it meets; messages that no path leads to are noted here.
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

/// The trigger of the policy that a start condition means.
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
            "it starts for some customers only, by a segment or by attributes of the event; if all customers may get it, \
                    choose a trigger (--trigger)"
                .to_owned(),
        );
    }
    Ok("order")
}

/// The minutes after a run during which a customer cannot start the journey again.
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
        // Once in a customer's life, in practice.
        Some(1) => Some(MAX_MINUTES),
        Some(times) => {
            notes.add(place, &format!("Limits.EndpointReentryCap {times} is not carried over: at_most_every keeps runs apart, however many"));
            every
        }
    }
}
