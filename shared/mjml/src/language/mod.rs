//! The template language: an allow-list that every source passes before the template engine or MJML sees it.
//!
//! - [`brackets`]: where a source uses the language; [`tokens`]: the words of an expression;
//! - [`expression`]: what an expression may consist of; [`statements`]: how `if` and `for` belong together.
//!
//! What a template costs is bounded by its length: no expression makes a value that is longer than a constant times what it is made
//! from, nothing is stored, loops go through known lists and are nested at most two deep, and every nesting is so shallow that
//! whatever works on it by recursion has a small stack.

pub(crate) mod brackets;
mod expression;
mod statements;
mod tokens;

#[cfg(test)]
mod tests;

use crate::mistake::{Mistake, line_of};
use brackets::{Kind, constructs};
pub use expression::{FILTERS, LISTS};
use statements::Statements;

/// Checks that a source uses nothing but the template language.
///
/// # Errors
/// The first mistake, with its line.
pub fn check_language(source: &str) -> Result<(), Mistake> {
    let mut statements = Statements::default();
    for construct in constructs(source)? {
        let inside = construct.inside(source);
        let checked = match construct.kind {
            Kind::Expression => expression::check_expression(inside, true),
            Kind::Statement => statements.take(&construct, inside),
            Kind::Comment => Ok(()),
        };
        checked.map_err(|problem| {
            let written: String = source[construct.range.clone()].chars().take(60).collect();
            Mistake { line: line_of(source, construct.range.start), problem: format!("{written}: {problem}") }
        })?;
    }
    statements.end().map_err(|(start, problem)| Mistake { line: line_of(source, start), problem })
}
