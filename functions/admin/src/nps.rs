//! The NPS by month, with its margin (see [`NpsScore`]).
//!
//! Each customer counts once, with their latest answer, in the month in which they gave it; so do those who were erased.

use crate::Admin;
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::nps::NpsScore;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Customers that a call examines unless it gives a limit.
const DEFAULT_CUSTOMERS: u32 = 100_000;
/// Most customers that a call examines.
const MAX_CUSTOMERS: u32 = 1_000_000;

/// The report, months in order.
pub(crate) async fn by_month(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    if let Some(by) = call.parameter("by").filter(|by| *by != "month") {
        let by: String = by.chars().take(40).collect();
        return Err(Problem::bad_request(format!("by must be month, not {by:?}.")));
    }
    let limit = usize::try_from(call.number("limit", DEFAULT_CUSTOMERS, MAX_CUSTOMERS)?).unwrap_or(usize::MAX);
    let policy = admin.store.policy(&call.shop, admin.clock.now()).await?;
    let month_of = |at| policy.calendar.day(at).strftime("%Y-%m").to_string();
    let (mut all, mut months) = (NpsScore::default(), BTreeMap::<String, NpsScore>::new());
    let examined = admin.store.examine_customers(&call.shop, limit, |customer| {
        let Some(answer) = &customer.folded.nps else { return };
        months.entry(month_of(answer.at)).or_default().add(answer.value.score);
        all.add(answer.value.score);
    });
    let examined = examined.await?;
    for (score, at) in admin.store.kept_answers(&call.shop).await? {
        months.entry(month_of(at)).or_default().add(score);
        all.add(score);
    }
    let months = months.into_iter().map(|(month, answers)| {
        let mut row = json!(answers);
        row["month"] = month.into();
        row
    });
    Ok(json!({
        "examined": examined.customers,
        "complete": examined.complete,
        "all": all,
        "months": months.collect::<Vec<_>>(),
    }))
}
