//! Counts of what customers did: answers, referrals, coupons, closed channels, refusals, tasks, clicks.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::clicks;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::{Event, Fact, ReactionKind};
use rekindle_lifecycle::nps::NpsScore;
use rekindle_store::{CustomerKey, keys};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Counts of what customers did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Loops {
    /// The latest answer of each customer to the NPS question.
    pub nps: NpsScore,
    /// Referral codes, visits and friends.
    pub referrals: Referrals,
    /// Coupons with a code of the customer's own.
    pub coupons: Coupons,
    /// Customers for whom a channel is closed, by channel and cause.
    pub closed_channels: BTreeMap<String, BTreeMap<String, u64>>,
    /// Customers who refused something themselves, by channel.
    pub refusals: BTreeMap<String, u64>,
    /// Customers who agreed to something themselves, by channel.
    pub confirmations: BTreeMap<String, u64>,
    /// Tasks for a shop's people.
    pub tasks: Tasks,
    /// Links that were followed.
    pub clicks: Clicks,
    #[serde(skip)]
    said: BTreeSet<(bool, Channel, String)>,
    #[serde(skip)]
    followed: BTreeMap<(String, String), Vec<(Timestamp, String)>>,
}

/// Referral codes, visits and friends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Referrals {
    /// Customers with a referral code.
    pub codes: u64,
    /// Visits with a code.
    pub visits: u64,
    /// Friends who ordered with a code.
    pub friends: u64,
    /// Friends for whom the referrer got a reward.
    pub rewards: u64,
    /// Friends for whom the referrer got none, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// Coupons with a code of the customer's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Coupons {
    /// Issued coupons.
    pub issued: u64,
    /// Coupons that an order used.
    pub redeemed: u64,
}

/// Tasks for a shop's people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tasks {
    /// Open tasks.
    pub open: u64,
    /// Closed tasks.
    pub closed: u64,
}

/// Followed links, without those that were recognised as a program's when they were reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Clicks {
    /// Followed by people.
    pub people: u64,
    /// Followed by programs, which follow all links of a message within seconds.
    pub programs: u64,
}

impl Loops {
    pub(super) fn count_customer(&mut self, customer: &Customer, now: Timestamp) {
        if let Some(answer) = &customer.folded.nps {
            self.nps.add(answer.value.score);
        }
        self.referrals.friends += customer.folded.referrals.in_order().len() as u64;
        self.referrals.rewards += customer.decided.judged.values().filter(|judged| judged.rewarded).count() as u64;
        for channel in Channel::KNOWN {
            if let Some(cause) = customer.folded.suppressed(channel, now) {
                let causes = self.closed_channels.entry(channel.code().to_owned()).or_default();
                *causes.entry(cause.code().to_owned()).or_default() += 1;
            }
        }
    }

    pub(super) fn count_entry(&mut self, entry: &Entry) {
        if let Entry::ReferralRefused { refusal, .. } = entry {
            *self.referrals.refused.entry(refusal.code().to_owned()).or_default() += 1;
        }
    }

    pub(super) fn count_fact(&mut self, customer: &CustomerKey, fact: &Fact) {
        match &fact.event {
            Event::Consent(consent) if consent.own => {
                self.said.insert((consent.granted, consent.channel, customer.pk()));
            }
            Event::Reaction(reaction) if reaction.how == ReactionKind::Click => {
                let message = reaction.message.as_ref().map(ToString::to_string).unwrap_or_default();
                let clicks = self.followed.entry((customer.pk(), message)).or_default();
                clicks.push((fact.at, reaction.link.clone().unwrap_or_default()));
            }
            _ => {}
        }
    }

    pub(super) fn count_shop_item(&mut self, item: &HashMap<String, AttributeValue>) {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
        let (pk, sk) = (text("pk"), text("sk"));
        if keys::is_referral(pk) {
            self.referrals.codes += u64::from(sk == keys::REFERRAL_OWNER_SK);
            self.referrals.visits += u64::from(sk.starts_with(keys::REFERRAL_VISIT));
        } else if keys::is_coupon(pk) {
            self.coupons.issued += 1;
            self.coupons.redeemed += u64::from(item.contains_key("used_by"));
        } else if keys::is_tasks(pk) {
            self.tasks.open += u64::from(sk.starts_with(keys::OPEN_TASK));
            self.tasks.closed += u64::from(sk.starts_with(keys::CLOSED_TASK));
        }
    }

    /// Computes the counts that need all facts. Call it after everything is counted.
    pub(super) fn finish(&mut self) {
        for (granted, channel, _) in std::mem::take(&mut self.said) {
            let counts = if granted { &mut self.confirmations } else { &mut self.refusals };
            *counts.entry(channel.code().to_owned()).or_default() += 1;
        }
        for followed in std::mem::take(&mut self.followed).into_values() {
            for (at, link) in &followed {
                let is_other = |other: &&(Timestamp, String)| other.1 != *link && clicks::are_at_once(*at, other.0);
                if followed.iter().any(|other| is_other(&other)) {
                    self.clicks.programs += 1;
                } else {
                    self.clicks.people += 1;
                }
            }
        }
    }
}
