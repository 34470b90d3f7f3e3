//! The facts of a file by customer, on disk: memory does not grow with the history, but for the ids that share an address.

use crate::identifiers::{guest, identifiers};
use jiff::Timestamp;
use rekindle_inbound::{Parsed, Received, Rejection, Whose};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::CustomerId;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeMap;

/// The facts of a shop's customers. The database is a temporary file that vanishes with its connection.
pub struct History {
    connection: Connection,
    received: Received<'static>,
}

/// Why a history cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The event would be refused by the engine, too.
    #[error("{} {}", .0.field, .0.reason)]
    Refused(Rejection),
    /// There is no room for the temporary file, or it cannot be read.
    #[error("the history cannot be kept in a temporary file")]
    Disk(#[from] rusqlite::Error),
    /// What was kept cannot be read.
    #[error("the history's temporary file is damaged")]
    Damaged,
}

/// The facts of customers who have an address in common, each customer's in the order of time. Most have one customer.
pub(crate) type Facts = BTreeMap<CustomerId, Vec<Fact>>;

impl History {
    /// No facts yet. `received` says how events are read: with which currency, country, zone and names.
    ///
    /// # Errors
    /// There is no room for the temporary file.
    pub fn new(received: Received<'static>) -> Result<Self, HistoryError> {
        // An empty name makes a temporary database on disk.
        let connection = Connection::open("")?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; BEGIN;
             CREATE TABLE facts (customer TEXT, at INTEGER, body TEXT);
             CREATE TABLE addresses (digest TEXT, customer TEXT, PRIMARY KEY (digest, customer)) WITHOUT ROWID;
             CREATE TABLE households (customer TEXT PRIMARY KEY, household TEXT) WITHOUT ROWID;",
        )?;
        Ok(Self { connection, received })
    }

    /// Takes in an event as a shop posts it. The same event again changes nothing.
    ///
    /// # Errors
    /// The event would be refused by the engine, too, or there is no room for it.
    pub fn add(&mut self, event: &Value) -> Result<(), HistoryError> {
        let parsed = rekindle_inbound::parse(event, None, &self.received).map_err(HistoryError::Refused)?;
        let Parsed { whose, fact, of_others, .. } = parsed;
        let customer = match whose {
            Whose::Id(id) => id,
            Whose::Guest(address) => guest(&address).map_err(|_| HistoryError::Damaged)?,
        };
        for (customer, fact) in std::iter::once((customer, fact)).chain(of_others) {
            let mut insert = self.connection.prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3)")?;
            insert.execute(params![customer.as_str(), fact.at.as_millisecond(), fact.to_json()])?;
            let mut note = self.connection.prepare_cached("INSERT OR IGNORE INTO addresses VALUES (?1, ?2)")?;
            for (_, digest) in identifiers(&fact.traits) {
                note.execute(params![digest, customer.as_str()])?;
            }
        }
        Ok(())
    }

    /// The number of customers' ids in it.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn ids(&self) -> Result<u64, HistoryError> {
        let count: i64 =
            self.connection.query_row("SELECT COUNT(DISTINCT customer) FROM facts", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The instants of the first and the last fact; none if there are no facts.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError> {
        let span: (Option<i64>, Option<i64>) =
            self.connection
                .query_row("SELECT MIN(at), MAX(at) FROM facts", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let instant = |millis| Timestamp::from_millisecond(millis).map_err(|_| HistoryError::Damaged);
        Ok(match span {
            (Some(first), Some(last)) => Some((instant(first)?, instant(last)?)),
            _ => None,
        })
    }

    /// Hands over the facts of one household after the other, always in the same order.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(crate) fn for_each_household(&self, mut each: impl FnMut(Facts)) -> Result<(), HistoryError> {
        self.find_households()?;
        let mut select = self.connection.prepare(
            "SELECT COALESCE(households.household, facts.customer) AS household, facts.customer, facts.body
             FROM facts LEFT JOIN households ON households.customer = facts.customer
             ORDER BY household, facts.customer, facts.at, facts.body",
        )?;
        let mut rows = select.query([])?;
        let (mut present, mut household) = (String::new(), Facts::new());
        while let Some(row) = rows.next()? {
            let name = row.get_ref(0)?.as_str().map_err(|_| HistoryError::Damaged)?;
            if name != present {
                present = name.to_owned();
                if !household.is_empty() {
                    each(std::mem::take(&mut household));
                }
            }
            let customer = row.get_ref(1)?.as_str().ok().and_then(|id| CustomerId::parse(id).ok());
            let fact = row.get_ref(2)?.as_str().ok().and_then(|body| Fact::parse(body, None));
            let (customer, fact) = customer.zip(fact).ok_or(HistoryError::Damaged)?;
            let facts = household.entry(customer).or_default();
            if facts.last() != Some(&fact) {
                facts.push(fact);
            }
        }
        if !household.is_empty() {
            each(household);
        }
        Ok(())
    }

    /// Finds the ids that share an address, directly or by way of others.
    fn find_households(&self) -> Result<(), HistoryError> {
        let mut select = self.connection.prepare(
            "SELECT digest, customer FROM addresses WHERE digest IN
                (SELECT digest FROM addresses GROUP BY digest HAVING COUNT(*) > 1) ORDER BY digest, customer",
        )?;
        let mut rows = select.query([])?;
        let mut households = Households::default();
        let mut first: Option<(String, String)> = None;
        while let Some(row) = rows.next()? {
            let (digest, customer): (String, String) = (row.get(0)?, row.get(1)?);
            match &first {
                Some((present, other)) if *present == digest => households.join(other, &customer),
                _ => first = Some((digest, customer)),
            }
        }
        self.connection.execute("DELETE FROM households", [])?;
        let mut insert = self.connection.prepare("INSERT INTO households VALUES (?1, ?2)")?;
        for (customer, household) in households.by_customer() {
            insert.execute(params![customer, household])?;
        }
        Ok(())
    }
}

/// Ids with an address in common: a forest in which each tree is a household.
#[derive(Default)]
struct Households {
    numbers: BTreeMap<String, usize>,
    above: Vec<usize>,
}

impl Households {
    fn join(&mut self, one: &str, other: &str) {
        let (one, other) = (self.number(one), self.number(other));
        let (one, other) = (self.root(one), self.root(other));
        self.above[one] = other;
    }

    fn number(&mut self, customer: &str) -> usize {
        if let Some(number) = self.numbers.get(customer) {
            return *number;
        }
        let number = self.above.len();
        self.above.push(number);
        self.numbers.insert(customer.to_owned(), number);
        number
    }

    fn root(&mut self, mut number: usize) -> usize {
        while self.above[number] != number {
            self.above[number] = self.above[self.above[number]];
            number = self.above[number];
        }
        number
    }

    /// Each id with its household, which is named by the first of its ids.
    fn by_customer(mut self) -> Vec<(String, String)> {
        let mut names: BTreeMap<usize, String> = BTreeMap::new();
        let numbers = std::mem::take(&mut self.numbers);
        let rooted = numbers.into_iter().map(|(customer, number)| (customer, self.root(number)));
        let rooted: Vec<(String, usize)> = rooted.collect();
        for (customer, root) in &rooted {
            names.entry(*root).or_insert_with(|| customer.clone());
        }
        rooted.into_iter().map(|(customer, root)| (customer, names[&root].clone())).collect()
    }
}

/// Shows no fact.
impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("History")
    }
}
