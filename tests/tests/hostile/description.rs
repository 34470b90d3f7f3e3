//! The description of the HTTP API is complete: it lists every route of the functions and the template and no other.

use crate::stage::Stage;
use rekindle_local_stack::{HTTP_FUNCTIONS, HttpFunction};
use rekindle_platform::Route;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

fn document() -> Value {
    serde_json::from_str(ingest::OPENAPI).expect("JSON")
}

/// Every route of every function.
fn routes() -> Vec<Route<String>> {
    HTTP_FUNCTIONS.iter().flat_map(|function| (function.routes)()).collect()
}

/// Every operation: its path, its method, and its description.
fn operations() -> BTreeMap<(String, String), Value> {
    let document = document();
    let mut found = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            found.insert((path.clone(), method.to_uppercase()), operation.clone());
        }
    }
    found
}

#[test]
fn every_route_is_described_and_nothing_is_described_that_is_no_route() {
    let described: BTreeSet<(String, String)> = operations().into_keys().collect();
    let answered: BTreeSet<(String, String)> = routes()
        .iter()
        .flat_map(|route| route.methods.iter().map(|method| (route.path.replace("+}", "}"), (*method).to_owned())))
        .collect();
    let only =
        |one: &BTreeSet<_>, other: &BTreeSet<(String, String)>| one.difference(other).cloned().collect::<Vec<_>>();
    let (undescribed, unanswered) = (only(&answered, &described), only(&described, &answered));
    assert!(
        undescribed.is_empty() && unanswered.is_empty(),
        "functions/openapi.json: routes without a description {undescribed:?}, descriptions without a route {unanswered:?}"
    );
}

