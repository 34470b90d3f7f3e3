//! What a pass finds.

use super::subject::{SUBJECTS, Subject};
use crate::honeymoon::{Honeymoon, HoneymoonReport, Verdict};
use crate::language::Language;
use crate::statistics::whole_days;
use crate::thresholds::{Proposal, Thresholds, propose};
use serde::{Deserialize, Serialize};

/// What the policy says today, in whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    /// How long a first order makes a customer new.
    pub honeymoon: u32,
    /// After how much silence customers with one, two and more orders are inactive and lapsed. Where each regular customer's own cadence
    /// decides, what holds for customers without one.
    pub silence: [[u32; 2]; 3],
}

/// A value that the history speaks for, instead of the one in force. All are whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What it is about.
    pub subject: Subject,
    /// The value in force.
    pub old: u32,
    /// The new value.
    pub new: u32,
    /// The lower end of its interval: of 95 %, for the honeymoon of 90 %.
    pub lo: u32,
    /// The upper end.
    pub hi: u32,
    /// What it was learned from: returns, for the honeymoon customers who stayed.
    pub n: u64,
}

/// The smallest change of a honeymoon that is worth a proposal, as a factor.
const MIN_CHANGE: f64 = 1.15;

/// What differs from what is in force.
pub(crate) fn find(thresholds: &Thresholds, honeymoon: &Honeymoon, in_force: &InForce) -> Vec<Found> {
    let of_threshold = |subject: Subject| {
        let (class, threshold) = subject.threshold()?;
        let old = in_force.silence[class.index()][threshold as usize];
        propose(thresholds, class, threshold, old).map(|proposal| {
            let Proposal { old, new, lo, hi, n, .. } = proposal;
            Found { subject, old, new, lo, hi, n }
        })
    };
    let found = SUBJECTS.into_iter().filter_map(of_threshold);
    find_honeymoon(&HoneymoonReport::new(honeymoon), in_force.honeymoon).into_iter().chain(found).collect()
}

/// A honeymoon whose length is known well enough, if it differs by more than 15 %, and the one in force is not within its interval.
fn find_honeymoon(report: &HoneymoonReport, old: u32) -> Option<Found> {
    if report.verdict != Verdict::Seen || old == 0 {
        return None;
    }
    let length = &report.honeymoon_days;
    let (new, lo, hi) = (whole_days(length.value?), whole_days(length.lo?), whole_days(length.hi?));
    let change = (f64::from(new) / f64::from(old)).ln().abs();
    let is_far = change > MIN_CHANGE.ln() && !(lo..=hi).contains(&old);
    is_far.then_some(Found { subject: Subject::Honeymoon, old, new, lo, hi, n: report.loyal })
}

impl Found {
    /// What is proposed, instead of what, and from how much.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Self { subject, old, new, lo, hi, n } = *self;
        if let Some((class, threshold)) = subject.threshold() {
            return Proposal { threshold, class, old, new, lo, hi, n }.sentence(language);
        }
        let n = language.whole(n);
        match language {
            Language::English => format!(
                "A customer would be new for {new} days ({lo}–{hi}) after the first order instead of {old}: learned from {n} customers who stayed."
            ),
            Language::Russian => format!(
                "Покупателя предлагается считать новым {new} дн. ({lo}–{hi}) после первого заказа вместо {old}: по данным об оставшихся покупателях ({n})."
            ),
        }
    }

    /// Whether the new value is higher.
    #[must_use]
    pub const fn is_higher(&self) -> bool {
        self.new > self.old
    }
}
