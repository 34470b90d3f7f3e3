//! What is known of the export files of shop systems: one file for each, one line in `ALL`.

mod cdnow;
mod generic;
mod klaviyo;
mod klaviyo_events;
mod olist;
mod olist_join;
mod shopify;
mod shopify_customers;
mod stripe;
mod uci;
mod woocommerce;

use crate::columns::{Field, fold_name};
use crate::values::OrderState;
use std::sync::Arc;

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Orders, or lines of orders.
    Orders,
    /// Customers.
    Customers,
    /// Things that happened.
    Events,
}

/// The export of a shop system.
#[derive(Debug)]
pub struct Preset {
    /// Its name for `--from`. Several files of one system have the same name.
    pub name: &'static str,
    /// What it is, in words.
    pub title: &'static str,
    /// What its rows are.
    pub kind: Kind,
    /// Columns that together only this file has; without any, it is never recognised by itself.
    pub(crate) recognised_by: &'static [&'static str],
    /// Its columns. Of several of one field the first that is not empty counts.
    pub(crate) columns: &'static [(&'static str, Field)],
    /// What its own words for states mean, where they differ from everybody's.
    pub(crate) statuses: &'static [(&'static str, OrderState)],
    /// The zone of its times, if they have no offset and the file's origin says it.
    pub(crate) zone: Option<&'static str>,
    /// The currency of its amounts, if it has no column for it.
    pub(crate) currency: Option<&'static str>,
    /// Whether its amounts have a decimal point and nothing between thousands, or a comma there.
    pub(crate) has_decimal_point: bool,
    /// Whether an amount is that of the whole order, however many rows the order has.
    pub(crate) amount_is_of_order: bool,
    /// Whether columns without a meaning here are kept as properties of the order.
    pub(crate) keeps_other_columns: bool,
    /// What does not come over, and what to know.
    pub(crate) notes: &'static [&'static str],
}

pub(crate) use olist_join::Join;

impl Preset {
    /// Whether other files beside its own say what it lacks.
    pub(crate) fn is_joined(&self) -> bool {
        self.name == "olist"
    }

    /// What most presets have.
    const DEFAULT: Self = Self {
        name: "",
        title: "",
        kind: Kind::Orders,
        recognised_by: &[],
        columns: &[],
        statuses: &[],
        zone: None,
        currency: None,
        has_decimal_point: false,
        amount_is_of_order: false,
        keeps_other_columns: false,
        notes: &[],
    };

    /// Whether columns are recognised by their names alone.
    pub(crate) fn is_generic(&self) -> bool {
        self.columns.is_empty()
    }

    fn fits(&self, header: &[Arc<str>]) -> bool {
        let has = |column: &str| header.iter().any(|name| fold_name(name) == fold_name(column));
        !self.recognised_by.is_empty() && self.recognised_by.iter().all(|column| has(column))
    }
}

/// Every preset. Of those of one name the first that fits the header is used.
const ALL: [&Preset; 13] = [
    &shopify::ORDERS,
    &shopify_customers::CUSTOMERS,
    &woocommerce::OLDER,
    &woocommerce::WEBTOFFEE,
    &woocommerce::ADVANCED,
    &stripe::PAYMENTS,
    &klaviyo_events::EVENTS,
    &klaviyo::SUPPRESSIONS,
    &klaviyo::PROFILES,
    &olist::ORDERS,
    &uci::LINES,
    &uci::LINES_II,
    &cdnow::ORDERS,
];

/// The preset of a file of which only the names of its columns are known.
#[must_use]
pub fn generic() -> &'static Preset {
    &generic::ORDERS
}

/// The names for `--from`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = ALL.iter().map(|preset| preset.name).collect();
    names.dedup();
    names
}

/// The preset that a header shows unmistakably.
#[must_use]
pub(crate) fn recognise(header: &[Arc<str>]) -> Option<&'static Preset> {
    ALL.into_iter().find(|preset| preset.fits(header))
}

/// The preset of a name for a file with this header: the one that fits, or else the one with the most columns of the header.
pub(crate) fn named(name: &str, header: &[Arc<str>]) -> Option<&'static Preset> {
    let own = || ALL.into_iter().filter(|preset| preset.name == name);
    let known = |preset: &Preset| {
        let is_known = |column: &&Arc<str>| preset.columns.iter().any(|(own, _)| fold_name(own) == fold_name(column));
        header.iter().filter(is_known).count()
    };
    own().find(|preset| preset.fits(header)).or_else(|| own().rev().max_by_key(|preset| known(preset)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_reads_who_what_and_when_and_knows_the_columns_that_it_is_recognised_by() {
        for preset in ALL {
            let has = |field: Field| preset.columns.iter().any(|(_, own)| *own == field);
            let needed: &[Field] = match preset.kind {
                Kind::Orders => &[Field::OrderId, Field::OrderedAt],
                Kind::Customers => &[],
                Kind::Events => &[Field::Event, Field::EventAt],
            };
            assert!(needed.iter().all(|field| has(*field)), "{}", preset.title);
            assert!(
                [Field::CustomerId, Field::Email, Field::Phone].iter().any(|field| has(*field)),
                "{}",
                preset.title
            );
        }
        assert_eq!(names(), ["shopify", "woocommerce", "stripe", "klaviyo", "olist", "uci", "cdnow"]);
    }

    #[test]
    fn no_preset_is_taken_for_another() {
        for preset in ALL.into_iter().filter(|preset| !preset.recognised_by.is_empty()) {
            let columns = preset.columns.iter().map(|(name, _)| name).chain(preset.recognised_by);
            let header: Vec<Arc<str>> = columns.map(|name| Arc::from(name.to_lowercase())).collect();
            assert_eq!(recognise(&header).map(|found| found.title), Some(preset.title));
        }
        let plain = ["customer_id", "order_id", "ordered_at", "amount"].map(Arc::from);
        assert!(recognise(&plain).is_none());
    }
}
