//! The deployed stack matches what the code expects: the test asks the stack itself and does not read the template.

use crate::checklist::Checklist;
use crate::stack::{self, Stack};
use rekindle_local_stack::{FUNCTIONS, Handlers};
use rekindle_platform::{Clients, Parts};
use rekindle_store::Tables;
use rekindle_store::table::tables::{SHAPES, TableShape};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::Runtime;

/// The tables of the stack are those that the local stack creates: here, in the same emulator, for comparison.
pub(crate) fn tables(stack: &Stack<'_>, checklist: &mut Checklist) {
    let deployed = stack.tables();
    let expected = Tables::with_prefix("expected");
    let client = stack.emulator.clients().dynamodb();
    let get = ["cloudformation", "get-template", "--stack-name", stack::NAME, "--template-stage", "Processed"];
    let template = stack.emulator.aws(&get)["TemplateBody"].clone();
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(expected.create_missing(&client)).expect("created");
    for shape in &SHAPES {
        let [of_stack, created] =
            [&deployed, &expected].map(|tables| (shape.name)(tables).expect("every table has a name"));
        assert_eq!(describe(stack, of_stack), describe(stack, created), "{of_stack}");
        assert_eq!(declared_expiry(&template, stack, of_stack), expiry(stack, created));
        remove(stack, shape, &expected);
    }
    checklist.done("tables, indexes, streams and expiry are those of the local stack");
}

fn remove(stack: &Stack<'_>, shape: &TableShape, tables: &Tables) {
    let name = (shape.name)(tables).expect("every table has a name");
    stack.emulator.aws(&["dynamodb", "delete-table", "--table-name", name]);
}

/// The parts of a table's description that must be equal in both tables, in a fixed order.
fn describe(stack: &Stack<'_>, name: &str) -> Value {
    let table = stack.emulator.aws(&["dynamodb", "describe-table", "--table-name", name])["Table"].clone();
    let sorted = |list: &Value, by: &str| {
        let mut list = list.as_array().cloned().unwrap_or_default();
        list.sort_by_key(|one| one[by].to_string());
        list
    };
    let indexes = sorted(&table["GlobalSecondaryIndexes"], "IndexName");
    let index =
        |index: &Value| json!({ "name": index["IndexName"], "keys": index["KeySchema"], "holds": index["Projection"] });
    let stream = &table["StreamSpecification"];
    json!({
        "keys": table["KeySchema"],
        "attributes": sorted(&table["AttributeDefinitions"], "AttributeName"),
        "indexes": indexes.iter().map(index).collect::<Vec<_>>(),
        "billing": table["BillingModeSummary"]["BillingMode"],
        "stream": (stream["StreamEnabled"] == true).then(|| stream["StreamViewType"].clone()),
    })
}

/// The attribute by which items of a table expire.
fn expiry(stack: &Stack<'_>, name: &str) -> Value {
    let told = stack.emulator.aws(&["dynamodb", "describe-time-to-live", "--table-name", name]);
    told["TimeToLiveDescription"]["AttributeName"].clone()
}

/// The expiry attribute of a deployed table by the deployed template, because the emulator's CloudFormation does not
/// apply it.
fn declared_expiry(template: &Value, stack: &Stack<'_>, name: &str) -> Value {
    let tables = ["CustomersTable", "ActivityTable", "ShopsTable", "ErasuresTable"];
    let output = tables.into_iter().find(|table| stack.outputs[*table] == name);
    let declared =
        &template["Resources"][output.expect("a table of the stack")]["Properties"]["TimeToLiveSpecification"];
    if declared["Enabled"] == true { declared["AttributeName"].clone() } else { Value::Null }
}

/// Every variable that a function reads is set on the deployed function, and every variable that is set is read.
pub(crate) fn environments(stack: &Stack<'_>, checklist: &mut Checklist) {
    let runtime = Runtime::new().expect("a runtime");
    let mut environments = BTreeMap::new();
    for function in FUNCTIONS {
        let configuration = stack.configuration(function);
        let variables = configuration["Environment"]["Variables"].as_object().expect("variables").clone();
        let set: BTreeSet<String> = variables.keys().cloned().collect();
        let own: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect();
        environments.insert(function, (set, stack.emulator.environment(&own)));
    }
    // Exactly what the functions are started with: their wiring, with the values that are deployed.
    let parts = |function| {
        let (_, environment) = &environments[function];
        Parts::new(environment.clone(), Clients::from_env(environment).expect("complete"))
    };
    runtime.block_on(Handlers::wire(parts)).unwrap_or_else(|error| panic!("{error}"));
    for (function, (set, environment)) in &environments {
        let is_own = |name: &String| !name.starts_with("AWS_");
        let asked: BTreeSet<String> = environment.asked().into_iter().filter(is_own).collect();
        // The template gives the tables to all functions at once, to the console too, which has none.
        let has_tables = asked.iter().any(|name| name.starts_with("TABLE_"));
        let set: BTreeSet<String> =
            set.iter().filter(|name| has_tables || !name.starts_with("TABLE_")).cloned().collect();
        assert_eq!(set, asked, "{function}: what the template sets, and what the function asks for");
    }
    checklist.done("every function is given the variables that it asks for, and no others");
}
