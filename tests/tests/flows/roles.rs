//! The roles of the template, and what IAM would decide on a call by them.
//!
//! Only what the template uses is evaluated: statements that allow, on actions and resources that are spelled out, and the condition
//! that the keys of a call are of certain families. Anything else in a role fails the test that reads it.

use crate::leading_keys::Part;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The condition key by which a role sees the partition keys of a call.
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";
/// More than the longest name or ARN of a resource of this stack: a function's name, of 64 characters at most, has the stack's
/// name in it.
const LONGEST_ARN: usize = 160;

/// What a role allows the code of its function.
pub(crate) struct Role {
    statements: Vec<Statement>,
}

struct Statement {
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    /// Patterns of which every key has to fit one; none if the statement holds for every call.
    patterns: Option<BTreeSet<String>>,
}

impl Role {
    /// The role of a function.
    pub(crate) fn of(function: &str) -> Self {
        let policy = policies(function).remove("calls").expect("a policy for the function's own calls");
        let statements = policy["Statement"].as_sequence().expect("statements");
        Self { statements: statements.iter().map(Statement::read).collect() }
    }

    /// Whether IAM allows a call to a table.
    pub(crate) fn allows(&self, call: &Part) -> bool {
        self.statements.iter().any(|statement| statement.allows(call))
    }

    /// What it allows, in the form of `infra/functions.json`: by action the resources, of tables with the families of keys.
    pub(crate) fn to_json(&self) -> Value {
        let mut allowed = BTreeMap::<&str, BTreeMap<&str, BTreeSet<&str>>>::new();
        for statement in &self.statements {
            for action in &statement.actions {
                for resource in &statement.resources {
                    let families = allowed.entry(action).or_default().entry(resource).or_default();
                    match &statement.patterns {
                        Some(patterns) => families.extend(patterns.iter().map(String::as_str)),
                        None if action.starts_with("dynamodb:") => families.extend(["*"]),
                        None => {}
                    }
                }
            }
        }
        let list = |resources: &BTreeMap<&str, BTreeSet<&str>>| match resources.values().all(BTreeSet::is_empty) {
            true => json!(resources.keys().collect::<Vec<_>>()),
            false => json!(resources),
        };
        json!(allowed.iter().map(|(action, resources)| (*action, list(resources))).collect::<BTreeMap<_, _>>())
    }
}

impl Statement {
    fn read(statement: &Yaml) -> Self {
        let members = statement.as_mapping().expect("a statement");
        let known = ["Effect", "Action", "Resource", "NotResource", "Condition"];
        for name in members.keys() {
            assert!(name.as_str().is_some_and(|name| known.contains(&name)), "{name:?} is not evaluated");
        }
        assert_eq!(statement["Effect"], "Allow");
        let actions: BTreeSet<String> = list(&statement["Action"]).iter().map(text).collect();
        assert!(actions.iter().all(|action| !action.contains('*')), "{actions:?}");
        let service = actions.first().and_then(|action| action.split(':').next()).expect("an action");
        let resources = match service {
            // The identities of SES and the phone numbers of SNS are no resources of the template.
            "ses" | "sns" => BTreeSet::from([service.to_uppercase()]),
            _ => list(&statement["Resource"]).iter().map(resource).collect(),
        };
        Self { patterns: members.get("Condition").map(patterns), actions, resources }
    }

    fn allows(&self, call: &Part) -> bool {
        let fits = |patterns: &BTreeSet<String>| {
            let of_family = |key: &String| patterns.iter().any(|pattern| is_like(key.as_bytes(), pattern.as_bytes()));
            // Without a key the condition on all keys would hold; that there is one is a condition of its own.
            !call.keys.is_empty() && call.keys.iter().all(of_family)
        };
        self.actions.contains(&call.action)
            && self.resources.contains(&call.resource)
            && self.patterns.as_ref().is_none_or(fits)
    }
}

