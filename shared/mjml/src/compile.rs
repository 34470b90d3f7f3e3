//! MJML's parser knows nothing of Jinja: `{% if a < b %}` would be a broken element to it. So every
//! expression is replaced by a word of letters and digits while MJML is compiled, and put back after.

use crate::expressions;
use crate::mistake::{Mistake, line_of};
use mrml::prelude::parser::{Error as MrmlError, Span};
use mrml::prelude::render::RenderOptions;
use std::collections::HashMap;

/// The frame around every mail: header, card, footer. A template that is not a whole MJML document is
/// put into it.
const LAYOUT: &str = include_str!("../layout.mjml");
const BODY_SLOT: &str = "<!-- body -->";
const FOOTER_SLOT: &str = "<!-- footer -->";

/// Compiles a template. A source that begins with `<mjml` stands alone; anything else is the content of
/// the layout's card, and `footer` goes below it.
///
/// # Errors
/// The first mistake, with its line in the source.
pub fn compile(source: &str, footer: &str) -> Result<String, Mistake> {
    if source.trim_start().starts_with("<mjml") {
        return compile_document(source);
    }
    // Alone first, so that a mistake is reported with the line of the source, not of the layout.
    let before = "<mjml><mj-body><mj-section><mj-column>\n";
    let alone = format!("{before}{source}\n</mj-column></mj-section></mj-body></mjml>");
    compile_document(&alone).map_err(|e| Mistake { line: e.line.saturating_sub(1).max(1), ..e })?;
    compile_document(&LAYOUT.replace(BODY_SLOT, source).replace(FOOTER_SLOT, footer))
}

fn compile_document(source: &str) -> Result<String, Mistake> {
    let (protected, originals) = protect(source)?;
    let original_line = |byte: usize| {
        // Lines inside of the replaced expressions before this byte were lost.
        let lost: usize = originals
            .iter()
            .filter(|o| o.protected_at < byte)
            .map(|o| o.text.bytes().filter(|b| *b == b'\n').count())
            .sum();
        line_of(&protected, byte) + lost
    };
    // The parser panics at a `>` in the text that follows a letter of several bytes (htmlparser 0.2): "Скидка > 10 %".
    let parsed = std::panic::catch_unwind(|| mrml::parse(&protected)).map_err(|_| {
        let stumbles = |&(byte, _): &(usize, &str)| byte >= 2 && !protected.is_char_boundary(byte - 2);
        let byte = protected.match_indices('>').find(stumbles).map_or(0, |(byte, _)| byte);
        let problem = "MJML cannot read it: write > in the text as &gt;".to_owned();
        Mistake { line: original_line(byte), problem }
    })?;
    let parsed = parsed.map_err(|error| {
        let byte = position(&error, &protected);
        Mistake { line: original_line(byte), problem: explain(&error) }
    })?;
    if let Some(warning) = parsed.warnings.first() {
        let at: Span = warning.span;
        let attribute = protected.get(at.start..at.end).unwrap_or_default().trim();
        let problem = format!("the element does not take this attribute: {attribute}");
        return Err(Mistake { line: original_line(at.start), problem });
    }
    // MJML would load Roboto, Open Sans and others from Google when a font list names them.
    let options = RenderOptions { fonts: HashMap::default(), ..RenderOptions::default() };
    let mut html = parsed
        .element
        .render(&options)
        .map_err(|_| Mistake { line: 1, problem: "MJML could not make HTML of it".to_owned() })?;
    // MJML passes elements that it does not know, so a misspelt one would be sent.
    if let Some((_, rest)) = html.split_once("<mj-") {
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let byte = protected.find(&format!("<mj-{name}")).unwrap_or_default();
        let problem = format!("mj-{name} is not an element of MJML, or not in this place");
        return Err(Mistake { line: original_line(byte), problem });
    }
    for (index, original) in originals.iter().enumerate() {
        html = html.replace(&placeholder(index), original.text);
    }
    Ok(html)
}

struct Original<'a> {
    text: &'a str,
    protected_at: usize,
}

fn placeholder(index: usize) -> String {
    format!("jinjax{index:04}x")
}

