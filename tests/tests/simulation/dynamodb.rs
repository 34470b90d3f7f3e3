//! DynamoDB: the embedded engine, called in this process.

use dynoxide::Database;
use serde_json::{Value, json};

/// Status and body of the answer to a call.
pub(crate) fn answer(database: &Database, operation: &str, body: &Value) -> (u16, String) {
    macro_rules! call {
        ($method:ident) => {
            match serde_json::from_value(body.clone()) {
                Ok(request) => database.$method(request).map(|answer| serde_json::to_string(&answer).expect("JSON")),
                Err(error) => panic!("{operation} cannot be read: {error}: {body}"),
            }
        };
    }
    let answer = match operation {
        "GetItem" => call!(get_item),
        "PutItem" => call!(put_item),
        "UpdateItem" => call!(update_item),
        "DeleteItem" => call!(delete_item),
        "Query" => call!(query),
        "Scan" => call!(scan),
        "BatchWriteItem" => call!(batch_write_item),
        "TransactWriteItems" => call!(transact_write_items),
        "CreateTable" => call!(create_table),
        "DescribeTable" => call!(describe_table),
        "UpdateTimeToLive" => call!(update_time_to_live),
        "DescribeTimeToLive" => call!(describe_time_to_live),
        other => panic!("no simulated operation {other}"),
    };
    answer.map_or_else(|error| (error.status_code(), error.to_json()), |answer| (200, answer))
}

/// An error in DynamoDB's format.
pub(crate) fn refusal(status: u16, code: &str) -> (u16, String) {
    let body =
        json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "so the history wants it" });
    (status, body.to_string())
}

/// Another transaction is at one of the items.
pub(crate) fn conflict(operation: &str, body: &Value) -> (u16, String) {
    if operation != "TransactWriteItems" {
        return refusal(400, "TransactionConflictException");
    }
    let others = body["TransactItems"].as_array().map_or(0, Vec::len).saturating_sub(1);
    let mut reasons = vec![json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" })];
    reasons.extend((0..others).map(|_| json!({ "Code": "None" })));
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled",
        "CancellationReasons": reasons,
    });
    (400, body.to_string())
}
