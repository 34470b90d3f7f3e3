//! What the shop's history speaks for, and what its people decide about it. `insight` proposes; only an accepted proposal changes the policy.

mod policy_edit;

use crate::{Settings, dry_run, policy, stored};
use rekindle_admin_api::{Call, Problem};
use rekindle_insight::proposals::{Decided, Proposals, Proposed, Standing, Subject};
use rekindle_insight::{Day, Language};
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};

/// Proposals, the latest first; `?standing=` picks those that stand so.
pub(crate) async fn list(settings: &Settings, call: &Call) -> Result<Value, Problem> {
    let (_, today) = policy_and_day(settings, call).await?;
    let proposals = settings.store.proposals::<Proposals>(&call.shop).await?.state;
    let shown = proposals.latest_first().map(|proposed| to_json(proposed, today));
    let wanted = call.parameter("standing");
    let shown: Vec<Value> = shown.filter(|shown| wanted.is_none_or(|wanted| shown["standing"] == wanted)).collect();
    Ok(json!({ "proposals": shown }))
}

/// The open proposal about a subject, with what it would change today.
pub(crate) async fn get(settings: &Settings, call: &Call, subject: &str) -> Result<Value, Problem> {
    let (in_force, today) = policy_and_day(settings, call).await?;
    let subject = parse(subject)?;
    let proposals = settings.store.proposals::<Proposals>(&call.shop).await?.state;
    let open = proposals.open(subject, today).ok_or_else(nothing_open)?;
    let candidate = candidate(settings, call, &in_force, open).await?;
    let candidate = policy::checked(&settings.store, &call.shop, &candidate).await?;
    let mut shown = to_json(open, today);
    shown["would_do_today"] = dry_run::compare(settings, call, &in_force, &candidate).await?;
    Ok(shown)
}

/// Stores the policy with the proposed value, and notes that the proposal was accepted. If it stops between the two, the policy has the
/// value, and the next pass withdraws the proposal.
pub(crate) async fn accept(settings: &Settings, call: &Call, subject: &str) -> Result<Value, Problem> {
    let (in_force, today) = policy_and_day(settings, call).await?;
    let subject = parse(subject)?;
    let proposals = settings.store.proposals::<Proposals>(&call.shop).await?.state;
    let open = proposals.open(subject, today).ok_or_else(nothing_open)?;
    let candidate = candidate(settings, call, &in_force, open).await?;
    let mut answer = policy::put(settings, call, &candidate).await?;
    decide(settings, call, subject, Decided { accepted: true, on: today, by: call.by.clone() }).await?;
    answer["subject"] = json!(subject);
    Ok(answer)
}

/// Notes that the open proposal about a subject was rejected. It may come again after 28 days.
pub(crate) async fn reject(settings: &Settings, call: &Call, subject: &str) -> Result<Value, Problem> {
    let (_, today) = policy_and_day(settings, call).await?;
    let subject = parse(subject)?;
    let proposals = settings.store.proposals::<Proposals>(&call.shop).await?.state;
    proposals.open(subject, today).ok_or_else(nothing_open)?;
    decide(settings, call, subject, Decided { accepted: false, on: today, by: call.by.clone() }).await?;
    Ok(json!({ "success": true, "subject": subject }))
}

async fn decide(settings: &Settings, call: &Call, subject: Subject, decided: Decided) -> Result<(), Problem> {
    let change = |proposals: &mut Proposals| proposals.decide(subject, decided.clone());
    settings.store.change_proposals(&call.shop, change).await?;
    Ok(())
}

/// The text of the policy with the proposed value.
async fn candidate(settings: &Settings, call: &Call, in_force: &Policy, open: &Proposed) -> Result<String, Problem> {
    if policy_edit::value_in_force(in_force, open.found.subject) != open.found.old {
        return Err(Problem::in_use("The policy has changed since this was proposed. The next pass looks again."));
    }
    // A shop without a policy of its own gets one that says nothing but this.
    let text = settings.store.policy_text(&call.shop).await?.unwrap_or_default();
    policy_edit::with_value(&text, in_force, open.found.subject, open.found.new)
        .map_err(|error| Problem::in_use(format!("The stored policy cannot be edited: {error}")))
}

async fn policy_and_day(settings: &Settings, call: &Call) -> Result<(Policy, Day), Problem> {
    let policy = stored::policy(&settings.store, &call.shop).await?;
    let today = Day::from_date(policy.calendar.day(settings.clock.now()));
    Ok((policy, today))
}

fn to_json(proposed: &Proposed, today: Day) -> Value {
    let Proposed { found, made, decided, .. } = proposed;
    let standing = proposed.standing(today);
    let mut shown = json!(found);
    shown["standing"] = json!(standing);
    shown["made"] = json!(made);
    if standing == Standing::Open {
        shown["open_until"] = json!(proposed.open_until());
    }
    if let Some(decided) = decided {
        shown["decided"] = json!(decided);
    }
    shown["sentences"] = json!({ "en": found.sentence(Language::English), "ru": found.sentence(Language::Russian) });
    shown
}

fn parse(subject: &str) -> Result<Subject, Problem> {
    Subject::from_code(subject).ok_or_else(|| {
        let known = rekindle_insight::proposals::SUBJECTS.map(Subject::code).join(", ");
        Problem::missing(format!("Nothing is proposed about this. What may be: {known}."))
    })
}

fn nothing_open() -> Problem {
    Problem::missing("Nothing is proposed about this at present.")
}
