//! What a method and a part of a path mean.

use crate::Problem;
use http::Method;
use percent_encoding::percent_decode_str;
use rekindle_platform::Route;

/// What is to be done with what a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It is asked for.
    Get,
    /// It is put in the place of what is there.
    Put,
    /// Something is added to it, or done with it.
    Post,
    /// It goes.
    Delete,
}

impl Verb {
    /// What this method means for the route.
    ///
    /// # Errors
    /// The route has no such method.
    pub fn of(method: &Method, route: &Route) -> Result<Self, Problem> {
        let verb = match *method {
            Method::GET => Some(Self::Get),
            Method::PUT => Some(Self::Put),
            Method::POST => Some(Self::Post),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        };
        verb.filter(|_| route.allows(method.as_str())).ok_or_else(|| Problem::wrong_method(route.allow))
    }
}

/// A part of a path as text.
///
/// # Errors
/// It is not UTF-8.
pub fn decoded(part: &str) -> Result<String, Problem> {
    let text = percent_decode_str(part).decode_utf8();
    text.map(String::from).map_err(|_| Problem::bad_request("The path is not text in UTF-8."))
}
