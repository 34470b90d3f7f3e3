//! A journey: its steps, and changing its delays or switching it on and off. A change is first shown with what it would do, and stored
//! only then, unless another one came in between.

use crate::journey_row::JourneyRow;
use crate::page::Answer;
use crate::policy_file::PolicyFile;
use crate::shop_api::in_query;
use crate::trouble::Trouble;
use crate::visit::Visit;
use futures::join;
use serde::Serialize;
use serde_json::{Value, json};

/// The units that delays are chosen in.
const UNITS: [&str; 4] = ["m", "h", "d", "w"];

/// What a form asks for.
struct Wanted {
    /// The delays of steps.
    delays: Vec<(String, String)>,
    /// Whether the journey is switched on or off.
    switch: Option<bool>,
}

/// A difference for people: of a step, or of the whole journey.
#[derive(Serialize)]
struct Change {
    step: String,
    from: String,
    to: String,
}

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let id = visit.form.as_ref().unwrap_or(&visit.query).text("id").to_owned();
    let api = visit.api();
    let (policy, versions) = join!(api.text("/v1/policy"), api.get("/v1/policy/versions?limit=1"));
    let file = PolicyFile::new(policy?);
    let journey = find(&file, &id)?;
    // 0: the default policy holds, and none was ever stored.
    let version = versions?["versions"][0]["version"].as_u64().unwrap_or_default();
    let Some(form) = &visit.form else { return show(visit, &journey, version, None, 200) };
    let wanted = Wanted {
        delays: journey.steps.iter().filter_map(|step| delay_of(form, &step.id)).collect(),
        switch: form.get("switch").map(|switch| switch == "on"),
    };
    let candidate = match edited(&file, &journey, &wanted) {
        Ok(candidate) => candidate,
        Err(trouble @ Trouble::Refused(_)) => return refused(visit, &journey, version, &trouble),
        Err(trouble) => return Err(trouble),
    };
    let changes = changes(&journey, &find(&candidate, &id)?);
    if changes.is_empty() {
        return show(visit, &journey, version, Some(json!({ "nothing": true })), 200);
    }
    if form.text("act") == "apply" {
        let path = format!("/v1/policy?from={}", form.text("from"));
        return match api.send("PUT", &path, candidate.text().to_owned()).await {
            Ok(_) => Ok(Answer::Redirect(format!("/console/journey?id={}&done=stored", in_query(&id)))),
            Err(trouble @ Trouble::Refused(_)) => refused(visit, &journey, version, &trouble),
            Err(trouble) => Err(trouble),
        };
    }
    match api.send("POST", "/v1/policy/dry-run", candidate.text().to_owned()).await {
        Ok(would) => {
            let change = json!({
                "changes": changes,
                "would": would,
                "next_version": version + 1,
                "delays": wanted.delays,
                "switch": wanted.switch.map(|on| if on { "on" } else { "off" }),
            });
            show(visit, &journey, version, Some(change), 200)
        }
        Err(trouble @ Trouble::Refused(_)) => refused(visit, &journey, version, &trouble),
        Err(trouble) => Err(trouble),
    }
}

fn find(file: &PolicyFile, id: &str) -> Result<JourneyRow, Trouble> {
    let found = file.journeys()?.into_iter().find(|journey| journey.id == id);
    found.ok_or_else(|| Trouble::Missing("The policy has no such journey.".to_owned()))
}

/// The delay of a step that a form has: `10d`. What is no number goes to the API as it is, which says what is wrong.
fn delay_of(form: &crate::form::Fields, step: &str) -> Option<(String, String)> {
    let number = form.get(&format!("delay-{step}"))?;
    let unit = form.get(&format!("unit-{step}")).filter(|unit| UNITS.contains(unit)).unwrap_or("d");
    Some((step.to_owned(), format!("{number}{unit}")))
}

fn edited(file: &PolicyFile, journey: &JourneyRow, wanted: &Wanted) -> Result<PolicyFile, Trouble> {
    let mut candidate = match wanted.switch {
        Some(true) if !journey.on => file.switched_on(&journey.id)?,
        Some(false) if journey.on => file.switched_off(&journey.id)?,
        _ => file.clone(),
    };
    if journey.on && wanted.switch.is_none() {
        for (step, delay) in &wanted.delays {
            let is_new = journey.steps.iter().any(|known| known.id == *step && known.delay != *delay);
            candidate = if is_new { candidate.with_delay(&journey.id, step, delay)? } else { candidate };
        }
    }
    Ok(candidate)
}

fn changes(before: &JourneyRow, after: &JourneyRow) -> Vec<Change> {
    let switch = (before.on != after.on).then(|| Change {
        step: String::new(),
        from: String::new(),
        to: if after.on { "on" } else { "off" }.to_owned(),
    });
    let delays = before.steps.iter().zip(&after.steps).filter(|(before, after)| before.delay != after.delay);
    let delays = delays.map(|(before, after)| Change {
        step: before.id.clone(),
        from: before.delay.clone(),
        to: after.delay.clone(),
    });
    switch.into_iter().chain(delays).collect()
}

fn refused(visit: &Visit<'_>, journey: &JourneyRow, version: u64, why: &Trouble) -> Result<Answer, Trouble> {
    show(visit, journey, version, Some(json!({ "refused": why.detail() })), 422)
}

fn show(
    visit: &Visit<'_>,
    journey: &JourneyRow,
    version: u64,
    change: Option<Value>,
    status: u16,
) -> Result<Answer, Trouble> {
    visit.render_with(
        status,
        "journey.html",
        &json!({ "journey": journey, "version": version, "change": change.unwrap_or_default(), "units": UNITS }),
    )
}
