//! Whether the emulator enforces role policies at all: without this, nothing that works below would show that the roles
//! of the template are enough.

use crate::checklist::{Checklist, wait_for};
use crate::permissions::CALLS;
use crate::stack::Stack;
use serde_json::json;

/// A function whose role lost its policy is refused, and works again once it has it.
pub(crate) fn are_enforced(stack: &Stack<'_>, checklist: &mut Checklist) {
    // A key that nobody has: the function has to look it up each time.
    let asked = || stack.api.call("POST", "/v1/track", Some("rk_write_unknown"), "{}").status;
    assert_eq!(asked(), 401, "the function may read the keys");
    let role = stack.role("ingest");
    let named = ["--role-name", role.as_str(), "--policy-name", CALLS];
    let policy = stack.emulator.aws(&[&["iam", "get-role-policy"], &named[..]].concat())["PolicyDocument"].to_string();
    stack.emulator.aws(&[&["iam", "delete-role-policy"], &named[..]].concat());
    wait_for("a function without a policy is refused", || (asked() == 503).then_some(()));
    stack.emulator.aws(&[&["iam", "put-role-policy"], &named[..], &["--policy-document", &policy]].concat());
    wait_for("a function with its policy works again", || (asked() == 401).then_some(()));
    for function in ["admin", "advance", "feedback", "ingest", "links", "send", "sweep"] {
        let role = stack.role(function);
        let attached = stack.emulator.aws(&["iam", "list-attached-role-policies", "--role-name", &role]);
        assert_eq!(attached["AttachedPolicies"], json!([]), "{function} has its own policies only");
        let inline = stack.emulator.aws(&["iam", "list-role-policies", "--role-name", &role]);
        assert_eq!(inline["PolicyNames"], json!([CALLS, "runtime"]), "{function}");
    }
    checklist.done("role policies are enforced, and each function has a role of its own");
}
