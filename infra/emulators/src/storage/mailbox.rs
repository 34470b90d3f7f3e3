//! The mailbox: every accepted mail and text. They are kept for good.

use super::Database;
use super::message::{Message, NewMessage, Summary};
use super::queues::instant;
use crate::CloudError;
use rekindle_lifecycle::channel::Channel;
use rekindle_platform::Clock;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, Transaction, params, params_from_iter};
use std::sync::Arc;

/// The mailbox. Cheap to clone; clones share the messages.
#[derive(Clone)]
pub struct Mailbox {
    database: Arc<Database>,
    clock: Clock,
}

/// Selects messages. The default selects all.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MailboxFilter {
    /// A whole address (with `@`) or phone number (`+` and at least 8 digits), or a part of one.
    pub to: Option<String>,
    /// The id of a journey.
    pub journey: Option<String>,
    /// The id of a step.
    pub step: Option<String>,
    /// Mails only, or texts only.
    pub channel: Option<Channel>,
}

/// Selects a page. A page begins at a message and not at a number, so that messages that arrive meanwhile do not shift
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest messages.
    Newest,
    /// The messages before this one.
    Before(i64),
    /// The messages that follow this one.
    After(i64),
}

/// How many messages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Mails.
    pub email: u64,
    /// Texts.
    pub sms: u64,
}

const SELECT_SUMMARY: &str = "SELECT id, channel, recipient, journey, step, sent_at, subject, preview FROM message";
const SELECT_MESSAGE: &str = "SELECT id, channel, provider_id, sent_at, subject, request, text, html FROM message";

