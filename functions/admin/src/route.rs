//! Which path and method mean what.

use crate::problem::Problem;
use lambda_http::http::Method;
use percent_encoding::percent_decode_str;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::{CustomerId, MessageId};

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Policy,
    PolicyDryRun,
    PolicyVersions,
    PolicyVersion(u32),
    PolicyRestore(u32),
    Brand,
    Sending,
    Templates,
    /// Name and language.
    Template(String, String),
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

/// What is to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Put,
    Post,
    Delete,
}

/// Finds out what a request is.
pub(crate) fn route(method: &Method, path: &str) -> Result<(Resource, Verb), Problem> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let ["v1", rest @ ..] = parts.as_slice() else { return Err(Problem::not_found(path)) };
    let resource = match rest {
        ["policy"] => Resource::Policy,
        ["policy", "dry-run"] => Resource::PolicyDryRun,
        ["policy", "versions"] => Resource::PolicyVersions,
        ["policy", "versions", number] => Resource::PolicyVersion(version(number)?),
        ["policy", "versions", number, "restore"] => Resource::PolicyRestore(version(number)?),
        ["brand"] => Resource::Brand,
        ["sending"] => Resource::Sending,
        ["templates"] => Resource::Templates,
        ["templates", name, language] => Resource::Template(decoded(name)?, decoded(language)?),
        ["customers", id] => Resource::Customer(customer(id)?),
        ["customers", id, "timeline"] => Resource::Timeline(customer(id)?),
        ["customers", id, "export"] => Resource::Export(customer(id)?),
        ["tasks"] => Resource::Tasks,
        ["tasks", id] => Resource::Task(task(id)?),
        ["tasks", id, "notes"] => Resource::TaskNotes(task(id)?),
        ["tasks", id, "close"] => Resource::TaskClose(task(id)?),
        ["suppressions"] => Resource::Suppressions,
        ["suppressions", channel, address] => Resource::Suppression(known_channel(channel)?, decoded(address)?),
        ["coupons", code] => Resource::Coupon(decoded(code)?),
        ["coupons", "pools", name] => Resource::CouponPool(decoded(name)?),
        ["reports", "nps"] => Resource::NpsReport,
        _ => return Err(Problem::not_found(path)),
    };
    let (verbs, allowed) = offered(&resource);
    let verb = match *method {
        Method::GET => Some(Verb::Get),
        Method::PUT => Some(Verb::Put),
        Method::POST => Some(Verb::Post),
        Method::DELETE => Some(Verb::Delete),
        _ => None,
    };
    let verb = verb.filter(|verb| verbs.contains(verb)).ok_or_else(|| Problem::wrong_method(allowed))?;
    Ok((resource, verb))
}

/// What can be done with a resource, and how that is said.
fn offered(resource: &Resource) -> (&'static [Verb], &'static str) {
    match resource {
        Resource::Policy | Resource::Brand | Resource::Sending => (&[Verb::Get, Verb::Put], "GET, PUT"),
        Resource::Template(..) => (&[Verb::Get, Verb::Put, Verb::Delete], "GET, PUT, DELETE"),
        Resource::Customer(_) => (&[Verb::Get, Verb::Delete], "GET, DELETE"),
        Resource::Suppressions | Resource::CouponPool(_) => (&[Verb::Get, Verb::Post], "GET, POST"),
        Resource::Suppression(..) => (&[Verb::Delete], "DELETE"),
        Resource::PolicyDryRun | Resource::PolicyRestore(_) | Resource::TaskNotes(_) | Resource::TaskClose(_) => {
            (&[Verb::Post], "POST")
        }
        Resource::Templates
        | Resource::PolicyVersions
        | Resource::PolicyVersion(_)
        | Resource::Timeline(_)
        | Resource::Export(_)
        | Resource::Tasks
        | Resource::Task(_)
        | Resource::Coupon(_)
        | Resource::NpsReport => (&[Verb::Get], "GET"),
    }
}

fn customer(part: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(&decoded(part)?).map_err(|error| Problem::bad_request(format!("The customer's id {error}.")))
}

fn version(part: &str) -> Result<u32, Problem> {
    part.parse().map_err(|_| Problem::bad_request("A version of the policy is a whole number."))
}

fn task(part: &str) -> Result<MessageId, Problem> {
    MessageId::parse(&decoded(part)?).map_err(|_| Problem::no_such_task())
}

fn known_channel(part: &str) -> Result<Channel, Problem> {
    let known = [Channel::Email, Channel::Sms].into_iter().find(|channel| channel.name() == part);
    known.ok_or_else(|| Problem::bad_request("The channel must be email or sms."))
}

fn decoded(part: &str) -> Result<String, Problem> {
    let text = percent_decode_str(part).decode_utf8();
    text.map(String::from).map_err(|_| Problem::bad_request("The path is not text in UTF-8."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_may_have_any_name() {
        let (resource, _) = route(&Method::GET, "/v1/customers/a%2Fb%20%D0%B0/timeline").expect("a route");
        assert_eq!(resource, Resource::Timeline(CustomerId::parse("a/b а").expect("an id")));
    }

    #[test]
    fn what_is_not_offered_is_named() {
        let wrong = route(&Method::POST, "/v1/brand").expect_err("not offered");
        assert_eq!(wrong, Problem::wrong_method("GET, PUT"));
        assert_eq!(route(&Method::GET, "/v1/orders"), Err(Problem::not_found("/v1/orders")));
        assert!(route(&Method::GET, "/v1/customers/%ff").is_err());
        assert_eq!(route(&Method::GET, "/v2/policy"), Err(Problem::not_found("/v2/policy")));
    }
}
