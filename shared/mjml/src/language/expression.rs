//! What an expression may consist of. Whatever this grammar takes means the same to the template engine.
//!
//! ```text
//! expression = or ["if" or ["else" expression]]
//! or         = and {"or" and}
//! and        = not {"and" not}
//! not        = "not" not | comparison
//! comparison = filtered [("==" | "!=" | "<" | "<=" | ">" | ">=") filtered]
//! filtered   = primary {"|" filter ["(" literal {"," literal} ")"]} ["is" ["not"] ("defined" | "none")]
//! primary    = literal | path | "(" expression ")"
//! path       = name {"." name | "[" (number | name {"." name}) "]"}
//! literal    = text | ["-"] number | "true" | "false" | "none"
//! ```

use super::tokens::{Token, tokens};

/// Most operators (comparisons, `and`, `or`, `not`, `if`, filters, tests, dots, brackets) in one expression.
const MAX_OPERATORS: usize = 24;
/// How deep parentheses may be nested.
const MAX_PARENTHESES: usize = 4;
/// Most values in the list of a loop.
const MAX_LIST_VALUES: usize = 32;
/// The lists that a loop may go through, beside one that is written out.
pub const LISTS: [&str; 1] = ["links.nps"];
/// The filters.
pub const FILTERS: [&str; 6] = ["upper", "lower", "capitalize", "trim", "length", "default"];

const COMPARISONS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];
const LITERALS: [&str; 6] = ["true", "True", "false", "False", "none", "None"];
/// Words that are no names.
const KEYWORDS: [&str; 11] = ["and", "or", "not", "if", "elif", "else", "in", "is", "for", "recursive", "self"];

/// Checks an expression whose value is put in or decides.
pub(super) fn check_expression(source: &str, with_if: bool) -> Result<(), String> {
    let mut parser = Parser::new(source)?;
    if with_if {
        parser.expression()?;
    } else {
        parser.or()?;
    }
    parser.end()
}

/// Checks what follows `for`: a name and one of the lists, or literals in brackets.
pub(super) fn check_loop(source: &str) -> Result<(), String> {
    let mut parser = Parser::new(source)?;
    match parser.next() {
        Some(Token::Name(name)) if is_name(name) && name != "loop" => {}
        _ => return Err("a loop is written: for NAME in LIST".to_owned()),
    }
    if !parser.skip_word("in") {
        return Err("a loop is written: for NAME in LIST".to_owned());
    }
    if parser.skip("[") {
        for count in 0.. {
            if parser.skip("]") {
                break;
            }
            if count == MAX_LIST_VALUES {
                return Err(format!("a list may have at most {MAX_LIST_VALUES} values"));
            }
            if count > 0 {
                parser.expect(",")?;
            }
            parser.literal()?;
        }
    } else {
        let path: String = std::iter::from_fn(|| match parser.next() {
            Some(Token::Name(name)) => Some(name),
            Some(Token::Symbol(".")) => Some("."),
            Some(_) => Some("?"),
            None => None,
        })
        .collect();
        if !LISTS.contains(&path.as_str()) {
            let lists = LISTS.join(", ");
            return Err(format!("a loop goes through {lists}, or through values in brackets, and nothing else"));
        }
    }
    parser.end()
}

fn is_name(name: &str) -> bool {
    !KEYWORDS.contains(&name) && !LITERALS.contains(&name)
}

