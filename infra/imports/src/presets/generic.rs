//! Files of no known system.

use super::{Kind, Preset};

pub(super) const ORDERS: Preset = Preset {
    name: "columns",
    title: "orders, with columns recognised by their names",
    kind: Kind::Orders,
    keeps_other_columns: true,
    ..Preset::DEFAULT
};
