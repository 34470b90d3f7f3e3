//! The styles of a mail: rules that hold always, and rules of dark or light mode.

use super::element::Element;
use super::looks::{Looks, Mode};
use super::selector::Selector;

/// Most selectors of rules about looks.
const MAX_RULES: usize = 400;

/// A rule for one selector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    selector: Selector,
    /// The mode that it is for; both if none.
    pub(super) mode: Option<Mode>,
    pub(super) looks: Looks,
}

/// The rules about looks, the ones that count least first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StyleSheet {
    pub(super) rules: Vec<Rule>,
    /// Whether the mail says that it has a dark mode, by a rule or by `color-scheme`.
    pub(super) has_dark_mode: bool,
}

impl StyleSheet {
    /// Reads style sheets. `None` if there are more rules than any mail needs. What is no rule is passed over, and so is what holds
    /// for some screens only: it would have to be compared with everything that holds for others.
    pub(super) fn parse(css: &str) -> Option<Self> {
        let css = without_comments(css);
        let mut sheet = Self::default();
        sheet.read(&css, None);
        if sheet.rules.len() > MAX_RULES {
            return None;
        }
        sheet.has_dark_mode |= sheet.rules.iter().any(|rule| rule.mode == Some(Mode::Dark));
        sheet.rules.sort_by_key(|rule| rule.selector.specificity());
        Some(sheet)
    }

    fn read(&mut self, css: &str, mode: Option<Mode>) {
        let mut rest = css;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((block, behind)) = block(after) else { return };
            rest = behind;
            // A rule without a block, such as `@import`, ends with a semicolon.
            let prelude = before.rsplit([';', '}']).next().unwrap_or_default().trim();
            match prelude.strip_prefix('@') {
                // Within a block of one mode, another one does not change it.
                Some(at_rule) if mode.is_none() => match mode_of(&at_rule.to_lowercase()) {
                    AtRule::Always => self.read(block, None),
                    AtRule::In(mode) => self.read(block, Some(mode)),
                    AtRule::Other => {}
                },
                Some(_) => {}
                None => self.add(prelude, block, mode),
            }
        }
    }

    fn add(&mut self, selectors: &str, declarations: &str, mode: Option<Mode>) {
        let lower = declarations.to_lowercase();
        let scheme =
            lower.split(';').filter_map(|said| said.split_once(':')).find(|(name, _)| name.trim() == "color-scheme");
        self.has_dark_mode |= scheme.is_some_and(|(_, schemes)| schemes.contains("dark"));
        let looks = Looks::parse(declarations);
        if looks.says_nothing() || self.rules.len() > MAX_RULES {
            return;
        }
        let selectors = selectors.split(',').take(MAX_RULES + 1).filter_map(Selector::parse);
        self.rules.extend(selectors.map(|selector| Rule { selector, mode, looks: looks.clone() }));
    }

    /// The places of the rules that mean the last of these elements, and how much work it was to find them.
    pub(super) fn rules_for(&self, chain: &[Element]) -> (Vec<usize>, usize) {
        let effort = self.rules.iter().map(|rule| rule.selector.effort(chain.len())).sum();
        let meant = self.rules.iter().enumerate().filter(|(_, rule)| rule.selector.means(chain));
        (meant.map(|(place, _)| place).collect(), effort)
    }
}

/// When the rules within an at-rule hold.
enum AtRule {
    Always,
    In(Mode),
    Other,
}

fn mode_of(at_rule: &str) -> AtRule {
    let Some(query) = at_rule.strip_prefix("media") else { return AtRule::Other };
    let query: String = query.chars().filter(|c| !c.is_whitespace()).collect();
    if query.contains("not") || query.contains("print") {
        return AtRule::Other;
    }
    if query.contains("prefers-color-scheme:dark") {
        AtRule::In(Mode::Dark)
    } else if query.contains("prefers-color-scheme:light") {
        AtRule::In(Mode::Light)
    } else if matches!(query.as_str(), "all" | "screen" | "onlyscreen") {
        AtRule::Always
    } else {
        AtRule::Other
    }
}

/// What stands before the brace that closes a block, and what is behind it.
fn block(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

/// The style sheets without comments, and without the signs by which old programs were kept from reading them.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    (kept + rest).replace("<!--", "").replace("-->", "")
}