#[test]
fn every_operation_says_who_may_call_it_and_how_it_is_refused() {
    let document = document();
    let mut ids = BTreeSet::new();
    for ((path, method), operation) in operations() {
        let what = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{what}: the id is there twice");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{what}");
        let schemes: Vec<&str> = operation["security"]
            .as_array()
            .expect("security")
            .iter()
            .flat_map(|one| one.as_object().expect("a scheme").keys().map(String::as_str))
            .collect();
        let tag = operation["tags"][0].as_str().expect("a tag");
        let expected: &[&str] = match tag {
            "about" | "pages" | "console" | "webhooks" => &[],
            "events" if method == "OPTIONS" => &[],
            "events" => &["writeKeyBasic", "writeKey"],
            _ => &["adminKey"],
        };
        assert_eq!(schemes, expected, "{what}");
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let response = match response["$ref"].as_str() {
                Some(place) => document.pointer(&place[1..]).unwrap_or_else(|| panic!("{what}: {place} is nowhere")),
                None => response,
            };
            assert!(response["description"].as_str().is_some_and(|told| !told.is_empty()), "{what} {status}");
            if status.as_str() >= "400" {
                let kind = if ["pages", "console"].contains(&tag) {
                    "text/html; charset=utf-8"
                } else {
                    "application/problem+json"
                };
                assert!(response["content"].get(kind).is_some(), "{what} {status}");
            }
        }
        let refusals: &[&str] = match (tag, method.as_str()) {
            ("about", _) | (_, "OPTIONS") => &[],
            ("pages", _) => &["404", "405", "413", "503"],
            ("console", _) => &["401", "403", "404", "405", "413", "503"],
            // Who calls is shown by a signature.
            ("webhooks", _) => &["401", "404", "405", "413", "429", "503"],
            _ => &["400", "401", "403", "405", "413", "429", "503"],
        };
        assert!(refusals.iter().all(|status| operation["responses"].get(status).is_some()), "{what}");
    }
    // Every reference resolves, and every component is referenced.
    let text = ingest::OPENAPI;
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().expect("components").keys() {
            assert!(text.contains(&format!("#/components/{kind}/{name}\"")), "nothing refers to {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_operation_answers_and_other_methods_get_the_allowed_ones() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let described = operations();
    let paths: BTreeSet<&String> = described.keys().map(|(path, _)| path).collect();
    for path in paths {
        let is_of_shop = Route::find(&ingest::ROUTES, path).is_some();
        let key = if is_of_shop { &shop.write } else { &shop.admin };
        let place = path.replace("{version}", "7").replace("{channel}", "sms").replace("{language}", "en");
        for method in METHODS {
            let answer = stage.call(method, &place.replace(['{', '}'], ""), key, "").await;
            match described.get(&(path.clone(), method.to_owned())) {
                Some(operation) => {
                    let told = operation["responses"].get(answer.status.to_string()).is_some();
                    assert!(told, "{method} {path} answers {} which is not described", answer.status);
                    assert!(
                        answer.status != 405 && !answer.body.contains("There is no \""),
                        "{method} {path}: {answer:?}"
                    );
                }
                None => assert_eq!(answer.status, 405, "{method} {path}: {answer:?}"),
            }
        }
    }
    for path in ["/", "/v1", "/v1/order", "/v1/import/order", "/v2/track", "/v1/policy/versions/1/undo", "/u", "/x/y"] {
        let answer = stage.call("GET", path, &shop.admin, "").await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    let answer = stage.call("GET", "/openapi.json", "", "").await;
    assert_eq!((answer.status, answer.kind.as_str()), (200, "application/json"));
    assert_eq!(answer.json(), document());
}

#[test]
fn every_route_has_the_id_of_its_operation() {
    let operations = operations();
    for route in routes() {
        for (index, method) in route.methods.iter().enumerate() {
            // The first method of a route has its id, another one its own name behind it: `unsubscribe`, `unsubscribeHead`.
            let suffix = if index == 0 { String::new() } else { method.to_lowercase() };
            let path = route.path.replace("+}", "}");
            let told = operations[&(path, (*method).to_owned())]["operationId"].as_str().expect("an id");
            assert_eq!(told.replace('_', "").to_lowercase(), format!("{}{suffix}", route.id.to_lowercase()));
        }
    }
}

#[test]
fn every_route_names_its_scope_or_is_described_as_public() {
    let operations = operations();
    for route in routes() {
        for method in route.methods.iter().filter(|method| **method != "OPTIONS") {
            let operation = &operations[&(route.path.replace("+}", "}"), (*method).to_owned())];
            let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(route.scope.is_none(), is_open, "{method} {}", route.path);
        }
    }
}

#[test]
fn the_template_hands_each_path_to_the_function_that_the_local_stack_does() {
    let template = include_str!("../../../infra/template.yaml");
    let between = |line: &str, from: &str, to: &str| -> Option<String> {
        let rest = line.split_once(from)?.1;
        Some(rest.split_once(to)?.0.to_owned())
    };
    let deployed: Vec<(String, String)> = template
        .lines()
        .filter_map(|line| {
            Some((between(line, "RouteKey: 'ANY ", "'")?, between(line, "integrations/${", "Integration}")?))
        })
        .collect();
    assert!(deployed.len() > 10, "the template's routes are found");
    let fits = |pattern: &str, path: &str| match pattern.strip_suffix("/{proxy+}") {
        Some(beginning) => path.strip_prefix(beginning).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/')),
        None => {
            let (own, parts): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
            own.len() == parts.len() && own.iter().zip(&parts).all(|(own, part)| own == part || own.starts_with('{'))
        }
    };
    // API Gateway takes the most specific: without braces first, then the longest, the greedy ones last.
    let deployed_to = |path: &str| {
        let mut fitting: Vec<_> = deployed.iter().filter(|(pattern, _)| fits(pattern, path)).collect();
        fitting.sort_by_key(|(pattern, _)| {
            let is_greedy = pattern.contains("{proxy+}");
            (is_greedy, pattern.matches('{').count(), usize::MAX - pattern.len())
        });
        fitting.first().map(|(_, function)| function.to_lowercase())
    };
    let unknown = [
        "/",
        "/v1",
        "/v1/order",
        "/v1/import/order",
        "/v1/import/track/now",
        "/v1/policy/undo",
        "/v1/policy/versions/1/undo",
        "/v1/templates/welcome",
        "/v1/brand/name",
        "/v1/customers",
        "/v2/track",
        "/u",
        "/u/a/b",
        "/x/y",
    ];
    let known = routes();
    for path in known.iter().map(|route| route.path).chain(unknown) {
        let local = HttpFunction::for_path(path).map(|function| function.name.to_owned());
        assert_eq!(local, deployed_to(path), "{path}");
    }
    for function in &HTTP_FUNCTIONS {
        for route in (function.routes)() {
            assert_eq!(deployed_to(route.path).as_deref(), Some(function.name), "{}", route.path);
        }
    }
}
