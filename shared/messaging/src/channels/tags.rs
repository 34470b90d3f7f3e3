//! Tags: the names and values that come back with every event about a message.

/// Whether SES takes the text as a tag's name or value: 1 to 256 characters of `A-Za-z0-9_-`.
fn is_tag(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The first tag that cannot be sent, by its name and how it is wrong; without its value, which may be
/// about a customer.
pub(super) fn first_bad(tags: &[(String, String)]) -> Option<String> {
    let place = tags.iter().position(|(name, value)| !is_tag(name) || !is_tag(value))?;
    let (name, _) = &tags[place];
    let which = if is_tag(name) { format!("value of the tag {name}") } else { format!("name of tag {place}") };
    Some(format!("the {which} is not 1 to 256 characters of A-Z, a-z, 0-9, _ and -"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_cannot_be_sent_is_named_without_its_value() {
        let tags = |name: &str, value: &str| vec![("ok".into(), "A-z_09".into()), (name.to_owned(), value.to_owned())];
        assert_eq!(first_bad(&tags("message", "abc")), None);
        for value in ["", "a b", "anna@example.com", "ü", "a\r\n", &"x".repeat(257)] {
            let problem = first_bad(&tags("message", value)).expect("refused");
            assert!(problem.starts_with("the value of the tag message is not"), "{problem}");
        }
        assert!(first_bad(&tags("a b", "x")).is_some_and(|p| p.starts_with("the name of tag 1 is not")));
    }
}
