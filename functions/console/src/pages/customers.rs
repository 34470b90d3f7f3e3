//! Customers: found by id, address or number at once; listed by stage.

use crate::page::Answer;
use crate::shop_api::in_query;
use crate::trouble::Trouble;
use crate::visit::Visit;
use serde_json::{Value, json};

/// Customers of a page.
const PAGE_LENGTH: u16 = 50;
const STAGES: [&str; 6] = ["loyal", "active", "new", "inactive", "lapsed", "prospect"];

/// The page; a search that finds one customer leads to them.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    if let Some(wanted) = visit.query.get("q") {
        return search(visit, wanted).await;
    }
    let stage = STAGES.into_iter().find(|stage| visit.query.get("stage") == Some(stage)).unwrap_or(STAGES[0]);
    let after = visit.query.get("after");
    let cursor = after.map(|after| format!("&after={}", in_query(after))).unwrap_or_default();
    let path = format!("/v1/customers?stage={stage}&limit={PAGE_LENGTH}{cursor}");
    if visit.query.get("format") == Some("csv") {
        let csv = visit.api().raw("GET", &format!("{path}&format=csv"), String::new()).await?;
        return Ok(Answer::File { name: "customers.csv", kind: "text/csv; charset=utf-8", body: csv.into_body() });
    }
    let found = visit.api().get(&path).await?;
    visit.render(
        "customers.html",
        &json!({
            "stages": STAGES,
            "stage": stage,
            "after": after.unwrap_or_default(),
            "wanted": "",
            "customers": found["customers"],
            "next": found["next_after"],
        }),
    )
}

async fn search(visit: &Visit<'_>, wanted: &str) -> Result<Answer, Trouble> {
    let found = found(visit, wanted).await?;
    if let [only] = found.as_slice() {
        return Ok(Answer::Redirect(address(only["id"].as_str().unwrap_or_default())));
    }
    visit.render(
        "customers.html",
        &json!({
            "stages": STAGES, "stage": "", "after": "", "wanted": wanted, "customers": found, "next": Value::Null,
        }),
    )
}

/// Those with this address, this number or this id. What may be a number may be an id as well, which comes first.
async fn found(visit: &Visit<'_>, wanted: &str) -> Result<Vec<Value>, Trouble> {
    let api = visit.api();
    let list = async |name: &str, value: &str| match api.get(&format!("/v1/customers?{name}={}", in_query(value))).await
    {
        Ok(found) => Ok(found["customers"].as_array().cloned().unwrap_or_default()),
        // It is no address or no number after all.
        Err(Trouble::Refused(_)) => Ok(Vec::new()),
        Err(trouble) => Err(trouble),
    };
    match api.get(&customer_path(wanted, "")).await {
        Ok(customer) => return Ok(vec![json!({ "id": customer["id"] })]),
        Err(Trouble::Missing(_) | Trouble::Refused(_)) => {}
        Err(trouble) => return Err(trouble),
    }
    if wanted.contains('@') {
        return list("email", wanted).await;
    }
    let digits: String = wanted.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 6 || wanted.chars().any(char::is_alphabetic) {
        return Ok(Vec::new());
    }
    list("phone", &format!("+{}", digits.trim_start_matches("00"))).await
}

/// The page of a customer.
pub(crate) fn address(id: &str) -> String {
    format!("/console/customer?id={}", in_query(id))
}

/// Where the API has a customer, or something of theirs. The id stands in the query, which every id can.
pub(crate) fn customer_path(id: &str, part: &str) -> String {
    format!("/v1/customers/-{part}?id={}", in_query(id))
}
