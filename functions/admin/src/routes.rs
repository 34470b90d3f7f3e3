//! The routes of the function.

use rekindle_platform::{Route, Scope};

/// What can be called. The ids are those of the operations in the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Customers in a stage, or behind an address.
    ListCustomers,
    /// How many there are in each stage.
    CountStages,
    /// Who a customer is and where they stand.
    ReadCustomer,
    /// What happened to a customer, newest first.
    ReadTimeline,
    /// Everything that is stored about a customer.
    ExportCustomer,
    /// Erases a customer.
    EraseCustomer,
    /// Says that two ids are one customer.
    JoinCustomers,
    /// Says that two ids are not one customer.
    PartCustomers,
    /// A list of tasks.
    ListTasks,
    /// One task.
    ReadTask,
    /// Adds a note to a task.
    NoteTask,
    /// Closes a task.
    CloseTask,
    /// The addresses that the shop must not write to.
    ListSuppressions,
    /// Adds addresses to that list.
    AddSuppressions,
    /// Takes an address off that list.
    LiftSuppression,
    /// What a code is worth.
    ReadCoupon,
    /// How many codes a pool has left.
    ReadPool,
    /// Adds codes to a pool.
    FillPool,
    /// The NPS by month.
    NpsByMonth,
    /// The names of the reports.
    ListReports,
    /// What was learned from the shop's history.
    ReadReport,
    /// Events that were refused, by day, field and reason.
    ListRefused,
    /// One event that was refused.
    ReadRefused,
    /// Takes refused events in again.
    RetryRefused,
}

/// Everything that this function answers to. The first path that fits a request decides.
pub const ROUTES: [Route<Operation>; 24] = [
    Route::new(Operation::ListCustomers, Scope::ReadPeople, &["GET"], "/v1/customers"),
    Route::new(Operation::ReadTimeline, Scope::ReadPeople, &["GET"], "/v1/customers/{id+}/timeline"),
    Route::new(Operation::ExportCustomer, Scope::ReadPeople, &["GET"], "/v1/customers/{id+}/export"),
    Route::new(Operation::JoinCustomers, Scope::Edit, &["POST"], "/v1/customers/{id+}/join"),
    Route::new(Operation::PartCustomers, Scope::Edit, &["POST"], "/v1/customers/{id+}/part"),
    Route::new(Operation::ReadCustomer, Scope::ReadPeople, &["GET"], "/v1/customers/{id+}"),
    Route::new(Operation::EraseCustomer, Scope::Operate, &["DELETE"], "/v1/customers/{id+}"),
    Route::new(Operation::ListTasks, Scope::ReadPeople, &["GET"], "/v1/tasks"),
    Route::new(Operation::ReadTask, Scope::ReadPeople, &["GET"], "/v1/tasks/{id}"),
    Route::new(Operation::NoteTask, Scope::Edit, &["POST"], "/v1/tasks/{id}/notes"),
    Route::new(Operation::CloseTask, Scope::Edit, &["POST"], "/v1/tasks/{id}/close"),
    Route::new(Operation::ListSuppressions, Scope::ReadPeople, &["GET"], "/v1/suppressions"),
    Route::new(Operation::AddSuppressions, Scope::Edit, &["POST"], "/v1/suppressions"),
    Route::new(Operation::LiftSuppression, Scope::Edit, &["DELETE"], "/v1/suppressions/{channel}/{address+}"),
    Route::new(Operation::ReadCoupon, Scope::ReadPeople, &["GET"], "/v1/coupons/{code}"),
    Route::new(Operation::ReadPool, Scope::Read, &["GET"], "/v1/coupons/pools/{name}"),
    Route::new(Operation::FillPool, Scope::Edit, &["POST"], "/v1/coupons/pools/{name}"),
    Route::new(Operation::CountStages, Scope::Read, &["GET"], "/v1/reports/stages"),
    Route::new(Operation::NpsByMonth, Scope::Read, &["GET"], "/v1/reports/nps"),
    Route::new(Operation::ListReports, Scope::Read, &["GET"], "/v1/reports"),
    Route::new(Operation::ReadReport, Scope::Read, &["GET"], "/v1/reports/{name}"),
    Route::new(Operation::ListRefused, Scope::Read, &["GET"], "/v1/refused"),
    Route::new(Operation::RetryRefused, Scope::Edit, &["POST"], "/v1/refused/retry"),
    Route::new(Operation::ReadRefused, Scope::ReadPeople, &["GET"], "/v1/refused/{id}"),
];

/// The longest body of a call, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// The longest list of addresses or codes, in bytes.
const MAX_LIST_BYTES: usize = 5 * 1024 * 1024;

/// The longest body that a route reads, in bytes.
pub(crate) fn max_body_bytes(operation: Operation) -> usize {
    match operation {
        Operation::AddSuppressions | Operation::FillPool => MAX_LIST_BYTES,
        _ => MAX_BODY_BYTES,
    }
}
