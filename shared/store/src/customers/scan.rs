//! Reads all customers of all shops, a segment of the table at a time: for what is learned from them.

use crate::customers::item::parse_customer_item;
use crate::store::Store;
use crate::table::calls::key;
use crate::table::error::StoreError;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use rekindle_lifecycle::customer::Customer;

/// A page of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomersPage {
    /// Customers, in no order; ids that were joined with another are among them.
    pub customers: Vec<Customer>,
    /// Items that cannot be read: those of a later version, for example.
    pub unreadable: u64,
    /// The key after which the next page begins; none after the last.
    pub next: Option<String>,
}

impl Store {
    /// The customers of a segment (its number, and how many there are) that come after a key, at most `limit` of them and up to 1 MB. Eventually consistent; half a read unit for each four kilobytes of
    /// them together, so a small item costs a fraction of a unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn customers_of_segment(
        &self,
        (segment, segments): (u16, u16),
        after: Option<String>,
        limit: u16,
    ) -> Result<CustomersPage, StoreError> {
        let scan = self
            .client
            .scan()
            .table_name(&self.tables.customers)
            .segment(i32::from(segment))
            .total_segments(i32::from(segments))
            .limit(i32::from(limit))
            .set_exclusive_start_key(after.map(|pk| key(pk, None)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = scan.send().await.map_err(|error| StoreError::from_sdk("Scan", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        let mut page = CustomersPage { customers: Vec::new(), unreadable: 0, next: None };
        for item in answer.items() {
            match parse_customer_item(item) {
                Ok(customer) => page.customers.push(customer),
                Err(_) => page.unreadable += 1,
            }
        }
        let last = answer.last_evaluated_key;
        page.next = last.and_then(|last| last.get("pk")?.as_s().ok().cloned());
        Ok(page)
    }
}
