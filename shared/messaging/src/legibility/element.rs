//! An element of a mail, and how the text in it looks in each mode.

use super::looks::{Looks, Mode, Said};
use crate::colours::{Rgb, Rgba};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// Most colours behind a text that are compared with it.
const MAX_GROUNDS: usize = 16;
/// The size of the headings that have one of their own, in pixels, by the name of the element.
const HEADINGS: [(&str, f64); 3] = [("h1", 32.0), ("h2", 24.0), ("h3", 18.72)];
/// Elements whose text is not shown.
const UNSEEN: [&str; 4] = ["head", "script", "style", "title"];

/// How text looks in one mode.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    pub(super) foreground: Rgba,
    /// The colours behind it: several, if it is on a gradient.
    pub(super) grounds: Rc<[Rgb]>,
    pub(super) is_shown: bool,
    /// In pixels.
    pub(super) size: f64,
    pub(super) is_bold: bool,
}

/// An element that is open.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
    pub(super) light: View,
    pub(super) dark: View,
    /// Stands for the names, ids and classes of the element and of all around it.
    pub(super) place: u64,
}

/// What the start of an element says.
#[derive(Debug, Clone, Default)]
pub(super) struct Start {
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
    /// What attributes say. Every style counts more.
    pub(super) attributes: Looks,
    pub(super) style: Rc<Looks>,
}

impl Start {
    /// Notes an attribute, its name in lower case.
    pub(super) fn note(&mut self, name: &str, value: &str) {
        match name {
            "class" => self.classes = value.split_whitespace().map(str::to_owned).collect(),
            "id" => self.id = Some(value.to_owned()),
            name => self.attributes.note_attribute(name, value),
        }
    }
}

impl View {
    /// The whole mail, before anything is said.
    pub(super) fn of_page(foreground: Rgb, ground: Rgb) -> Self {
        Self {
            foreground: Rgba::opaque(foreground),
            grounds: Rc::new([ground]),
            is_shown: true,
            size: 16.0,
            is_bold: false,
        }
    }

    /// The pair of text and ground that has the least contrast, and the contrast.
    pub(super) fn worst_pair(&self) -> Option<(Rgb, Rgb, f64)> {
        let pairs = self.grounds.iter().map(|ground| {
            let foreground = self.foreground.over(*ground);
            (foreground, *ground, crate::colours::contrast(foreground, *ground))
        });
        pairs.min_by(|one, other| one.2.total_cmp(&other.2))
    }

    fn within(&self, name: &str, says: &Cascade<'_>) -> Self {
        let foreground = says.of(|looks| looks.foreground.as_ref());
        let foreground = foreground.and_then(|colour| *colour).unwrap_or(self.foreground);
        let opacity = says.of(|looks| looks.opacity.as_ref()).copied().unwrap_or(1.0);
        let foreground = Rgba { alpha: foreground.alpha * opacity, ..foreground };
        let grounds = match says.of(|looks| looks.background.as_ref()) {
            Some(colours) if !colours.is_empty() => {
                let all = colours.iter().flat_map(|colour| self.grounds.iter().map(|behind| colour.over(*behind)));
                all.take(MAX_GROUNDS).collect()
            }
            _ => self.grounds.clone(),
        };
        let heading = HEADINGS.iter().find(|(heading, _)| *heading == name).map(|(_, size)| *size);
        let size = says.of(|looks| looks.size.as_ref()).copied().or(heading).unwrap_or(self.size);
        let is_hidden = says.of(|looks| looks.is_hidden.as_ref()).copied().unwrap_or_default();
        let is_shown = self.is_shown && !is_hidden && opacity > 0.0 && !UNSEEN.contains(&name);
        let is_bold = says.of(|looks| looks.is_bold.as_ref()).copied().unwrap_or(self.is_bold || is_strong(name));
        Self { foreground, grounds, is_shown, size, is_bold }
    }
}

impl Element {
    /// The outermost, which has no name.
    pub(super) fn page(light: View, dark: View) -> Self {
        Self { name: String::new(), id: None, classes: Vec::new(), light, dark, place: 0 }
    }

    /// An element within this one, which looks like this one until it is [`styled`](Self::styled).
    pub(super) fn child(&self, start: &Start) -> Self {
        let mut hasher = DefaultHasher::new();
        (self.place, &start.name, &start.id, &start.classes).hash(&mut hasher);
        let place = hasher.finish();
        let (name, id, classes) = (start.name.clone(), start.id.clone(), start.classes.clone());
        Self { name, id, classes, light: self.light.clone(), dark: self.dark.clone(), place }
    }

    /// Gives it the looks that rules and its own attributes say. Of the rules, each with the mode that it is for, the ones that count
    /// least come first.
    pub(super) fn styled(&mut self, start: &Start, rules: &[(Option<Mode>, &Looks)]) {
        let says_nothing = start.style.says_nothing() && start.attributes.says_nothing() && rules.is_empty();
        if says_nothing && !has_looks(&self.name) {
            return;
        }
        let in_mode = |mode: Mode| {
            let of_mode =
                rules.iter().filter(|(only, _)| only.is_none_or(|only| only == mode)).map(|(_, looks)| *looks);
            Cascade(std::iter::once(&start.attributes).chain(of_mode).chain([&*start.style]).collect())
        };
        self.light = self.light.within(&self.name, &in_mode(Mode::Light));
        self.dark = self.dark.within(&self.name, &in_mode(Mode::Dark));
    }
}

/// Everything that is said of an element, the ones that count least first.
struct Cascade<'l>(Vec<&'l Looks>);

impl<'l> Cascade<'l> {
    /// The value that holds: of the important ones the last, else the last of all.
    fn of<T>(&self, property: impl Fn(&'l Looks) -> Option<&'l Said<T>>) -> Option<&'l T> {
        let said = || self.0.iter().copied().filter_map(&property);
        said().filter(|said| said.is_important).last().or_else(|| said().last()).map(|said| &said.value)
    }
}

/// Whether elements of this name have looks of their own.
fn has_looks(name: &str) -> bool {
    is_strong(name) || UNSEEN.contains(&name)
}

fn is_strong(name: &str) -> bool {
    let is_heading = name.len() == 2 && name.starts_with('h') && name.ends_with(|c: char| c.is_ascii_digit());
    is_heading || matches!(name, "b" | "strong" | "th")
}
