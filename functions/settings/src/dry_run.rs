//! What another policy would change now, before it is stored.
//!
//! Both policies decide about the same customers, as they are stored, at the same instant; nothing is written. The comparison
//! leaves out what the policies would do later than now. Orders that were rolled up into totals were counted by the days of the
//! stored policy's time zone, and stay so here.

use crate::{Settings, policy, stored};
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::decide;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::stage::Stage;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Customers that a call examines unless it gives a limit.
const DEFAULT_CUSTOMERS: u32 = 10_000;
/// Most customers that a call examines: what can be read within the time of one call.
const MAX_CUSTOMERS: u32 = 100_000;

/// Says how many customers would be in another stage, and which messages would be created, were the policy in the
/// call's body in force now instead of the stored one.
pub(crate) async fn run(settings: &Settings, call: &Call) -> Result<Value, Problem> {
    let candidate = policy::checked(&settings.store, &call.shop, &call.body).await?;
    // Not the remembered policy: the comparison is with the one that an edit would replace.
    let stored = stored::policy(&settings.store, &call.shop).await?;
    compare(settings, call, &stored, &candidate).await
}

/// The same for two policies that are at hand.
pub(crate) async fn compare(
    settings: &Settings,
    call: &Call,
    stored: &Policy,
    candidate: &Policy,
) -> Result<Value, Problem> {
    let limit = call.number("limit", DEFAULT_CUSTOMERS, MAX_CUSTOMERS)?;
    let now = settings.clock.now();
    let mut difference = Difference::default();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = |customer: Customer| difference.count(stored, candidate, &customer, now);
    let examined = settings.store.examine_customers(&call.shop, limit, count).await?;
    Ok(json!({
        "examined": examined.customers,
        "complete": examined.complete,
        "stages": difference.stages(),
        "messages_now": difference.messages(),
    }))
}

/// What differs, counted.
#[derive(Default)]
struct Difference {
    /// Customers whose stage differs, by the stages under the stored policy and the other.
    moves: BTreeMap<(Stage, Stage), u64>,
    /// Messages by journey, under the stored policy and the other.
    messages: BTreeMap<String, [u64; 2]>,
}

impl Difference {
    fn count(&mut self, stored: &Policy, candidate: &Policy, customer: &Customer, now: jiff::Timestamp) {
        let decisions = [decide(stored, customer, now), decide(candidate, customer, now)];
        let [before, after] = [decisions[0].stage, decisions[1].stage];
        if before != after {
            *self.moves.entry((before, after)).or_default() += 1;
        }
        for (column, decision) in decisions.iter().enumerate() {
            for message in &decision.messages {
                self.messages.entry(message.journey.clone()).or_default()[column] += 1;
            }
        }
    }

    fn stages(&self) -> Value {
        let moves =
            self.moves.iter().map(|((from, to), customers)| json!({ "from": from, "to": to, "customers": customers }));
        json!({ "changed": self.moves.values().sum::<u64>(), "moves": moves.collect::<Vec<_>>() })
    }

    fn messages(&self) -> Value {
        let total = |column: usize| self.messages.values().map(|counts| counts[column]).sum::<u64>();
        let journeys = self.messages.iter().map(
            |(journey, [stored, candidate])| json!({ "journey": journey, "stored": stored, "candidate": candidate }),
        );
        json!({ "stored": total(0), "candidate": total(1), "journeys": journeys.collect::<Vec<_>>() })
    }
}
