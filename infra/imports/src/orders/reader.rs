//! The orders of a file, one after the other.

use super::draft::Draft;
use super::line::{BadLine, Line};
use super::order::Order;
use super::plan::Plan;
use super::sorter::{Content, Sorter, content};
use crate::file::{Row, Table};
use crate::history::RowError;
use std::collections::VecDeque;

/// Orders, in the order of their first rows. At most one order is in memory.
pub(crate) struct Orders {
    sorted: Option<Sorter>,
    page: VecDeque<Result<Row, BadLine>>,
    draft: Option<Draft>,
    /// Rows behind those of the draft that cannot be read. Whether they are of its order, the next row shows.
    held: Vec<Refusal>,
    waiting: VecDeque<Result<Order, Refusal>>,
    /// Why the rows on disk could not be read to their end.
    failure: Option<rusqlite::Error>,
}

/// Most rows that are held.
const MAX_HELD: usize = 1_000;

/// An order that cannot be taken, or a row of which the order is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The line on which it begins.
    pub(crate) line: u64,
    /// How many rows it has.
    pub(crate) rows: u64,
    pub(crate) error: RowError,
}

impl Orders {
    /// Reads the orders of a table. Rows that do not stand together are first put together on disk.
    ///
    /// # Errors
    /// There is no room for the temporary file.
    pub(crate) fn new(table: &mut Table, plan: &Plan) -> rusqlite::Result<Self> {
        let sorted = if plan.is_scattered { Some(sorted(table, plan)?) } else { None };
        Ok(Self {
            sorted,
            page: VecDeque::new(),
            draft: None,
            held: Vec::new(),
            waiting: VecDeque::new(),
            failure: None,
        })
    }

    /// Takes the error that ended the orders before the end of the file, if there was one.
    pub(crate) fn failure(&mut self) -> Option<rusqlite::Error> {
        self.failure.take()
    }

    /// The next order.
    pub(crate) fn next(&mut self, table: &mut Table, plan: &Plan) -> Option<Result<Order, Refusal>> {
        loop {
            if let Some(order) = self.waiting.pop_front() {
                return Some(order);
            }
            let Some(row) = self.next_line(table, plan) else {
                self.flush(plan);
                return self.waiting.pop_front();
            };
            match row {
                Ok(line) => {
                    self.spoil_if_held(&line.key);
                    match &mut self.draft {
                        Some(draft) if draft.has_key(&line.key) => draft.add(line, plan.amounts),
                        _ => self.begin(Draft::new(line, plan.amounts), plan),
                    }
                }
                Err(BadLine { key: Some(key), error }) => {
                    self.spoil_if_held(&key);
                    match &mut self.draft {
                        Some(draft) if draft.has_key(&key) => draft.spoil(error),
                        _ => {
                            let mut draft = Draft::of_key(key, error.line);
                            draft.spoil(error);
                            self.begin(draft, plan);
                        }
                    }
                }
                Err(BadLine { key: None, error }) => {
                    let refused = Refusal { line: error.line, rows: 1, error };
                    if self.draft.is_none() {
                        return Some(Err(refused));
                    }
                    self.held.push(refused);
                    if self.held.len() >= MAX_HELD {
                        self.flush(plan);
                    }
                }
            }
        }
    }

    /// An order with a row among its own that cannot be read may lack a line.
    fn spoil_if_held(&mut self, key: &str) {
        if let (Some(draft), Some(held)) = (&mut self.draft, self.held.first())
            && draft.has_key(key)
        {
            draft.lacks(held.error.clone());
        }
    }

    fn begin(&mut self, draft: Draft, plan: &Plan) {
        self.flush(plan);
        self.draft = Some(draft);
    }

    /// Finishes the draft, and what was held behind it.
    fn flush(&mut self, plan: &Plan) {
        if let Some(draft) = self.draft.take() {
            let line = draft.line();
            self.waiting.push_back(draft.finish(plan.amounts).map_err(|(rows, error)| Refusal { line, rows, error }));
        }
        self.waiting.extend(self.held.drain(..).map(Err));
    }

    fn next_line(&mut self, table: &mut Table, plan: &Plan) -> Option<Result<Line, BadLine>> {
        let Some(sorted) = &mut self.sorted else {
            return Some(match table.next()? {
                Ok(row) => Line::parse(&row, plan),
                Err(error) => Err(BadLine { key: None, error }),
            });
        };
        if self.page.is_empty() {
            match sorted.next_page() {
                Ok(page) => self.page = page.into(),
                Err(error) => self.failure = Some(error),
            }
        }
        Some(self.page.pop_front()?.and_then(|row| Line::parse(&row, plan)))
    }
}

fn sorted(table: &mut Table, plan: &Plan) -> rusqlite::Result<Sorter> {
    let sorter = Sorter::new()?;
    for row in table {
        match row {
            Ok(row) => {
                let read = Line::parse(&row, plan);
                let (key, content) = content(&row, &read);
                sorter.add(row.line, key, &content)?;
            }
            Err(error) => sorter.add(error.line, None, &Content::Error(&error))?,
        }
    }
    Ok(sorter)
}