impl Mailbox {
    pub(crate) fn new(database: Arc<Database>, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// Stores a message that is accepted now, as part of a transaction.
    pub(crate) fn store_within(&self, transaction: &Transaction<'_>, message: &NewMessage) -> Result<(), CloudError> {
        let request = serde_json::to_string(&message.request)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        transaction
            .prepare_cached(
                "INSERT INTO message (channel, recipient, journey, step, sent_at, provider_id, subject, preview, request,
                 text, html) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                message.channel.code(),
                message.request.recipients().next().unwrap_or_default(),
                message.request.tag("journey"),
                message.request.tag("step"),
                self.clock.now().as_millisecond(),
                message.provider_id,
                message.subject,
                message.preview(),
                request,
                message.text,
                message.html
            ])?;
        Ok(())
    }

    /// Stores a message that is accepted now.
    ///
    /// # Errors
    /// The database fails.
    pub fn store(&self, message: &NewMessage) -> Result<(), CloudError> {
        self.database.write(|transaction| self.store_within(transaction, message))
    }

    /// How many mails and texts there are.
    ///
    /// # Errors
    /// The database fails.
    pub fn count(&self) -> Result<Counts, CloudError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT (SELECT COUNT(*) FROM message WHERE channel = 'email'),
                        (SELECT COUNT(*) FROM message WHERE channel = 'sms')",
            )?;
            Ok(statement.query_row([], |row| Ok(Counts { email: row.get(0)?, sms: row.get(1)? }))?)
        })
    }

    /// How many mails were accepted at `instant` or later.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) fn mails_since(&self, instant: jiff::Timestamp) -> Result<u64, CloudError> {
        self.database.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT COUNT(*) FROM message WHERE channel = 'email' AND sent_at >= ?1")?;
            Ok(statement.query_row([instant.as_millisecond()], |row| row.get(0))?)
        })
    }

    /// One message.
    ///
    /// # Errors
    /// The database fails.
    pub fn get(&self, id: i64) -> Result<Option<Message>, CloudError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{SELECT_MESSAGE} WHERE id = ?1"))?;
            Ok(statement.query_row([id], message).optional()?)
        })
    }

    /// Summaries of up to `limit` messages, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub fn list(&self, filter: &MailboxFilter, page: Page, limit: u32) -> Result<Vec<Summary>, CloudError> {
        self.select(SELECT_SUMMARY, filter, page, limit, summary)
    }

    /// Up to `limit` messages, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub fn load(&self, filter: &MailboxFilter, page: Page, limit: u32) -> Result<Vec<Message>, CloudError> {
        self.select(SELECT_MESSAGE, filter, page, limit, message)
    }

    /// The journeys that any message was tagged with, sorted.
    ///
    /// # Errors
    /// The database fails.
    pub fn journeys(&self) -> Result<Vec<String>, CloudError> {
        self.database.read(|connection| {
            // Jumps from name to name in the index instead of reading all of it.
            let mut statement = connection.prepare_cached(
                "WITH RECURSIVE name (value) AS (SELECT min(journey) FROM message UNION ALL
                 SELECT (SELECT min(journey) FROM message WHERE journey > name.value) FROM name WHERE value IS NOT NULL)
                 SELECT value FROM name WHERE value IS NOT NULL",
            )?;
            let journeys = statement.query_map([], |row| row.get(0))?;
            Ok(journeys.collect::<Result<_, _>>()?)
        })
    }

    fn select<T>(
        &self,
        columns: &str,
        filter: &MailboxFilter,
        page: Page,
        limit: u32,
        parse: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, CloudError> {
        let (mut conditions, mut values) = filter.conditions();
        let order = match page {
            Page::Newest => "DESC",
            Page::Before(id) => {
                conditions.push("id < ?");
                values.push(id.into());
                "DESC"
            }
            Page::After(id) => {
                conditions.push("id > ?");
                values.push(id.into());
                "ASC"
            }
        };
        values.push(i64::from(limit).into());
        let conditions = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
        let query = format!("{columns} WHERE {conditions} ORDER BY id {order} LIMIT ?");
        let mut found: Vec<T> = self.database.read(|connection| {
            let mut statement = connection.prepare_cached(&query)?;
            let rows = statement.query_map(params_from_iter(values), parse)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        if matches!(page, Page::After(_)) {
            found.reverse();
        }
        Ok(found)
    }
}

impl MailboxFilter {
    fn conditions(&self) -> (Vec<&'static str>, Vec<Value>) {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        if let Some(to) = &self.to {
            let is_phone = to.starts_with('+') && to.len() > 8;
            conditions.push(if to.contains('@') || is_phone { "recipient = ?" } else { "instr(recipient, ?) > 0" });
            values.push(to.clone().into());
        }
        if let Some(journey) = &self.journey {
            conditions.push("journey = ?");
            values.push(journey.clone().into());
        }
        if let Some(step) = &self.step {
            conditions.push("step = ?");
            values.push(step.clone().into());
        }
        if let Some(channel) = self.channel {
            conditions.push("channel = ?");
            values.push(channel.code().to_owned().into());
        }
        (conditions, values)
    }
}

fn channel(row: &Row<'_>) -> rusqlite::Result<Channel> {
    const COLUMN: usize = 1;
    let name = row.get_ref(COLUMN)?.as_str()?;
    let unknown = || rusqlite::Error::InvalidColumnType(COLUMN, "channel".to_owned(), rusqlite::types::Type::Text);
    Channel::parse(name).ok_or_else(unknown)
}

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        id: row.get(0)?,
        channel: channel(row)?,
        recipient: row.get(2)?,
        journey: row.get(3)?,
        step: row.get(4)?,
        sent_at: instant(row.get(5)?),
        subject: row.get(6)?,
        preview: row.get(7)?,
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let request = serde_json::from_str(row.get_ref(5)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, Box::new(error)))?;
    let content = NewMessage {
        channel: channel(row)?,
        provider_id: row.get(2)?,
        subject: row.get(4)?,
        text: row.get(6)?,
        html: row.get(7)?,
        request,
    };
    Ok(Message { id: row.get(0)?, sent_at: instant(row.get(3)?), content })
}
