//! Finds the parts of a JSON text without parsing them, so that one part that is not JSON (a `NaN`, half of an emoji, a number that is
//! too large) does not cost the others.

/// The names and values of an object's members. `None` if brackets and quotes do not match.
pub(crate) fn members(text: &str) -> Option<Vec<(&str, &str)>> {
    parts(text, b'{', b'}')?.into_iter().map(member).collect()
}

/// The elements of a list. `None` if brackets and quotes do not match.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    parts(text, b'[', b']')
}

fn member(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('"')?;
    let end = end_of_string(rest.as_bytes(), 0)?;
    let value = rest[end..].trim_start().strip_prefix(':')?;
    Some((&rest[..end - 1], value.trim()))
}

fn parts(text: &str, open: u8, close: u8) -> Option<Vec<&str>> {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.first() != Some(&open) || bytes.last() != Some(&close) || bytes.len() < 2 {
        return None;
    }
    let (mut parts, mut start, mut depth, mut at) = (Vec::new(), 1, 0_usize, 1);
    let last = bytes.len() - 1;
    while at < last {
        match bytes[at] {
            b'"' => {
                at = end_of_string(&bytes[..last], at + 1)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    let rest = text[start..last].trim();
    if !(rest.is_empty() && parts.is_empty()) {
        parts.push(rest);
    }
    (depth == 0).then_some(parts)
}

/// The position after the quote that ends a string which began before `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_whatever_is_inside_them() {
        let text = r#" {"a\"]": [1, {"x": NaN}, "},\\", "\ud83d"], "sentAt" : "now"} "#;
        let members = members(text).expect("brackets match");
        assert_eq!(members[1], ("sentAt", "\"now\""));
        assert_eq!(members[0].0, r#"a\"]"#);
        let parts = elements(members[0].1).expect("brackets match");
        assert_eq!(parts, ["1", r#"{"x": NaN}"#, r#""},\\""#, r#""\ud83d""#]);
        assert_eq!(elements("[ ]"), Some(vec![]));
    }

    #[test]
    fn a_text_that_was_cut_off_has_no_parts() {
        let text = r#"{"batch":[{"a":"b"}]}"#;
        for length in 0..text.len() {
            assert_eq!(members(&text[..length]), None, "{}", &text[..length]);
        }
        for broken in ["[\"]", "[\"\\]", "[}]", "[{]", "[[1]"] {
            assert_eq!(elements(broken), None, "{broken}");
        }
    }
}
