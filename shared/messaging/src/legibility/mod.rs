//! Whether every text of a shop's own mail can be read, by day and by night: in the colours that the mail says, and in those that the
//! dark style of the layout makes of them. A mail program in dark mode takes the dark style, which changes texts, and leaves alone what
//! it does not know: a light box keeps its colour, and the text in it becomes light.
//!
//! Only colours that are written at the elements count, and the layout's own dark style. A test compares what is said here about
//! that style with the layout.

use crate::colours::{self, Rgb};
use htmlparser::{ElementEnd, Token, Tokenizer};

/// The contrast that text needs (WCAG 2.2, success criterion 1.4.3, level AA).
const MIN_CONTRAST: f64 = 4.5;
/// The same for large text: from 24 pixels, or from 18.66 in bold.
const MIN_CONTRAST_OF_LARGE: f64 = 3.0;
/// Elements without an end.
const VOID: [&str; 8] = ["area", "br", "col", "hr", "img", "input", "link", "meta"];
/// Elements whose text is not shown.
const UNSEEN: [&str; 4] = ["head", "script", "style", "title"];

const PAGE: Rgb = [0x14, 0x14, 0x14];
const CARD: Rgb = [0x1f, 0x1f, 0x1f];
const OFFER: Rgb = [0x2e, 0x2e, 0x2e];
const CARD_TEXT: Rgb = [0xec, 0xec, 0xec];
const FOOTER_TEXT: Rgb = [0xa8, 0xa8, 0xa8];
/// The elements of the card whose text the dark style makes light.
const CARD_TEXTS: [&str; 7] = ["div", "h1", "p", "li", "table", "td", "th"];
/// The elements of the footer whose text it changes.
const FOOTER_TEXTS: [&str; 3] = ["div", "p", "a"];

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

impl Illegible {
    /// How the text begins.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Illegible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { element, text, contrast, needed, .. } = self;
        let (foreground, background) = (colours::name(self.foreground), colours::name(self.background));
        let mode = if self.is_dark { "in dark mode" } else { "in light mode" };
        // Cut, not rounded: 4.49 is not 4.5.
        let contrast = (contrast * 10.0).floor() / 10.0;
        write!(
            f,
            "the text {text:?} in <{element}> has a contrast of {contrast} {mode} ({foreground} on {background})"
        )?;
        write!(f, " and needs {needed}")?;
        if self.is_dark {
            f.write_str(": leave the colour out, or give a box the class \"offer\", which the dark style knows")?;
        }
        Ok(())
    }
}

/// One way of seeing a mail.
#[derive(Debug, Clone, Copy)]
struct Paint {
    foreground: Rgb,
    background: Rgb,
}

/// An element that is open.
#[derive(Debug, Clone)]
struct Element {
    name: String,
    classes: Vec<String>,
    light: Paint,
    dark: Paint,
    is_in_card: bool,
    is_in_footer: bool,
    is_shown: bool,
    size: f64,
    is_bold: bool,
}

/// Finds the first text whose contrast is too low. `with_dark_style` says whether the mail has the layout's dark style; without
/// it only its light colours are compared. What cannot be parsed is not judged.
pub(crate) fn first_illegible(html: &str, with_dark_style: bool) -> Option<Illegible> {
    let white = Paint { foreground: [0; 3], background: [255; 3] };
    let mut open = vec![Element {
        name: String::new(),
        classes: Vec::new(),
        light: white,
        dark: white,
        is_in_card: false,
        is_in_footer: false,
        is_shown: true,
        size: 16.0,
        is_bold: false,
    }];
    let mut started: Option<(String, Attributes)> = None;
    for token in Tokenizer::from(html) {
        match token.ok()? {
            Token::ElementStart { local, .. } => {
                started = Some((local.as_str().to_lowercase(), Attributes::default()));
            }
            Token::Attribute { local, value, .. } => {
                if let (Some((_, attributes)), Some(value)) = (&mut started, value) {
                    attributes.note(local.as_str(), value.as_str());
                }
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => {
                let (name, attributes) = started.take()?;
                if !VOID.contains(&name.as_str()) {
                    open.push(open.last()?.child(name, &attributes));
                }
            }
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } => {
                let name = local.as_str().to_lowercase();
                if let Some(place) = open.iter().rposition(|element| element.name == name) {
                    open.truncate(place);
                }
            }
            Token::Text { text } => {
                let illegible = open.last()?.illegible(text.as_str(), with_dark_style);
                if illegible.is_some() {
                    return illegible;
                }
            }
            _ => {}
        }
    }
    None
}

/// What an element says about its looks.
#[derive(Debug, Clone, Default)]
struct Attributes {
    classes: Vec<String>,
    /// With whether it is marked as important.
    foreground: Option<(Rgb, bool)>,
    background: Option<(Rgb, bool)>,
    size: Option<f64>,
    weight: Option<bool>,
    is_hidden: bool,
}

