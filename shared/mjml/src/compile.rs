//! From MJML to HTML.

use crate::language::check_language;
use crate::markup::{Excess, check_markup};
use crate::mistake::Mistake;
use crate::placeholders::Protected;
use mrml::prelude::parser::{Error as MrmlError, Span};
use mrml::prelude::render::RenderOptions;
use std::collections::HashMap;

/// The frame around every mail: header, card, footer. A template that is not a whole MJML document is
/// put into it.
const LAYOUT: &str = include_str!("../layout.mjml");
const BODY_SLOT: &str = "<!-- body -->";
const FOOTER_SLOT: &str = "<!-- footer -->";

/// Most bytes of a compiled mail.
const MAX_COMPILED_BYTES: usize = 1_000_000;
/// Most bytes of a source.
const MAX_SOURCE_BYTES: usize = 100_000;

/// Compiles a template. A source that begins with `<mjml` stands alone; anything else is the content of
/// the layout's card, and `footer` goes below it.
///
/// # Errors
/// The first mistake, with its line in the source.
pub fn compile(source: &str, footer: &str) -> Result<String, Mistake> {
    if source.len() > MAX_SOURCE_BYTES {
        let problem = format!("it has {} bytes; at most {MAX_SOURCE_BYTES} are allowed", source.len());
        return Err(Mistake { line: 1, problem });
    }
    if source.trim_start().starts_with("<mjml") {
        return compile_document(source);
    }
    // Alone first, so that a mistake is reported with the line of the source, not of the layout.
    let before = "<mjml><mj-body><mj-section><mj-column>\n";
    let alone = format!("{before}{source}\n</mj-column></mj-section></mj-body></mjml>");
    compile_document(&alone).map_err(|e| Mistake { line: e.line.saturating_sub(1).max(1), ..e })?;
    compile_document(&in_layout(source, footer))
}

/// The layout with a body and a footer. A slot that stands in one of them stays what it is, a comment.
fn in_layout(body: &str, footer: &str) -> String {
    let (before, rest) = LAYOUT.split_once(BODY_SLOT).unwrap_or((LAYOUT, ""));
    let (between, after) = rest.split_once(FOOTER_SLOT).unwrap_or((rest, ""));
    [before, body, between, footer, after].concat()
}

