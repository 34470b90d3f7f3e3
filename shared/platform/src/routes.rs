//! What a function answers to, as data: its router finds a path here and nowhere else, so a route that is not in the table
//! does not exist, and the table can be compared with the description of the API.

/// A path, with what can be done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The path; a part in braces stands for any one part that is not empty: `/v1/customers/{id}`.
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
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        table.iter().find_map(|route| Some((route, route.fit(&parts)?)))
    }

    fn fit<'p>(&self, parts: &[&'p str]) -> Option<Vec<&'p str>> {
        let own: Vec<&str> = self.path.trim_matches('/').split('/').collect();
        if own.len() != parts.len() {
            return None;
        }
        let mut given = Vec::new();
        for (own, part) in own.iter().zip(parts) {
            if own.starts_with('{') && !part.is_empty() {
                given.push(*part);
            } else if own != part {
                return None;
            }
        }
        Some(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Route; 3] = [
        Route::new("/v1/coupons/{code}", "GET"),
        Route::new("/v1/coupons/pools/{name}", "GET, POST"),
        Route::new("/v1/policy", "GET, PUT"),
    ];

    #[test]
    fn a_path_finds_its_route_with_the_parts_in_braces_and_nothing_else_is_found() {
        let found = |path| Route::find(&TABLE, path).map(|(route, parts)| (route.path, parts.join(" ")));
        assert_eq!(found("/v1/coupons/A%2FB"), Some(("/v1/coupons/{code}", "A%2FB".to_owned())));
        assert_eq!(found("/v1/coupons/pools/spring/"), Some(("/v1/coupons/pools/{name}", "spring".to_owned())));
        assert_eq!(found("//v1/policy"), Some(("/v1/policy", String::new())));
        for path in ["", "/", "/v1", "/v1/coupons", "/v1/coupons/", "/v1/coupons//", "/v1/coupons/a/b", "/V1/policy"] {
            assert_eq!(found(path), None, "{path}");
        }
        assert!(TABLE[1].allows("POST") && !TABLE[1].allows("PUT") && !TABLE[1].allows("post"));
    }
}
