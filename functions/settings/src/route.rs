//! Which path and method mean what.

use http::Method;
use rekindle_admin_api::{Problem, Verb, decoded};
use rekindle_platform::Route;

/// Everything that this function answers to.
pub const ROUTES: [Route; 9] = [
    Route::new("/v1/policy", "GET, PUT"),
    Route::new("/v1/policy/dry-run", "POST"),
    Route::new("/v1/policy/versions", "GET"),
    Route::new("/v1/policy/versions/{version}", "GET"),
    Route::new("/v1/policy/versions/{version}/restore", "POST"),
    Route::new("/v1/brand", "GET, PUT"),
    Route::new("/v1/sending", "GET, PUT"),
    Route::new("/v1/templates", "GET"),
    Route::new("/v1/templates/{name}/{language}", "GET, PUT, DELETE"),
];

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
}

/// Finds out what a request is.
pub(crate) fn route(method: &Method, path: &str) -> Result<(Resource, Verb), Problem> {
    let (known, parts) = Route::find(&ROUTES, path).ok_or_else(|| Problem::not_found(path))?;
    let verb = Verb::of(method, known)?;
    let resource = match (known.path, parts.as_slice()) {
        ("/v1/policy", _) => Resource::Policy,
        ("/v1/policy/dry-run", _) => Resource::PolicyDryRun,
        ("/v1/policy/versions", _) => Resource::PolicyVersions,
        ("/v1/policy/versions/{version}", [number]) => Resource::PolicyVersion(version(number)?),
        ("/v1/policy/versions/{version}/restore", [number]) => Resource::PolicyRestore(version(number)?),
        ("/v1/brand", _) => Resource::Brand,
        ("/v1/sending", _) => Resource::Sending,
        ("/v1/templates", _) => Resource::Templates,
        ("/v1/templates/{name}/{language}", [name, language]) => Resource::Template(decoded(name)?, decoded(language)?),
        _ => return Err(Problem::not_found(path)),
    };
    Ok((resource, verb))
}

fn version(part: &str) -> Result<u32, Problem> {
    part.parse().map_err(|_| Problem::bad_request("A version of the policy is a whole number."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_table_leads_somewhere() {
        for known in &ROUTES {
            let path = known.path.replace("{version}", "1");
            for method in known.methods() {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                assert!(route(&method, &path).is_ok(), "{method} {path}");
            }
        }
    }

    #[test]
    fn what_is_not_offered_is_named() {
        let wrong = route(&Method::POST, "/v1/brand").expect_err("not offered");
        assert_eq!(wrong, Problem::wrong_method("GET, PUT"));
        assert_eq!(route(&Method::GET, "/v1/customers/anna"), Err(Problem::not_found("/v1/customers/anna")));
        assert!(route(&Method::GET, "/v1/templates/%ff/en").is_err());
    }
}
