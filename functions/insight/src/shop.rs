//! Makes the reports of a shop from what the pass gathered of its customers.

use crate::lifts::Lifts;
use crate::piece::{self, Gatherable};
use crate::{Insight, InsightError};
use jiff::ToSpan;
use rekindle_insight::learned::{Gathered, Learned, LearningTerms, Placed};
use rekindle_insight::proposals::{InForce, Proposals};
use rekindle_insight::{Buyer, Day, History, Language, Occasion};
use rekindle_lifecycle::customer::OrderDays;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::policy::Policy;
use rekindle_store::insight::pass::Pass;
use rekindle_store::insight::reports::StoredReport;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the report on everything that orders tell.
pub const LEARNED: &str = "learned";
/// The version of its stored form.
const FORM: u32 = 1;

impl Insight {
    /// Makes and stores the reports of a shop, and revises what is proposed to it. The same pieces give the same reports.
    pub(crate) async fn report_on(
        &self,
        pass: &Pass,
        shop: &ShopId,
        legs: &BTreeSet<String>,
    ) -> Result<(), InsightError> {
        let policy = self.store.policy(shop, self.clock.now()).await?;
        let mut counts = Counts::default();
        self.each_customer(pass, shop, legs, |customer| counts.add(customer.days.as_ref())).await?;
        if counts.has_gaps() {
            // The customers with most orders would be missing: a wrong number is worse than none.
            tracing::info!(
                not_counted = counts.not_counted,
                "customers have to be counted first; the shop has no report today"
            );
            return Ok(());
        }
        let Some(currency) = counts.currency(&policy) else { return Ok(()) };
        let today = policy.calendar.day(pass.started_at);
        let Ok(through) = today.checked_sub(1.day()) else { return Ok(()) };
        let decimal_places = u8::try_from(currency.decimal_places()).unwrap_or(2);
        let history = History::from_the_beginning(Day::from_date(through)).with_decimal_places(decimal_places);

        let yesterdays = self.store.report_before(shop, LEARNED, through).await?;
        let before = yesterdays.map(|before| before.report["lift"].clone()).unwrap_or_default();
        let mut gathered = Gathered::new(history);
        let mut lifts = Lifts::new(history, &policy, &before);
        self.each_customer(pass, shop, legs, |customer| {
            let buyer = buyer(&customer, currency);
            if !buyer.occasions().is_empty() {
                gathered.add(&buyer);
            }
            lifts.add(&buyer, &customer.draws);
        })
        .await?;
        let terms = LearningTerms::default();
        let mut placed = gathered.scales(terms.policy_days).map(|scales| Placed::new(history, &scales));
        if let Some(placed) = &mut placed {
            self.each_customer(pass, shop, legs, |customer| {
                let buyer = buyer(&customer, currency);
                if !buyer.occasions().is_empty() {
                    placed.add(&buyer);
                }
            })
            .await?;
        }
        let learned = Learned::new(&gathered, placed.as_ref(), &terms);
        let found = gathered.proposals(&in_force(&policy));
        let report = StoredReport { through, report: report(&learned, &lifts.report(), currency, &counts) };
        self.store.put_report(shop, LEARNED, &report, pass.started_at).await?;
        let today = Day::from_date(today);
        self.store.change_proposals(shop, |known: &mut Proposals| known.revise(&found, today)).await?;
        Ok(())
    }

    async fn each_customer(
        &self,
        pass: &Pass,
        shop: &ShopId,
        legs: &BTreeSet<String>,
        mut each: impl FnMut(Gatherable),
    ) -> Result<(), InsightError> {
        let pieces = self.store.each_piece(pass, shop, legs, |piece| piece::customers(piece).for_each(&mut each));
        Ok(pieces.await?)
    }
}

/// A report is made if fewer than one customer in this number is missing.
const MAX_MISSING_SHARE: u64 = 100;

/// How many days with an order there are in each currency.
#[derive(Debug, Default)]
struct Counts {
    days: BTreeMap<Currency, u64>,
    /// Customers whose days are known.
    customers: u64,
    /// Customers whose days are not known yet.
    not_counted: u64,
    /// Customers of whom days in the middle are left out.
    shortened: u64,
}

impl Counts {
    fn add(&mut self, days: Option<&OrderDays>) {
        let Some(days) = days else {
            self.not_counted += 1;
            return;
        };
        self.customers += 1;
        self.shortened += u64::from(days.left_out() > 0);
        for day in days.kept() {
            *self.days.entry(day.value.currency).or_default() += 1;
        }
    }

    /// Whether more than one customer in a hundred is missing.
    fn has_gaps(&self) -> bool {
        self.not_counted * MAX_MISSING_SHARE > self.customers + self.not_counted
    }

    /// The currency of the shop's history: the policy's, if anybody ordered in it, else that of most days.
    fn currency(&self, policy: &Policy) -> Option<Currency> {
        let of_policy = policy.currency.filter(|currency| self.days.contains_key(currency));
        // Of several with as many days the first in the alphabet.
        let most = self.days.iter().max_by_key(|(currency, days)| (**days, Reverse(currency.code().to_owned())));
        of_policy.or(most.map(|(currency, _)| *currency))
    }
}

/// A customer as insight looks at them: the days with an order in one currency.
fn buyer(customer: &Gatherable, currency: Currency) -> Buyer {
    let days = customer.days.iter().flat_map(OrderDays::kept);
    let own = days.filter(|day| day.value.currency == currency);
    Buyer::new(
        customer.hash,
        own.map(|day| Occasion { day: Day::from_date(day.day), value: day.value.minor, lines: day.lines }),
    )
}

fn report(learned: &Learned, lift: &Value, currency: Currency, counts: &Counts) -> Value {
    let others = counts.days.iter().filter(|(other, _)| **other != currency);
    let others: BTreeMap<_, _> = others.map(|(other, days)| (other.code().to_owned(), days)).collect();
    let said = |language| {
        let subjects = learned.sentences(language);
        let said = subjects.into_iter().map(|said| json!({ "title": said.title, "sentences": said.sentences }));
        said.chain(said_of_lift(lift, language)).collect::<Vec<_>>()
    };
    json!({
        "form": FORM,
        "currency": currency.code(),
        "days_in_other_currencies": others,
        "customers_with_days_left_out": counts.shortened,
        "customers_not_counted": counts.not_counted,
        "learned": learned,
        "lift": lift,
        "sentences": { "en": said(Language::English), "ru": said(Language::Russian) },
    })
}

/// What the journeys changed within a month, as a subject; nothing if nobody was ever held out.
fn said_of_lift(lift: &Value, language: Language) -> Option<Value> {
    let (title, code) = match language {
        Language::English => ("What journeys change", "en"),
        Language::Russian => ("Что меняют цепочки", "ru"),
    };
    let trials = lift.as_array().filter(|trials| !trials.is_empty())?;
    let sentences: Vec<&Value> = trials.iter().map(|trial| &trial["by_window"]["30"]["sentences"][code]).collect();
    Some(json!({ "title": title, "sentences": sentences }))
}

/// What the policy says of what may be proposed, in whole days.
fn in_force(policy: &Policy) -> InForce {
    let rules = &policy.stages;
    let silence = |occasions| rules.silence_without_cadence(occasions);
    InForce {
        honeymoon: rules.honeymoon.whole_days(),
        silence: [1, 2, 3].map(silence).map(|of| [of.inactive.whole_days(), of.lapsed.whole_days()]),
    }
}
