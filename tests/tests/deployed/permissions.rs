//! The deployed roles allow exactly what the functions call. The calls are listed in `infra/functions.json`, which a test
//! compares with the calls of flows that cover everything, and with the template down to the families of keys, which the emulator
//! does not know.

use crate::checklist::Checklist;
use crate::stack::Stack;
use crate::template::{DELETE_BATCH, SEND_BATCH};
use crate::tools::root;
use serde_json::Value;
use std::collections::BTreeSet;

/// The policy of a role with what its function's own code calls.
pub(crate) const CALLS: &str = "calls";

/// Function, action, resource.
type Call = (String, String, String);

/// Compares both ways, function by function.
pub(crate) fn are_what_is_called(stack: &Stack<'_>, checklist: &mut Checklist) {
    let text = std::fs::read_to_string(root().join("infra/functions.json")).expect("infra/functions.json");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let (mut called, mut allowed) = (BTreeSet::<Call>::new(), BTreeSet::<Call>::new());
    for (function, of_function) in written.as_object().expect("functions") {
        for (action, resources) in of_function["calls"].as_object().expect("calls") {
            // Of a table with the families of its keys.
            let tables = resources.as_object().into_iter().flat_map(|tables| tables.keys().cloned());
            for resource in texts(resources).into_iter().chain(tables) {
                called.insert((function.clone(), action.clone(), resource));
            }
        }
        allowed.extend(of_role(stack, function));
    }
    let difference = |one: &BTreeSet<Call>, other: &BTreeSet<Call>| one.difference(other).cloned().collect::<Vec<_>>();
    assert_eq!(difference(&called, &allowed), [], "called, but not allowed by the role");
    assert_eq!(difference(&allowed, &called), [], "allowed by the role, but never called");
    checklist.done(&format!("the roles allow the {} calls that the functions make, and no others", called.len()));
}

/// What the role of a function allows its code.
fn of_role(stack: &Stack<'_>, function: &str) -> Vec<Call> {
    let role = stack.role(function);
    let get = ["iam", "get-role-policy", "--role-name", &role, "--policy-name", CALLS];
    let policy = stack.emulator.aws(&get)["PolicyDocument"].clone();
    let mut allowed = Vec::new();
    for statement in policy["Statement"].as_array().expect("statements") {
        assert_eq!(statement["Effect"], "Allow");
        let resources = [texts(&statement["Resource"]), texts(&statement["NotResource"])].concat();
        for action in
            texts(&statement["Action"]).into_iter().filter(|action| action != SEND_BATCH && action != DELETE_BATCH)
        {
            assert!(!action.contains('*'), "{function}: {action}");
            for resource in &resources {
                allowed.push((function.to_owned(), action.clone(), logical(stack, &action, resource)));
            }
        }
    }
    allowed.sort();
    allowed.dedup();
    allowed
}

/// A resource of a policy by its name in the template. SES's identities and SNS's phone numbers are not resources of
/// the template, so they are named by their service.
fn logical(stack: &Stack<'_>, action: &str, resource: &str) -> String {
    let (service, _) = action.split_once(':').expect("service and action");
    if ["ses", "sns"].contains(&service) {
        return service.to_uppercase();
    }
    assert_ne!(resource, "*", "{action} on everything");
    let named = |output: &str| resource.contains(stack.outputs[output].rsplit('/').next().expect("a name"));
    let resources = [
        ("CustomersTable", "CustomersTable"),
        ("ActivityTable", "ActivityTable"),
        ("ShopsTable", "ShopsTable"),
        ("ErasuresTable", "ErasuresTable"),
        ("AdvanceQueueUrl", "AdvanceQueue"),
        ("SendQueueUrl", "SendQueue"),
        ("HooksQueueUrl", "HooksQueue"),
        ("LinkKeysSecretArn", "LinkKeys"),
        ("EventBusName", "EventBus"),
    ];
    let found = resources.iter().find(|(output, _)| named(output));
    let (_, name) = found.unwrap_or_else(|| panic!("{action} on {resource}, which is none of the stack"));
    match resource.split_once("/index/") {
        Some((_, index)) => format!("{name}/index/{index}"),
        None => (*name).to_owned(),
    }
}

/// One text, or a list of them, or nothing.
fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
