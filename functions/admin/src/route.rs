//! Which path and method mean what.

use crate::problem::Problem;
use lambda_http::http::Method;
use percent_encoding::percent_decode_str;
use rekindle_lifecycle::id::CustomerId;

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Policy,
    Brand,
    Templates,
    /// Name and language.
    Template(String, String),
    Customer(CustomerId),
    Timeline(CustomerId),
}

/// What is to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Put,
    Delete,
}

/// Finds out what a request is.
pub(crate) fn route(method: &Method, path: &str) -> Result<(Resource, Verb), Problem> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let resource = match parts.as_slice() {
        ["v1", "policy"] => Resource::Policy,
        ["v1", "brand"] => Resource::Brand,
        ["v1", "templates"] => Resource::Templates,
        ["v1", "templates", name, language] => Resource::Template(decoded(name)?, decoded(language)?),
        ["v1", "customers", id] => Resource::Customer(customer(id)?),
        ["v1", "customers", id, "timeline"] => Resource::Timeline(customer(id)?),
        _ => return Err(Problem::not_found(path)),
    };
    let (verbs, allowed): (&[Verb], _) = match resource {
        Resource::Policy | Resource::Brand => (&[Verb::Get, Verb::Put], "GET, PUT"),
        Resource::Template(..) => (&[Verb::Get, Verb::Put, Verb::Delete], "GET, PUT, DELETE"),
        Resource::Templates | Resource::Customer(_) | Resource::Timeline(_) => (&[Verb::Get], "GET"),
    };
    let verb = match *method {
        Method::GET => Some(Verb::Get),
        Method::PUT => Some(Verb::Put),
        Method::DELETE => Some(Verb::Delete),
        _ => None,
    };
    let verb = verb.filter(|verb| verbs.contains(verb)).ok_or_else(|| Problem::wrong_method(allowed))?;
    Ok((resource, verb))
}

fn customer(part: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(&decoded(part)?).map_err(|error| Problem::bad_request(format!("The customer's id {error}.")))
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
    }
}
