//! Which keys a call to DynamoDB touches, as IAM sees them (`dynamodb:LeadingKeys`), and which family a key belongs to.

use rekindle_store::CustomerKey;
use rekindle_store::keys::{ACTIVITY_PARTITIONS, SHOPS_PARTITIONS};
use serde_json::Value;
use std::collections::BTreeSet;

/// A call, or the part of one, that IAM decides on by itself: one action on one table or index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    /// As IAM spells it.
    pub(crate) action: String,
    /// As the template names it.
    pub(crate) resource: String,
    /// The partition keys that the call names; none for a scan.
    pub(crate) keys: BTreeSet<String>,
}

impl Part {
    /// A part of a call.
    pub(crate) fn new(action: &str, resource: &str, keys: &[&str]) -> Self {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Self { action: format!("dynamodb:{action}"), resource: resource.to_owned(), keys }
    }
}

/// The parts of a call. A transaction is allowed by its parts, each with its own key; a batch by its tables, each with all the keys
/// that the batch has there.
pub(crate) fn parts(operation: &str, request: &Value) -> Vec<Part> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    match operation {
        "TransactWriteItems" => {
            let kinds = request["TransactItems"].as_array().into_iter().flatten().flat_map(members);
            let part = |(kind, part): (String, Value)| {
                let action =
                    if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                Part::new(&action, table_name(&part["TableName"]), &[key_of_item(&part)])
            };
            kinds.map(part).collect()
        }
        "BatchWriteItem" => {
            let part = |(table, requests): (String, Value)| {
                let requests = requests.as_array().cloned().unwrap_or_default();
                let writes: Vec<Value> = requests.iter().flat_map(members).map(|(_, write)| write).collect();
                let keys: Vec<&str> = writes.iter().map(key_of_item).collect();
                Part::new(operation, table_name(&table.into()), &keys)
            };
            members(&request["RequestItems"]).into_iter().map(part).collect()
        }
        "BatchGetItem" => {
            let part = |(table, request): (String, Value)| {
                let keys = request["Keys"].as_array().cloned().unwrap_or_default();
                let keys: Vec<&str> = keys.iter().filter_map(|key| key["pk"]["S"].as_str()).collect();
                Part::new(operation, table_name(&table.into()), &keys)
            };
            members(&request["RequestItems"]).into_iter().map(part).collect()
        }
        "Query" => {
            // `<name of the partition key> = <its value>`, perhaps with a condition on the sort key.
            let condition = request["KeyConditionExpression"].as_str().expect("a query names its key");
            let value = condition.split_whitespace().nth(2).expect("a query names its partition");
            let key = request["ExpressionAttributeValues"][value]["S"].as_str().expect("a partition key is a text");
            let index = request["IndexName"].as_str().map(|index| format!("/index/{index}")).unwrap_or_default();
            vec![Part::new(operation, &format!("{}{index}", table_name(&request["TableName"])), &[key])]
        }
        "Scan" => vec![Part::new(operation, table_name(&request["TableName"]), &[])],
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" => {
            vec![Part::new(operation, table_name(&request["TableName"]), &[key_of_item(request)])]
        }
        other => panic!("which keys does {other} touch?"),
    }
}

/// The partition key of an item that is put, or of the key of one.
fn key_of_item(part: &Value) -> &str {
    let of = |member: &str| part[member]["pk"]["S"].as_str();
    of("Item").or_else(|| of("Key")).unwrap_or_else(|| panic!("no partition key in {part}"))
}

/// The family of a partition key: as a pattern that the policy of a role can have. Where a table or index has one family only, it
/// is `*`.
pub(crate) fn family(resource: &str, key: &str) -> String {
    let pattern = |family: &str| if family.ends_with('#') { format!("{family}*") } else { family.to_owned() };
    match resource {
        "ShopsTable" => {
            let is_it =
                |family: &&&str| if family.ends_with('#') { key.starts_with(**family) } else { key == **family };
            pattern(SHOPS_PARTITIONS.iter().find(is_it).unwrap_or_else(|| panic!("{key} is of no family")))
        }
        "ActivityTable" if CustomerKey::parse(key).is_some() => "*#*".to_owned(),
        "ActivityTable" => {
            let (shop, rest) = key.split_at(key.find('!').unwrap_or_else(|| panic!("{key} is of no family")));
            let is_it =
                |family: &&&str| if family.ends_with('#') { rest.starts_with(**family) } else { rest == **family };
            let family = ACTIVITY_PARTITIONS.iter().find(is_it).unwrap_or_else(|| panic!("{key} is of no family"));
            format!("{}{}", if shop.is_empty() { "" } else { "*" }, pattern(family))
        }
        _ => "*".to_owned(),
    }
}

/// As the template names it.
fn table_name(name: &Value) -> &'static str {
    match name.as_str() {
        Some("rekindle-customers") => "CustomersTable",
        Some("rekindle-activity") => "ActivityTable",
        Some("rekindle-shops") => "ShopsTable",
        Some("rekindle-erasures") => "ErasuresTable",
        other => panic!("{other:?} is no table"),
    }
}
