//! Erasing a customer: a page that says what it means, and then the act.

use crate::page::Answer;
use crate::pages::customers::customer_path;
use crate::trouble::Trouble;
use crate::visit::Visit;
use serde_json::json;

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let Some(form) = &visit.form else { return ask(visit, visit.query.text("id"), false).await };
    let id = form.text("id");
    // Typed by hand, so that nobody is erased by a click too many.
    if form.text("typed") != id {
        return ask(visit, id, true).await;
    }
    let answer = visit.api().raw("DELETE", &customer_path(id, ""), String::new()).await?;
    let complete = answer.status().as_u16() == 200;
    visit.render("erase.html", &json!({ "id": id, "erased": true, "complete": complete, "mistyped": false }))
}

async fn ask(visit: &Visit<'_>, id: &str, mistyped: bool) -> Result<Answer, Trouble> {
    let customer = visit.api().get(&customer_path(id, "")).await?;
    let status = if mistyped { 422 } else { 200 };
    visit.render_with(
        status,
        "erase.html",
        &json!({ "id": id, "customer": customer, "erased": false, "complete": false, "mistyped": mistyped }),
    )
}
