//! Checks that the emulator enforces role policies at all: otherwise the passing tests would not show that the roles of
//! the template suffice.

use crate::checklist::Checklist;
use crate::permissions::CALLS;
use crate::stack::Stack;
use rekindle_local_stack::FUNCTIONS;
use rekindle_tests::patience::wait_for;
use serde_json::json;

/// A function whose role lost its policy is refused, and works again once the policy is back.
pub(crate) fn are_enforced(stack: &Stack<'_>, checklist: &mut Checklist) {
    // An unknown key each time, so that the function has to look it up.
    let mut number = 0_u64;
    let mut asked = || {
        number += 1;
        stack.api.call("POST", "/v1/track", Some(&format!("rk_write_{number:064x}")), "{}").status
    };
    assert_eq!(asked(), 401, "the function may read the keys");
    let role = stack.role("ingest");
    let named = ["--role-name", role.as_str(), "--policy-name", CALLS];
    let policy = stack.emulator.aws(&[&["iam", "get-role-policy"], &named[..]].concat())["PolicyDocument"].to_string();
    stack.emulator.aws(&[&["iam", "delete-role-policy"], &named[..]].concat());
    wait_for("a function without a policy is refused", || (asked() == 503).then_some(()));
    stack.emulator.aws(&[&["iam", "put-role-policy"], &named[..], &["--policy-document", &policy]].concat());
    wait_for("a function with its policy works again", || (asked() == 401).then_some(()));
    for function in FUNCTIONS {
        let role = stack.role(function);
        let attached = stack.emulator.aws(&["iam", "list-attached-role-policies", "--role-name", &role]);
        assert_eq!(attached["AttachedPolicies"], json!([]), "{function} has its own policies only");
        let inline = stack.emulator.aws(&["iam", "list-role-policies", "--role-name", &role]);
        let mut names: Vec<_> =
            inline["PolicyNames"].as_array().expect("names").iter().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, [Some(CALLS), Some("runtime")], "{function}");
    }
    checklist.done("role policies are enforced, and each function has a role of its own");
}