impl Attributes {
    fn note(&mut self, name: &str, value: &str) {
        match name.to_lowercase().as_str() {
            "class" => self.classes = value.split_whitespace().map(str::to_owned).collect(),
            // The style counts more, wherever it stands.
            "bgcolor" if self.background.is_none() => self.background = colours::parse(value).map(|rgb| (rgb, false)),
            "color" if self.foreground.is_none() => self.foreground = colours::parse(value).map(|rgb| (rgb, false)),
            "style" => {
                for (property, value) in value.split(';').filter_map(|declaration| declaration.split_once(':')) {
                    self.note_property(property.trim().to_lowercase().as_str(), value.trim());
                }
            }
            _ => {}
        }
    }

    fn note_property(&mut self, property: &str, value: &str) {
        let (value, important) = match value.split_once('!') {
            Some((value, mark)) => (value.trim(), mark.trim().eq_ignore_ascii_case("important")),
            None => (value, false),
        };
        match property {
            "color" => self.foreground = colours::parse(value).map(|rgb| (rgb, important)).or(self.foreground),
            "background-color" => {
                self.background = colours::parse(value).map(|rgb| (rgb, important)).or(self.background);
            }
            "background" => {
                let colour = colours::parse(value).or_else(|| value.split_whitespace().find_map(colours::parse));
                self.background = colour.map(|rgb| (rgb, important)).or(self.background);
            }
            "font-size" => self.size = value.strip_suffix("px").and_then(|px| px.trim().parse().ok()),
            "font-weight" => {
                self.weight = Some(value == "bold" || value.parse().is_ok_and(|weight: u32| weight >= 700));
            }
            "display" => self.is_hidden = value == "none",
            _ => {}
        }
    }
}

impl Element {
    fn child(&self, name: String, says: &Attributes) -> Self {
        let has = |class: &str| says.classes.iter().any(|known| known == class);
        let is_child_of = |class: &str| name == "table" && self.classes.iter().any(|known| known == class);
        let is_in_card = self.is_in_card || has("card");
        let is_in_footer = self.is_in_footer || has("footer");
        let own = |paint: Paint| Paint {
            foreground: says.foreground.map_or(paint.foreground, |(rgb, _)| rgb),
            background: says.background.map_or(paint.background, |(rgb, _)| rgb),
        };
        let dark_text = if self.is_in_card && (CARD_TEXTS.contains(&name.as_str()) || has("score")) {
            Some(CARD_TEXT)
        } else if self.is_in_footer && FOOTER_TEXTS.contains(&name.as_str()) {
            Some(FOOTER_TEXT)
        } else {
            None
        };
        let dark_ground = if self.is_in_card && has("offer") {
            Some(OFFER)
        } else if has("card") || is_child_of("card") {
            Some(CARD)
        } else if name == "body" || has("page") || is_child_of("page") {
            Some(PAGE)
        } else {
            None
        };
        let plain = own(self.dark);
        let is_important = |said: Option<(Rgb, bool)>| said.is_some_and(|(_, important)| important);
        let dark = Paint {
            foreground: dark_text.filter(|_| !is_important(says.foreground)).unwrap_or(plain.foreground),
            background: dark_ground.filter(|_| !is_important(says.background)).unwrap_or(plain.background),
        };
        let is_heading = name.len() == 2 && name.starts_with('h') && name.ends_with(|c: char| c.is_ascii_digit());
        let is_bold =
            says.weight.unwrap_or(self.is_bold || is_heading || matches!(name.as_str(), "b" | "strong" | "th"));
        let size = says.size.unwrap_or(if name == "h1" { 26.0 } else { self.size });
        let is_shown = self.is_shown && !says.is_hidden && !UNSEEN.contains(&name.as_str());
        let (light, classes) = (own(self.light), says.classes.clone());
        Self { name, classes, light, dark, is_in_card, is_in_footer, is_shown, size, is_bold }
    }