/// The patterns of a condition, which has to be that every key fits one of them and that there is a key.
fn patterns(condition: &Yaml) -> BTreeSet<String> {
    let operators = condition.as_mapping().expect("operators");
    let names: BTreeSet<&str> = operators.keys().filter_map(Yaml::as_str).collect();
    assert_eq!(
        names,
        BTreeSet::from(["ForAllValues:StringLike", "Null"]),
        "keys are limited, and a call without any fails"
    );
    assert_eq!(condition["Null"][LEADING_KEYS], "false");
    for operator in operators.values() {
        assert_eq!(operator.as_mapping().map(|keys| keys.len()), Some(1), "only the keys are limited");
    }
    list(&condition["ForAllValues:StringLike"][LEADING_KEYS]).iter().map(text).collect()
}

/// How IAM compares a text with a pattern: `*` is any text, `?` any character.
fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|at| is_like(&text[at..], rest)),
        Some((b'?', rest)) => !text.is_empty() && is_like(&text[1..], rest),
        Some((same, rest)) => text.first() == Some(same) && is_like(&text[1..], rest),
    }
}

/// The inline policies of a function's role, by name.
fn policies(function: &str) -> BTreeMap<String, Yaml> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    let template: Yaml = serde_yaml_ng::from_str(&std::fs::read_to_string(path).expect("the template")).expect("YAML");
    let role = format!("{}{}Role", function[..1].to_uppercase(), &function[1..]);
    let role = &template["Resources"][role.as_str()]["Properties"];
    assert!(role["ManagedPolicyArns"].is_null(), "{function} has its own policies only");
    let policies = role["Policies"].as_sequence().expect("policies");
    policies.iter().map(|policy| (text(&policy["PolicyName"]), policy["PolicyDocument"].clone())).collect()
}

/// How many characters the policies of a function's role have, as IAM counts them: without whitespace, with the longest names that
/// the resources can have.
pub(crate) fn policies_size(function: &str) -> usize {
    policies(function)
        .values()
        .map(|policy| filled(policy).to_string().chars().filter(|c| !c.is_whitespace()).count())
        .sum()
}

/// A policy with the longest names for what CloudFormation fills in.
fn filled(value: &Yaml) -> Value {
    match value {
        Yaml::Tagged(_) => json!("x".repeat(LONGEST_ARN)),
        Yaml::Sequence(members) => members.iter().map(filled).collect(),
        Yaml::Mapping(members) => match value.get("Fn::If") {
            Some(choice) => filled(&choice[1]),
            None => members.iter().map(|(name, value)| (text(name), filled(value))).collect(),
        },
        other => json!(text(other)),
    }
}

/// One value, or a list of them.
fn list(value: &Yaml) -> Vec<Yaml> {
    value.as_sequence().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn text(value: &Yaml) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no text")).to_owned()
}

/// A resource by its name in the template: `!GetAtt Name.Arn`, or `!Sub '${Name.Arn}/index/…'`.
fn resource(value: &Yaml) -> String {
    let Yaml::Tagged(tagged) = value else { panic!("{value:?} is no resource of the template") };
    let named = text(&tagged.value);
    let (name, rest) = match tagged.tag.to_string().as_str() {
        "!GetAtt" => (named.as_str(), ""),
        "!Sub" => named.strip_prefix("${").and_then(|named| named.split_once('}')).expect("a resource"),
        other => panic!("{other} is not read"),
    };
    format!("{}{rest}", name.split('.').next().expect("a name"))
}

#[test]
fn a_pattern_is_compared_as_iam_does() {
    let is_like = |text: &str, pattern: &str| is_like(text.as_bytes(), pattern.as_bytes());
    for (text, pattern) in
        [("shop#vinyl", "shop#*"), ("shop#", "shop#*"), ("a#b#c", "*#*"), ("x", "?"), ("shops", "shops")]
    {
        assert!(is_like(text, pattern), "{text} is like {pattern}");
    }
    for (text, pattern) in
        [("key#1", "shop#*"), ("shops", "shop"), ("vinyl!erased", "*#*"), ("", "?"), ("xshop#1", "shop#*")]
    {
        assert!(!is_like(text, pattern), "{text} is not like {pattern}");
    }
}
