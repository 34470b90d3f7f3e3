//! What a function answers to, as data: its router finds a path here and nowhere else, so a route that is not in the table
//! does not exist, and the table can be compared with the description of the API.

/// A path, with what can be done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The path; a part in braces stands for any one part that is not empty: `/v1/tasks/{id}`. One that ends with a plus
    /// stands for one or more: `/v1/customers/{id+}`, for API Gateway hands over a slash in a name as a slash, escaped or not.
    pub path: &'static str,
    /// The methods, as the header `Allow` lists them: `GET, PUT`.
    pub allow: &'static str,
}

impl Route {
    /// A path that answers to these methods.
    #[must_use]
    pub const fn new(path: &'static str, allow: &'static str) -> Self {
        Self { path, allow }
    }

    /// The methods, one by one.
    pub fn methods(&self) -> impl Iterator<Item = &'static str> {
        self.allow.split(", ")
    }

    /// Whether a method can be used here.
    #[must_use]
    pub fn allows(&self, method: &str) -> bool {
        self.methods().any(|known| known == method)
    }

    /// The first route of a table that a path fits, and the parts of the path that stand where the route has braces, as
    /// they were sent. Slashes at either end of the path do not matter.
    #[must_use]
    pub fn find<'p>(table: &'static [Self], path: &'p str) -> Option<(&'static Self, Vec<&'p str>)> {
        let path = path.trim_matches('/');
        table.iter().find_map(|route| Some((route, fit(route.path.trim_matches('/'), path)?)))
    }
}

/// What of the path stands where the route has braces, if it fits.
fn fit<'p>(route: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let (own, after) = route.split_once('/').unzip();
    let own = own.unwrap_or(route);
    let end = match after {
        // The rest of the route is fixed, so this part ends where that begins.
        Some(after) if own.ends_with("+}") => path.strip_suffix(after)?.strip_suffix('/')?.len(),
        None if own.ends_with("+}") => path.len(),
        _ => path.find('/').unwrap_or(path.len()),
    };
    let (part, rest) = (&path[..end], path[end..].strip_prefix('/'));
    let mut given = Vec::new();
    if own.starts_with('{') && !part.is_empty() {
        given.push(part);
    } else if own != part {
        return None;
    }
    match (after, rest) {
        (None, None) => {}
        (Some(after), Some(rest)) => given.extend(fit(after, rest)?),
        _ => return None,
    }
    Some(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Route; 5] = [
        Route::new("/v1/coupons/{code}", "GET"),
        Route::new("/v1/coupons/pools/{name}", "GET, POST"),
        Route::new("/v1/customers/{id+}/timeline", "GET"),
        Route::new("/v1/customers/{id+}", "GET, DELETE"),
        Route::new("/v1/policy", "GET, PUT"),
    ];

    #[test]
    fn a_path_finds_its_route_with_the_parts_in_braces_and_nothing_else_is_found() {
        fn found(path: &str) -> Option<(&'static str, String)> {
            Route::find(&TABLE, path).map(|(route, parts)| (route.path, parts.join(" ")))
        }
        assert_eq!(found("/v1/coupons/A%2FB"), Some(("/v1/coupons/{code}", "A%2FB".to_owned())));
        assert_eq!(found("/v1/coupons/pools/spring/"), Some(("/v1/coupons/pools/{name}", "spring".to_owned())));
        assert_eq!(found("//v1/policy"), Some(("/v1/policy", String::new())));
        for path in ["", "/", "/v1", "/v1/coupons", "/v1/coupons/", "/v1/coupons//", "/v1/coupons/a/b", "/V1/policy"] {
            assert_eq!(found(path), None, "{path}");
        }
        for id in ["a", "gid://shopify/Customer/1", "a%2Fb", "timeline"] {
            assert_eq!(found(&format!("/v1/customers/{id}")), Some(("/v1/customers/{id+}", id.to_owned())));
            let timeline = Some(("/v1/customers/{id+}/timeline", id.to_owned()));
            assert_eq!(found(&format!("/v1/customers/{id}/timeline")), timeline);
        }
        for path in ["/v1/customers", "/v1/customers/", "/v1/customer/timeline"] {
            assert_eq!(found(path).map(|(route, _)| route), None, "{path}");
        }
        assert!(TABLE[1].allows("POST") && !TABLE[1].allows("PUT") && !TABLE[1].allows("post"));
    }
}