    fn illegible(&self, text: &str, with_dark_style: bool) -> Option<Illegible> {
        let invisible = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200c}' | '\u{ad}' | '\u{34f}');
        let text = text.replace("&nbsp;", " ").replace("&#847;", "").replace("&zwnj;", "");
        let text = text.trim_matches(invisible);
        if text.is_empty() || !self.is_shown {
            return None;
        }
        let is_large = self.size >= 24.0 || self.is_bold && self.size >= 18.66;
        let needed = if is_large { MIN_CONTRAST_OF_LARGE } else { MIN_CONTRAST };
        let dark = with_dark_style.then_some((true, self.dark));
        let judged = [Some((false, self.light)), dark].into_iter().flatten().map(|(is_dark, paint)| Illegible {
            element: self.name.clone(),
            text: text.chars().take(30).collect(),
            is_dark,
            foreground: paint.foreground,
            background: paint.background,
            contrast: colours::contrast(paint.foreground, paint.background),
            needed,
        });
        judged.into_iter().find(|judged| judged.contrast < needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_card(body: &str) -> String {
        format!(
            "<body class=\"page\"><div class=\"card\" style=\"background:#ffffff;color:#2b2b2b\">{body}</div></body>"
        )
    }

    fn problem(body: &str) -> Option<String> {
        first_illegible(&in_card(body), true).map(|illegible| illegible.to_string())
    }

    #[test]
    fn a_light_box_is_found_in_every_way_in_which_its_colour_is_written() {
        for body in [
            "<div style=\"background:#fff8dc\">Only this week</div>",
            "<td style=\"background-color: rgb(255, 248, 220)\"><p>Only this week</p></td>",
            "<div><table bgcolor=\"cornsilk\"><tr><td>Only this week</td></tr></table></div>",
            "<p style=\"BACKGROUND:#FFF8DC url(x.png)\"><a href=\"x\"><b>Only this week</b></a></p>",
        ] {
            let problem = problem(body).expect("a problem");
            assert!(
                problem.contains("has a contrast of 1.1 in dark mode (#ececec on #fff8dc) and needs 4.5"),
                "{problem}"
            );
            assert!(problem.contains("\"Only this week\" in <"), "{problem}");
        }
    }

    #[test]
    fn dark_text_on_the_dark_card_and_light_text_on_the_light_one_are_found() {
        for (body, expected) in [
            ("<p>See <a style=\"color:#0b5394\">the list</a></p>", "in <a> has a contrast of 2"),
            ("<p><span style=\"color:#333\">small print</span></p>", "in <span> has a contrast of 1.3 in dark mode"),
            ("<p style=\"color:#cccccc\">faint</p>", "in <p> has a contrast of 1.6 in light mode"),
            ("<a style=\"background:gold;color:white\">Go</a>", "in <a> has a contrast of 1.4 in light mode"),
        ] {
            let problem = problem(body).expect("a problem");
            assert!(problem.contains(expected), "{problem}");
        }
    }

    #[test]
    fn what_can_be_read_in_both_modes_passes() {
        for body in [
            "<p>Plain</p><hr><p>Two<br>lines</p>",
            "<div class=\"offer\" style=\"background-color:#f3f2ef\"><p>A box that the dark style knows</p></div>",
            "<p style=\"background:#fff8dc;color:#222222 !important\">A box with its own text</p>",
            "<p style=\"background:#1f5f4f;color:#ffffff\">A dark box</p>",
            "<a style=\"background:#1f5f4f;color:#ffffff\">A button</a>",
            "<div style=\"display:none;color:#ffffff\">A preview</div>",
            "<p style=\"font-size:26px;color:#888888\">Large</p>",
            "<!-- <p style=\"background:#fff\">a comment</p> -->",
            "<td style=\"background:#fff8dc\">\u{a0}&nbsp; \n</td>",
        ] {
            assert_eq!(problem(body), None, "{body}");
        }
    }

    #[test]
    fn without_the_dark_style_only_the_light_colours_count() {
        let html = in_card("<p style=\"background:#fff8dc\">A box</p>");
        assert_eq!(first_illegible(&html, false), None);
    }

    #[test]
    fn what_is_said_here_about_the_dark_style_is_in_the_layout() {
        let layout = include_str!("../../mjml/layout.mjml");
        let (_, dark) = layout.split_once("@media (prefers-color-scheme: dark) {").expect("a dark style");
        let (dark, _) = dark.split_once("</mj-style>").expect("an end");
        let selectors = |parts: &[&str], parent: &str| {
            parts.iter().map(|part| format!("{parent} {part}")).collect::<Vec<_>>().join(", ")
        };
        let (page, card, offer) = (colours::name(PAGE), colours::name(CARD), colours::name(OFFER));
        let (text, footer) = (colours::name(CARD_TEXT), colours::name(FOOTER_TEXT));
        let rules = [
            format!(
                "body, .page, .page > table {{ background: {page} !important; background-color: {page} !important; }}"
            ),
            format!(".card, .card > table {{ background: {card} !important; background-color: {card} !important; }}"),
            format!("{} {{ color: {text} !important; }}", selectors(&CARD_TEXTS, ".card")),
            format!(".card .offer {{ background-color: {offer} !important; }}"),
            ".button a { outline: 1px solid #6b6b6b; }".to_owned(),
            format!(".card .score {{ color: {text} !important; border-color: #a8a8a8 !important; }}"),
            format!("{} {{ color: {footer} !important; }}", selectors(&FOOTER_TEXTS, ".footer")),
            "}".to_owned(),
        ];
        let found: Vec<&str> = dark.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(found, rules);
    }
}