fn compile_document(source: &str) -> Result<String, Mistake> {
    check_language(source)?;
    let protected = Protected::new(source)?;
    // The parser panics at a `>` in the text that follows a letter of several bytes (htmlparser 0.2): "Скидка > 10 %".
    let parsed = std::panic::catch_unwind(|| {
        check_markup(&protected.text)?;
        Ok(mrml::parse(&protected.text))
    });
    let parsed = parsed.map_err(|_| {
        let text = &protected.text;
        let stumbles = |&(byte, _): &(usize, &str)| byte >= 2 && !text.is_char_boundary(byte - 2);
        let byte = text.match_indices('>').find(stumbles).map_or(0, |(byte, _)| byte);
        let problem = "MJML cannot read it: write > in the text as &gt;".to_owned();
        Mistake { line: protected.line(byte), problem }
    })?;
    let parsed = parsed.map_err(|Excess { at, problem }| Mistake { line: protected.line(at), problem })?;
    let parsed = parsed.map_err(|error| {
        let byte = position(&error, &protected.text);
        Mistake { line: protected.line(byte), problem: explain(&error) }
    })?;
    if let Some(warning) = parsed.warnings.first() {
        let at: Span = warning.span;
        let attribute = protected.text.get(at.start..at.end).unwrap_or_default().trim();
        let problem = format!("the element does not take this attribute: {attribute}");
        return Err(Mistake { line: protected.line(at.start), problem });
    }
    // MJML would load Roboto, Open Sans and others from Google when a font list names them.
    let options = RenderOptions { fonts: HashMap::default(), ..RenderOptions::default() };
    let html = parsed
        .element
        .render(&options)
        .map_err(|_| Mistake { line: 1, problem: "MJML could not make HTML of it".to_owned() })?;
    // MJML passes elements that it does not know, so a misspelt one would be sent.
    if let Some((_, rest)) = html.split_once("<mj-") {
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let byte = protected.text.find(&format!("<mj-{name}")).unwrap_or_default();
        let problem = format!("mj-{name} is not an element of MJML, or not in this place");
        return Err(Mistake { line: protected.line(byte), problem });
    }
    let problem = format!("compiled, it has more than {MAX_COMPILED_BYTES} bytes");
    protected.restore(&html, MAX_COMPILED_BYTES).ok_or(Mistake { line: 1, problem })
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
        assert!(!html.contains("jinja"));
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

    fn refusal(source: &str) -> String {
        compile(source, "").expect_err("refused").problem
    }

    #[test]
    fn what_a_recursive_parser_could_not_bear_is_refused_before_it_is_parsed() {
        for element in ["<div>", "<p><b>", "<mj-raw>", "<table><tr><td>", "<br x=\"<\"><i>"] {
            let deep = format!("<mj-text>{}</mj-text>", element.repeat(5_000));
            assert!(refusal(&deep).contains("deep"), "{element}: {}", refusal(&deep));
        }
        let comments = format!("<mj-text>{}", "<!-- x --><div><!-- </div> -->".repeat(2_000));
        assert!(refusal(&comments).contains("deep"), "{}", refusal(&comments));
        let flat = "<mj-text><br></mj-text>".repeat(1_500);
        assert_eq!(refusal(&flat), "there are more than 2000 elements");
        let attributes = format!("<mj-text><p {}>x</p></mj-text>", "a ".repeat(15_000));
        assert_eq!(refusal(&attributes), "there are more than 10000 attributes");
        let long = format!("<mj-text><p title=\"{}\">x</p></mj-text>", "x".repeat(5_000));
        assert_eq!(refusal(&long), "an attribute has more than 4000 bytes");
        assert_eq!(refusal("<mj-text><![CDATA[x]]></mj-text>"), "a declaration or CDATA is not part of MJML");
        assert!(refusal(&"x".repeat(100_001)).contains("100001 bytes"));
    }

    #[test]
    fn the_deepest_document_is_compiled_on_the_stack_of_a_worker() {
        let inner = 48 - 6;
        let text = format!("{}x{}", "<div>".repeat(inner), "</div>".repeat(inner));
        let compiled = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
            assert!(compile(&format!("<mj-text>{text}</mj-text>"), "").is_ok());
            assert!(compile(&format!("<mj-text><div><div>{text}</div></div></mj-text>"), "").is_err());
        });
        assert!(compiled.expect("a thread").join().is_ok());
    }

    #[test]
    fn what_many_elements_take_over_is_bounded() {
        let texts = "<mj-text>x</mj-text>".repeat(1_000);
        let mail = |attributes: &str| {
            format!(
                "<mjml><mj-head><mj-attributes>{attributes}</mj-attributes></mj-head><mj-body><mj-section><mj-column>\
                 {texts}</mj-column></mj-section></mj-body></mjml>"
            )
        };
        let family = format!("<mj-all font-family=\"{}\" />", "x".repeat(3_000));
        assert!(refusal(&mail(&family.repeat(4))).contains("take over"));
        // One would do, but what comes out of it is too large.
        assert!(refusal(&mail(&family)).contains("more than 1000000 bytes"), "{}", refusal(&mail(&family)));
        let grows = format!("<mj-all font-family=\"{{{{ '{}' }}}}\" />", "x".repeat(450));
        assert!(compile(&mail(&grows), "").is_ok_and(|html| html.len() < 1_000_000));
        let images = format!("<mj-carousel>{}</mj-carousel>", "<mj-carousel-image src=\"x\" />".repeat(21));
        assert_eq!(refusal(&images), "there are more than 20 images in carousels");
    }

    #[test]
    fn slots_of_the_layout_that_stand_in_a_source_are_comments() {
        let source = "<mj-text>a</mj-text><!-- footer --><!-- body --><!-- footer -->";
        let html = compile(source, "<mj-text>THE-FOOTER</mj-text>").expect("valid MJML");
        assert_eq!(html.matches("THE-FOOTER").count(), 1);
        assert_eq!(html.matches(">a<").count(), 1);
    }
}
