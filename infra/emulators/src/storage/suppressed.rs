//! SES's suppression list of the account: addresses to which it accepts mails and delivers none.

use super::Database;
use crate::CloudError;
use rekindle_platform::Clock;
use rusqlite::{OptionalExtension, Transaction, params};
use std::sync::Arc;

/// Why an address is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressedReason {
    /// A mail bounced for good.
    Bounce,
    /// A recipient complained.
    Complaint,
}

/// The suppression list. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct SuppressedAddresses {
    database: Arc<Database>,
    clock: Clock,
}

impl SuppressedReason {
    fn code(self) -> &'static str {
        match self {
            Self::Bounce => "BOUNCE",
            Self::Complaint => "COMPLAINT",
        }
    }
}

impl SuppressedAddresses {
    pub(crate) fn new(database: Arc<Database>, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// Puts an address on the list, as SES does after a bounce or a complaint.
    ///
    /// # Errors
    /// The database fails.
    pub fn suppress(&self, address: &str, reason: SuppressedReason) -> Result<(), CloudError> {
        self.database.write(|transaction| self.suppress_within(transaction, address, reason))
    }

    /// The same, as part of a transaction.
    pub(crate) fn suppress_within(
        &self,
        transaction: &Transaction<'_>,
        address: &str,
        reason: SuppressedReason,
    ) -> Result<(), CloudError> {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO suppressed_address VALUES (?1, ?2, ?3)")?
            .execute(params![address.to_lowercase(), reason.code(), self.clock.now().as_millisecond()])?;
        Ok(())
    }

    /// Why an address is on the list; `None` if it is not.
    ///
    /// # Errors
    /// The database fails.
    pub fn reason(&self, address: &str) -> Result<Option<SuppressedReason>, CloudError> {
        self.database.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT reason FROM suppressed_address WHERE address = ?1")?;
            let code: Option<String> = statement.query_row([address.to_lowercase()], |row| row.get(0)).optional()?;
            let reasons = [SuppressedReason::Bounce, SuppressedReason::Complaint];
            Ok(code.and_then(|code| reasons.into_iter().find(|reason| reason.code() == code)))
        })
    }

    /// Takes an address off the list; whether it was on it.
    ///
    /// # Errors
    /// The database fails.
    pub fn remove(&self, address: &str) -> Result<bool, CloudError> {
        self.database.write(|transaction| {
            let removed = transaction
                .prepare_cached("DELETE FROM suppressed_address WHERE address = ?1")?
                .execute([address.to_lowercase()])?;
            Ok(removed > 0)
        })
    }
}
