//! Whether every text of a shop's own mail can be read, by day and by night: in the colours that the mail says, and in those that
//! its style makes of them in dark mode. A mail program in dark mode follows the rules for `prefers-color-scheme: dark`, whether
//! they are the layout's or the shop's own, and leaves alone what they do not name: a light box keeps its colour, and the text in it
//! becomes light. A mail that says it has a dark mode begins with light text on a dark page there.
//!
//! What counts: styles at the elements, attributes, and rules of style sheets for names, classes and ids of elements. What programs
//! change by rules of their own, without being asked, is not known and not judged; nor are rules for some widths of a screen.

mod element;
mod looks;
mod selector;
mod style_sheet;

use crate::colours::{self, Rgb};
use element::{Element, Start, View};
use htmlparser::{ElementEnd, Token, Tokenizer};
use looks::Looks;
use std::collections::HashMap;
use std::rc::Rc;
use style_sheet::StyleSheet;

/// The contrast that text needs (WCAG 2.2, success criterion 1.4.3, level AA).
const MIN_CONTRAST: f64 = 4.5;
/// The same for large text: from 24 pixels, or from 18.66 in bold.
const MIN_CONTRAST_OF_LARGE: f64 = 3.0;
/// Most comparisons of elements with rules for one template: a few milliseconds. Its samples share most of them.
const MAX_EFFORT: usize = 4_000_000;
/// Most styles of elements that are remembered.
const MAX_STYLES: usize = 2_000;
/// Elements without an end.
const VOID: [&str; 8] = ["area", "br", "col", "hr", "img", "input", "link", "meta"];
/// What a mail program shows in dark mode behind a mail that says it has one, as near as they are to each other.
const DARK_PAGE: Rgb = [0x12, 0x12, 0x12];
const BLACK: Rgb = [0; 3];
const WHITE: Rgb = [255; 3];

/// Why a mail is refused for its looks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Objection {
    /// A text cannot be read.
    Illegible(Illegible),
    /// Its styles are too many to be compared with its elements.
    TooMuch,
}

/// A text that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Illegible {
    /// The element that it is in.
    element: String,
    /// How it begins.
    text: String,
    is_dark: bool,
    foreground: Rgb,
    background: Rgb,
    contrast: f64,
    needed: f64,
}

impl Objection {
    /// How the text begins that cannot be read.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Illegible(illegible) => Some(&illegible.text),
            Self::TooMuch => None,
        }
    }
}

impl std::fmt::Display for Objection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Illegible(Illegible { element, text, contrast, needed, is_dark, foreground, background }) = self
        else {
            return f.write_str("its style sheets have too many rules, or too long ones, for the number of elements");
        };
        let (foreground, background) = (colours::name(*foreground), colours::name(*background));
        let mode = if *is_dark { "in dark mode" } else { "in light mode" };
        // Cut, not rounded: 4.49 is not 4.5.
        let contrast = (contrast * 10.0).floor() / 10.0;
        write!(
            f,
            "the text {text:?} in <{element}> has a contrast of {contrast} {mode} ({foreground} on {background})"
        )?;
        write!(f, " and needs {needed}")?;
        if *is_dark {
            f.write_str(": leave the colour out, or name both in a rule for prefers-color-scheme: dark; ")?;
            f.write_str("the layout's has the class \"offer\" for boxes")?;
        }
        Ok(())
    }
}

/// Judges mails that a template makes. What was found out about the style of one is used for the next.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    css: String,
    sheet: StyleSheet,
    /// The rules for elements, by [`Element::place`].
    rules: HashMap<u64, Vec<usize>>,
    /// Styles of elements that were read.
    styles: HashMap<String, Rc<Looks>>,
    effort: usize,
}

