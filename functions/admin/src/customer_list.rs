//! The customers of a shop as a list: those in a stage, page by page, and those behind an address or a number; how many there are
//! in each stage.

use crate::{Admin, csv};
use futures::future::try_join_all;
use http::{HeaderValue, Response, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_admin_api::{Call, Problem, answer};
use rekindle_lifecycle::contact::{Address, EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::money::Money;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::stage::Stage;
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};

/// Customers of a page unless a call gives a limit.
const DEFAULT_PAGE_LENGTH: u16 = 50;
/// Most customers of a page: what one read of the table takes.
const MAX_PAGE_LENGTH: u16 = 100;

/// The columns of the table for spreadsheets, as the fields of a row are called.
const COLUMNS: [&str; 9] = ["id", "stage", "since", "first_name", "email", "phone", "orders", "last_order_at", "value"];

/// Those whom the query names, as JSON, or as a table if the caller asks for one. The header `Link` of a table leads to its next part.
pub(crate) async fn respond(admin: &Admin, call: &Call) -> Result<Response<Body>, Problem> {
    let found = list(admin, call).await?;
    if !call.wants_csv() {
        return Ok(answer::json_body(&found));
    }
    let rows = found["customers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let cells = |row: &Value| COLUMNS.map(|column| cell(&row[column]));
    let rows = rows.iter().map(|row| csv::row(cells(row).iter().map(String::as_str)));
    let table = csv::row(COLUMNS) + &rows.collect::<String>();
    let mut response = answer::text(table, "text/csv; charset=utf-8");
    if let (Some(after), Some(stage)) = (found["next_after"].as_str(), call.parameter("stage")) {
        let [after, stage] = [after, stage].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
        let link = format!("</v1/customers?format=csv&stage={stage}&after={after}>; rel=\"next\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// By `stage`, `email` or `phone`, and by one of them only.
async fn list(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let named = ["stage", "email", "phone"].map(|name| call.parameter(name));
    match named {
        [Some(stage), None, None] => in_stage(admin, call, stage).await,
        [None, Some(email), None] => {
            let address = EmailAddress::parse(email).map_err(|_| Problem::bad_request("email must be an address."))?;
            behind(admin, call, &Address::Email(address)).await
        }
        [None, None, Some(phone)] => {
            let number = PhoneNumber::parse(phone);
            let number = number.map_err(|_| Problem::bad_request("phone must be a number such as +442071838750."))?;
            behind(admin, call, &Address::Phone(number)).await
        }
        _ => Err(Problem::bad_request("Name one of stage, email and phone.")),
    }
}

async fn in_stage(admin: &Admin, call: &Call, stage: &str) -> Result<Value, Problem> {
    let known = Stage::KNOWN.into_iter().find(|known| known.code() == stage);
    let stage = known.ok_or_else(|| {
        let codes: Vec<&str> = Stage::KNOWN.iter().map(Stage::code).collect();
        Problem::bad_request(format!("stage must be one of {}.", codes.join(", ")))
    })?;
    let limit = call.number("limit", DEFAULT_PAGE_LENGTH, MAX_PAGE_LENGTH)?;
    let after = call.after()?.map(CustomerId::parse).transpose();
    let after = after.map_err(|_| Problem::bad_request("after must be the next_after of the page before."))?;
    let page = admin.store.customers_in_stage(&call.shop, &stage, after.as_ref(), limit).await?;
    to_json(admin, call, &page.customers, page.next.as_ref()).await
}

async fn behind(admin: &Admin, call: &Call, address: &Address) -> Result<Value, Problem> {
    let fingerprint = admin.link_keys.address_fingerprint(address);
    let found = admin.store.customers_behind(&call.shop, &fingerprint).await?;
    to_json(admin, call, &found, None).await
}

async fn to_json(
    admin: &Admin,
    call: &Call,
    customers: &[Customer],
    next: Option<&CustomerId>,
) -> Result<Value, Problem> {
    let now = admin.clock.now();
    let policy = admin.store.policy(&call.shop, now).await?;
    let rows: Vec<Value> = customers.iter().map(|customer| row(customer, &policy, now)).collect();
    Ok(json!({ "customers": rows, "next_after": next }))
}

fn row(customer: &Customer, policy: &Policy, now: jiff::Timestamp) -> Value {
    let profile = &customer.folded.profile;
    let purchases = customer.folded.orders.purchases(&policy.calendar, now);
    let value = customer.folded.orders.value().into_iter();
    let value = value.map(|(currency, minor)| Money { minor, currency }.to_string());
    json!({
        "id": customer.id,
        "stage": customer.stage,
        "since": customer.stage_since,
        "first_name": profile.first_name.as_ref().map(|name| &name.value),
        "email": profile.email.as_ref().map(|email| &email.value),
        "phone": profile.phone.as_ref().map(|phone| &phone.value),
        "orders": purchases.orders,
        "last_order_at": purchases.last_at,
        "value": value.collect::<Vec<_>>(),
    })
}

/// How many ids there are in each stage now.
pub(crate) async fn stages(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let counted = try_join_all(Stage::KNOWN.iter().map(async |stage| {
        let count = admin.store.count_in_stage(&call.shop, stage).await?;
        Ok::<_, Problem>(json!({ "stage": stage, "ids": count.ids, "complete": count.complete }))
    }));
    Ok(json!({ "at": admin.clock.now(), "stages": counted.await? }))
}
