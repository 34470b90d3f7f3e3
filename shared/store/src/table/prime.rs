//! The first call of a process, made before an event waits for it.

use crate::store::Store;
use crate::table::calls::key;
use crate::table::keys;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use std::error::Error;
use std::time::Duration;

/// Maximum time that a start waits for the database. A function without a database still reports what is wrong better than one that
/// does not start.
const TIMEOUT: Duration = Duration::from_secs(1);

impl Store {
    /// Opens the connection that the first event will use, and makes everything that only a process's first call makes, while
    /// Lambda still gives a start more of a processor than an event gets. Reads a key that does not exist: half a read unit
    /// per cold start. A failure is logged at debug and leaves the start as if this had not been called.
    pub async fn prime(&self) {
        let missing = key(keys::NOTHING_PK.to_owned(), Some(keys::NOTHING_PK.to_owned()));
        let read = self.client.get_item().table_name(&self.tables.shops).set_key(Some(missing));
        let read = read.return_consumed_capacity(ReturnConsumedCapacity::Total).send();
        match tokio::time::timeout(TIMEOUT, read).await {
            Ok(Ok(answer)) => self.capacity.add_reads(answer.consumed_capacity()),
            Ok(Err(error)) => tracing::debug!(error = &error as &dyn Error, "the first connection was not opened"),
            Err(_) => tracing::debug!("the first connection was not opened in time"),
        }
    }
}
