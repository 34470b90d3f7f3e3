//! How journeys, steps and templates may be named.

pub(super) const NAME: &str = "1 to 40 lower-case letters, digits and hyphens";

pub(super) fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=40).contains(&text.len()) && text.chars().all(known)
}
