//! Names of journeys and campaigns, and the ids made of them.

use serde_json::Value;

/// Most characters of an id.
const MAX_ID_LEN: usize = 36;

/// The name of a journey or a campaign, or else its id.
pub(super) fn name(value: &Value) -> &str {
    let named = |field: &str| value[field].as_str().filter(|text| !text.trim().is_empty());
    named("Name").or_else(|| named("Id")).unwrap_or("unnamed")
}

/// An id made of a name, in the characters that a policy allows; `fallback` if none are left.
pub(super) fn slug(name: &str, fallback: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(MAX_ID_LEN);
    let slug = slug.trim_matches('-');
    if slug.is_empty() { fallback.to_owned() } else { slug.to_owned() }
}

/// An id that is not taken: the given one, or with a number appended.
pub(super) fn unused(name: &str, taken: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}
