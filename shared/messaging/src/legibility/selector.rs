//! Selectors of a style sheet: names of elements, classes and ids, in one another.
//!
//! Attributes, states and places (`[dir]`, `:hover`, `:first-child`) are not among them: what depends on them cannot be told from a
//! mail alone.

use super::element::Element;

/// Most parts of a selector.
const MAX_PARTS: usize = 8;

/// A selector: elements that stand in one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    /// The outermost first, each with whether it is directly within the one before.
    parts: Vec<(bool, Compound)>,
}

/// What has to hold of one element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Compound {
    name: Option<String>,
    id: Option<String>,
    classes: Vec<String>,
}

impl Selector {
    /// Reads a selector. `None` if it is of another kind, or longer than any that a mail needs.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut is_child = false;
        for word in text.replace('>', " > ").split_whitespace() {
            if word == ">" {
                is_child = true;
                continue;
            }
            parts.push((std::mem::take(&mut is_child), Compound::parse(word)?));
        }
        ((1..=MAX_PARTS).contains(&parts.len()) && !is_child).then_some(Self { parts })
    }

    /// How much it counts against others: ids, then classes, then names.
    pub(super) fn specificity(&self) -> (usize, usize, usize) {
        let count = |of: fn(&Compound) -> usize| self.parts.iter().map(|(_, part)| of(part)).sum();
        (
            count(|part| usize::from(part.id.is_some())),
            count(|part| part.classes.len()),
            count(|part| usize::from(part.name.is_some())),
        )
    }

    /// Whether it means the last of these elements, each of which is within the one before.
    pub(super) fn means(&self, chain: &[Element]) -> bool {
        let (Some((_, last)), Some(element)) = (self.parts.last(), chain.last()) else { return false };
        if !last.fits(element) {
            return false;
        }
        // For each element, whether the parts so far can end there. Not by trying all ways: a hostile selector has very many.
        let mut ends: Vec<bool> = Vec::new();
        for (place, (is_child, part)) in self.parts.iter().enumerate() {
            let mut is_inside = place == 0;
            let mut next = Vec::with_capacity(chain.len());
            for (at, element) in chain.iter().enumerate() {
                let is_placed = place == 0 || if *is_child { at > 0 && ends[at - 1] } else { is_inside };
                next.push(is_placed && part.fits(element));
                is_inside |= ends.get(at).copied().unwrap_or_default();
            }
            ends = next;
        }
        ends.last().copied().unwrap_or_default()
    }

    /// How much work [`means`](Self::means) can be, in comparisons.
    pub(super) fn effort(&self, depth: usize) -> usize {
        1 + if self.parts.len() > 1 { self.parts.len() * depth } else { 0 }
    }
}

impl Compound {
    fn parse(text: &str) -> Option<Self> {
        let mut compound = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (sign, after) = match rest.chars().next()? {
                sign @ ('.' | '#') => (sign, &rest[1..]),
                _ if rest.len() == text.len() => (' ', rest),
                _ => return None,
            };
            let end = after.find(['.', '#']).unwrap_or(after.len());
            let (name, others) = after.split_at(end);
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
            if name == "*" && sign == ' ' {
                rest = others;
                continue;
            }
            if name.is_empty() || !name.chars().all(is_name) {
                return None;
            }
            match sign {
                '.' => compound.classes.push(name.to_owned()),
                '#' => compound.id = Some(name.to_owned()),
                _ => compound.name = Some(name.to_lowercase()),
            }
            rest = others;
        }
        Some(compound)
    }

    fn fits(&self, element: &Element) -> bool {
        self.name.as_ref().is_none_or(|name| *name == element.name)
            && self.id.as_ref().is_none_or(|id| element.id.as_ref() == Some(id))
            && self.classes.iter().all(|class| element.classes.contains(class))
    }
}