impl Judge {
    /// Finds the first text whose contrast is too low, in light mode or, if the mail has one, in dark mode. What cannot be parsed
    /// is not judged.
    pub(crate) fn first_objection(&mut self, html: &str) -> Option<Objection> {
        let css = style_of(html);
        if css != self.css {
            let Some(sheet) = StyleSheet::parse(&css) else { return Some(Objection::TooMuch) };
            *self = Self { css, sheet, effort: self.effort, ..Self::default() };
        }
        let says_dark = self.sheet.has_dark_mode || says_color_scheme(html);
        let light = View::of_page(BLACK, WHITE);
        let dark = if says_color_scheme(html) { View::of_page(WHITE, DARK_PAGE) } else { light.clone() };
        let mut open = vec![Element::page(light, dark)];
        let mut started: Option<Start> = None;
        for token in Tokenizer::from(html) {
            match token.ok()? {
                Token::ElementStart { local, .. } => {
                    started = Some(Start { name: local.as_str().to_lowercase(), ..Start::default() });
                }
                Token::Attribute { local, value, .. } => {
                    if let (Some(start), Some(value)) = (&mut started, value) {
                        match local.as_str().to_lowercase().as_str() {
                            "style" => start.style = self.looks_of(value.as_str()),
                            name => start.note(name, value.as_str()),
                        }
                    }
                }
                Token::ElementEnd { end: ElementEnd::Open, .. } => {
                    let start = started.take()?;
                    if !VOID.contains(&start.name.as_str()) {
                        open.push(open.last()?.child(&start));
                        if !self.style(&mut open, &start) {
                            return Some(Objection::TooMuch);
                        }
                    }
                }
                Token::ElementEnd { end: ElementEnd::Close(_, local), .. } => {
                    let name = local.as_str().to_lowercase();
                    if let Some(place) = open.iter().rposition(|element| element.name == name) {
                        open.truncate(place);
                    }
                }
                Token::Text { text } => {
                    if let Some(illegible) = illegible(open.last()?, text.as_str(), says_dark) {
                        return Some(Objection::Illegible(illegible));
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn looks_of(&mut self, style: &str) -> Rc<Looks> {
        if let Some(known) = self.styles.get(style) {
            return Rc::clone(known);
        }
        // Quotes within an attribute are written as entities.
        let looks = Rc::new(Looks::parse(&style.replace("&quot;", "\"").replace("&#39;", "'")));
        if self.styles.len() < MAX_STYLES {
            self.styles.insert(style.to_owned(), Rc::clone(&looks));
        }
        looks
    }

    /// Gives the last of the open elements its looks; whether there was effort left for it.
    fn style(&mut self, open: &mut [Element], start: &Start) -> bool {
        let Some(place) = open.last().map(|element| element.place) else { return true };
        if !self.rules.contains_key(&place) {
            let (rules, effort) = self.sheet.rules_for(open);
            self.effort += effort;
            self.rules.insert(place, rules);
        }
        let rules = self.rules.get(&place).map_or(&[][..], Vec::as_slice);
        if let Some(element) = open.last_mut() {
            let rules = rules.iter().map(|rule| &self.sheet.rules[*rule]);
            element.styled(start, &rules.map(|rule| (rule.mode, &rule.looks)).collect::<Vec<_>>());
        }
        self.effort <= MAX_EFFORT
    }
}

/// The style sheets in a mail, one behind the other.
fn style_of(html: &str) -> String {
    let mut css = String::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<style") {
        let Some((sheet, behind)) = after.split_once('>').and_then(|(_, inside)| inside.split_once("</style")) else {
            break;
        };
        css.push_str(sheet);
        css.push('\n');
        rest = behind;
    }
    css
}

/// Whether a mail says in its head that it can be shown in dark mode.
fn says_color_scheme(html: &str) -> bool {
    let metas = html.split("<meta").skip(1).filter_map(|rest| rest.split('>').next());
    let mut schemes = metas.filter(|meta| meta.contains("color-scheme"));
    schemes.any(|meta| meta.contains("dark"))
}

fn illegible(element: &Element, text: &str, with_dark_mode: bool) -> Option<Illegible> {
    let invisible = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200c}' | '\u{ad}' | '\u{34f}');
    let text = text.replace("&nbsp;", " ").replace("&#847;", "").replace("&zwnj;", "");
    let text = text.trim_matches(invisible);
    if text.is_empty() {
        return None;
    }
    let dark = with_dark_mode.then_some((true, &element.dark));
    let seen = [Some((false, &element.light)), dark]
        .into_iter()
        .flatten()
        .filter(|(_, view)| view.is_shown && view.size > 0.0);
    let judged = seen.filter_map(|(is_dark, view)| {
        let (foreground, background, contrast) = view.worst_pair()?;
        let is_large = view.size >= 24.0 || view.is_bold && view.size >= 18.66;
        let needed = if is_large { MIN_CONTRAST_OF_LARGE } else { MIN_CONTRAST };
        let text = text.chars().take(30).collect();
        Some(Illegible { element: element.name.clone(), text, is_dark, foreground, background, contrast, needed })
    });
    judged.into_iter().find(|judged| judged.contrast < judged.needed)
}

#[cfg(test)]
mod tests;
