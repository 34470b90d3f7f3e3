//! The versions of the policy: who stored what, how one differs from what is in force, and the way back.

use crate::difference;
use crate::page::Answer;
use crate::trouble::Trouble;
use crate::visit::Visit;
use serde_json::{Value, json};

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let api = visit.api();
    if let Some(form) = &visit.form {
        let version: u32 = form.text("version").parse().map_err(|_| Trouble::Missing(String::new()))?;
        api.send("POST", &format!("/v1/policy/versions/{version}/restore"), String::new()).await?;
        return Ok(Answer::Redirect("/console/versions?done=restored".to_owned()));
    }
    let before = visit.query.get("before").and_then(|before| before.parse::<u32>().ok());
    let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
    let list = api.get(&format!("/v1/policy/versions?limit=20{before}")).await?;
    let chosen = match visit.query.get("version").and_then(|version| version.parse::<u32>().ok()) {
        Some(number) => Some(api.get(&format!("/v1/policy/versions/{number}")).await?),
        None => None,
    };
    let lines = match &chosen {
        Some(chosen) => {
            let in_force = api.text("/v1/policy").await?;
            difference::lines(&in_force, chosen["policy"].as_str().unwrap_or_default())
        }
        None => Vec::new(),
    };
    visit.render(
        "versions.html",
        &json!({
            "versions": list["versions"],
            "next_before": list["next_before"],
            "is_first_page": before.is_empty(),
            "chosen": chosen.unwrap_or(Value::Null),
            "lines": lines,
        }),
    )
}