struct Parser<'s> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token<'s>>>,
    operators: usize,
    parentheses: usize,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Result<Self, String> {
        Ok(Self { tokens: tokens(source)?.into_iter().peekable(), operators: 0, parentheses: 0 })
    }

    fn next(&mut self) -> Option<Token<'s>> {
        self.tokens.next()
    }

    fn skip(&mut self, symbol: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Symbol(found) if *found == symbol)).is_some()
    }

    fn skip_word(&mut self, word: &'s str) -> bool {
        self.tokens.next_if_eq(&Token::Name(word)).is_some()
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), String> {
        if self.skip(symbol) {
            return Ok(());
        }
        Err(match self.next() {
            Some(found) => format!("{symbol:?} should stand where {found} stands"),
            None => format!("{symbol:?} is missing at its end"),
        })
    }

    fn end(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            Some(token) => Err(format!("{token} may not stand there")),
        }
    }

    fn count(&mut self) -> Result<(), String> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(format!("it has more than {MAX_OPERATORS} operators"));
        }
        Ok(())
    }

    fn expression(&mut self) -> Result<(), String> {
        loop {
            self.or()?;
            if !self.skip_word("if") {
                return Ok(());
            }
            self.count()?;
            self.or()?;
            if !self.skip_word("else") {
                return Ok(());
            }
        }
    }

    fn or(&mut self) -> Result<(), String> {
        loop {
            self.and()?;
            if !self.skip_word("or") {
                return Ok(());
            }
            self.count()?;
        }
    }

    fn and(&mut self) -> Result<(), String> {
        loop {
            while self.skip_word("not") {
                self.count()?;
            }
            self.comparison()?;
            if !self.skip_word("and") {
                return Ok(());
            }
            self.count()?;
        }
    }

    fn comparison(&mut self) -> Result<(), String> {
        self.filtered()?;
        if self.tokens.next_if(|token| matches!(token, Token::Symbol(s) if COMPARISONS.contains(s))).is_some() {
            self.count()?;
            self.filtered()?;
        }
        Ok(())
    }

    fn filtered(&mut self) -> Result<(), String> {
        self.primary()?;
        while self.skip("|") {
            self.count()?;
            match self.next() {
                Some(Token::Name(name)) if FILTERS.contains(&name) => {}
                Some(Token::Name(name)) => {
                    return Err(format!("the filter {name:?} is not part of templates; use {}", FILTERS.join(", ")));
                }
                _ => return Err("the name of a filter is missing after \"|\"".to_owned()),
            }
            if self.skip("(") {
                self.count()?;
                self.literal()?;
                while self.skip(",") {
                    self.count()?;
                    self.literal()?;
                }
                self.expect(")")?;
            }
        }
        if self.skip_word("is") {
            self.count()?;
            self.skip_word("not");
            match self.next() {
                Some(Token::Name("defined" | "none")) => {}
                _ => return Err("after \"is\" only \"defined\" or \"none\" may stand".to_owned()),
            }
            // The engine would take the "if" for a value that is tested.
            if self.tokens.peek() == Some(&Token::Name("if")) {
                return Err("put the test before \"if\" in parentheses".to_owned());
            }
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<(), String> {
        if self.skip("(") {
            self.parentheses += 1;
            if self.parentheses > MAX_PARENTHESES {
                return Err(format!("its parentheses are nested more than {MAX_PARENTHESES} deep"));
            }
            self.expression()?;
            self.expect(")")?;
            self.parentheses -= 1;
            return Ok(());
        }
        match self.tokens.peek() {
            Some(Token::Name(name)) if is_name(name) => self.path(),
            _ => self.literal(),
        }
    }

    fn path(&mut self) -> Result<(), String> {
        self.next();
        loop {
            if self.skip(".") {
                self.count()?;
                self.attribute()?;
            } else if self.skip("[") {
                self.count()?;
                self.index()?;
                self.expect("]")?;
            } else {
                return Ok(());
            }
        }
    }

    fn attribute(&mut self) -> Result<(), String> {
        match self.next() {
            Some(Token::Name(_)) => Ok(()),
            _ => Err("a name is missing after \".\"".to_owned()),
        }
    }

    fn index(&mut self) -> Result<(), String> {
        match self.next() {
            Some(Token::Number) => return Ok(()),
            Some(Token::Name(name)) if is_name(name) => {}
            _ => return Err("in brackets only a number or a name may stand".to_owned()),
        }
        while self.skip(".") {
            self.count()?;
            self.attribute()?;
        }
        Ok(())
    }

    fn literal(&mut self) -> Result<(), String> {
        let negative = self.skip("-");
        match self.next() {
            Some(Token::Number) => Ok(()),
            Some(Token::Text) if !negative => Ok(()),
            Some(Token::Name(name)) if !negative && LITERALS.contains(&name) => Ok(()),
            Some(token) => Err(format!("a value is missing where {token} stands")),
            None => Err("a value is missing at its end".to_owned()),
        }
    }
}
