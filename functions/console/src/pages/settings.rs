//! Settings: the brand, whether the shop sends, and where everything else is set.

use crate::form::Fields;
use crate::page::Answer;
use crate::trouble::Trouble;
use crate::visit::Visit;
use futures::join;
use serde_json::{Value, json};

/// The fields of a brand in the order of the form; those that may be left out come without a value.
const FIELDS: [&str; 10] = [
    "name",
    "sender_name",
    "sender_address",
    "reply_to",
    "postal_address",
    "shop_url",
    "logo_url",
    "accent_colour",
    "default_language",
    "unsubscribe_address",
];

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let Some(form) = &visit.form else { return show(visit, None, 200).await };
    let api = visit.api();
    let (done, answer) = match form.text("act") {
        "brand" => ("brand", api.send("PUT", "/v1/brand", brand(form).to_string()).await),
        "stop" => {
            let note = form.text("note");
            ("stopped", api.send("PUT", "/v1/sending", json!({ "paused": true, "note": note }).to_string()).await)
        }
        "resume" => ("resumed", api.send("PUT", "/v1/sending", json!({ "paused": false }).to_string()).await),
        _ => return Err(Trouble::Missing(String::new())),
    };
    match answer {
        Ok(_) => Ok(Answer::Redirect(format!("/console/settings?done={done}"))),
        Err(Trouble::Refused(why)) => show(visit, Some((done, form, &why)), 422).await,
        Err(trouble) => Err(trouble),
    }
}

fn brand(form: &Fields) -> Value {
    let given = FIELDS.into_iter().filter_map(|name| Some((name.to_owned(), form.get(name)?.into())));
    Value::Object(given.collect())
}

/// The page; after a refusal with what was typed, and why it was not taken.
async fn show(visit: &Visit<'_>, refused: Option<(&str, &Fields, &str)>, status: u16) -> Result<Answer, Trouble> {
    let api = visit.api();
    let (stored, sending, templates, connectors) =
        join!(api.get("/v1/brand"), api.get("/v1/sending"), api.get("/v1/templates"), api.get("/v1/connectors"));
    let stored = match stored {
        Ok(brand) => brand,
        Err(Trouble::Missing(_)) => json!({}),
        Err(trouble) => return Err(trouble),
    };
    let typed = refused.filter(|(what, ..)| *what == "brand").map(|(_, form, _)| brand(form));
    let shown = typed.as_ref().unwrap_or(&stored);
    let fields = FIELDS.map(|name| json!({ "name": name, "value": shown[name].as_str().unwrap_or_default() }));
    let count = |answer: Result<Value, Trouble>, name: &str| {
        answer.ok().and_then(|answer| answer[name].as_array().map(Vec::len)).unwrap_or_default()
    };
    visit.render_with(
        status,
        "settings.html",
        &json!({
            "fields": fields,
            "has_brand": stored["name"].is_string(),
            "sending": sending?,
            "templates": count(templates, "templates"),
            "connectors": count(connectors, "connectors"),
            "refused": refused.map(|(what, ..)| what).unwrap_or_default(),
            "why": refused.map(|(.., why)| why).unwrap_or_default(),
        }),
    )
}
