//! What MJML may consist of. It is read word by word, without recursion, before it is parsed: the parser works by recursion, and a
//! stack that overflows ends the process.

use htmlparser::{ElementEnd, Token, Tokenizer};

/// How deep elements may be nested.
const MAX_DEPTH: usize = 48;
/// Most elements.
const MAX_ELEMENTS: usize = 2_000;
/// Most attributes of all elements together.
const MAX_ATTRIBUTES: usize = 10_000;
/// Most bytes of an attribute's value.
const MAX_ATTRIBUTE_BYTES: usize = 4_000;
/// Most images of carousels: the style of a carousel grows with the square of their number.
const MAX_CAROUSEL_IMAGES: usize = 20;
/// Most bytes that elements take over from others: the values that are handed down, times the elements that may take them over.
const MAX_HANDED_DOWN_BYTES: usize = 4_000_000;

/// Elements without an end, as the parser knows them.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements whose attributes others take over.
const HANDING_DOWN: [&str; 6] =
    ["mj-attributes", "mj-accordion", "mj-accordion-element", "mj-carousel", "mj-navbar", "mj-social"];

/// What is wrong with a document, and at which byte.
pub(crate) struct Excess {
    pub(crate) at: usize,
    pub(crate) problem: String,
}

/// Checks that a document is small enough to be parsed. What is not well-formed is left to the parser, which says more about it.
///
/// # Errors
/// It is nested too deep, has too many elements or attributes, or would become too large.
pub(crate) fn check_markup(source: &str) -> Result<(), Excess> {
    let mut counts = Counts::default();
    for token in Tokenizer::from(source) {
        let Ok(token) = token else { break };
        counts.take(&token)?;
    }
    Ok(())
}

#[derive(Default)]
struct Counts<'s> {
    /// The elements that are open; the last one also while its attributes are read.
    open: Vec<&'s str>,
    elements: usize,
    attributes: usize,
    carousel_images: usize,
    handed_down: usize,
}

impl<'s> Counts<'s> {
    fn take(&mut self, token: &Token<'s>) -> Result<(), Excess> {
        match token {
            Token::ElementStart { local, span, .. } => {
                self.elements += 1;
                self.carousel_images += usize::from(local.as_str() == "mj-carousel-image");
                self.open.push(local.as_str());
                let at = span.start();
                at_most(at, self.open.len(), MAX_DEPTH, "elements are nested more than", "deep")?;
                at_most(at, self.elements, MAX_ELEMENTS, "there are more than", "elements")?;
                at_most(at, self.carousel_images, MAX_CAROUSEL_IMAGES, "there are more than", "images in carousels")?;
                self.check_handed_down(at)
            }
            Token::Attribute { value, span, .. } => {
                self.attributes += 1;
                let bytes = value.map_or(0, |value| value.as_str().len());
                if self.open.iter().any(|name| HANDING_DOWN.contains(name)) {
                    self.handed_down += span.as_str().len();
                }
                let at = span.start();
                at_most(at, self.attributes, MAX_ATTRIBUTES, "there are more than", "attributes")?;
                at_most(at, bytes, MAX_ATTRIBUTE_BYTES, "an attribute has more than", "bytes")?;
                self.check_handed_down(at)
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => {
                self.open.pop_if(|name| VOID.contains(name));
                Ok(())
            }
            Token::ElementEnd { .. } => {
                self.open.pop();
                Ok(())
            }
            Token::Text { .. }
            | Token::Comment { .. }
            | Token::ConditionalCommentStart { .. }
            | Token::ConditionalCommentEnd { .. } => Ok(()),
            Token::Cdata { span, .. }
            | Token::Declaration { span, .. }
            | Token::ProcessingInstruction { span, .. }
            | Token::DtdStart { span, .. }
            | Token::EmptyDtd { span, .. }
            | Token::EntityDeclaration { span, .. }
            | Token::DtdEnd { span } => {
                Err(Excess { at: span.start(), problem: "a declaration or CDATA is not part of MJML".to_owned() })
            }
        }
    }

    fn check_handed_down(&self, at: usize) -> Result<(), Excess> {
        if self.handed_down.saturating_mul(self.elements) <= MAX_HANDED_DOWN_BYTES {
            return Ok(());
        }
        let problem = "so many elements take over such long attributes that the mail would become too large".to_owned();
        Err(Excess { at, problem })
    }
}

fn at_most(at: usize, found: usize, limit: usize, before: &str, after: &str) -> Result<(), Excess> {
    if found <= limit { Ok(()) } else { Err(Excess { at, problem: format!("{before} {limit} {after}") }) }
}
