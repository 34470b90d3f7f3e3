//! What differs between two texts, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// Lines that are the same and shown around a change.
const CONTEXT: usize = 3;
/// Most lines that are shown.
const MAX_LINES: usize = 2_000;

/// A line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// `same`, `removed`, `added`, or `gap` between two places.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

/// How `after` differs from `before`; nothing if it does not.
pub(crate) fn lines(before: &str, after: &str) -> Vec<Line> {
    let difference = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (number, group) in difference.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            lines.push(Line { kind: "gap", text: "…".to_owned() });
        }
        for change in group.iter().flat_map(|operation| difference.iter_changes(operation)) {
            let kind = match change.tag() {
                ChangeTag::Equal => "same",
                ChangeTag::Delete => "removed",
                ChangeTag::Insert => "added",
            };
            lines.push(Line { kind, text: change.value().trim_end_matches(['\n', '\r']).to_owned() });
        }
    }
    lines.truncate(MAX_LINES);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_the_lines_around_it() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        assert_eq!(lines(before, before), []);
        let shown = lines(before, &before.replace("a\n", "A\n").replace("j\n", ""));
        let shown: Vec<String> = shown.iter().map(|line| format!("{} {}", line.kind, line.text)).collect();
        assert_eq!(
            shown,
            ["removed a", "added A", "same b", "same c", "same d", "gap …", "same g", "same h", "same i", "removed j"]
        );
    }
}
