//! What a function answers to, as a table: its dispatcher finds a request's route here and nowhere else, so the table can be
//! compared with the description of the API and with the gateway's routes.

use crate::scope::{Scope, Scopes};

/// One row of a function's table: what can be called, and the scope it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<Id> {
    /// Names the route in its function's dispatcher.
    pub id: Id,
    /// The path. A part in braces stands for any one part that is not empty: `/v1/tasks/{id}`. One that ends with a plus
    /// stands for one or more parts: `/v1/customers/{id+}`, because API Gateway hands over a slash in a name as a slash,
    /// escaped or not.
    pub path: &'static str,
    /// The methods, in the order in which the header `Allow` lists them.
    pub methods: &'static [&'static str],
    /// What a caller needs; `None` for a route that does not ask who calls.
    pub scope: Option<Scope>,
}

/// Why a request has no route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRoute {
    /// Nothing is at its path.
    Path,
    /// The path exists with other methods.
    Method {
        /// Those methods, as the header `Allow` lists them: `GET, PUT`.
        allow: String,
    },
}

impl<Id> Route<Id> {
    /// A route that asks its caller for a scope.
    #[must_use]
    pub const fn new(id: Id, scope: Scope, methods: &'static [&'static str], path: &'static str) -> Self {
        Self { id, path, methods, scope: Some(scope) }
    }

    /// A route that does not ask who calls.
    #[must_use]
    pub const fn public(id: Id, methods: &'static [&'static str], path: &'static str) -> Self {
        Self { id, path, methods, scope: None }
    }

    /// The first route of a table whose path fits, and the parts of the path that stand where the route has braces, as
    /// they were sent. Slashes at either end of the path do not matter.
    #[must_use]
    pub fn find<'t, 'p>(table: &'t [Self], path: &'p str) -> Option<(&'t Self, Vec<&'p str>)> {
        let path = path.trim_matches('/');
        table.iter().find_map(|route| Some((route, fit(route.path.trim_matches('/'), path)?)))
    }

    /// The route of a request, and the parts of its path as [`Route::find`] returns them.
    ///
    /// # Errors
    /// No row of the table has the path, or none that has it has the method.
    pub fn for_request<'t, 'p>(
        table: &'t [Self],
        method: &str,
        path: &'p str,
    ) -> Result<(&'t Self, Vec<&'p str>), NoRoute> {
        let (first, parts) = Self::find(table, path).ok_or(NoRoute::Path)?;
        let rows = || table.iter().filter(|row| row.path == first.path);
        match rows().find(|row| row.methods.contains(&method)) {
            Some(row) => Ok((row, parts)),
            None => {
                let methods: Vec<&str> = rows().flat_map(|row| row.methods).copied().collect();
                Err(NoRoute::Method { allow: methods.join(", ") })
            }
        }
    }

    /// All scopes that the routes of a table ask for.
    #[must_use]
    pub fn scopes(table: &[Self]) -> Scopes {
        table.iter().filter_map(|route| route.scope).collect()
    }

    /// The same route with its id as text, so that tables of different functions can stand in one list.
    #[must_use]
    pub fn with_id_as_text(&self) -> Route<String>
    where
        Id: std::fmt::Debug,
    {
        Route { id: format!("{:?}", self.id), path: self.path, methods: self.methods, scope: self.scope }
    }
}

/// The parts of the path that stand where the route has braces, if the path fits.
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

    const TABLE: [Route<u8>; 7] = [
        Route::new(0, Scope::ReadPeople, &["GET"], "/v1/coupons/{code}"),
        Route::new(1, Scope::Read, &["GET", "HEAD"], "/v1/coupons/pools/{name}"),
        Route::new(2, Scope::Edit, &["POST"], "/v1/coupons/pools/{name}"),
        Route::new(3, Scope::ReadPeople, &["GET"], "/v1/customers/{id+}/timeline"),
        Route::new(4, Scope::ReadPeople, &["GET"], "/v1/customers/{id+}"),
        Route::new(5, Scope::Operate, &["DELETE"], "/v1/customers/{id+}"),
        Route::public(6, &["GET", "PUT"], "/v1/policy"),
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
    }

    #[test]
    fn the_method_chooses_among_the_rows_of_a_path_and_a_wrong_one_names_all_of_them() {
        let id = |method, path| Route::for_request(&TABLE, method, path).map(|(route, _)| route.id);
        assert_eq!(id("POST", "/v1/coupons/pools/spring"), Ok(2));
        assert_eq!((id("GET", "/v1/customers/a"), id("DELETE", "/v1/customers/a")), (Ok(4), Ok(5)));
        let other_methods = |allow: &str| Err(NoRoute::Method { allow: allow.to_owned() });
        assert_eq!(id("PUT", "/v1/coupons/pools/spring"), other_methods("GET, HEAD, POST"));
        assert_eq!(id("get", "/v1/policy"), other_methods("GET, PUT"));
        // The first matching path decides, even if a later one allows the method.
        assert_eq!(id("DELETE", "/v1/customers/a/timeline"), other_methods("GET"));
        assert_eq!(id("GET", "/v1/nothing"), Err(NoRoute::Path));
    }

    #[test]
    fn a_table_asks_for_the_scopes_of_its_rows() {
        let asked = Scopes::new(&[Scope::ReadPeople, Scope::Read, Scope::Edit, Scope::Operate]);
        assert_eq!(Route::scopes(&TABLE), asked);
    }
}