fn protect(source: &str) -> Result<(String, Vec<Original<'_>>), Mistake> {
    let mut protected = String::with_capacity(source.len());
    let mut originals = Vec::new();
    let mut from = 0;
    for (index, range) in expressions(source)?.into_iter().enumerate() {
        protected.push_str(&source[from..range.start]);
        originals.push(Original { text: &source[range.clone()], protected_at: protected.len() });
        protected.push_str(&placeholder(index));
        from = range.end;
    }
    protected.push_str(&source[from..]);
    Ok((protected, originals))
}

fn explain(error: &MrmlError) -> String {
    match error {
        MrmlError::UnexpectedElement { .. } => "an element that MJML does not have, or not in this place".to_owned(),
        MrmlError::UnexpectedToken { .. } => {
            "text or markup where MJML allows none (wrap it in mj-text or mj-raw)".to_owned()
        }
        MrmlError::MissingAttribute { name, .. } => format!("the attribute {name} is missing"),
        MrmlError::InvalidAttribute { .. } | MrmlError::InvalidFormat { .. } => {
            "a malformed attribute or element".to_owned()
        }
        MrmlError::EndOfStream { .. } => "an element is not closed".to_owned(),
        MrmlError::SizeLimit { .. } => "it is too large".to_owned(),
        MrmlError::ParserError { .. } => "it is not well-formed: look for an unclosed tag, quote or <".to_owned(),
        MrmlError::NoRootNode => "the element mjml is missing".to_owned(),
        MrmlError::IncludeLoaderError { .. } => "mj-include is not available".to_owned(),
    }
}

/// The byte that the parser complains about.
fn position(error: &MrmlError, protected: &str) -> usize {
    match error {
        MrmlError::UnexpectedElement { position, .. }
        | MrmlError::UnexpectedToken { position, .. }
        | MrmlError::MissingAttribute { position, .. }
        | MrmlError::InvalidAttribute { position, .. }
        | MrmlError::InvalidFormat { position, .. }
        | MrmlError::IncludeLoaderError { position, .. } => position.start,
        MrmlError::ParserError { source, .. } => {
            let row = usize::try_from(source.pos().row).unwrap_or(1);
            protected.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum()
        }
        MrmlError::EndOfStream { .. } | MrmlError::SizeLimit { .. } | MrmlError::NoRootNode => protected.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_reach_the_html_byte_for_byte() {
        let source = r##"<mj-text css-class="{{ a.b }}">{% if a < 3 and b > "x" %}{{ c|default("&<'") }}{% endif %}</mj-text>
            <mj-button href="{{ links.shop }}" background-color="{{ brand.accent_colour }}">Go</mj-button>"##;
        let html = compile(source, "").expect("valid MJML");
        for expression in [
            "{% if a < 3 and b > \"x\" %}{{ c|default(\"&<'\") }}{% endif %}",
            "href=\"{{ links.shop }}\"",
            "background:{{ brand.accent_colour }}",
            "class=\"{{ a.b }}\"",
        ] {
            assert!(html.contains(expression), "{expression} is missing in {html}");
        }
        assert!(!html.contains("jinjax"));
    }

    #[test]
    fn mistakes_are_reported_with_the_line_of_the_source() {
        for (line, source) in [
            (2, "<mj-text>a</mj-text>\n<mj-txt>b</mj-txt>"),
            (3, "<mj-text>a</mj-text>\n\n<mj-raw colour=\"red\">b</mj-raw>"),
            (4, "<mj-text>{{\na\n}}</mj-text>\n<mj-button <\n"),
            (2, "\n{% set x = 1 %}"),
        ] {
            assert_eq!(compile(source, "").map_err(|e| e.line), Err(line), "{source}");
        }
    }

    #[test]
    fn a_whole_document_stands_alone() {
        let html = compile(
            "<mjml><mj-body><mj-section><mj-column><mj-text>alone</mj-text></mj-column></mj-section></mj-body></mjml>",
            "",
        );
        assert!(html.is_ok_and(|html| html.contains("alone") && !html.contains("links.unsubscribe")));
    }
}
