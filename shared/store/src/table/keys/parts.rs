//! What several keys are made of: instants, and texts of bounded length.

use jiff::Timestamp;
use rekindle_lifecycle::id::short_digest;

/// Maximum length of a part of a key that comes from outside, in bytes. A longer part is replaced by its digest, so that a
/// sort key stays well below DynamoDB's 1,024 bytes.
const MAX_PART_LEN: usize = 512;

/// RFC 3339 in UTC with milliseconds: 24 characters that sort as the instants do. Instants before 1970, which are never asked
/// for, are written as 1970.
#[must_use]
pub fn occurred_at(at: Timestamp) -> String {
    at.max(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A text from outside, or its digest if it is longer than [`MAX_PART_LEN`].
pub(super) fn bounded(text: &str) -> String {
    if text.len() <= MAX_PART_LEN { text.to_owned() } else { short_digest(&["part", text], 52) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_with_fixed_width_and_sort_as_they_follow_each_other() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let instants = [
            "1970-01-01T00:00:00Z",
            "1997-01-01T00:00:00Z",
            "1997-01-01T00:00:00.001Z",
            "2026-11-22T09:59:59.999Z",
            "9999-12-30T21:59:59Z",
        ];
        let written: Vec<String> = instants.iter().map(|text| occurred_at(at(text))).collect();
        assert!(written.iter().all(|text| text.len() == 24), "{written:?}");
        assert!(written.is_sorted());
        assert_eq!(written[2], "1997-01-01T00:00:00.001Z");
        assert_eq!(occurred_at(at("1950-01-01T00:00:00Z")), written[0]);
    }
}
