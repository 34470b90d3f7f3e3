//! All journeys of the policy in force, and those that are switched off.

use crate::page::Answer;
use crate::policy_file::PolicyFile;
use crate::trouble::Trouble;
use crate::visit::Visit;
use futures::join;
use serde_json::json;

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let api = visit.api();
    let (policy, versions) = join!(api.text("/v1/policy"), api.get("/v1/policy/versions?limit=1"));
    let journeys = PolicyFile::new(policy?).journeys()?;
    let on = journeys.iter().filter(|journey| journey.on).count();
    visit.render(
        "journeys.html",
        &json!({ "on": on, "off": journeys.len() - on, "journeys": journeys, "latest": versions?["versions"][0] }),
    )
}
