//! Opted-out phone numbers, which get no more texts from this account.

use super::Database;
use crate::CloudError;
use jiff::SignedDuration;
use rekindle_platform::Clock;
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;

/// How often SNS opts a number in.
const OPT_IN_INTERVAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The opted-out phone numbers. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct OptOuts {
    database: Arc<Database>,
    clock: Clock,
}

impl OptOuts {
    pub(crate) fn new(database: Arc<Database>, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// Opts a number out, as the carrier does when its owner answers STOP.
    ///
    /// # Errors
    /// The database fails.
    pub fn opt_out(&self, phone: &str) -> Result<(), CloudError> {
        let now = self.clock.now().as_millisecond();
        self.database.write(|transaction| {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO opted_out VALUES (?1, ?2)")?
                .execute(params![phone, now])?;
            Ok(())
        })
    }

    /// Allows texts to a number again, once in 30 days; whether it was allowed now.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) fn opt_in(&self, phone: &str) -> Result<bool, CloudError> {
        let now = self.clock.now();
        let since = (now - OPT_IN_INTERVAL).as_millisecond();
        self.database.write(|transaction| {
            let allowed = transaction
                .prepare_cached(
                    "INSERT INTO opted_in VALUES (?1, ?2) ON CONFLICT (phone) DO UPDATE SET opted_in_at = ?2
                     WHERE opted_in_at <= ?3",
                )?
                .execute(params![phone, now.as_millisecond(), since])?;
            if allowed > 0 {
                transaction.prepare_cached("DELETE FROM opted_out WHERE phone = ?1")?.execute([phone])?;
            }
            Ok(allowed > 0)
        })
    }

    /// Whether a number is opted out.
    ///
    /// # Errors
    /// The database fails.
    pub fn is_opted_out(&self, phone: &str) -> Result<bool, CloudError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM opted_out WHERE phone = ?1")?;
            Ok(statement.query_row([phone], |_| Ok(())).optional()?.is_some())
        })
    }

    /// Up to `max` opted-out numbers that sort after `after`, sorted.
    ///
    /// # Errors
    /// The database fails.
    pub fn list(&self, after: &str, max: u32) -> Result<Vec<String>, CloudError> {
        self.database.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT phone FROM opted_out WHERE phone > ?1 ORDER BY phone LIMIT ?2")?;
            let phones = statement.query_map(params![after, max], |row| row.get(0))?;
            Ok(phones.collect::<Result<_, _>>()?)
        })
    }
}
