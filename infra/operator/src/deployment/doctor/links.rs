//! Checks that links in messages lead to pages of the engine. A redirect would break one-click unsubscribing.

use super::facts::Facts;
use super::finding::Finding;

const CHECK: &str = "links";

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let url = &facts.outputs.public_url;
    let look = format!("curl -si {url}/u/rekindle-doctor");
    let page = match &facts.page {
        Ok(page) => page,
        Err(reason) => {
            let found = format!("nothing answers at {url}, where the unsubscribe links lead: {reason}");
            return vec![Finding::problem(
                CHECK,
                found,
                format!("{look}: see that DNS and certificate lead to the stack's API"),
            )];
        }
    };
    if let Some(location) = &page.location {
        let found = format!("{url} redirects to {location}: mail programs do not follow when they unsubscribe");
        return vec![Finding::problem(
            CHECK,
            found,
            format!(
                "sam deploy --stack-name {} --parameter-overrides PublicUrl=URL-THAT-ANSWERS-ITSELF{}",
                facts.stack, facts.aws_options
            ),
        )];
    }
    if !page.ours || page.status != 404 {
        let found = format!("{url} does not lead to the pages of this stack: a made-up link gave {}", page.status);
        return vec![Finding::problem(CHECK, found, format!("{look}: a 404 with a page of Rekindle is right"))];
    }
    if !url.starts_with("https://") {
        let found = format!("{url} is not https: mail programs ignore its one-click unsubscribe links");
        return vec![Finding::warning(
            CHECK,
            found,
            format!(
                "sam deploy --stack-name {} --parameter-overrides PublicUrl=https://…{}",
                facts.stack, facts.aws_options
            ),
        )];
    }
    vec![Finding::ok(CHECK, format!("unsubscribe links lead to pages of this stack at {url}"))]
}
