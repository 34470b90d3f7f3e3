//! Which column of a file is which field: by its name in the languages of shops, by the shop system that wrote it, or by an
//! option.

pub(crate) mod elements;
mod field;
pub(crate) mod items;
mod mapping;
mod row_fields;
mod synonyms;

pub use field::Field;
pub use mapping::MapOption;
pub(crate) use mapping::{Mapping, Target};
pub(crate) use row_fields::{Cell, RowFields, plain};
pub(crate) use synonyms::fold_name;
