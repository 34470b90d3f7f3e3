//! The engine of expressions, within bounds.

use super::filters;
use super::values::MAX_TEXT_LEN;
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value, tests};

/// Longest expression, in bytes.
pub const MAX_EXPRESSION_LEN: usize = 1_000;
/// Steps of one expression. An expression has no loops, so it has fewer than it has letters.
const FUEL: u64 = 2 * MAX_EXPRESSION_LEN as u64;

/// Deepest nesting of brackets and chain of operators before one value.
const MAX_NESTING: usize = 30;

/// The engine of expressions.
#[derive(Debug)]
pub(super) struct Evaluator(Environment<'static>);

impl Default for Evaluator {
    fn default() -> Self {
        let mut env = Environment::empty();
        env.set_undefined_behavior(UndefinedBehavior::Chainable);
        env.set_fuel(Some(FUEL));
        env.set_debug(false);
        filters::add_to(&mut env);
        env.add_test("defined", tests::is_defined);
        env.add_test("undefined", tests::is_undefined);
        env.add_test("none", tests::is_none);
        Self(env)
    }
}

/// An expression that can be evaluated, and what that costs at worst.
#[derive(Debug)]
pub(super) struct Compiled<'e> {
    expression: Expression<'e, 'e>,
    cost: Cost,
}

/// How often an expression can go through a value at worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    /// Operators and filters that go through a list or compare two.
    whole: u64,
    /// Filters of one text.
    text: u64,
}

impl Evaluator {
    /// Says what is wrong with an expression, as the predicate of a sentence.
    pub(super) fn check(&self, source: &str) -> Result<(), String> {
        self.compile(source).map(|_| ())
    }

    pub(super) fn compile<'e>(&'e self, source: &'e str) -> Result<Compiled<'e>, String> {
        let cost = weigh(source)?;
        let expression = self.0.compile_expression(source).map_err(|error| reason(&error))?;
        Ok(Compiled { expression, cost })
    }
}

impl Compiled<'_> {
    /// What one evaluation costs at worst with a body of this length in bytes.
    pub(super) fn cost(&self, body_len: usize) -> u64 {
        /// Bytes that are gone through at the price of one.
        const UNIT: u64 = 16;
        /// What a filter does with the longest text, which no operator between two values does as quickly.
        const TEXT: u64 = MAX_TEXT_LEN as u64 / 256;
        let whole = body_len as u64 / UNIT + 1;
        let text = whole.min(TEXT);
        1 + self.cost.whole * whole + self.cost.text * text
    }

    pub(super) fn eval(&self, context: Value) -> Result<Value, String> {
        self.expression.eval(context).map_err(|error| reason(&error))
    }
}

/// Looks through an expression for what may cost more than a step, and refuses what may cost without bound: operators that repeat
/// or join texts. What stands in quotes is none of it.
fn weigh(source: &str) -> Result<Cost, String> {
    if source.len() > MAX_EXPRESSION_LEN {
        return Err(format!("is longer than {MAX_EXPRESSION_LEN} bytes"));
    }
    let mut cost = Cost::default();
    let mut nesting: usize = 0;
    let mut prefixes: usize = 0;
    let mut letters = source.char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        if matches!(letter, '-' | '+') || begins_with_word(source, place, "not") {
            prefixes += 1;
        }
        match letter {
            '\'' | '"' => {
                // To the end of the text.
                while let Some((_, inside)) = letters.next() {
                    if inside == '\\' {
                        letters.next();
                    } else if inside == letter {
                        break;
                    }
                }
            }
            '~' => return Err("has ~; join texts with +".to_owned()),
            '*' | '%' => return Err(format!("has {letter}; amounts are calculated with filters")),
            '{' | '}' | '#' => return Err(format!("has {letter}; it is an expression, not a template")),
            '(' | '[' => nesting += 1,
            ')' | ']' => nesting = nesting.saturating_sub(1),
            '=' | '!' | '<' | '>' | '+' => cost.whole += 1,
            '|' => {
                let rest = source[place + 1..].trim_start();
                let name = rest
                    .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                    .next()
                    .unwrap_or_default();
                if !filters::FILTERS.iter().any(|(known, _)| *known == name) {
                    return Err(format!("uses a filter that is none: {}", name.chars().take(40).collect::<String>()));
                }
                if filters::goes_through_lists(name) { cost.whole += 1 } else { cost.text += 1 }
            }
            'i' if begins_with_word(source, place, "in") => cost.whole += 1,
            _ => {}
        }
        if nesting > MAX_NESTING || prefixes > 2 * MAX_NESTING {
            return Err("is nested too deep".to_owned());
        }
    }
    Ok(cost)
}

/// Whether this word, and not a longer one, stands at a place.
fn begins_with_word(source: &str, place: usize, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    source[place..]
        .strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(is_part) && !source[..place].ends_with(is_part))
}

fn reason(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "does too much work".to_owned(),
        (ErrorKind::UnknownFilter, detail) => format!("uses a filter that is none: {}", detail.unwrap_or_default()),
        (ErrorKind::SyntaxError, detail) => format!("is no expression: {}", detail.unwrap_or("it cannot be read")),
        (ErrorKind::InvalidOperation, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("fails: {kind}: {detail}"),
        (kind, None) => format!("fails: {kind}"),
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn what_could_grow_without_bound_is_refused() {
        let evaluator = Evaluator::default();
        for (source, reason) in [
            ("'x' * 100000000", "has *"),
            ("body ~ body", "has ~"),
            ("'%99999999d' % 1", "has %"),
            ("{{ body }}", "has {"),
            ("body.a|nothing", "a filter"),
            ("body.(", "no expression"),
            ("", "no expression"),
        ] {
            let refused = evaluator.check(source).err();
            assert!(refused.as_deref().is_some_and(|refused| refused.contains(reason)), "{source}: {refused:?}");
        }
        assert!(evaluator.check(&format!("{}1", "-".repeat(900))).is_err());
        assert!(evaluator.check(&format!("{}1{}", "(".repeat(400), ")".repeat(400))).is_err());
        assert!(evaluator.check(&"not ".repeat(200)).is_err());
        assert!(evaluator.check(&"a".repeat(1_001)).is_err());
        assert_eq!(weigh("'* ~ % {' if a == 'it\\'s *' else b|lower").map(|cost| cost.text), Ok(1), "in quotes");
    }
}
