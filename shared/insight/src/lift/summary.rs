//! What is gathered about a journey.

use super::sums::Sums;
use super::unit::{Arm, Covariate, OUTCOMES, Pair, Unit};
use crate::day::Day;
use crate::history::History;
use crate::statistics::Amounts;
use crate::stored::{Kind, Stored};
use crate::summary::Mismatch;
use serde::{Deserialize, Serialize};

/// How a version of a journey is measured. Another planned share is another version: units drawn with different shares are never
/// added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The planned share of held-out units, in millionths.
    pub holdout_millionths: u32,
    /// Days after the trigger that outcomes are counted for.
    pub window: u32,
    /// What is known beforehand.
    pub covariate: Covariate,
    /// The most that a unit's value counts as capped, in minor units: what the report of an earlier day proposed, so that the
    /// outcomes of today do not choose it. Without one, nothing is capped yet.
    pub cap: Option<i64>,
}

/// The sums of one version of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    pub(super) history: History,
    pub(super) plan: Plan,
    /// Held-out and treated units whose outcome is complete.
    pub(super) arms: [OfArm; 2],
    /// Units whose outcome is not complete yet.
    pub(super) pending: u64,
    /// Units triggered within the last 28 days.
    pub(super) lately: u64,
    /// The values of units that bought.
    pub(super) values: Amounts,
}

/// The complete units of an arm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OfArm {
    pub(super) n: u64,
    pub(super) buyers: u64,
    pub(super) outcomes: [Sums; OUTCOMES.len()],
}

/// Days from which the rate of new units is taken.
pub(super) const RATE_DAYS: i32 = 28;
/// Different values that are kept exactly for the cap.
const MAX_EXACT_VALUES: u32 = 8_192;

impl Lift {
    /// An empty summary for a version of a journey, or for the control group of all of them.
    #[must_use]
    pub fn new(history: History, plan: Plan) -> Self {
        let values = Amounts::exact_up_to(MAX_EXACT_VALUES);
        Self { history, plan, arms: Default::default(), pending: 0, lately: 0, values }
    }

    /// Adds a customer's first run of this version. Its outcomes are used once the window after its trigger is over.
    pub fn add(&mut self, unit: &Unit) {
        let through = self.history.through;
        if unit.trigger > through {
            return;
        }
        self.lately += u64::from(unit.trigger > through.plus(-RATE_DAYS));
        if through.since(unit.trigger) < self.plan.window {
            self.pending += 1;
            return;
        }
        let [any, orders, value, uncapped] = unit.pairs;
        let capped = self.plan.cap.map_or(uncapped.y, |cap| uncapped.y.min(cap));
        let arm = &mut self.arms[index(unit.arm)];
        arm.n += 1;
        arm.outcomes
            .iter_mut()
            .zip([any, orders, value, Pair { y: capped, ..uncapped }])
            .for_each(|(sums, pair)| sums.add(pair));
        if any.y > 0 {
            arm.buyers += 1;
            self.values.add(i128::from(value.y));
        }
    }

    /// Adds the units of another summary of the same version.
    ///
    /// # Errors
    /// The other summary looks at another history or is measured differently.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&(self.history, self.plan), &(other.history, other.plan))?;
        for (mine, other) in self.arms.iter_mut().zip(&other.arms) {
            mine.n += other.n;
            mine.buyers += other.buyers;
            mine.outcomes.iter_mut().zip(&other.outcomes).for_each(|(mine, other)| mine.merge(other));
        }
        self.pending += other.pending;
        self.lately += other.lately;
        self.values.merge(&other.values);
        Ok(())
    }

    pub(super) const fn arm(&self, arm: Arm) -> &OfArm {
        &self.arms[index(arm)]
    }

    /// The last day looked at.
    #[must_use]
    pub const fn through(&self) -> Day {
        self.history.through
    }
}

const fn index(arm: Arm) -> usize {
    match arm {
        Arm::Holdout => 0,
        Arm::Treated => 1,
    }
}

impl Stored for Lift {
    const KIND: Kind = Kind::Lift;
    const VERSION: u8 = 1;
}
