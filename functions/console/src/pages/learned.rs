//! What was learned from the shop's history: what the history speaks for, what journeys changed, and the findings in sentences.

use crate::interval::Interval;
use crate::page::Answer;
use crate::trouble::Trouble;
use crate::visit::Visit;
use futures::join;
use rekindle_insight::proposals::Subject;
use serde::Serialize;
use serde_json::{Value, json};

/// Days after the draw for which the effect of journeys is shown.
const WINDOW: &str = "30";

/// What a journey changed.
#[derive(Serialize)]
struct Trial {
    /// None for all journeys together.
    journey: Option<String>,
    treated: u64,
    held_out: u64,
    pending: u64,
    proven: bool,
    /// Its effect in points, where it is known.
    interval: Option<Interval>,
    sentence: String,
}

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    if visit.form.is_some() {
        return decide(visit).await;
    }
    let api = visit.api();
    let (learned, proposals) = join!(api.get("/v1/reports/learned"), api.get("/v1/proposals?standing=open"));
    let learned = match learned {
        Ok(learned) => learned,
        // No pass has been made yet.
        Err(Trouble::Missing(_)) => json!({}),
        Err(trouble) => return Err(trouble),
    };
    let about = visit.query.get("about").and_then(Subject::from_code);
    let chosen = match about {
        Some(subject) => match api.get(&format!("/v1/proposals/{}", subject.code())).await {
            Ok(chosen) => json!({ "proposal": chosen }),
            // It cannot be put into the policy as it is; the engine says why.
            Err(Trouble::Refused(why)) => json!({ "refused": why }),
            Err(Trouble::Missing(_)) => Value::Null,
            Err(trouble) => return Err(trouble),
        },
        None => Value::Null,
    };
    let code = visit.language.code();
    let open: Vec<Value> =
        proposals?["proposals"].as_array().into_iter().flatten().map(|of| proposal(of, code)).collect();
    let trials = trials(&learned["lift"], code);
    visit.render(
        "learned.html",
        &json!({
            "through": learned["through"],
            "subjects": learned["sentences"][code],
            "trials": trials,
            "proven": trials.iter().filter(|trial| trial.proven).count(),
            "proposals": open,
            "about": about,
            "chosen": chosen,
        }),
    )
}

/// Accepts or rejects what is proposed.
async fn decide(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let Some(form) = &visit.form else { return Err(Trouble::Missing(String::new())) };
    let subject = Subject::from_code(form.text("subject")).ok_or_else(|| Trouble::Missing(String::new()))?;
    let (act, done) = match form.text("act") {
        "accept" => ("accept", "accepted"),
        "reject" => ("reject", "rejected"),
        _ => return Err(Trouble::Missing(String::new())),
    };
    visit.api().send("POST", &format!("/v1/proposals/{}/{act}", subject.code()), String::new()).await?;
    Ok(Answer::Redirect(format!("/console/learned?done={done}")))
}

fn proposal(proposal: &Value, language: &str) -> Value {
    json!({
        "subject": proposal["subject"],
        "sentence": proposal["sentences"][language],
        "made": proposal["made"],
        "open_until": proposal["open_until"],
    })
}

fn trials(lift: &Value, language: &str) -> Vec<Trial> {
    let trials = lift.as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |trial: &Value| {
        let month = &trial["by_window"][WINDOW];
        let count = |name: &str| month[name].as_u64().unwrap_or_default();
        let points = |name: &str| month["any"]["effect"][name].as_f64().map(|share| share * 100.0);
        // The sentence begins with the journey, which stands beside it.
        let said = month["sentences"][language].as_str().unwrap_or_default();
        Trial {
            journey: trial["journey"].as_str().map(str::to_owned),
            treated: count("n_treated"),
            held_out: count("n_holdout"),
            pending: count("pending"),
            proven: month["verdict"]["proven"].is_object(),
            interval: Interval::new(points("value"), points("lo"), points("hi")),
            sentence: said.split_once(": ").map_or(said, |(_, said)| said).to_owned(),
        }
    };
    trials.iter().map(of).collect()
}
