//! What is said about the categories that customers buy.

use super::ideal_profile::{CategoryCode, IdealProfile};
use crate::estimate::{Estimate, MIN_AT_RISK};
use crate::language::Language;
use crate::rfm::Segment;
use crate::statistics::wilson;
use serde::Serialize;
use std::collections::BTreeMap;

/// What customers of a segment buy more often than others.
///
/// For people, or as a condition of a journey. Whether filling a gap changes anything is a lift, never taken for granted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileReport {
    /// The segment.
    pub segment: Segment,
    /// Its customers in the sample.
    pub customers: u64,
    /// All customers in the sample.
    pub all_customers: u64,
    /// The categories, most frequent first.
    pub categories: Vec<ProfileCategory>,
    /// For each pair of categories, how many customers bought the first, and both.
    #[serde(skip)]
    together: BTreeMap<(CategoryCode, CategoryCode), u64>,
    #[serde(skip)]
    bought: BTreeMap<CategoryCode, u64>,
}

/// A category that belongs to a profile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProfileCategory {
    /// Its code.
    pub category: CategoryCode,
    /// The share of the segment's customers who bought it within 365 days.
    pub share: Estimate,
    /// The share of all customers.
    pub of_all: Estimate,
}

/// The least share of a segment that a category of its profile has.
const MIN_SHARE: f64 = 0.2;
/// How much more often than by all customers it is bought, at least, whatever the chance in the sample.
const MIN_LIFT: f64 = 1.2;

impl ProfileReport {
    /// Computes it: categories with a share of at least 20 % among the segment's customers, whose lower end is more than 1.2 times
    /// the share of all. None for fewer than 30 customers of the segment.
    #[must_use]
    pub fn new(summary: &IdealProfile, segment: Segment) -> Self {
        let (mut customers, mut in_segment) = (0, BTreeMap::<CategoryCode, u64>::new());
        let (mut bought, mut together) = (BTreeMap::<CategoryCode, u64>::new(), BTreeMap::new());
        for entry in summary.sample.iter() {
            customers += u64::from(entry.segment == segment);
            for category in &entry.categories {
                *bought.entry(*category).or_default() += 1;
                *in_segment.entry(*category).or_default() += u64::from(entry.segment == segment);
            }
        }
        let all_customers = summary.sample.iter().len() as u64;
        let of = |(category, count): (&CategoryCode, &u64)| ProfileCategory {
            category: *category,
            share: wilson(*count, customers),
            of_all: wilson(bought[category], all_customers),
        };
        let belongs = |of: &ProfileCategory| match (of.share.numbers(), of.of_all.value) {
            (Some((share, lo, _)), Some(all)) => share >= MIN_SHARE && lo > MIN_LIFT * all,
            _ => false,
        };
        let mut categories: Vec<ProfileCategory> = in_segment.iter().map(of).filter(belongs).collect();
        categories.sort_by(|a, b| b.share.value.unwrap_or_default().total_cmp(&a.share.value.unwrap_or_default()));
        for entry in summary.sample.iter() {
            for profile in categories.iter().filter(|profile| entry.categories.contains(&profile.category)) {
                for other in entry.categories.iter().filter(|other| **other != profile.category) {
                    *together.entry((*other, profile.category)).or_default() += 1;
                }
            }
        }
        Self { segment, customers, all_customers, categories, together, bought }
    }

    /// What sets the customers of the segment apart; `name` is that of a category for people.
    #[must_use]
    pub fn sentence(&self, language: Language, name: impl Fn(CategoryCode) -> String) -> String {
        if self.customers < MIN_AT_RISK {
            return Estimate::too_few(self.customers).shown.sentence(language).unwrap_or_default();
        }
        let segment = self.segment.name(language);
        let category = |of: &ProfileCategory| {
            let (share, all) = (language.percent(of.share.value?), language.percent(of.of_all.value?));
            Some(match language {
                Language::English => format!("{} ({share}\u{a0}% against {all}\u{a0}%)", name(of.category)),
                Language::Russian => format!("{} ({share}\u{a0}% против {all}\u{a0}%)", name(of.category)),
            })
        };
        let categories: Vec<String> = self.categories.iter().filter_map(category).collect();
        match (categories.is_empty(), language) {
            (true, Language::English) => format!("No category sets customers who are {segment} apart from others."),
            (true, Language::Russian) => format!("Сегмент «{segment}» не отличается от остальных ни одной категорией."),
            (false, Language::English) => {
                format!("Customers who are {segment} buy more often than all: {}.", categories.join(", "))
            }
            (false, Language::Russian) => {
                format!("Сегмент «{segment}» чаще остальных покупает: {}.", categories.join(", "))
            }
        }
    }

    /// The categories of the profile that a customer has not bought within 365 days, the likeliest first: by the lower end of the
    /// share who bought it among those who bought one of the customer's categories, the category that says most being taken.
    /// A category that nothing the customer bought says anything of has no share; such come last.
    #[must_use]
    pub fn gaps(&self, bought: &[CategoryCode]) -> Vec<(CategoryCode, Option<Estimate>)> {
        let missing = self.categories.iter().filter(|of| !bought.contains(&of.category));
        let mut gaps: Vec<(CategoryCode, Option<Estimate>)> = missing
            .map(|of| {
                let given = bought.iter().map(|other| self.given(*other, of.category)).filter(Estimate::is_shown);
                (of.category, given.max_by(|a, b| lower(a).total_cmp(&lower(b))))
            })
            .collect();
        let order = |of: &(CategoryCode, Option<Estimate>)| of.1.as_ref().map_or(-1.0, lower);
        gaps.sort_by(|a, b| order(b).total_cmp(&order(a)).then(a.0.cmp(&b.0)));
        gaps
    }

    fn given(&self, other: CategoryCode, category: CategoryCode) -> Estimate {
        let count = |together: Option<&u64>| together.copied().unwrap_or(0);
        wilson(count(self.together.get(&(other, category))), count(self.bought.get(&other)))
    }
}

fn lower(estimate: &Estimate) -> f64 {
    estimate.lo.unwrap_or_default()
}
