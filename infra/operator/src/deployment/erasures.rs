//! Erases again what a restore of the tables brought back.
//!
//! The marks of erasures are also kept in a table that is not restored with the others. Here they are brought together: those that
//! are kept are put back where readers of old facts look at them, those that only readers know (they are older than the table) are
//! kept as well, and every customer whose mark is newer than what is stored of them is erased.

use admin::Eraser;
use futures::StreamExt;
use jiff::Timestamp;
use rekindle_messaging::KeyRing;
use rekindle_store::customers::erasure::{ErasureMark, ErasureMarks};
use rekindle_store::{CustomerKey, Store, StoreError};

/// Erases again.
#[derive(Debug)]
pub struct Reapply<'a> {
    /// The tables, restored or in use.
    pub store: &'a Store,
    /// The keys with which the marks were made.
    pub link_keys: &'a KeyRing,
    /// Tables with marks besides the store's own: that of a stack that was deleted.
    pub kept_in: &'a [String],
    /// The time.
    pub now: Timestamp,
    /// Whether to change nothing and only count.
    pub dry_run: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reapplied {
    /// Marks of ids, addresses and orders, each once.
    pub marks: usize,
    /// Ids of customers that were looked at.
    pub customers: u64,
    /// Ids that were erased again.
    pub erased: u64,
}

impl Reapply<'_> {
    /// Erases every customer with a mark that is newer than what is stored of them. Calls `watch` with the number of customers so
    /// far. Reads the table `activity` as a whole. Safe to interrupt and to repeat; what came of a customer since the tables were
    /// restored is erased with the rest, so it should run before they are used.
    ///
    /// # Errors
    /// The database refused or did not answer: run it again.
    pub async fn run(&self, mut watch: impl FnMut(u64)) -> Result<Reapplied, StoreError> {
        let in_use = self.store.erasure_marks().await?;
        let mut kept = ErasureMarks::new();
        if let Some(table) = &self.store.tables().erasures {
            kept = self.store.kept_marks(table).await?;
        }
        let mut marks = in_use.clone();
        keep_newest(&mut marks, &kept);
        for table in self.kept_in {
            keep_newest(&mut marks, &self.store.kept_marks(table).await?);
        }
        let mut done = Reapplied { marks: marks.len(), ..Reapplied::default() };
        if !self.dry_run {
            let is_missing = |fingerprint: &String, mark: &ErasureMark| {
                [&in_use, &kept].iter().any(|known| known.get(fingerprint) != Some(mark))
            };
            let missing = marks.iter().filter(|(fingerprint, mark)| is_missing(fingerprint, mark));
            self.store.add_marks(&missing.map(|(name, mark)| (name.clone(), *mark)).collect()).await?;
        }
        let mut pages = self.store.customers_with_facts(None);
        while let Some(page) = pages.next().await {
            for key in page? {
                done.customers += 1;
                if self.erase_again(&key, &marks).await? {
                    done.erased += 1;
                }
            }
            watch(done.customers);
        }
        Ok(done)
    }

    /// Erases a customer if they were erased after what is stored of them; whether they were.
    async fn erase_again(&self, key: &CustomerKey, marks: &ErasureMarks) -> Result<bool, StoreError> {
        let Some(mark) = marks.get(&self.link_keys.customer_fingerprint(&key.shop, &key.customer)) else {
            return Ok(false);
        };
        let knows = match self.store.customer(key).await {
            Ok(customer) => customer.erased_at,
            Err(StoreError::Unreadable { .. }) => None,
            Err(error) => return Err(error),
        };
        // A customer who came back after the erasure: what is stored is from after it.
        if knows >= Some(mark.at) {
            return Ok(false);
        }
        if !self.dry_run {
            let eraser = Eraser { store: self.store, link_keys: self.link_keys, now: self.now, at: mark.at };
            eraser.erase_id(key).await?;
        }
        Ok(true)
    }
}

/// Adds marks to others; of two with one name the later one stays.
fn keep_newest(marks: &mut ErasureMarks, others: &ErasureMarks) {
    for (fingerprint, other) in others {
        let known = marks.entry(fingerprint.clone()).or_insert(*other);
        if other.at > known.at {
            *known = *other;
        }
    }
}
