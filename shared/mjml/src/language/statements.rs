//! How the statements of a template belong together.

use super::brackets::Construct;
use super::expression::{check_expression, check_loop};

/// How deep statements may be nested. Each `elif` counts, because the engine nests it in the `if` before it.
const MAX_DEPTH: usize = 24;
/// How deep loops may be nested.
const MAX_LOOP_DEPTH: usize = 2;
/// The statements that templates may have: nothing that includes, defines or stores.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// The statements that are open at some place of a template.
#[derive(Default)]
pub(super) struct Statements {
    open: Vec<Open>,
    depth: usize,
}

struct Open {
    is_loop: bool,
    /// 1, and 1 for each `elif`.
    levels: usize,
    has_else: bool,
    /// Where it begins.
    start: usize,
}

impl Statements {
    /// Takes the next statement of a template.
    pub(super) fn take(&mut self, construct: &Construct, inside: &str) -> Result<(), String> {
        let length = inside.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (word, rest) = inside.split_at(length);
        match word {
            "if" => {
                check_expression(rest, false)?;
                self.open(construct.range.start, false)
            }
            "for" => {
                check_loop(rest)?;
                self.open(construct.range.start, true)
            }
            "elif" => {
                check_expression(rest, false)?;
                let open = self.open.last_mut().filter(|open| !open.is_loop && !open.has_else);
                let open = open.ok_or("\"elif\" stands outside of an \"if\", or after its \"else\"")?;
                open.levels += 1;
                self.deepen()
            }
            "else" => {
                check_nothing(word, rest)?;
                let open = self.open.last_mut().filter(|open| !open.has_else);
                let open = open.ok_or("\"else\" stands outside of an \"if\", or twice in it")?;
                open.has_else = true;
                Ok(())
            }
            "endif" | "endfor" => {
                check_nothing(word, rest)?;
                let closed = self.open.pop_if(|open| open.is_loop == (word == "endfor"));
                let closed = closed.ok_or_else(|| format!("{word:?} closes nothing that is open there"))?;
                self.depth -= closed.levels;
                Ok(())
            }
            other => Err(format!("the statement {other:?} is not part of templates; use {}", STATEMENTS.join(", "))),
        }
    }

    /// Checks that nothing is open at the end of a template; otherwise returns where it begins.
    pub(super) fn end(&self) -> Result<(), (usize, String)> {
        match self.open.last() {
            None => Ok(()),
            Some(Open { is_loop: true, start, .. }) => Err((*start, "this \"for\" has no \"endfor\"".to_owned())),
            Some(Open { start, .. }) => Err((*start, "this \"if\" has no \"endif\"".to_owned())),
        }
    }

    fn open(&mut self, start: usize, is_loop: bool) -> Result<(), String> {
        if is_loop && self.open.iter().filter(|open| open.is_loop).count() == MAX_LOOP_DEPTH {
            return Err(format!("loops are nested more than {MAX_LOOP_DEPTH} deep"));
        }
        self.open.push(Open { is_loop, levels: 1, has_else: false, start });
        self.deepen()
    }

    fn deepen(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("statements are nested more than {MAX_DEPTH} deep; each \"elif\" counts"));
        }
        Ok(())
    }
}

fn check_nothing(word: &str, rest: &str) -> Result<(), String> {
    if rest.trim_ascii().is_empty() { Ok(()) } else { Err(format!("nothing may follow {word:?}")) }
}
