//! Which path and method mean what.

use crate::tasks;
use http::Method;
use rekindle_admin_api::{Problem, Verb, decoded};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_platform::Route;

/// Everything that this function answers to.
pub const ROUTES: [Route; 12] = [
    Route::new("/v1/customers/{id+}/timeline", "GET"),
    Route::new("/v1/customers/{id+}/export", "GET"),
    Route::new("/v1/customers/{id+}", "GET, DELETE"),
    Route::new("/v1/tasks", "GET"),
    Route::new("/v1/tasks/{id}", "GET"),
    Route::new("/v1/tasks/{id}/notes", "POST"),
    Route::new("/v1/tasks/{id}/close", "POST"),
    Route::new("/v1/suppressions", "GET, POST"),
    Route::new("/v1/suppressions/{channel}/{address+}", "DELETE"),
    Route::new("/v1/coupons/{code}", "GET"),
    Route::new("/v1/coupons/pools/{name}", "GET, POST"),
    Route::new("/v1/reports/nps", "GET"),
];

/// What stands in the place of a customer whose name is behind the path's question mark.
const BEHIND: &str = "-";

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Customer(CustomerId),
    Timeline(CustomerId),
    Export(CustomerId),
    Tasks,
    Task(MessageId),
    TaskNotes(MessageId),
    TaskClose(MessageId),
    Suppressions,
    /// Channel and address.
    Suppression(Channel, String),
    NpsReport,
    Coupon(String),
    CouponPool(String),
}

impl Resource {
    /// The same of the customer that `?id=` names, where the path leaves them open with a [`BEHIND`]. A name with a question mark
    /// has to come this way: an HTTP API of API Gateway decodes paths and ends them there, and would hand over another customer.
    pub(crate) fn of(self, id: Option<&str>) -> Result<Self, Problem> {
        let Some(id) = id else { return Ok(self) };
        let named = |path: CustomerId| match path.as_str() {
            BEHIND => parsed(id),
            _ => Err(Problem::bad_request(format!("With id, the path has {BEHIND} in the customer's place."))),
        };
        Ok(match self {
            Self::Customer(path) => Self::Customer(named(path)?),
            Self::Timeline(path) => Self::Timeline(named(path)?),
            Self::Export(path) => Self::Export(named(path)?),
            other => other,
        })
    }
}

/// Finds out what a request is.
pub(crate) fn route(method: &Method, path: &str) -> Result<(Resource, Verb), Problem> {
    let (known, parts) = Route::find(&ROUTES, path).ok_or_else(|| Problem::not_found(path))?;
    let verb = Verb::of(method, known)?;
    let resource = match (known.path, parts.as_slice()) {
        ("/v1/customers/{id+}", [id]) => Resource::Customer(customer(id)?),
        ("/v1/customers/{id+}/timeline", [id]) => Resource::Timeline(customer(id)?),
        ("/v1/customers/{id+}/export", [id]) => Resource::Export(customer(id)?),
        ("/v1/tasks", _) => Resource::Tasks,
        ("/v1/tasks/{id}", [id]) => Resource::Task(task(id)?),
        ("/v1/tasks/{id}/notes", [id]) => Resource::TaskNotes(task(id)?),
        ("/v1/tasks/{id}/close", [id]) => Resource::TaskClose(task(id)?),
        ("/v1/suppressions", _) => Resource::Suppressions,
        ("/v1/suppressions/{channel}/{address+}", [channel, address]) => {
            Resource::Suppression(known_channel(channel)?, decoded(address)?)
        }
        ("/v1/coupons/{code}", [code]) => Resource::Coupon(decoded(code)?),
        ("/v1/coupons/pools/{name}", [name]) => Resource::CouponPool(decoded(name)?),
        ("/v1/reports/nps", _) => Resource::NpsReport,
        _ => return Err(Problem::not_found(path)),
    };
    Ok((resource, verb))
}

fn customer(part: &str) -> Result<CustomerId, Problem> {
    parsed(&decoded(part)?)
}

fn parsed(id: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(id).map_err(|error| Problem::bad_request(format!("The customer's id {error}.")))
}

fn task(part: &str) -> Result<MessageId, Problem> {
    MessageId::parse(&decoded(part)?).map_err(|_| tasks::unknown())
}

fn known_channel(part: &str) -> Result<Channel, Problem> {
    let known = [Channel::Email, Channel::Sms].into_iter().find(|channel| channel.name() == part);
    known.ok_or_else(|| Problem::bad_request("The channel must be email or sms."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_may_have_any_name() {
        // As it was sent, and as API Gateway decodes it.
        for path in ["/v1/customers/a%2Fb%20%D0%B0/timeline", "/v1/customers/a/b%20%D0%B0/timeline"] {
            let (resource, _) = route(&Method::GET, path).expect("a route");
            assert_eq!(resource, Resource::Timeline(CustomerId::parse("a/b а").expect("an id")));
        }
    }

    #[test]
    fn every_route_of_the_table_leads_somewhere() {
        for known in &ROUTES {
            let path = known.path.replace("{channel}", "sms");
            let path = path.replace("/tasks/{id}", &format!("/tasks/{}", "a".repeat(26)));
            for method in known.methods() {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                assert!(route(&method, &path).is_ok(), "{method} {path}");
            }
        }
    }

    #[test]
    fn what_is_not_offered_is_named() {
        let wrong = route(&Method::PUT, "/v1/tasks").expect_err("not offered");
        assert_eq!(wrong, Problem::wrong_method("GET"));
        assert_eq!(route(&Method::GET, "/v1/orders"), Err(Problem::not_found("/v1/orders")));
        assert!(route(&Method::GET, "/v1/customers/%ff").is_err());
        assert_eq!(route(&Method::GET, "/v2/tasks"), Err(Problem::not_found("/v2/tasks")));
    }
}
