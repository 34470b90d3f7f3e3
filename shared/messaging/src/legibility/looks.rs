//! What is said of the looks of a text: in a style, by an attribute.

use crate::colours::{self, Rgba};

/// Most colours of a gradient that are looked at.
const MAX_COLOURS: usize = 8;

/// How a mail is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Light,
    Dark,
}

/// Something that is said of looks, and whether it is marked as important.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said<T> {
    pub(super) value: T,
    pub(super) is_important: bool,
}

/// The declarations of one style that decide whether a text can be read. What is not said is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Looks {
    /// `None` within: that of the element around.
    pub(super) foreground: Option<Said<Option<Rgba>>>,
    /// One colour, those of a gradient, or none: what is behind shows.
    pub(super) background: Option<Said<Vec<Rgba>>>,
    /// In pixels.
    pub(super) size: Option<Said<f64>>,
    pub(super) is_bold: Option<Said<bool>>,
    pub(super) is_hidden: Option<Said<bool>>,
    pub(super) opacity: Option<Said<f64>>,
}

impl Looks {
    /// Reads declarations: `color: #333; background: gold !important`. What says nothing of looks is passed over.
    pub(super) fn parse(declarations: &str) -> Self {
        let mut looks = Self::default();
        for declaration in split_outside_brackets(declarations, |c| c == ';') {
            if let Some((property, value)) = declaration.split_once(':') {
                looks.note(&property.trim().to_lowercase(), value.trim());
            }
        }
        looks
    }

    /// Notes an attribute of HTML that stands for a declaration.
    pub(super) fn note_attribute(&mut self, name: &str, value: &str) {
        match name {
            "bgcolor" => self.note("background-color", value),
            "color" => self.note("color", value),
            "hidden" => self.is_hidden = Some(Said { value: true, is_important: false }),
            _ => {}
        }
    }

    pub(super) fn says_nothing(&self) -> bool {
        *self == Self::default()
    }

    fn note(&mut self, property: &str, value: &str) {
        let (value, is_important) = match value.rsplit_once('!') {
            Some((value, mark)) => (value.trim(), mark.trim().eq_ignore_ascii_case("important")),
            None => (value, false),
        };
        let lower = value.to_lowercase();
        match property {
            "color" => {
                let said = if lower == "inherit" { Some(None) } else { colours::parse(value).map(Some) };
                set(&mut self.foreground, said, is_important);
            }
            "background-color" | "background" | "background-image" => {
                let is_none = matches!(lower.as_str(), "none" | "transparent" | "initial" | "unset");
                let colours = colours_in(value);
                // An image says nothing of the colour behind it.
                let is_said = !colours.is_empty() || is_none && property != "background-image";
                set(&mut self.background, is_said.then_some(colours), is_important);
            }
            "font-size" => set(&mut self.size, pixels(&lower), is_important),
            "font-weight" => {
                let is_bold =
                    matches!(lower.as_str(), "bold" | "bolder") || lower.parse().is_ok_and(|weight: u32| weight >= 700);
                set(&mut self.is_bold, Some(is_bold), is_important);
            }
            "display" => set(&mut self.is_hidden, Some(lower == "none"), is_important),
            "visibility" => set(&mut self.is_hidden, Some(lower == "hidden"), is_important),
            "opacity" => {
                let opacity = lower.parse().ok().filter(|opacity| (0.0..=1.0).contains(opacity));
                set(&mut self.opacity, opacity, is_important);
            }
            _ => {}
        }
    }
}

/// Notes a later declaration, which holds unless only the earlier one is important.
fn set<T>(known: &mut Option<Said<T>>, value: Option<T>, is_important: bool) {
    let yields = known.as_ref().is_none_or(|known| is_important || !known.is_important);
    if let Some(value) = value.filter(|_| yields) {
        *known = Some(Said { value, is_important });
    }
}

/// A length in pixels.
fn pixels(value: &str) -> Option<f64> {
    let per_unit = [("px", 1.0), ("pt", 4.0 / 3.0)];
    let length = per_unit.iter().find_map(|(unit, pixels)| Some((value.strip_suffix(unit)?, *pixels)));
    let (number, pixels) = length.or_else(|| (value == "0").then_some(("0", 1.0)))?;
    number.trim().parse::<f64>().ok().map(|number| number * pixels)
}

/// The colours in the value of a background, those of gradients included.
fn colours_in(value: &str) -> Vec<Rgba> {
    let mut found = Vec::new();
    for part in split_outside_brackets(value, char::is_whitespace) {
        let gradient = part.split_once('(').filter(|(function, _)| function.to_lowercase().ends_with("gradient"));
        match gradient {
            Some((_, stops)) => {
                let stops = split_outside_brackets(stops.trim_end_matches(')'), |c| c == ',');
                found.extend(stops.filter_map(|stop| {
                    split_outside_brackets(stop.trim(), char::is_whitespace).next().and_then(colours::parse)
                }));
            }
            None => found.extend(colours::parse(part)),
        }
    }
    found.retain(|colour| colour.alpha > 0.0);
    found.truncate(MAX_COLOURS);
    found
}

/// The parts of a text between separators that are not in brackets.
fn split_outside_brackets(text: &str, is_separator: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_separator(c)
    })
}
